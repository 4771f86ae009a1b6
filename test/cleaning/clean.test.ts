import { describe, expect, it } from "vitest";
import { clean, cleanWith } from "../../cli/src/cleaning/clean.js";
import { fitsOf } from "../../cli/src/cleaning/fits.js";
import type { CleaningContext, CleaningInput } from "../../cli/src/cleaning/input.js";
import { averagePrecision, f1Score } from "../../cli/src/cleaning/metrics.js";
import { methodNames } from "../../cli/src/cleaning/methods/index.js";
import { createWasmExecutor } from "../../src/index.js";
import { stream } from "../../src/core/random/index.js";

const executor = createWasmExecutor();
const context: CleaningContext = { seed: 1, executor };
/** Few steps: what hyper-cleaning finds here it finds soon. */
const quick = { innerSteps: 20, outerSteps: 10 };

/** Three clouds in a plane, of which the first two touch; every fifth label of the first is the second's. */
function clouds(n: number, seed: number) {
  const random = stream(seed, "clouds"),
    centres = [
      [-1.2, 0],
      [1.2, 0],
      [0, 2.2],
    ],
    truth = Int32Array.from({ length: n }, (_, i) => i % 3),
    noise = random.normal([n, 2], 0.6).data,
    features = Float32Array.from(noise, (x, at) => x + centres[truth[at >> 1]][at % 2]),
    given = truth.map((y, i) => (y === 0 && i % 15 === 0 ? 1 : y));
  return { features, truth, given, wrong: given.map((label, i) => Number(label !== truth[i])) };
}

const file = clouds(270, 1),
  known = clouds(60, 2);
const input: CleaningInput = { rows: { features: file.features, labels: file.given }, width: 2, classes: 3 };
const trusted = { features: known.features, labels: known.truth };
const shared = fitsOf({ ...input, trusted }, context);
const orderOf = (rank: Int32Array): Float64Array => Float64Array.from(rank, place => -place);

describe("wrong labels of three clouds", () => {
  it.each(methodNames.filter(name => name !== "auto"))("%s finds them with trusted rows, and says how sure it is", async method => {
    const found = await cleanWith(shared, method, quick);
    expect(averagePrecision(orderOf(found.rank), file.wrong)).toBeGreaterThan(0.5);
    expect(f1Score(found.suspect, file.wrong).f1).toBeGreaterThan(0.6);
    expect(found.pWrong.every(p => p > 0 && p < 1)).toBe(true);
    expect(Array.from(found.rank).sort((a, b) => a - b)).toEqual(Array.from({ length: 270 }, (_, i) => i + 1));
    const suspects = Array.from(found.suspect.keys()).filter(i => found.suspect[i] && file.wrong[i]);
    expect(suspects.filter(i => found.suggested[i] === file.truth[i]).length).toBeGreaterThan(0.9 * suspects.length);
    expect(Array.from(found.suggested.keys()).every(i => Boolean(found.suspect[i]) === (found.suggested[i] !== file.given[i]))).toBe(true);
    // 18 are wrong.
    expect(found.wrong.low).toBeLessThan(18);
    expect(found.wrong.high).toBeGreaterThan(18);
    // The first class is confused with the second, and no other with any.
    expect(found.transition[1]).toBeGreaterThan(0.1);
    expect(found.transition[5] + found.transition[7]).toBeLessThan(0.1);
  });

  it("hyper-cleaning asked for by name diagnoses how long to train and which estimator, and says so", async () => {
    const { reason } = await cleanWith(shared, "hyper-cleaning", { outerSteps: 10 });
    expect(reason).toMatch(
      /Weights are learned by [\w:.=]+(?: and [\w:.=]+)? through r = (?:25|50|100) inner steps, where the hypergradient of twice as many has a cosine of [01]\.\d\d with its own\.$/,
    );
    expect((await cleanWith(shared, "hyper-cleaning", { ...quick, estimator: "truncated:10" })).reason).toMatch(
      /Weights are learned by truncated:10 through r = 20 inner steps\.$/,
    );
  });

  it("auto finds them, and says why", async () => {
    const one = await cleanWith(shared, "auto", quick);
    expect(f1Score(one.suspect, file.wrong).f1).toBeGreaterThan(0.8);
    expect(one.reason).toMatch(/on 60 trusted rows\)\. Beside it /);
    expect(one.tried.length).toBeGreaterThan(methodNames.length);
  });

  it("the numbers are those of the seed", async () => {
    const [some, right] = [clouds(75, 3), clouds(30, 4)],
      few: CleaningInput = { ...input, rows: { features: some.features, labels: some.given } },
      run = (seed: number) =>
        clean({ ...few, trusted: { features: right.features, labels: right.truth } }, { ...context, seed }, "auto", {
          innerSteps: 5,
          outerSteps: 3,
        });
    const one = await run(1);
    expect(await run(1)).toEqual(one);
    expect((await run(2)).pWrong).not.toEqual(one.pWrong);
  });

  it("does without trusted rows, and says that this is weaker", async () => {
    const found = await clean(input, context, "auto", quick);
    expect(f1Score(found.suspect, file.wrong).f1).toBeGreaterThan(0.8);
    expect(found.reason).toMatch(/^No rows are trusted: .* weaker\.$/);
  });
});

