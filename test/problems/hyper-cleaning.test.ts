import { describe, expect, test } from "vitest";
import { createWasmExecutor, evaluate, f32, f64, hypergradient, i32, parseOuter, solve, zeros } from "../../src/index.js";
import type { HostArray } from "../../src/index.js";
import { stream } from "../../src/core/random/index.js";
import type { Labelled } from "../../cli/src/problems/hyper-cleaning/data.js";
import { detection, weightsOf } from "../../cli/src/problems/hyper-cleaning/detection.js";
import hyperCleaning from "../../cli/src/problems/hyper-cleaning/index.js";
import type { CleaningOptions } from "../../cli/src/problems/hyper-cleaning/options.js";
import { cleaningProblem, taskOf } from "../../cli/src/problems/hyper-cleaning/problem.js";
import { isRight, normalized, trainer } from "../../cli/src/problems/hyper-cleaning/training.js";
import type { EvaluateContext, RunRecord } from "../../cli/src/problems/problem-entry.js";
import { hypergradients, logitsOf, train } from "./softmax-regression.js";
import type { Regression } from "./softmax-regression.js";

const executor = createWasmExecutor();
const random = stream(5, "hyper-cleaning");
const pixels = 784;

/** Random images of which few pixels are lit, so that plain numbers are fast enough. */
function digits(n: number, lit = 6): Labelled {
  const images = new Uint8Array(n * pixels);
  for (let i = 0; i < n; i++) for (let f = 0; f < lit; f++) images[i * pixels + 130 * f] = random.integer(256);
  return { n, images, labels: Uint8Array.from({ length: n }, () => random.integer(10)) };
}
const regression = ({ n, images, labels }: Labelled, lit = 6): Regression => ({
  x: Array.from({ length: n }, (_, i) => Array.from({ length: lit }, (__, f) => Math.fround(images[i * pixels + 130 * f] / 255))),
  y: Array.from(labels),
  classes: 10,
});
const training = { lambda: 0.01, rate: 0.5, steps: 8 };

describe("held to softmax regression in plain numbers, float64", () => {
  const [given, clean] = [digits(20), digits(15)];
  const corrupted = new Uint8Array(20);
  const task = taskOf({ train: { ...given, corrupted, trueLabels: given.labels }, validation: clean });

  test("outer loss, exact hypergradient, first-order with the mixed part", async () => {
    const problem = cleaningProblem(task, training);
    const theta = Array.from({ length: 20 }, () => 4 * random.next() - 2);
    const expected = hypergradients(regression(given), regression(clean), theta, { ...training, lambda: training.lambda });
    const at = { theta: { logits: f64(theta) }, dtype: "float64", executor } as const;
    for (const [estimator, gradient] of [
      ["exact", expected.exact],
      ["first-order:mixed", expected.mixed],
    ] as const) {
      const result = await hypergradient(problem, { ...at, estimator });
      expect(Math.abs(result.loss - expected.loss)).toBeLessThan(1e-12);
      const size = Math.max(...gradient.map(Math.abs));
      gradient.forEach((g, i) => expect(Math.abs(result.gradient.logits.data[i] - g)).toBeLessThan(1e-11 * size));
    }
  });

  test("θ₀ is zero, so that every weight begins at ½", () => {
    expect(Array.from(cleaningProblem(task, training).theta(3).logits.data)).toEqual(new Array(20).fill(0));
  });

  test("a classifier trained with given weights has the accuracy that it has in plain numbers", async () => {
    const test = digits(200);
    const weights = Array.from({ length: 20 }, () => random.next());
    const mean = weights.reduce((sum, w) => sum + w, 0) / 20;
    const plain = train(
      regression(given),
      weights.map(w => w / mean),
      training,
    )[training.steps];
    const best = regression(test).x.map(row => {
      const logits = logitsOf(row, plain);
      return logits.indexOf(Math.max(...logits));
    });
    const expected = best.filter((c, i) => c === test.labels[i]).length / 200;
    for (const dtype of ["float32", "float64"] as const) {
      const accuracy = trainer(task, test, training, executor, dtype);
      expect(await accuracy(weights)).toBe(expected);
      // Only how weights relate to each other counts.
      expect(await accuracy(weights.map(w => 0.25 * w))).toBe(expected);
    }
  });
});

describe("figures by hand", () => {
  test("detection", () => {
    expect(detection([-1, -2, 3, -0.1, 0, 5], [1, 1, 1, 0, 0, 0])).toEqual({ precision: 2 / 3, recall: 2 / 3, f1: 2 / 3 });
    expect(detection([-1, -1, -1, 2], [1, 0, 0, 0])).toEqual({ precision: 1 / 3, recall: 1, f1: 0.5 });
    expect(detection([1, 1], [0, 0])).toEqual({ precision: 0, recall: 0, f1: 0 });
  });

  test("accuracy counts the first of equal logits", async () => {
    const row = (...lit: number[]) => Array.from({ length: 10 }, (_, c) => (lit.includes(c) ? 1 : 0)),
      logits = f32([...row(3), ...row(9), ...row(2, 5), ...row(2, 5)], 4, 10),
      one = f32(
        Array.from({ length: 16 }, (_, i) => (i % 5 ? 0 : 1)),
        4,
        4,
      );
    const { data } = await evaluate(isRight)({ w: logits, b: zeros(10) }, one, i32([3, 8, 2, 5]));
    expect(Array.from(data)).toEqual([1, 0, 1, 0]);
  });

  test("weights", () => {
    expect(Array.from(normalized([1, 3, 0, 0]))).toEqual([1, 3, 0, 0]);
    expect(Array.from(normalized([2, 2]))).toEqual([1, 1]);
    expect(Array.from(weightsOf([0, Infinity, -Infinity]))).toEqual([0.5, 1, 0]);
  });
});

