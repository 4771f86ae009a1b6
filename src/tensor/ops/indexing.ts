import { fail } from "../error.js";
import type { Operation } from "../operation.js";
import { apply } from "../operation.js";
import { allocate, showType, sizeOf } from "../types.js";
import type { Value } from "../value.js";
import { iota, literal } from "../np/create.js";
import { broadcastTo, reshape, transpose } from "../np/shape.js";
import { maximum, minimum } from "../np/elementwise.js";
import { align, needs } from "./elementwise.js";

const range = (n: number) => Array.from({ length: n }, (_, i) => i);
const moved = (x: Value, from: number, to: number) => {
  const rest = range(x.shape.length).filter(i => i !== from);
  rest.splice(to, 0, from);
  return transpose(x, rest);
};

/** Indices into `size` arrays laid end to end, from indices into each; clamped first, as they would be without a batch. */
function flatten(indices: Value, size: number, n: number): Value {
  const clamped = maximum(minimum(indices, literal(n - 1, indices)), literal(0, indices));
  const base = iota(size, "int32")
    .mul(n)
    .reshape([size, ...new Array<number>(indices.shape.length - 1).fill(1)]);
  return clamped.add(broadcastTo(base, indices.shape));
}

/** [outer, axis, inner] extents around an axis. */
const around = (shape: readonly number[], axis: number, ranks: number) => [
  sizeOf(shape.slice(0, axis)),
  sizeOf(shape.slice(axis, axis + ranks)),
  sizeOf(shape.slice(axis + ranks)),
];
const clamp = (i: number, n: number) => (i < 0 ? 0 : i >= n ? n - 1 : i);

export const take: Operation<"take"> = {
  type([x, indices], { axis }) {
    needs("take", "int32 indices", t => t.dtype === "int32", [indices]);
    if (axis < 0 || axis >= x.shape.length) fail("take", `takes an axis of ${showType(x)}`, `${axis}`);
    if (x.shape[axis] === 0 && sizeOf(indices.shape)) fail("take", "needs an axis that is not empty", showType(x));
    return { shape: [...x.shape.slice(0, axis), ...indices.shape, ...x.shape.slice(axis + 1)], dtype: x.dtype };
  },
  pullback: (y, g) => [apply("scatterAdd", [g, y.inputs[1]], y.params, { shape: y.inputs[0].shape }), null],
  pushforward: (y, [t]) => t && apply("take", [t, y.inputs[1]], y.params),
  batch(y, [x, indices], [batchedX, batchedI], size) {
    const { axis } = y.params;
    if (!batchedI) return apply("take", [x, indices], { axis: axis + 1 });
    if (!batchedX) return moved(apply("take", [x, indices], { axis }), axis, 0);
    // [size, …, n, …] as size·n rows; the rows taken carry the batch.
    const n = x.shape[axis + 1],
      rows = moved(x, axis + 1, 1),
      rest = rows.shape.slice(2),
      k = indices.shape.length;
    const taken = apply("take", [reshape(rows, [size * n, ...rest]), flatten(indices, size, n)], { axis: 0 });
    return transpose(taken, [
      0,
      ...range(axis).map(i => k + i),
      ...range(k - 1).map(i => i + 1),
      ...range(rest.length - axis).map(i => k + axis + i),
    ]);
  },
  evaluate([x, indices], y) {
    const out = allocate(y),
      [outer, n, inner] = around(x.shape, y.params.axis, 1),
      count = indices.data.length;
    for (let o = 0; o < outer; o++)
      for (let i = 0; i < count; i++)
        for (let k = 0; k < inner; k++) {
          out[(o * count + i) * inner + k] = x.data[(o * n + clamp(indices.data[i], n)) * inner + k];
        }
    return out;
  },
};

export const scatterAdd: Operation<"scatterAdd"> = {
  type([g, indices], { axis }, wanted) {
    needs("scatterAdd", "int32 indices", t => t.dtype === "int32", [indices]);
    const shape = wanted?.shape ?? [],
      expected = [...shape.slice(0, axis), ...indices.shape, ...shape.slice(axis + 1)];
    if (axis < 0 || axis >= shape.length || expected.join() !== g.shape.join())
      fail("scatterAdd", `takes rows of [${expected.join(",")}] for a result of [${shape.join(",")}]`, showType(g));
    return { shape, dtype: g.dtype };
  },
  pullback: (y, g) => [apply("take", [g, y.inputs[1]], y.params), null],
  pushforward: (y, [t]) => t && apply("scatterAdd", [t, y.inputs[1]], y.params, { shape: y.shape }),
  batch(y, operands, batched, size) {
    const { axis } = y.params,
      n = y.shape[axis];
    if (!batched[1]) return apply("scatterAdd", [operands[0], operands[1]], { axis: axis + 1 }, { shape: [size, ...y.shape] });
    const [g, indices] = align(operands, batched, size),
      k = indices.shape.length - 1,
      rest = y.shape.filter((_, i) => i !== axis);
    const rows = transpose(g, [
      0,
      ...range(k).map(i => 1 + axis + i),
      ...range(axis).map(i => 1 + i),
      ...range(rest.length - axis).map(i => 1 + axis + k + i),
    ]);
    const added = apply("scatterAdd", [rows, flatten(indices, size, n)], { axis: 0 }, { shape: [size * n, ...rest] });
    return moved(reshape(added, [size, n, ...rest]), 1, axis + 1);
  },
  evaluate([g, indices], y) {
    const [outer, n, inner] = around(y.shape, y.params.axis, 1),
      count = indices.data.length;
    const total = new Float64Array(outer * n * inner),
      out = allocate(y);
    for (let o = 0; o < outer; o++)
      for (let i = 0; i < count; i++)
        for (let k = 0; k < inner; k++) {
          total[(o * n + clamp(indices.data[i], n)) * inner + k] += g.data[(o * count + i) * inner + k];
        }
    out.set(total);
    return out;
  },
};