it("classifiers have not seen the rows that they are asked about: labels of no meaning stay unknown", async () => {
  const random = stream(3, "no meaning"),
    labels = Int32Array.from({ length: 200 }, () => random.integer(2)),
    features = random.normal([200, 30]).data as Float32Array,
    { rows } = await fitsOf({ rows: { features, labels }, width: 30, classes: 2 }, context).base();
  const sureness = labels.reduce((total, y, i) => total + Math.exp(rows[2 * i + y]), 0) / 200;
  expect(sureness).toBeGreaterThan(0.4);
  expect(sureness).toBeLessThan(0.56);
});

it("tells how far it is, and ends when it is told to", async () => {
  const controller = new AbortController(),
    said: string[] = [];
  const progress = (what: string): void => {
    said.push(what);
    if (said.length === 4) controller.abort(new Error("enough"));
  };
  await expect(clean({ ...input, trusted }, { ...context, progress, signal: controller.signal })).rejects.toThrow("enough");
  expect(said).toEqual(new Array(4).fill("classifiers of the given labels"));
});

it("labels that trusted rows had in the file say what the noise is, whatever the rest looks like", async () => {
  const [some, file] = [clouds(60, 5), clouds(75, 6)],
    // All of the first class were given the third: no classifier would guess that from this file.
    given = some.truth.map(y => (y === 0 ? 2 : y)),
    pairs = { features: some.features, labels: some.truth, given },
    rows = { features: file.features, labels: file.given },
    fits = fitsOf({ ...input, rows, trusted: pairs }, context),
    { kept } = await fits.noise();
  expect(Array.from(kept)).toEqual(Array.from(some.truth, y => Number(y !== 0)));
});

describe("what cannot be cleaned", () => {
  const rows = { features: Float32Array.of(1, 2, 3, 4), labels: Int32Array.of(0, 0, 1, 1) },
    small: CleaningInput = { rows, width: 1, classes: 2 };
  const right = { features: Float32Array.of(1, 2, 3, 4), labels: Int32Array.of(0, 0, 1, 1) };
  it.each<readonly [string, CleaningInput, string]>([
    ["no rows", { ...small, rows: { features: new Float32Array(), labels: new Int32Array() } }, "clean needs rows; received none."],
    ["no columns", { ...small, width: 0 }, "clean needs at least one column of features; received 0."],
    ["one class", { ...small, classes: 1 }, "clean needs at least two classes; received 1."],
    [
      "labels of one class",
      { ...small, rows: { ...rows, labels: new Int32Array(4) } },
      "clean needs rows of at least two classes; received 4 rows of class 0.",
    ],
    [
      "a label that occurs once",
      { ...small, rows: { ...rows, labels: Int32Array.of(0, 0, 0, 1) } },
      "clean needs each label at least twice (remove such rows, or join the class with another); received class 1 once.",
    ],
    [
      "NaN",
      { ...small, rows: { ...rows, features: Float32Array.of(1, 2, NaN, 4) } },
      "clean's rows must be finite numbers; received NaN in row 2, column 0, both from 0.",
    ],
    [
      "∞",
      { ...small, trusted: { ...right, features: Float32Array.of(1, 2, 3, -Infinity) } },
      "clean's trusted rows must be finite numbers; received -Infinity in row 3, column 0, both from 0.",
    ],
    [
      "ragged rows",
      { ...small, rows: { ...rows, features: new Float32Array(5) } },
      "clean's rows must be 4 labels × 1 numbers; received 5 numbers.",
    ],
    [
      "a label that is no class",
      { ...small, rows: { ...rows, labels: Int32Array.of(0, 0, 1, 2) } },
      "clean's rows must have labels from 0 to 1; received 2 in row 3, from 0.",
    ],
    [
      "a class that nobody vouches for",
      { ...small, trusted: { ...right, labels: Int32Array.of(0, 0, 0, 1) } },
      "clean's trusted rows must have each class of the file at least 2 times; received 1 of class 1.",
    ],
    [
      "given labels of some trusted rows",
      { ...small, trusted: { ...right, given: Int32Array.of(0) } },
      "clean's trusted rows must have as many given labels as true ones, 4; received 1.",
    ],
    [
      "a given label that is no class",
      { ...small, trusted: { ...right, given: Int32Array.of(0, -1, 0, 7) } },
      "clean's trusted rows must have given labels from 0 to 1, or −1 where none is known; received 7.",
    ],
  ])("%s is refused in a sentence", async (_, wrong, sentence) => {
    await expect(clean(wrong, context)).rejects.toThrow(`ufom: ${sentence}`);
  });

  it.each([
    [{ prune: "never" as never }, 'clean\'s prune must be one of confident-joint, class, noise-rate, both; received "never".'],
    [{ innerSteps: 0 }, "clean's innerSteps must be a whole number of at least 1; received 0."],
    [{ outerSteps: 2.5 }, "clean's outerSteps must be a whole number of at least 1; received 2.5."],
    [{ steps: 3 } as never, "ufom: clean takes the options prune, estimator"],
  ])("nor with options like %j", async (options, sentence) => {
    await expect(clean(small, context, "disagreement", options)).rejects.toThrow(sentence);
  });

  it("neither is what no method of that name can do", async () => {
    await expect(clean(small, context, "magic")).rejects.toThrow(
      `ufom: clean's method must be one of ${methodNames.join(", ")}; received "magic".`,
    );
  });
});
