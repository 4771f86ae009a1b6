import { describe, expect, it } from "vitest";
import { cleanValues, cleanValuesWith } from "../../cli/src/cleaning/regression/clean-values.js";
import { regressionFits } from "../../cli/src/cleaning/regression/fits.js";
import { hyperCleaning } from "../../cli/src/cleaning/regression/methods/hyper-cleaning.js";
import { valueMethodNames, valueOptions } from "../../cli/src/cleaning/regression/methods/index.js";
import { weightedMedian } from "../../cli/src/cleaning/regression/robust.js";
import type { RegressionInput } from "../../cli/src/cleaning/regression/input.js";
import { findWrongValues } from "../../cli/src/clean-values/find.js";
import { calibrationError, f1Score } from "../../cli/src/cleaning/metrics.js";
import { createWasmExecutor } from "../../src/index.js";
import { stream } from "../../src/core/random/index.js";

const executor = createWasmExecutor(),
  context = { seed: 1, executor };
const normal = (x: number, deviation: number): number => Math.exp(-0.5 * (x / deviation) ** 2) / (deviation * Math.sqrt(2 * Math.PI));

/** y = 2 x₁ − x₂ + noise; wrong values are drawn from all values that there are, whatever x is. */
function plane(n: number, seed: number, share: number) {
  const random = stream(seed, "a plane"),
    [deviation, spread] = [0.5, Math.sqrt(5.25)],
    features = Float32Array.from(random.normal([n * 2], 1).data),
    truth = Float64Array.from({ length: n }, (_, i) => 2 * features[2 * i] - features[2 * i + 1]),
    wrong = Uint8Array.from({ length: n }, () => Number(random.next() < share)),
    values = truth.map((y, i) => (wrong[i] ? random.normal([1], spread).data[0] : y + random.normal([1], deviation).data[0])),
    // What is known who knows all of this.
    posterior = values.map((y, i) => {
      const [bad, good] = [share * normal(y, spread), (1 - share) * normal(y - truth[i], deviation)];
      return bad / (bad + good);
    });
  return { features, truth, wrong, values, posterior };
}

const file = plane(500, 1, 0.12),
  known = plane(60, 2, 0),
  rows = { features: file.features, values: file.values },
  trusted = { features: known.features, values: known.values },
  input: RegressionInput = { rows, width: 2 },
  shared = regressionFits({ ...input, trusted }, context);
const total = (x: ArrayLike<number>): number => Array.from(x).reduce((a, b) => a + b, 0);

