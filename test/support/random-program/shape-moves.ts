import { sizeOf } from "../../../src/tensor/types.js";
import type { Draft, Step } from "./draft.js";
import type { Move } from "./moves.js";

const some = (draft: Draft, step: Step, leastRank = 0): number | undefined => draft.pick(step.a, t => t.shape.length >= leastRank);

/** Factors of n in a random order, at most four. */
function factors(n: number, p: readonly number[]): number[] {
  if (n === 0) return [0, ...p.slice(0, 2).map(x => x % 3)];
  const shape: number[] = [];
  for (const x of p.slice(0, 3)) {
    const divisors = Array.from({ length: Math.min(n, 40) }, (_, i) => i + 1).filter(d => n % d === 0),
      d = divisors[x % divisors.length];
    shape.push(d);
    n /= d;
  }
  return [...shape, n];
}

const reshape: Move = (draft, step) => {
  const x = some(draft, step);
  if (x === undefined) return;
  const { shape } = draft.type(x),
    ones = shape.flatMap((d, i) => (step.p[4 + (i % 4)] % 3 === 0 ? [1, d] : [d])).slice(0, 4);
  draft.reshape(x, step.p[3] % 2 === 0 && sizeOf(ones) === sizeOf(shape) ? ones : factors(sizeOf(shape), step.p));
};

const transpose: Move = (draft, step) => {
  const x = some(draft, step, 2);
  if (x === undefined) return;
  const { shape } = draft.type(x),
    permutation = shape.map((_, i) => i).sort((i, j) => step.p[i] - step.p[j] || j - i);
  draft.moved(
    "transpose",
    x,
    permutation.map(a => shape[a]),
    { permutation },
  );
};

/** Leading axes are added, extents of 1 repeated. */
const broadcast: Move = (draft, step) => {
  const x = some(draft, step);
  if (x === undefined) return;
  const { shape } = draft.type(x),
    wide = shape.map((d, i) => (d === 1 ? 1 + (step.p[i] % 4) : d));
  const lead = Array.from({ length: Math.max(0, Math.min(step.p[4] % 3, 4 - shape.length)) }, (_, i) => step.p[5 + i] % 5);
  if (sizeOf([...lead, ...wide]) <= 2_000) draft.broadcast(x, [...lead, ...wide]);
};

const slice: Move = (draft, step) => {
  const x = some(draft, step, 1);
  if (x === undefined) return;
  const { shape } = draft.type(x),
    start = shape.map((d, a) => (d === 0 ? 0 : step.p[a] % d)),
    stride = shape.map((_, a) => 1 + (step.p[4 + a] % 3));
  const most = shape.map((d, a) => Math.ceil((d - start[a]) / stride[a]));
  draft.moved(
    "slice",
    x,
    most.map((n, a) => (n > 1 && step.p[a] % 2 === 1 ? n - 1 : n)),
    { start, stride },
  );
};

const pad: Move = (draft, step) => {
  const x = some(draft, step, 1);
  if (x === undefined) return;
  const { shape } = draft.type(x),
    start = shape.map((_, a) => step.p[a] % 3),
    stride = shape.map((_, a) => 1 + (step.p[4 + a] % 3));
  const wide = shape.map((d, a) => start[a] + (d === 0 ? 0 : (d - 1) * stride[a] + 1) + (step.p[a] % 2));
  if (sizeOf(wide) <= 2_000) draft.moved("pad", x, wide, { start, stride });
};

const concatenate: Move = (draft, step) => {
  const x = some(draft, step, 1);
  if (x === undefined) return;
  const { shape, dtype } = draft.type(x),
    axis = step.p[0] % shape.length,
    parts = [x];
  for (const choice of [step.b, step.c].slice(0, step.p[1] % 3)) {
    const y = draft.pick(choice, t => t.dtype === dtype),
      n = 1 + (step.p[2 + parts.length] % 4);
    if (y !== undefined)
      parts.push(
        draft.fit(
          y,
          shape.map((d, a) => (a === axis && step.p[2] % 2 === 1 ? n : d)),
        ),
      );
  }
  const facts = parts.map(i => draft.facts[i]),
    grids = facts.map(f => f.grid);
  draft.add(
    "concatenate",
    parts,
    shape.map((d, a) => (a === axis ? parts.reduce((n, i) => n + draft.type(i).shape[a], 0) : d)),
    dtype,
    { axis },
    Math.max(...facts.map(f => f.error)),
    grids.includes(undefined) ? undefined : Math.min(...(grids as number[])),
  );
};

