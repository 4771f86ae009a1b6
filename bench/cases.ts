import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { stream } from "../src/core/random/index.js";

/** The shapes of the sinusoid network 1-40-40-1: weights and bias of each layer. */
export const shapes = [[1, 40], [40], [40, 40], [40], [40, 1], [1]] as const;

interface Work {
  readonly estimator: "first-order" | "exact";
  readonly r: number;
  readonly rate: number;
}

/** Sinusoid MAML (Finn et al. 2017): 10 + 10 points a task, mean squared error. */
export interface SinusoidCase extends Work {
  readonly problem: "sinusoid";
  readonly tasks: number;
  /** θ by leaf, and support x, y, query x, y of all tasks one after another. */
  readonly theta: readonly number[][];
  readonly shapes: readonly (readonly number[])[];
  readonly data: readonly number[][];
}

/** Hyper-cleaning: one weight a training image, linear softmax. First-order keeps the mixed part, as the plain one is zero. */
export interface CleaningCase extends Work {
  readonly problem: "hyper-cleaning";
  readonly n: number;
  readonly decay: number;
  /** Images and labels as float32. */
  readonly file: string;
}

/** Outer steps of Adam on the sinusoid problem: one at a time with its loss looked at, 200 in a row, or only their gradient. */
export interface OuterCase extends Omit<SinusoidCase, "problem" | "estimator"> {
  readonly problem: "outer loop";
  readonly estimator: "first-order" | "exact" | "ufom:0.05";
  readonly mode: OuterMode;
}
/** `hypergradient` is the package's function, with all that it does beside the gradient. */
export type OuterMode = "step" | "row" | "gradient" | "hypergradient";

/** A gradient. */
export type GradientCase = SinusoidCase | CleaningCase;
export type Case = GradientCase | OuterCase;

export const outerCase = (estimator: OuterCase["estimator"], r: number, tasks: number, mode: OuterMode): OuterCase => ({
  ...sinusoidCase("first-order", r, tasks),
  problem: "outer loop",
  estimator,
  mode,
});

const list = (a: ArrayLike<number>): number[] => Array.from(a);

export function sinusoidCase(estimator: Work["estimator"], r: number, tasks: number): SinusoidCase {
  const random = stream(1, "bench", r, tasks),
    data: number[][] = [[], [], [], []];
  for (let t = 0; t < tasks; t++) {
    const [a, p] = random.uniform([2]).data,
      amplitude = 0.1 + 4.9 * a,
      phase = Math.PI * p;
    for (const half of [0, 2]) {
      const x = random.uniform([10], -5, 5).data;
      data[half].push(...x);
      data[half + 1].push(...Float32Array.from(x, v => amplitude * Math.sin(v + phase)));
    }
  }
  const theta = shapes.map(s => list(s.length > 1 ? random.normal([...s], Math.sqrt(2 / s[0])).data : new Float32Array(s[0])));
  return { problem: "sinusoid", estimator, r, rate: 0.001, tasks, theta, shapes, data };
}

/** Writes random images with MNIST's share of ink and their labels, and says where they are. */
export function cleaningFile(folder: string, n: number): string {
  const random = stream(1, "bench-cleaning"),
    file = join(folder, `cleaning-${n}.f32`),
    parts: Float32Array[] = [];
  for (let half = 0; half < 2; half++) {
    const ink = random.uniform([n * 784]).data,
      images = Float32Array.from(ink, v => (v < 0.2 ? v * 5 : 0)),
      labels = new Float32Array(n * 10);
    for (let i = 0; i < n; i++) labels[10 * i + random.integer(10)] = 1;
    parts.push(images, labels);
  }
  writeFileSync(file, Buffer.concat(parts.map(a => Buffer.from(a.buffer))));
  return file;
}

export const cleaningCase = (estimator: Work["estimator"], r: number, n: number, file: string): CleaningCase => ({
  problem: "hyper-cleaning",
  estimator,
  r,
  rate: 0.5,
  decay: 1e-3,
  n,
  file,
});

/** What a row of the table is called. */
export const nameOf = (c: GradientCase): string =>
  c.problem === "sinusoid"
    ? `sinusoid, ${c.tasks} task${c.tasks > 1 ? "s" : ""}, r = ${c.r}, ${c.estimator}`
    : `hyper-cleaning, ${c.n} + ${c.n} images, r = ${c.r}, ${c.estimator === "exact" ? "exact" : "first-order:mixed"}`;
