import { sizeOf } from "../../../src/tensor/types.js";
import type { Draft, Step } from "./draft.js";
import { isFloat } from "./draft.js";
import type { Move } from "./moves.js";

const isExact = (high: number, grid: number | undefined): number | undefined =>
  grid !== undefined && high / grid <= 2 ** 20 ? grid : undefined;

/** A non-empty choice of axes, ascending; all of them every third time. */
const someAxes = (rank: number, p: readonly number[]): number[] => {
  const all = Array.from({ length: rank }, (_, a) => a),
    chosen = all.filter(a => p[a] % 2 === 0);
  return p[4] % 3 === 0 || chosen.length === 0 ? all : chosen;
};

const reduction =
  (op: "sum" | "max" | "min"): Move =>
  (draft, step) => {
    const x = draft.pick(step.a, t => t.dtype !== "bool" && t.shape.length > 0);
    if (x === undefined) return;
    const { shape, dtype } = draft.type(x),
      axes = someAxes(shape.length, step.p),
      { error, high, grid } = draft.facts[x];
    const count = sizeOf(axes.map(a => shape[a])),
      result = shape.filter((_, a) => !axes.includes(a));
    if (op !== "sum") {
      if (count > 0) draft.add(op, [x], result, dtype, { axes }, error, grid);
      return;
    }
    if (!isFloat(dtype) && count * high > 1e6) return;
    draft.add(
      "sum",
      [x],
      result,
      dtype,
      { axes },
      count * error + draft.rounding(dtype, Math.sqrt(count) * high, 4),
      isExact(count * high, grid),
    );
  };

/** x·y, where y is fitted; or x times its own transpose; or the transpose of y times that of x. */
const matmul: Move = (draft, step) => {
  const picked = draft.pick(step.a, t => t.dtype !== "bool" && t.shape.length >= 2);
  if (picked === undefined) return;
  const other = factor(draft, step, picked);
  if (other === undefined) return;
  const [x, y] = step.p[3] % 3 === 1 ? [swapped(draft, other), swapped(draft, picked)] : [picked, other],
    { shape, dtype } = draft.type(x);
  const batch = shape.slice(0, -2),
    [m, k] = shape.slice(-2),
    n = draft.type(y).shape[shape.length - 1];
  const [a, b] = [draft.facts[x], draft.facts[y]],
    high = k * a.high * b.high;
  if (!isFloat(dtype) && high > 1e6) return;
  const grid = a.grid !== undefined && b.grid !== undefined ? isExact(high, a.grid * b.grid) : undefined;
  draft.add(
    "matmul",
    [x, y],
    [...batch, m, n],
    dtype,
    {},
    k * (a.high * b.error + b.high * a.error) + draft.rounding(dtype, Math.sqrt(k) * a.high * b.high, 4),
    grid,
  );
};

function swapped(draft: Draft, x: number): number {
  const { shape } = draft.type(x),
    rank = shape.length,
    batch = shape.slice(0, -2);
  return draft.moved("transpose", x, [...batch, shape[rank - 1], shape[rank - 2]], {
    permutation: [...batch.map((_, a) => a), rank - 1, rank - 2],
  });
}

function factor(draft: Draft, step: Step, x: number): number | undefined {
  const { shape, dtype } = draft.type(x),
    batch = shape.slice(0, -2),
    k = shape[shape.length - 1];
  if (step.p[0] % 4 === 0) return swapped(draft, x);
  const y = draft.pick(step.b, t => t.dtype === dtype),
    n = step.p[1] % 8 === 0 ? 33 : 1 + (step.p[1] % 7);
  if (y === undefined) return undefined;
  // A matrix of its own, repeated over the batch, every other time.
  return step.p[2] % 2 === 0 ? draft.broadcast(draft.fit(y, [k, n]), [...batch, k, n]) : draft.fit(y, [...batch, k, n]);
}

export const reductionMoves: readonly Move[] = [
  reduction("sum"),
  reduction("sum"),
  reduction("max"),
  reduction("min"),
  matmul,
  matmul,
  matmul,
  matmul,
];
