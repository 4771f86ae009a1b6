// Searches: what they try, and that all have the same work.
import { beforeAll, expect, it } from "vitest";
import { gridOf, looksOf, randomPoint } from "../../cli/src/tuning/search.js";
import type { TuneSettings } from "../../cli/src/tuning/settings.js";
import { bestOf, shareOf, tune, type MethodResult, type Tuned } from "../../cli/src/tuning/tune.js";
import { usualMethods as methodNames } from "../../cli/src/tuning/settings.js";
import { knobNames } from "../../cli/src/tuning/knobs.js";
import { readTable } from "../../cli/src/tables/read-table.js";
import { createWasmExecutor, stream } from "../../src/index.js";
import { tableFolder } from "../support/table-files.js";

const { write } = tableFolder();
const axes = ["penalties", "rate", "schedule", "balance", "smoothing"] as const;

it("makes a grid as fine as there is room for", () => {
  for (const most of [1, 2, 7, 30, 100, 500]) {
    const points = gridOf(axes, most);
    expect(points.length).toBeLessThanOrEqual(most);
    expect(points.length).toBeGreaterThanOrEqual(Math.max(1, 0.7 * most));
    expect(new Set(points.map(point => JSON.stringify(point))).size).toBe(points.length);
  }
  expect(gridOf([], 10)).toHaveLength(1);
  expect(new Set(gridOf(["rate"], 10).map(({ penalties }) => penalties)).size).toBe(1);
});

it("draws points by seed, on the axes that are searched and no others", () => {
  expect(randomPoint(axes, 1, "a", 3)).toEqual(randomPoint(axes, 1, "a", 3));
  expect(randomPoint(axes, 1, "a", 3)).not.toEqual(randomPoint(axes, 1, "a", 4));
  expect(randomPoint(["rate"], 1, "a", 3)).toMatchObject({ penalties: 1, smoothing: 0, balance: 0 });
  expect(looksOf(4)).toEqual([1, 2, 3, 4]);
});

/** Twelve columns, of which the first three say something, and few rows. */
function table(): string {
  const random = stream(3, "tuning table");
  const lines = Array.from({ length: 90 }, () => {
    const x = Array.from(random.normal([12]).data);
    return [...x.map(v => v.toFixed(4)), x[0] + x[1] - x[2] + 0.5 * random.normal([1]).data[0] > 0 ? "yes" : "no"].join(",");
  });
  return [[...Array.from({ length: 12 }, (_, i) => `c${i}`), "y"].join(","), ...lines].join("\n");
}

const settings: TuneSettings = {
  ...{ model: "linear", hidden: 32, groups: "columns", learn: knobNames, methods: methodNames, folds: 3, heldOut: 0.25, rows: 5000 },
  ...{ innerSteps: 40, outerSteps: 25, estimator: "exact", balanced: false, seed: 1 },
};
const executor = createWasmExecutor();
const run = async (changes: Partial<TuneSettings> = {}, signal = new AbortController().signal) =>
  tune(
    await readTable(write("t.csv", table()), { label: "y" }),
    { ...settings, ...changes },
    { executor, signal, seconds: () => 0, say: () => {} },
  );

let tuned: Tuned;
beforeAll(async () => void (tuned = await run()));

it("gives every method the work of the descent by hypergradients, and no more", () => {
  const [untuned, descent, ...searches] = tuned.methods;
  expect(tuned.methods.map(({ name }) => name)).toEqual(["untuned", ...methodNames]);
  expect(untuned.work).toBe(0);
  for (const { work, tried } of searches) {
    expect(work).toBeLessThanOrEqual(descent.work);
    expect(work).toBeGreaterThan(0.6 * descent.work);
    expect(tried).toBeGreaterThan(10);
  }
});

it("finds by hypergradients that columns without a say want a larger penalty, and a lower loss than it began with", () => {
  const descent = tuned.methods.find(({ name }) => name === "hypergradient")!;
  const logs = descent.numbers.penalties.map(Math.log);
  const mean = (x: number[]) => x.reduce((a, b) => a + b, 0) / x.length;
  expect(mean(logs.slice(3))).toBeGreaterThan(mean(logs.slice(0, 3)) + 1);
  expect(descent.curve.at(-1)![1]).toBeLessThan(0.9 * descent.curve[0][1]);
  expect(tuned.rows).toEqual({ all: 90, train: 68, tuned: 68, heldOut: 22 });
});

