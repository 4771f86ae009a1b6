import { fail } from "../error.js";
import { iota, literal } from "../np/create.js";
import { maximum, minimum } from "../np/elementwise.js";
import { broadcastTo, moveaxis, reshape, transpose } from "../np/shape.js";
import type { Operation } from "../operation.js";
import { apply } from "../operation.js";
import type { Shape, Type } from "../types.js";
import { allocate, sameShape, showType, sizeOf } from "../types.js";
import type { Value } from "../value.js";
import { align, needs } from "./elementwise.js";

const range = (n: number) => Array.from({ length: n }, (_, i) => i);

/** The shape of `take`: the axis replaced by the indices' shape. */
const taken = (shape: Shape, indices: Type, axis: number): Shape => [...shape.slice(0, axis), ...indices.shape, ...shape.slice(axis + 1)];

/** @throws on indices that are not int32, an axis that is not there, or an empty one from which something is wanted */
function check(op: string, whole: Type, indices: Type, axis: number): void {
  needs(op, "int32 indices", t => t.dtype === "int32", [indices]);
  if (axis < 0 || axis >= whole.shape.length) fail(op, `takes an axis of ${showType(whole)}`, `${axis}`);
  if (whole.shape[axis] === 0 && sizeOf(indices.shape)) fail(op, "needs an axis that is not empty", showType(whole));
}

/** Indices into `size` arrays laid end to end, from indices into each; clamped first, as they would be without a batch. */
function flatten(indices: Value, size: number, n: number): Value {
  const clamped = maximum(minimum(indices, literal(n - 1, indices)), literal(0, indices));
  const base = iota(size, "int32")
    .mul(n)
    .reshape([size, ...new Array<number>(indices.shape.length - 1).fill(1)]);
  return clamped.add(broadcastTo(base, indices.shape));
}

/** Extents before, of and after an axis. */
const around = (shape: Shape, axis: number) => [sizeOf(shape.slice(0, axis)), shape[axis], sizeOf(shape.slice(axis + 1))];
const clamp = (i: number, n: number) => Math.max(0, Math.min(i, n - 1));

/** Elements at indices along an axis; its adjoint is `scatterAdd`. */
export const take: Operation<"take"> = {
  type([x, indices], { axis }) {
    check("take", x, indices, axis);
    return { shape: taken(x.shape, indices, axis), dtype: x.dtype };
  },
  pullback: (y, g) => [apply("scatterAdd", [g, y.inputs[1]], y.params, { shape: y.inputs[0].shape }), null],
  pushforward: (y, [t]) => t && apply("take", [t, y.inputs[1]], y.params),
  batch(y, [x, indices], [batchedX, batchedI], size) {
    const { axis } = y.params;
    if (!batchedI) return apply("take", [x, indices], { axis: axis + 1 });
    if (!batchedX) return moveaxis(apply("take", [x, indices], { axis }), axis, 0);
    // [size, …, n, …] as size·n rows; the rows taken carry the batch.
    const n = x.shape[axis + 1];
    const rows = moveaxis(x, axis + 1, 1);
    const rest = rows.shape.slice(2);
    const k = indices.shape.length;
    const flat = apply("take", [reshape(rows, [size * n, ...rest]), flatten(indices, size, n)], { axis: 0 });
    return transpose(flat, [
      0,
      ...range(axis).map(i => k + i),
      ...range(k - 1).map(i => 1 + i),
      ...range(rest.length - axis).map(i => k + axis + i),
    ]);
  },
  evaluate([x, indices], y) {
    const out = allocate(y);
    const [outer, n, inner] = around(x.shape, y.params.axis);
    let at = 0;
    for (let o = 0; o < outer; o++) {
      for (const index of indices.data) {
        const from = (o * n + clamp(index, n)) * inner;
        for (let k = 0; k < inner; k++) out[at++] = x.data[from + k];
      }
    }
    return out;
  },
};

/** Adds into zeros at indices along an axis: the adjoint of `take`. */
export const scatterAdd: Operation<"scatterAdd"> = {
  type([g, indices], { axis }, wanted) {
    const shape = wanted?.shape ?? [];
    check("scatterAdd", { shape, dtype: g.dtype }, indices, axis);
    needs("scatterAdd", "numbers", t => t.dtype !== "bool", [g]);
    const expected = taken(shape, indices, axis);
    if (!sameShape(expected, g.shape))
      fail("scatterAdd", `takes rows of [${expected.join(",")}] for a result of [${shape.join(",")}]`, showType(g));
    return { shape, dtype: g.dtype };
  },
  pullback: (y, g) => [apply("take", [g, y.inputs[1]], y.params), null],
  pushforward: (y, [t]) => t && apply("scatterAdd", [t, y.inputs[1]], y.params, { shape: y.shape }),
  batch(y, operands, batched, size) {
    const { axis } = y.params;
    if (!batched[1]) return apply("scatterAdd", operands, { axis: axis + 1 }, { shape: [size, ...y.shape] });
    const [g, indices] = align(operands, batched, size);
    const n = y.shape[axis];
    const rest = y.shape.filter((_, i) => i !== axis);
    const k = indices.shape.length - 1;
    const rows = transpose(g, [
      0,
      ...range(k).map(i => 1 + axis + i),
      ...range(axis).map(i => 1 + i),
      ...range(rest.length - axis).map(i => 1 + axis + k + i),
    ]);
    const added = apply("scatterAdd", [rows, flatten(indices, size, n)], { axis: 0 }, { shape: [size * n, ...rest] });
    return moveaxis(reshape(added, [size, n, ...rest]), 1, axis + 1);
  },
  evaluate([g, indices], y) {
    // Accumulates in float64 and rounds once.
    const out = allocate(y);
    const total = new Float64Array(out.length);
    const [outer, n, inner] = around(y.shape, y.params.axis);
    let at = 0;
    for (let o = 0; o < outer; o++) {
      for (const index of indices.data) {
        const to = (o * n + clamp(index, n)) * inner;
        for (let k = 0; k < inner; k++) total[to + k] += g.data[at++];
      }
    }
    out.set(total);
    return out;
  },
};
