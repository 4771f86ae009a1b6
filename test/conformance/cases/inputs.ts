import { stream } from "../../../src/core/random/index.js";
import type { HostArray, Shape } from "../../../src/tensor/types.js";
import { sizeOf } from "../../../src/tensor/types.js";

/** Inputs that float32 holds too, so that both precisions compute at the same point. */
const float64 = (shape: Shape, f: (i: number) => number): HostArray => ({
  shape,
  dtype: "float64",
  data: Float64Array.from({ length: sizeOf(shape) }, (_, i) => Math.fround(f(i))),
});

/** Given numbers as a float64 vector. */
export const vector = (...data: number[]): HostArray => ({ shape: [data.length], dtype: "float64", data: Float64Array.from(data) });

/** How often arrays of a name have been asked for. */
const asked = new Map<string, number>();

/**
 * Makers of random arrays for the cases of a name. Each array has a stream of its own, named by the cases, the kind of its numbers, its shape and
 * how many of those there were before: a new case changes no other's numbers.
 */
export function inputsFor(name: string) {
  const uniform = (kind: string, shape: Shape) => {
    const purpose = `${name}: ${kind} [${shape.join()}]`;
    const before = asked.get(purpose) ?? 0;
    asked.set(purpose, before + 1);
    const random = stream(20210718, purpose, before);
    return () => random.next();
  };
  const floats = (kind: string, shape: Shape, f: (u: () => number, i: number) => number): HostArray => {
    const u = uniform(kind, shape);
    return float64(shape, i => f(u, i));
  };
  const whole = (kind: string, dtype: "int32" | "bool", shape: Shape, low: number, high: number): HostArray => {
    const u = uniform(kind, shape);
    const data = Array.from({ length: sizeOf(shape) }, () => low + Math.floor((high - low) * u()));
    return { shape, dtype, data: dtype === "bool" ? Uint8Array.from(data) : Int32Array.from(data) };
  };
  const sign = (u: () => number) => (u() < 0.5 ? -1 : 1);
  return {
    /** Between −2 and 2, at least 0.1 from every whole number: no kink of |·|, relu, floor or sign is near. */
    real: (...shape: number[]) => floats("real", shape, u => sign(u) * (Math.floor(2 * u()) + 0.1 + 0.8 * u())),
    /** Between 0.5 and 2.5 and of either sign: what may be divided by. */
    nonzero: (...shape: number[]) => floats("nonzero", shape, u => sign(u) * (0.5 + 2 * u())),
    /** Between 0.2 and 2.5. */
    positive: (...shape: number[]) => floats("positive", shape, u => 0.2 + 2.3 * u()),
    /** Numbers that all differ by at least 0.1, in random order. */
    distinct: (...shape: number[]) => {
      const u = uniform("order", shape);
      const places = Array.from({ length: sizeOf(shape) }, (_, i) => ({ i, key: u() })).sort((a, b) => a.key - b.key);
      return floats("distinct", shape, (v, i) => 0.3 * places[i].i - 0.15 * places.length + 0.2 * v());
    },
    /** Multiples of 0.3, plus `offset`: those of different offsets are never near each other. */
    grid: (offset: number, ...shape: number[]) => floats("grid", shape, u => 0.3 * Math.floor(12 * u() - 6) + offset),
    /** Whole numbers from `low` up to but not including `high`. */
    integers: (low: number, high: number, ...shape: number[]) => whole(`whole from ${low} to ${high}`, "int32", shape, low, high),
    truths: (...shape: number[]) => whole("truths", "bool", shape, 0, 2),
  };
}

/** Ranks 0 to 3, extents of 1, and empty ones. */
export const shapes: readonly (readonly number[])[] = [[], [4], [1], [2, 3], [2, 1, 3], [0], [2, 0], [0, 3]];
/** Pairs of shapes that broadcast. */
export const pairs: readonly (readonly [readonly number[], readonly number[]])[] = [
  [[], []],
  [[3], [3]],
  [[3], []],
  [[], [2, 3]],
  [[2, 3], [3]],
  [
    [2, 1],
    [1, 3],
  ],
  [
    [4, 1, 2],
    [3, 1],
  ],
  [[1], [1]],
  [[0], [1]],
  [[2, 0], [0]],
  [[0, 3], [3]],
];
