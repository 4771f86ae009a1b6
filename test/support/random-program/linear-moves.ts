import type { Convolution } from "../../../src/program/program.js";
import { sizeOf } from "../../../src/tensor/types.js";
import type { Draft, Step } from "./draft.js";
import { isFloat } from "./draft.js";
import type { Move } from "./moves.js";

const span = (taps: number, dilation: number) => (taps === 0 ? 0 : (taps - 1) * dilation + 1);

/** Error and grid of sums of so many products. */
function products(draft: Draft, x: number, y: number, terms: number): readonly [number, number | undefined] {
  const [a, b] = [draft.facts[x], draft.facts[y]],
    high = terms * a.high * b.high;
  const grid = a.grid !== undefined && b.grid !== undefined ? a.grid * b.grid : undefined;
  const error = terms * (a.high * b.error + b.high * a.error) + draft.rounding(draft.type(x).dtype, Math.sqrt(terms) * a.high * b.high, 4);
  return [error, grid !== undefined && high / grid <= 2 ** 20 ? grid : undefined];
}

interface Window {
  readonly taps: number;
  readonly stride: number;
  readonly dilation: number;
  readonly low: number;
  readonly high: number;
}

/** One axis of a convolution, from the numbers of a step. */
const windowOf = (p: readonly number[], a: number): Window => ({
  taps: 1 + (p[a % 4] % 3),
  stride: 1 + (p[(a + 1) % 8] % 3),
  dilation: 1 + (p[(a + 2) % 8] % 5 === 0 ? 1 : 0),
  low: (p[(a + 3) % 8] % 4) - 1,
  high: (p[(a + 4) % 8] % 4) - 1,
});

const paramsOf = (windows: readonly Window[], groups: number): Convolution => ({
  strides: windows.map(w => w.stride),
  padding: windows.map(w => [w.low, w.high]),
  dilation: windows.map(w => w.dilation),
  groups,
});

/** A divisor of the channels, which is 1 every other time. */
const groupsFor = (channels: number, choice: number): number =>
  choice % 2 === 0 ? 1 : [channels, 2, 3, 1].filter(g => g > 0 && channels % g === 0)[choice % 2];

const images = (draft: Draft, choice: number) =>
  draft.pick(choice, t => isFloat(t.dtype) && t.shape.length >= 3 && t.shape.length <= 4 && t.shape[1] > 0);
const likewise = (draft: Draft, choice: number, like: number) => draft.pick(choice, t => t.dtype === draft.type(like).dtype);

/** x is there; the kernel, or for the adjoint in the kernel the cotangent, is fitted to it. */
const convolution =
  (op: "conv" | "convKernel"): Move =>
  (draft, step) => {
    const x = images(draft, step.a);
    const other = x === undefined ? undefined : likewise(draft, step.b, x);
    if (x === undefined || other === undefined) return;
    const { shape, dtype } = draft.type(x),
      windows = shape.slice(2).map((_, a) => windowOf(step.p, a)),
      groups = groupsFor(shape[1], step.p[5]);
    const rooms = windows.map(({ taps, dilation, low, high }, a) => shape[a + 2] + low + high - span(taps, dilation));
    if (windows.some(({ low, high }, a) => shape[a + 2] + low + high < 0)) return;
    const places = windows.map(({ stride }, a) => (rooms[a] < 0 ? 0 : Math.floor(rooms[a] / stride) + 1));
    const kernel = [groups * (1 + (step.p[6] % 5)), shape[1] / groups, ...windows.map(w => w.taps)],
      result = [shape[0], kernel[0], ...places];
    if (sizeOf(kernel) > 2_000 || sizeOf(result) > 2_000) return;
    const params = paramsOf(windows, groups);
    if (op === "conv") {
      const w = draft.fit(other, kernel);
      draft.add("conv", [x, w], result, dtype, params, ...products(draft, x, w, sizeOf(kernel.slice(1))));
    } else {
      const g = draft.fit(other, result);
      draft.add("convKernel", [x, g], kernel, dtype, params, ...products(draft, x, g, shape[0] * sizeOf(places)));
    }
  };

