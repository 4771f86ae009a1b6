// What is trained inside, against closed forms, and its hypergradients, against differences.
import { describe, expect, it } from "vitest";
import { knobNames, numbersOf, scales, thetaAt, untuned, usual, type KnobName, type Theta } from "../../cli/src/tuning/knobs.js";
import type { Architecture } from "../../cli/src/tuning/model.js";
import { foldTask, gateAt, stepsOf, tuningProblem, type TuningShape } from "../../cli/src/tuning/problem.js";
import { startOf } from "../../cli/src/tuning/model.js";
import type { TuningRows } from "../../cli/src/tuning/rows.js";
import { unitOf } from "../../cli/src/tuning/trainer.js";
import { solvePositive } from "../../cli/src/cleaning/numbers.js";
import { adapt, evaluate, f64, hypergradient, stream, type HostArray, type Value } from "../../src/index.js";

const width = 4;

/** Rows at random whose target depends on the first two features. */
function rowsAt(count: number, outputs: number, seed: number): TuningRows {
  const random = stream(seed, "tuning test");
  const features = random.normal([count, width]).data as Float32Array;
  const noise = random.normal([count]).data;
  const score = Array.from({ length: count }, (_, i) => features[i * width] - 0.5 * features[i * width + 1] + 0.3 * noise[i]);
  const codes = Int32Array.from(score, s => (outputs === 1 ? 0 : Math.min(outputs - 1, Math.max(0, Math.round(s + 1)))));
  const targets = new Float32Array(count * outputs);
  codes.forEach((code, i) => (outputs === 1 ? (targets[i] = score[i]) : (targets[i * outputs + code] = 1)));
  return { count, width, outputs, features, targets, codes, weights: new Float64Array(count).fill(1) };
}

function setup(architecture: Omit<Architecture, "width">, steps: number, options: { learned?: readonly KnobName[]; pad?: number } = {}) {
  const { learned = knobNames, pad = 0 } = options;
  const [train, validation] = [rowsAt(24, architecture.outputs, 1), rowsAt(12, architecture.outputs, 2)];
  const classes = architecture.kind === "classes";
  const sizes = {
    ...{ penalties: 2 + Number(architecture.hidden > 0), rate: 1, schedule: 1, length: 1 },
    ...{ "class-weights": classes ? architecture.outputs : 0, smoothing: Number(classes) },
  };
  const shape: TuningShape = {
    architecture: { ...architecture, width },
    groups: Int32Array.of(0, 0, 1, 1),
    sizes,
    learned: learned.filter(name => sizes[name] > 0),
    steps,
    rows: 24,
  };
  const task = foldTask(
    train,
    validation,
    { train: 24 + pad, validation: 12 + pad },
    { start: startOf(shape.architecture, 1), unit: unitOf(shape, train), total: steps },
  );
  return { problem: tuningProblem(shape, [task]), task, sizes, shape, train };
}

const linear = { model: "linear", hidden: 0 } as const;
const kinds = [
  ["a linear model of classes", { ...linear, outputs: 3, kind: "classes" }],
  ["a linear model of a number", { ...linear, outputs: 1, kind: "number" }],
  ["an MLP of classes", { model: "mlp", hidden: 3, outputs: 3, kind: "classes" }],
  ["an MLP of a number", { model: "mlp", hidden: 3, outputs: 1, kind: "number" }],
] as const;

it("trains the ridge regression of its penalties", async () => {
  const { problem, task, sizes, shape, train } = setup({ ...linear, outputs: 1, kind: "number" }, 600);
  const penalties = [0.5, 20];
  const theta = thetaAt({ ...untuned, penalties }, shape.learned, sizes);
  const { phi } = await adapt(problem, { theta, task, losses: false });
  // With a column of ones, whose weight is not penalized: (XᵀX + Λ)⁻¹Xᵀy.
  const n = width + 1;
  const matrix = new Float64Array(n * n);
  const right = new Float64Array(n);
  for (let i = 0; i < train.count; i++) {
    const row = [...train.features.subarray(i * width, (i + 1) * width), 1];
    row.forEach((x, a) => {
      right[a] += x * train.targets[i];
      row.forEach((z, b) => (matrix[a * n + b] += x * z));
    });
  }
  for (let a = 0; a < width; a++) matrix[a * n + a] += penalties[shape.groups[a]];
  const exact = solvePositive(matrix, right);
  const [{ w, b }] = phi as unknown as { w: { data: Float32Array }; b: { data: Float32Array } }[];
  [...w.data, b.data[0]].forEach((x, i) => expect(x).toBeCloseTo(exact[i], 4));
});

