// What hypergradients learn of each hyperparameter by itself, where it is known which way it has to go.
import { expect, it } from "vitest";
import { readTable } from "../../cli/src/tables/read-table.js";
import { usual, type KnobName } from "../../cli/src/tuning/knobs.js";
import type { TuneSettings } from "../../cli/src/tuning/settings.js";
import { tune } from "../../cli/src/tuning/tune.js";
import { createWasmExecutor, stream } from "../../src/index.js";
import { tableFolder } from "../support/table-files.js";

const { write } = tableFolder();
const executor = createWasmExecutor();

interface Rows {
  readonly count: number;
  /** Columns beside the one that says which class it is. */
  readonly noise: number;
  /** Share of rows of the class "yes". */
  readonly yes?: number;
  /** Share of labels that are wrong. */
  readonly wrong?: number;
  /** How far apart the classes are. */
  readonly apart?: number;
}

function table({ count, noise, yes = 0.5, wrong = 0, apart = 1 }: Rows): string {
  const random = stream(5, "learned");
  const lines = Array.from({ length: count }, () => {
    const truth = random.next() < yes;
    const label = random.next() < wrong ? !truth : truth;
    const x = random.normal([1 + noise]).data;
    return [x[0] + (truth ? apart : -apart), ...x.slice(1)].map(v => v.toFixed(4)).join(",") + (label ? ",yes" : ",no");
  });
  return [[...Array.from({ length: 1 + noise }, (_, i) => `c${i}`), "y"].join(","), ...lines].join("\n");
}

async function learned(knob: KnobName, rows: Rows, changes: Partial<TuneSettings> = {}) {
  const settings: TuneSettings = {
    ...{ model: "linear", hidden: 0, groups: "columns", learn: [knob], methods: ["hypergradient"], folds: 3, heldOut: 0, rows: 5000 },
    ...{ innerSteps: 40, outerSteps: 20, estimator: "exact", balanced: false, seed: 1 },
    ...changes,
  };
  const context = { executor, signal: new AbortController().signal, seconds: () => 0, say: () => {} };
  const { methods } = await tune(await readTable(write("t.csv", table(rows)), { label: "y" }), settings, context);
  const { numbers, curve, steps } = methods[1];
  // What is learned is better than what it began with.
  expect(curve.at(-1)![1]).toBeLessThan(curve[0][1]);
  return { numbers: numbers[knob], steps };
}

it("a penalty for each column: small where it says something, large where it does not", async () => {
  const { numbers } = await learned("penalties", { count: 90, noise: 6 });
  for (const penalty of numbers.slice(1)) expect(penalty).toBeGreaterThan(4 * numbers[0]);
});

it("a larger step size where there are few steps", async () => {
  const { numbers } = await learned("rate", { count: 90, noise: 0, apart: 3 }, { innerSteps: 4 });
  expect(numbers[0]).toBeGreaterThan(1.1 * usual.rate);
});

it("a schedule that does not fall where there are few steps", async () => {
  const { numbers } = await learned("schedule", { count: 90, noise: 0, apart: 3 }, { innerSteps: 4 });
  expect(numbers[0]).toBeGreaterThan(usual.schedule + 0.05);
});

it("a shorter training where a longer one learns noise by heart", async () => {
  const { numbers, steps } = await learned("length", { count: 60, noise: 60, apart: 0.5 }, { innerSteps: 12 });
  expect(numbers[0]).toBeLessThan(0.7 * usual.length);
  expect(steps).toBeLessThan(12);
});

it("a larger weight of a rare class where classes count alike", async () => {
  const { numbers } = await learned("class-weights", { count: 120, noise: 1, yes: 0.15 }, { balanced: true });
  expect(numbers[1] / numbers[0]).toBeGreaterThan(2);
});

it("smoother labels where some of them are wrong", async () => {
  const { numbers } = await learned("smoothing", { count: 90, noise: 20, wrong: 0.2, apart: 3 });
  expect(numbers[0]).toBeGreaterThan(10 * usual.smoothing);
});