it("is the same again with the same seed, and another one with another", async () => {
  const numbers = ({ methods, weights }: Tuned) => JSON.stringify([methods.map(({ seconds: _, ...rest }) => rest), weights[0].w.data]);
  expect(numbers(await run())).toBe(numbers(tuned));
  expect(numbers(await run({ seed: 2, outerSteps: 2 }))).not.toBe(numbers(tuned));
});

it("keeps what there is when it is stopped", async () => {
  const stop = new AbortController();
  const data = await readTable(write("t.csv", table()), { label: "y" });
  const stopped = await tune(data, settings, {
    ...{ executor, signal: stop.signal, seconds: () => 0 },
    say: text => text.startsWith("hypergradient: outer step 5") && stop.abort(),
  });
  expect(stopped.methods.map(({ name, outcome }) => `${name} ${outcome}`)).toEqual(["untuned finished", "hypergradient stopped"]);
  expect(stopped.notes.join(" ")).toContain("Stopped");
  expect(stopped.weights[0].w.shape).toEqual([12, 2]);
});

it("gives every method its share of the time, and keeps what each had found", async () => {
  const data = await readTable(write("t.csv", table()), { label: "y" });
  const untilOver = (seconds: number) => {
    // A clock on which nothing takes time but an outer step, or a try: a second.
    let now = 0;
    const say = (text: string): void => void (now += Number(/outer step|tried/.test(text)));
    return tune(data, { ...settings, seconds }, { executor, signal: new AbortController().signal, seconds: () => now, say });
  };
  const halfWay = await untilOver(24);
  expect(halfWay.methods.map(({ name, outcome, curve }) => `${name} ${outcome} ${curve.length}`)).toEqual([
    "untuned finished 0",
    ...methodNames.map(name => `${name} budget 6`),
  ]);
  expect(halfWay).toMatchObject({ outcome: "budget", untried: [] });
  expect(halfWay.notes.join(" ")).toContain("The time was over: methods that had not ended are judged by what they had found.");
  const nothing = await untilOver(0);
  expect(nothing).toMatchObject({ outcome: "budget", untried: methodNames, chosen: "untuned" });
  expect(nothing.notes.join(" ")).toContain("The time was over before hypergradient, grid, random, halving had tried anything");
  expect(nothing.weights[0].w.shape).toEqual([12, 2]);
});

it("leaves time to judge what is found, and to train the model", () => {
  expect(shareOf(40, 4, 0)).toBe(10);
  expect(shareOf(45, 4, 1)).toBe(10);
  // Four methods would be judged for longer than they look; two have ten seconds each, beside three trainings of ten.
  expect(shareOf(50, 4, 10)).toBe(10);
  expect(shareOf(15, 4, 10)).toBeLessThan(0);
});

it("keeps what is best on rows held out, and in cross-validation where there are none", () => {
  const of = (crossValidated: number, heldOut?: number) => {
    const scores = (value: number): MethodResult["crossValidated"] => {
      const loss = { value, low: value, high: value };
      return { loss, accuracy: loss, rows: 9 };
    };
    return { crossValidated: scores(crossValidated), ...(heldOut === undefined ? {} : { heldOut: scores(heldOut) }) };
  };
  // Who had most to choose has the lowest cross-validated loss, and on other rows the highest.
  expect(bestOf([of(0.5, 0.6), of(0.1, 0.9), of(0.4, 0.5)])).toBe(2);
  expect(bestOf([of(0.5), of(0.1), of(0.4)])).toBe(1);
  // A training that came to nothing is never kept, nor does it keep others out.
  expect(bestOf([of(0.5, NaN), of(0.1, 0.9), of(0.4, NaN)])).toBe(1);
});

it("draws a penalty for each group by itself where it is asked to", async () => {
  const { methods } = await run({ methods: ["random", "random-each"], outerSteps: 1 });
  const distinct = methods.map(({ numbers }) => new Set(numbers.penalties).size);
  expect(distinct).toEqual([1, 1, 12]);
});

it("learns what it is told to, and leaves the rest as usual", async () => {
  const { methods } = await run({ learn: ["penalties"], groups: "all", methods: ["hypergradient"], outerSteps: 3 });
  expect(methods[1].numbers).toMatchObject({ rate: [1], schedule: [0.9], smoothing: [0.005] });
  expect(methods[1].numbers.penalties).toHaveLength(1);
});