/** The cotangent is there; the kernel is fitted to it, and x is as large as it may be. */
const convInput: Move = (draft, step) => {
  const g = images(draft, step.a);
  const other = g === undefined ? undefined : likewise(draft, step.b, g);
  if (g === undefined || other === undefined) return;
  const { shape, dtype } = draft.type(g),
    windows = shape.slice(2).map((_, a) => windowOf(step.p, a)),
    groups = groupsFor(shape[1], step.p[5]);
  if (shape.includes(0)) return;
  const extents = windows.map(
    ({ taps, dilation, stride, low, high }, a) => (shape[a + 2] - 1) * stride + span(taps, dilation) - low - high + (step.p[7] % stride),
  );
  const channels = 1 + (step.p[6] % 4),
    kernel = [shape[1], channels, ...windows.map(w => w.taps)],
    result = [shape[0], groups * channels, ...extents];
  if (extents.some(n => n < 0) || sizeOf(kernel) > 2_000) return;
  const w = draft.fit(other, kernel);
  const terms = (shape[1] / groups) * sizeOf(windows.map(v => v.taps));
  draft.add("convInput", [g, w], result, dtype, paramsOf(windows, groups), ...products(draft, g, w, terms));
};

/** (x + c) / c, where c is so large that the matrices are within ½ of the identity, in the norm of their largest row. */
function regular(draft: Draft, x: number): number | undefined {
  const { shape, dtype } = draft.type(x),
    { high, error } = draft.facts[x],
    n = shape[shape.length - 1],
    c = Math.fround(2 * n * high + 1);
  const [row, column] = [shape.length - 2, shape.length - 1].map(axis => draft.add("iota", [], shape, "int32", { axis }, 0, 1));
  // Larger than a draft takes.
  if (row === undefined || column === undefined) return undefined;
  const isDiagonal = draft.add("equal", [row, column], shape, "bool", {}, 0, 1);
  if (isDiagonal === undefined) return undefined;
  const spread = (v: number) => draft.broadcast(draft.literal(v, dtype), shape);
  const diagonal = draft.add("where", [isDiagonal, spread(c), spread(0)], shape, dtype, {}, 0);
  const sum = diagonal === undefined ? undefined : draft.add("add", [x, diagonal], shape, dtype, {}, error + draft.rounding(dtype, 2 * c));
  return sum === undefined
    ? undefined
    : draft.add("multiply", [sum, spread(1 / c)], shape, dtype, {}, draft.facts[sum].error / c + draft.rounding(dtype, 2, 2));
}

/** Matrices near the identity, made of a value that is there. */
function matricesOf(draft: Draft, step: Step): number | undefined {
  const x = draft.pick(step.a, (t, f) => isFloat(t.dtype) && t.shape.length >= 2 && f.high <= 100);
  if (x === undefined) return undefined;
  const { shape } = draft.type(x),
    n = step.p[0] % 9 === 0 ? 9 : 1 + (step.p[0] % 5);
  return regular(draft, draft.fit(x, [...shape.slice(0, -2), n, n]));
}

const cholesky: Move = (draft, step) => {
  const a = matricesOf(draft, step);
  if (a === undefined) return;
  const { shape, dtype } = draft.type(a),
    n = shape[shape.length - 1];
  draft.add("cholesky", [a], shape, dtype, {}, 4 * n * draft.facts[a].error + draft.rounding(dtype, 2, 8 * n));
};

const systems =
  (op: "triangularSolve" | "solve"): Move =>
  (draft, step) => {
    const a = matricesOf(draft, step);
    const other = a === undefined ? undefined : likewise(draft, step.b, a);
    if (a === undefined || other === undefined) return;
    const { shape, dtype } = draft.type(a),
      n = shape[shape.length - 1],
      b = draft.fit(other, [...shape.slice(0, -1), step.p[1] % 9 === 0 ? 6 : 1 + (step.p[1] % 4)]);
    const { high, error } = draft.facts[b],
      total = 4 * (error + n * draft.facts[a].error * high) + draft.rounding(dtype, high, 16 * n);
    const type = draft.type(b);
    if (op === "triangularSolve") {
      const params = { lower: step.p[2] % 2 === 0, transpose: step.p[3] % 2 === 0, unitDiagonal: step.p[4] % 2 === 0 };
      draft.add(op, [a, b], type.shape, dtype, params, total);
    } else {
      // Rows in reverse order now and then: pivots are to be found.
      const axes = [shape.length - 2],
        turned = step.p[2] % 2 === 0 ? draft.moved("flip", a, shape, { axes }) : a;
      draft.add(op, [turned, b], type.shape, dtype, {}, total);
    }
  };

export const linearMoves: readonly Move[] = [
  convolution("conv"),
  convolution("convKernel"),
  convInput,
  cholesky,
  systems("triangularSolve"),
  systems("solve"),
];
