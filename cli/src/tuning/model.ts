import type { HostArray, Value } from "ufom";
import { nn, np, stream } from "ufom";

/** A layer x·W + b. A type and no interface, as trees of arrays are indexed by any name. */
export type Layer<T = Value> = { readonly w: T; readonly b: T };

/** A trained model: its layers, the first one first. */
export type Weights = Layer<HostArray>[];

/** Which models there are: W·x + b, and one with a hidden layer of silu units. */
export const modelNames = ["linear", "mlp"] as const;
export type ModelName = (typeof modelNames)[number];

/** What a model is made of, whatever its numbers. */
export interface Architecture {
  readonly model: ModelName;
  /** Hidden units; 0 of a linear model. */
  readonly hidden: number;
  /** Features. */
  readonly width: number;
  /** Classes, or 1 where a number is predicted. */
  readonly outputs: number;
  readonly kind: "classes" | "number";
}

/** Extents from the features to the outputs. */
export const extents = ({ hidden, width, outputs }: Architecture): number[] => (hidden === 0 ? [width, outputs] : [width, hidden, outputs]);

/** Logits, or the standardized number. */
export const outputsOf = (layers: readonly Layer[], x: Value): Value =>
  layers.reduce((h, { w, b }, i) => np.matmul(i === 0 ? h : nn.silu(h), w).add(b), x);

/** Of each row: −Σ target·log p, or ½(output − target)². */
export function rowLosses(kind: Architecture["kind"], output: Value, target: Value): Value {
  return kind === "classes" ? target.mul(nn.logSoftmax(output)).sum(-1).neg() : np.square(output.sub(target)).sum(-1).mul(0.5);
}

/** Weights at the start: zeros of a linear model; of a hidden layer random ones, or all its units would stay the same. */
export function startOf(architecture: Architecture, seed: number): Weights {
  const sizes = extents(architecture),
    random = stream(seed, "tuning start");
  return sizes.slice(1).map((to, i) => ({
    w: random.normal([sizes[i], to], architecture.hidden === 0 ? 0 : 1 / Math.sqrt(sizes[i])),
    b: random.normal([to], 0),
  }));
}
