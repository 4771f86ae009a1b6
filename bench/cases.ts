// The bench's work as data that every party reads: what is computed, and a file of float32 numbers.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Shape } from "../src/tensor/types.js";

/** Networks that every party knows. In all but two θ is the start of the inner loop. */
export type Network = "mlp" | "attention" | "gru" | "conv4" | "hyper-cleaning" | "distillation";

/** One hypergradient, averaged over the tasks. */
export interface Case {
  /** What a row of a table is called. */
  readonly name: string;
  readonly network: Network;
  /** `first-order` (with the mixed part where θ is in the inner loss) and `exact` are what all parties know; others are ufom's alone. */
  readonly estimator: string;
  readonly r: number;
  readonly rate: number;
  readonly tasks: number;
  /** Shapes of the leaves of θ and of one task. */
  readonly theta: readonly Shape[];
  readonly data: readonly Shape[];
  /** The leaves of θ, then of each task, one after another. */
  readonly file: string;
  /** What the network needs beside shapes: a weight decay, a number of heads. */
  readonly settings: Readonly<Record<string, number>>;
  /** Only these tasks: [first, count]. */
  readonly part?: readonly [number, number];
}

/** `hypergradient` is the package's function, with all that it does beside the gradient; `row`: many outer steps that nobody looks at. */
export type OuterMode = "step" | "row" | "gradient" | "hypergradient";

/** Outer steps of Adam on a case, or what they are made of. */
export interface OuterCase extends Case {
  readonly mode: OuterMode;
}

/** What a case computes, whatever the estimator and the number of its steps are. */
export type Work = Omit<Case, "estimator" | "r" | "name" | "part">;

/** Numbers of a work: the leaves of θ, and those of each task. */
export interface Numbers {
  readonly theta: readonly Float32Array[];
  readonly tasks: readonly (readonly Float32Array[])[];
}

/** Writes a work's numbers into a file of its own. */
export function writeWork(folder: string, name: string, work: Omit<Work, "file" | "tasks">, { theta, tasks }: Numbers): Work {
  const file = join(folder, `${name}.f32`),
    parts = [...theta, ...tasks.flat()];
  writeFileSync(file, Buffer.concat(parts.map(a => Buffer.from(a.buffer, a.byteOffset, a.byteLength))));
  return { ...work, file, tasks: tasks.length };
}

/** What a row is called. */
export const rowName = (name: string, r: number, estimator: string): string => `${name}, r = ${r}, ${estimator}`;

/** A work's gradient. */
export const caseOf = (work: Work, name: string, r: number, estimator: string): Case => ({
  ...work,
  name: rowName(name, r, estimator),
  estimator,
  r,
});
