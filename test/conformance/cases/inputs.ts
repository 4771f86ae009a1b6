import type { HostArray, Shape } from "../../../src/tensor/types.js";
import { sizeOf } from "../../../src/tensor/types.js";

let state = 20210718;
/** Uniform in [0, 1), the same numbers in every run (mulberry32). */
function uniform(): number {
  state = (state + 0x6d2b79f5) | 0;
  let t = Math.imul(state ^ (state >>> 15), state | 1);
  t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
  return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
}

/** Inputs that float32 holds too, so that both precisions compute at the same point. */
const float64 = (shape: Shape, f: (i: number) => number): HostArray => ({
  shape,
  dtype: "float64",
  data: Float64Array.from({ length: sizeOf(shape) }, (_, i) => Math.fround(f(i))),
});

/** Between −2 and 2, at least 0.1 from every whole number: no kink of |·|, relu, floor or sign is near. */
export const real = (...shape: number[]): HostArray =>
  float64(shape, () => (uniform() < 0.5 ? -1 : 1) * (Math.floor(2 * uniform()) + 0.1 + 0.8 * uniform()));
/** Between 0.5 and 2.5 and of either sign: what may be divided by. */
export const nonzero = (...shape: number[]): HostArray => float64(shape, () => (uniform() < 0.5 ? -1 : 1) * (0.5 + 2 * uniform()));
/** Between 0.2 and 2.5. */
export const positive = (...shape: number[]): HostArray => float64(shape, () => 0.2 + 2.3 * uniform());
/** Numbers that all differ by at least 0.1, in random order. */
export function distinct(...shape: number[]): HostArray {
  const places = Array.from({ length: sizeOf(shape) }, (_, i) => ({ i, key: uniform() })).sort((a, b) => a.key - b.key);
  return float64(shape, i => 0.3 * places[i].i - 0.15 * places.length + 0.2 * uniform());
}
/** Multiples of 0.3, plus `offset`: those of different offsets are never near each other. */
export const grid = (offset: number, ...shape: number[]): HostArray => float64(shape, () => 0.3 * Math.floor(12 * uniform() - 6) + offset);
/** Whole numbers from `low` up to but not including `high`. */
export const integers = (low: number, high: number, ...shape: number[]): HostArray => ({
  shape,
  dtype: "int32",
  data: Int32Array.from({ length: sizeOf(shape) }, () => low + Math.floor((high - low) * uniform())),
});
export const truths = (...shape: number[]): HostArray => ({
  shape,
  dtype: "bool",
  data: Uint8Array.from({ length: sizeOf(shape) }, () => Math.floor(2 * uniform())),
});

/** Given numbers as a float64 vector. */
export const vector = (...data: number[]): HostArray => ({ shape: [data.length], dtype: "float64", data: Float64Array.from(data) });
/** Given numbers in [−1, 1], for directions and weights. */
export const direction = (shape: Shape): HostArray => float64(shape, () => 2 * uniform() - 1);

/** Ranks 0 to 3, extents of 1, and empty ones. */
export const shapes: readonly (readonly number[])[] = [[], [4], [1], [2, 3], [2, 1, 3], [0], [2, 0]];
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
];