const flip: Move = (draft, step) => {
  const x = some(draft, step, 1);
  if (x === undefined) return;
  const { shape } = draft.type(x);
  draft.moved("flip", x, shape, { axes: shape.flatMap((_, a) => (step.p[a] % 2 === 0 ? [a] : [])) });
};

const iota: Move = (draft, step) => {
  const shape = step.p.slice(1, 2 + (step.p[0] % 3)).map(n => 1 + (n % 7));
  const dtype = step.p[4] % 2 === 0 ? "int32" : draft.float;
  draft.add("iota", [], shape, dtype, { axis: step.p[5] % shape.length }, 0, 1);
};

const literal: Move = (draft, step) => {
  const value = [0, 1, -1, 2, 0.5, 0.1, -3, 1e-3][step.p[0] % 8],
    shape = step.p.slice(2, 2 + (step.p[1] % 4)).map(n => 1 + (n % 6));
  draft.broadcast(draft.literal(value, draft.float), shape);
};

const constant: Move = (draft, step) =>
  draft.constant(
    step.p[0] % 4,
    step.p.slice(2, 2 + (step.p[1] % 4)).map(n => 1 + (n % 6)),
  );

const take: Move = (draft, step) => {
  const indices = draft.pick(step.b, t => t.dtype === "int32" && t.shape.length <= 2),
    x = some(draft, step, 1);
  if (indices === undefined || x === undefined) return;
  const { shape, dtype } = draft.type(x),
    axis = step.p[0] % shape.length,
    at = draft.type(indices).shape,
    { error, grid } = draft.facts[x];
  if (shape[axis] > 0 && shape.length + at.length <= 5) {
    draft.add("take", [x, indices], [...shape.slice(0, axis), ...at, ...shape.slice(axis + 1)], dtype, { axis }, error, grid);
  }
};

const scatterAdd: Move = (draft, step) => {
  const g = draft.pick(step.a, t => t.dtype !== "bool"),
    source = draft.pick(step.b, t => t.dtype === "int32");
  if (g === undefined || source === undefined) return;
  const { shape, dtype } = draft.type(g),
    axis = step.p[0] % (shape.length + 1),
    span = Math.min(step.p[1] % 3, shape.length - axis),
    n = 1 + (step.p[2] % 7);
  const at = shape.slice(axis, axis + span),
    indices = draft.fit(source, at),
    { error, grid, high } = draft.facts[g],
    count = sizeOf(at);
  if (shape.length - span >= 4 || (dtype === "int32" && count * high > 1e6)) return;
  draft.add(
    "scatterAdd",
    [g, indices],
    [...shape.slice(0, axis), n, ...shape.slice(axis + span)],
    dtype,
    { axis },
    count * error + draft.rounding(dtype, count * high, 2),
    grid !== undefined && (count * high) / grid <= 2 ** 20 ? grid : undefined,
  );
};

const argsort: Move = (draft, step) => {
  // Numbers that are not exact could come in another order elsewhere.
  const x = draft.pick(step.a, (t, f) => t.dtype !== "bool" && t.shape.length > 0 && f.grid !== undefined);
  if (x !== undefined) draft.add("argsort", [x], draft.type(x).shape, "int32", { axis: step.p[0] % draft.type(x).shape.length }, 0, 1);
};

export const shapeMoves: readonly Move[] = [
  reshape,
  reshape,
  transpose,
  transpose,
  broadcast,
  broadcast,
  slice,
  pad,
  concatenate,
  flip,
  iota,
  literal,
  constant,
  take,
  take,
  scatterAdd,
  scatterAdd,
  argsort,
];