describe("wrong numbers of a plane", () => {
  it.each(valueMethodNames)("%s finds those that are far off, and is as sure as who knows how they were made", async method => {
    const found = await cleanValuesWith(shared, method),
      { precision } = f1Score(found.suspect, file.wrong);
    expect(precision).toBeGreaterThan(0.9);
    // An outlier rule by what nobody else knows: the truth. Nothing beyond five deviations is right.
    const far = Array.from(file.values.keys()).filter(i => Math.abs(file.values[i] - file.truth[i]) > 2.5);
    expect(far.length).toBeGreaterThan(15);
    expect(far.filter(i => found.suspect[i] === 1).length).toBeGreaterThan(0.9 * far.length);
    // p_wrong by models and an error model that were learned, beside Bayes' rule with the true ones.
    expect(total(found.pWrong.map((p, i) => Math.abs(p - file.posterior[i]))) / 500).toBeLessThan(0.03);
    expect(calibrationError(found.pWrong, file.wrong, 5)).toBeLessThan(0.05);
    expect(found.wrong.low).toBeLessThan(total(file.wrong));
    expect(found.wrong.high).toBeGreaterThan(total(file.wrong));
    expect(Array.from(found.rank).sort((a, b) => a - b)).toEqual(Array.from({ length: 500 }, (_, i) => i + 1));
    // Right values scatter by 0.5, and what is predicted is the truth but for little.
    expect(Math.sqrt(total(found.predicted.map((y, i) => (y - file.truth[i]) ** 2)) / 500)).toBeLessThan(0.25);
    expect(Math.abs(weightedMedian(found.scatter) - 0.5)).toBeLessThan(0.08);
    expect(total(found.checked.map(bin => bin.rows))).toBeGreaterThan(400);
  });

  it("auto chooses on trusted rows and says why; without them the noise model stands", async () => {
    const found = await cleanValuesWith(shared);
    expect(found.reason).toMatch(
      /by 5-fold cross-validation on 60 trusted rows: .*residual 0\.\d+, noise-model 0\.\d+, hyper-cleaning 0\.\d+/,
    );
    expect(found.tried.map(({ method }) => method)).toEqual(["residual", "noise-model", "hyper-cleaning"]);
    // The error that is compared is that of p_wrong, by rows of which nobody knows whether they are wrong: here it is known.
    for (const { method, error } of found.tried) {
      const { pWrong } = await cleanValuesWith(shared, method),
        real = total(pWrong.map((p, i) => (p - file.wrong[i]) ** 2)) / 500;
      expect(Math.abs(error - real)).toBeLessThan(0.05);
    }
    const alone = await cleanValues(input, context);
    expect(alone.method).toBe("noise-model");
    expect(alone.reason).toMatch(/^No rows are trusted/);
    expect(alone.checked).toEqual([]);
  });

  it("the numbers are those of the seed", async () => {
    const few: RegressionInput = { rows: { features: file.features.subarray(0, 200), values: file.values.subarray(0, 100) }, width: 2 },
      one = await cleanValues(few, context);
    expect(await cleanValues(few, context)).toEqual(one);
    expect((await cleanValues(few, { ...context, seed: 2 })).pWrong).not.toEqual(one.pWrong);
  });

  it("a file without wrong values has hardly a suspect, also where right ones have far tails", async () => {
    const clean = plane(300, 4, 0),
      random = stream(5, "tails"),
      // Student's t with three degrees of freedom.
      tails = clean.truth.map(y => {
        const [a, b, c, z] = random.normal([4], 1).data;
        return y + (0.5 * z) / Math.sqrt((a * a + b * b + c * c) / 3);
      });
    for (const values of [clean.values, tails]) {
      const found = await cleanValues({ rows: { features: clean.features, values }, width: 2 }, context);
      expect(total(found.suspect)).toBeLessThanOrEqual(4);
      expect(found.wrong.low).toBeLessThan(1);
      expect(found.wrong.value).toBeLessThan(6);
    }
  });

  it("rows that somebody has settled are no suspects, and show nothing about others", async () => {
    const before = await cleanValues(input, context),
      first = before.rank.indexOf(1),
      settled = new Uint8Array(500),
      values = file.values.slice();
    [settled[first], values[first]] = [1, file.truth[first]];
    const after = await cleanValues({ ...input, rows: { ...rows, values }, settled }, context);
    expect(after.pWrong[first]).toBe(0);
    expect(after.suspect[first]).toBe(0);
    expect(after.rank[first]).toBe(500);
    expect(after.wrong.value).toBeLessThan(before.wrong.value - 0.7);
    expect(total(after.pWrong.map((p, i) => (i === first ? 0 : Math.abs(p - before.pWrong[i])))) / 500).toBeLessThan(0.02);
  });

  it("prices are looked at by their logarithm: slips of the point are found where prices are low too", async () => {
    const values = file.truth.map((y, i) => Math.exp(6 + y / 2 + 0.2 * stream(i, "price").normal([1], 1).data[0])),
      slipped = values.map((price, i) => (i % 20 === 3 ? price * 10 : i % 20 === 13 ? price / 10 : price)),
      wrong = Uint8Array.from(values, (_, i) => Number(i % 10 === 3)),
      found = await cleanValues({ rows: { features: file.features, values: slipped }, width: 2 }, context);
    expect(found.model.log).toBe(true);
    expect(f1Score(found.suspect, wrong).f1).toBeGreaterThan(0.95);
    const off = found.predicted.map((price, i) => Math.abs(Math.log(price / values[i])));
    expect(weightedMedian(off)).toBeLessThan(0.25);
    // All above 0, and a plane as they are.
    const plain = { features: file.features, values: file.values.map(y => y + 20) };
    expect((await cleanValues({ rows: plain, width: 2 }, context)).model.log).toBe(false);
  });

  it("where all mistakes are of one kind, the noise model's predictions are not drawn to them", async () => {
    const clean = plane(300, 7, 0),
      wrong = Uint8Array.from(clean.truth, (_, i) => Number(clean.features[2 * i] > 0 && i % 4 === 0)),
      fits = regressionFits(
        { rows: { features: clean.features, values: clean.values.map((y, i) => y + 4 * wrong[i]) }, width: 2 },
        context,
      ),
      error = async (method: string): Promise<number> => {
        const { predicted } = await cleanValuesWith(fits, method);
        return Math.sqrt(total(predicted.map((y, i) => (y - clean.truth[i]) ** 2)) / 300);
      };
    expect(await error("noise-model")).toBeLessThan(0.5 * (await error("residual")));
  });

  it("what is bent is followed by a network", async () => {
    const bent = file.values.map((y, i) => y + 3 * Math.sin(2 * file.features[2 * i])),
      found = await cleanValues({ rows: { features: file.features, values: bent }, width: 2 }, context);
    expect(found.model.kind).toBe("mlp");
    const truth = file.truth.map((y, i) => y + 3 * Math.sin(2 * file.features[2 * i]));
    // A line would leave 2 and more.
    expect(weightedMedian(found.predicted.map((y, i) => Math.abs(y - truth[i])))).toBeLessThan(0.5);
  });
});