describe.each(kinds)("hypergradients of %s", (_, architecture) => {
  it("are the slopes of the outer loss along every knob", async () => {
    const { problem, task, sizes, shape } = setup(architecture, 12);
    const weights = Array.from({ length: sizes["class-weights"] }, (_, i) => 0.7 + 0.4 * i);
    const penalties = Array.from({ length: sizes.penalties }, (_, i) => 0.5 + i);
    const numbers = { ...usual, penalties, rate: 0.6, schedule: 0.5, length: 0.8, smoothing: 0.05, "class-weights": weights };
    const start = thetaAt(numbers, shape.learned, sizes);
    const theta: Theta = Object.fromEntries<HostArray>(Object.entries(start).map(([name, leaf]) => [name, f64(Array.from(leaf.data))]));
    const lossAt = async (at: Theta) => (await adapt(problem, { theta: at, task, losses: false, dtype: "float64" })).outer;
    const { gradient } = await hypergradient(problem, { theta, task, dtype: "float64" });
    const h = 1e-5;
    for (const name of shape.learned) {
      for (let i = 0; i < sizes[name]; i++) {
        const moved = (by: number): Theta => ({ ...theta, [name]: f64(Array.from(theta[name].data, (x, j) => (i === j ? x + by : x))) });
        const slope = ((await lossAt(moved(h))) - (await lossAt(moved(-h)))) / (2 * h);
        expect(gradient[name].data[i], `${name}[${i}]`).toBeCloseTo(slope, 7);
      }
    }
    // None of them is zero by construction.
    for (const name of shape.learned) expect(Math.max(...Array.from(gradient[name].data, Math.abs)), name).toBeGreaterThan(1e-7);
  });
});

it("takes any penalty: no λ is too large for a step size", async () => {
  const { problem, task, sizes, shape } = setup({ ...linear, outputs: 3, kind: "classes" }, 50);
  const theta = thetaAt({ ...untuned, penalties: [1e9, 1e-9], rate: 1.25 }, shape.learned, sizes);
  const { phi, outer } = await adapt(problem, { theta, task, losses: false });
  const [{ w }] = phi as unknown as { w: { data: Float32Array } }[];
  const [dropped, kept] = [w.data.subarray(0, 6), w.data.subarray(6)].map(part => Math.max(...Array.from(part, Math.abs)));
  expect(dropped).toBeLessThan(1e-6);
  expect(kept).toBeGreaterThan(1e-2);
  expect(outer).toBeGreaterThan(0);
});

it("is not changed by rows that only fill a fold up", async () => {
  const plain = setup({ ...linear, outputs: 3, kind: "classes" }, 20);
  const padded = setup({ ...linear, outputs: 3, kind: "classes" }, 20, { pad: 5 });
  const [a, b] = [await adapt(plain.problem, { task: plain.task }), await adapt(padded.problem, { task: padded.task })];
  expect(b.outer).toBeCloseTo(a.outer, 5);
});

it("ends where the gate closes", async () => {
  const { problem, task, sizes, shape } = setup({ ...linear, outputs: 3, kind: "classes" }, 40);
  const steps = stepsOf(0.4, 40);
  expect([gateAt(0.4, steps - 1, 40) >= 1e-3, gateAt(0.4, steps, 40) < 1e-3]).toEqual([true, true]);
  expect(stepsOf(1.25, 40)).toBe(40);
  const theta = thetaAt({ ...untuned, length: 0.4 }, shape.learned, sizes);
  const { phi, phis } = await adapt(problem, { theta, task, states: [steps], losses: false });
  const [last, cut] = [phi, phis[0]].map(one => (one as unknown as { w: { data: Float32Array } }[])[0].w.data);
  cut.forEach((x, i) => expect(last[i]).toBeCloseTo(x, 3));
});

it("has the same numbers in a program and outside of one", async () => {
  for (const name of knobNames) {
    const inside = evaluate((x: Value) => scales[name].value(x));
    const xs = [-1.5, 0, 0.7];
    const found = (await inside(f64(xs))) as unknown as { data: Float64Array };
    xs.forEach((x, i) => expect(found.data[i], name).toBeCloseTo(scales[name].number(x), 12));
    expect(scales[name].number(scales[name].inverse(0.3)), name).toBeCloseTo(0.3, 12);
  }
  const sizes = { penalties: 2, rate: 1, schedule: 1, length: 1, "class-weights": 0, smoothing: 0 };
  expect(numbersOf(thetaAt({ ...usual, penalties: [2, 3] }, ["penalties"], sizes), sizes)).toMatchObject({
    rate: [usual.rate],
    smoothing: [],
  });
});