const small = { train: 300, validation: 300, test: 500, corruption: 0.5, lambda: 0.001, rate: 0.5, retrain: 40 } satisfies CleaningOptions;
const context: EvaluateContext = { seed: 1, dtype: "float32", innerSteps: 20, executor, progress: () => undefined };
const create = (options: Partial<typeof small> = {}, seed = 1) =>
  hyperCleaning.create({ ...small, ...options }, { seed, progress: () => undefined });

/** A run with the problem's own outer transform. */
async function run(estimator: string, { seed = 1, outerSteps = 12, innerSteps = 20 } = {}) {
  const built = await create({}, seed);
  const { outer } = built.defaults;
  const options = {
    estimator,
    outer: parseOuter(typeof outer === "string" ? outer : outer(estimator)),
    outerSteps,
    innerSteps,
    seed,
    executor,
  };
  const result = await solve(built.problem, options).result();
  return {
    built,
    result,
    logits: (result.theta as { logits: HostArray }).logits,
    metrics: (await built.evaluate?.(result.theta, context))!,
  };
}

describe("a few hundred images of real MNIST, through the whole pipeline", () => {
  test("exact finds most wrong labels, and the cleaned classifier is near the oracle", async () => {
    const { built, result, metrics } = await run("exact", { outerSteps: 20 });
    expect(result.outcome).toBe("finished");
    expect(Object.keys(metrics)).toEqual(["accuracyNone", "accuracyCleaned", "accuracyOracle", "precision", "recall", "f1"]);
    expect(metrics.f1).toBeGreaterThan(0.8);
    expect(metrics.accuracyCleaned).toBeGreaterThan(metrics.accuracyNone + 0.05);
    expect(metrics.accuracyCleaned).toBeGreaterThan(metrics.accuracyOracle - 0.05);
    const record = { metrics, theta: result.theta } as RunRecord;
    expect(built.tables?.(record)[0].rows.map(([name]) => name)).toEqual([
      "all 300 labels, no cleaning",
      "all of them with the learned weights",
      "the 150 right labels only (oracle)",
    ]);
    const [histogram, worst] = built.figures!(record);
    expect(histogram).toMatchObject({ kind: "histogram", groups: [{ name: "right labels" }, { name: "wrong labels" }] });
    if (worst.kind !== "images") throw new Error("the second figure must be a grid");
    expect(worst.images).toHaveLength(48);
    // Trusted least are labels that are wrong, and the text says what they were.
    expect(worst.images.filter(({ tone }) => tone === "good").length).toBeGreaterThan(40);
    for (const { label, tone } of worst.images) expect(label).toMatch(tone === "good" ? /^\d → \d$/ : /^\d, right$/);
  });

  test("memory strategies give the same bits, and so does the same seed again", async () => {
    const first = await run("exact", { outerSteps: 3, innerSteps: 10 });
    for (const estimator of ["exact", "exact:recompute", "exact:checkpoint=3"]) {
      const { logits, metrics } = await run(estimator, { outerSteps: 3, innerSteps: 10 });
      expect(logits).toEqual(first.logits);
      expect(metrics).toEqual(first.metrics);
    }
    expect((await run("exact", { outerSteps: 3, innerSteps: 10, seed: 2 })).metrics).not.toEqual(first.metrics);
  });

  test.each(["first-order:mixed", "ufom:adaptive", "ufom:0.2:checkpoint=4:baseline=truncated:5"])("%s works", async estimator => {
    const { result, metrics } = await run(estimator, { outerSteps: 30, innerSteps: 10 });
    expect(result.outcome).toBe("finished");
    expect(metrics.f1).toBeGreaterThan(0.75);
  });

  test("plain first-order is refused, with the reason: by the library, and by the problem before a run begins", async () => {
    const { refuse } = await create();
    for (const estimator of ["first-order", "truncated:0", "truncated:0:recompute", "ufom:0.1:baseline=first-order"]) {
      expect(refuse?.(estimator)).toMatch(/gradient is zero/);
    }
    for (const estimator of ["first-order:mixed", "truncated:10", "exact", "ufom:0.1", "ufom:0.1:baseline=first-order:mixed"]) {
      expect(refuse?.(estimator)).toBeUndefined();
    }
    await expect(run("first-order")).rejects.toThrow(/^ufom: first-order .*gradient is zero/);
  });
});