describe("work that is stopped", () => {
  const find = (until: RegExp) => {
    const stop = new AbortController();
    const few = { features: file.features.subarray(0, 240), values: file.values.subarray(0, 120) };
    return findWrongValues(
      { rows: few, width: 2, trusted: { features: known.features.subarray(0, 40), values: known.values.subarray(0, 20) } },
      { method: "auto", seed: 1, executor, stop: stop.signal, progress: what => void (until.test(what) && stop.abort()) },
    );
  };
  it.each([
    [/^models of the given values/, undefined, "no row was scored"],
    [/^models without wrong values, 2/, "residual", "auto did not come to an end"],
    [/^weights by hypergradients/, "noise-model", "the other methods, and the error on trusted rows"],
    [/^error before/, "auto", "the error on trusted rows"],
  ])("at %s keeps what there is", async (until, method, missing) => {
    const { outcome, verdict, missing: said } = await find(until);
    expect({ outcome, method: verdict?.method, said }).toEqual({ outcome: "stopped", method, said: missing });
    if (method !== undefined) expect(verdict?.pWrong).toHaveLength(120);
  });
});

it("what cannot be cleaned, and options that there are not, are refused in one sentence", async () => {
  const some = { features: new Float32Array(40), values: Float64Array.from({ length: 40 }, (_, i) => i) },
    refused = (change: Partial<RegressionInput>, method = "auto", options: object = {}) =>
      expect(cleanValues({ rows: some, width: 1, ...change }, context, method, options)).rejects;
  await refused({ rows: { ...some, values: some.values.with(3, NaN) } }).toThrow(
    "clean's rows must have finite values; received NaN in row 3, from 0",
  );
  await refused({ rows: { ...some, values: new Float64Array(40).fill(2) } }).toThrow(
    "clean needs values that differ; received 2 in every row",
  );
  await refused({ rows: { features: some.features.subarray(3), values: some.values.subarray(30) } }).toThrow(
    "clean's rows must be at least 20; received 10",
  );
  await refused({ width: 2 }).toThrow("clean's rows must be 40 values × 2 numbers; received 40 numbers");
  await refused({ trusted: { features: new Float32Array(3), values: new Float64Array(3) } }).toThrow(
    "clean's trusted rows must be at least 5; received 3",
  );
  await refused({ settled: new Uint8Array(3) }).toThrow("clean's settled rows must be marked row by row, 40 of them; received 3 marks");
  await refused({}, "loss").toThrow(/clean's method must be one of auto, residual, noise-model, hyper-cleaning; received "loss"/);
  await refused({}, "hyper-cleaning", { outerSteps: 0 }).toThrow("clean's outerSteps must be a whole number of at least 1; received 0");
  await refused({}, "hyper-cleaning", { inerSteps: 2 }).toThrow(/inerSteps/);
});

it("hyper-cleaning knows trusted rows no better than others: a model is not asked about what its weights were learned on", async () => {
  const random = stream(9, "many columns"),
    [n, m, d] = [150, 60, 20],
    features = Float32Array.from(random.normal([(n + m) * d], 1).data),
    weights = random.normal([d], 0.5).data,
    values = Float64Array.from(
      { length: n + m },
      (_, i) => total(weights.map((w, k) => w * features[i * d + k])) + random.normal([1], 1).data[0],
    ),
    fits = regressionFits(
      {
        rows: { features: features.subarray(0, n * d), values: values.subarray(0, n) },
        width: d,
        trusted: { features: features.subarray(n * d), values: values.subarray(n) },
      },
      context,
    ),
    { judged } = await hyperCleaning.score(fits, valueOptions()),
    spread = (x: Float64Array): number => Math.sqrt(total(x.map(r => r * r)) / x.length),
    { residual } = judged.residuals;
  expect(spread(residual.subarray(n)) / spread(residual.subarray(0, n))).toBeGreaterThan(0.9);
});
