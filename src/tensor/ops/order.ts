import { fail } from "../error.js";
import type { Operation } from "../operation.js";
import { apply } from "../operation.js";
import type { TypedArray } from "../types.js";
import { allocate, showType } from "../types.js";
import { needs } from "./elementwise.js";
import { stridesOf } from "./strided.js";

/** Less than 0 where a comes before b: ascending, NaN last. */
const compare = (a: number, b: number): number => {
  if (a < b) return -1;
  if (a > b) return 1;
  return +Number.isNaN(a) - +Number.isNaN(b);
};

/** The order of the elements first, first + stride, … of a line; equal ones keep theirs, as Array.sort does. */
const orderOf = (x: TypedArray, first: number, stride: number, n: number): number[] =>
  Array.from({ length: n }, (_, i) => i).sort((i, j) => compare(x[first + i * stride], x[first + j * stride]));

/** Positions that sort x along an axis in ascending order: equal elements keep their order, NaN comes last. */
export const argsort: Operation<"argsort"> = {
  type([x], { axis }) {
    needs("argsort", "numbers", t => t.dtype !== "bool", [x]);
    if (axis < 0 || axis >= x.shape.length) fail("argsort", `takes an axis of ${showType(x)}`, `${axis}`);
    return { shape: x.shape, dtype: "int32" };
  },
  pullback: () => [null],
  pushforward: () => null,
  batch: (y, [x]) => apply("argsort", [x], { axis: y.params.axis + 1 }),
  evaluate([x], y) {
    const out = allocate(y),
      n = y.shape[y.params.axis],
      stride = stridesOf(y.shape)[y.params.axis];
    for (let block = 0; block < out.length; block += n * stride)
      for (let first = block; first < block + stride; first++)
        orderOf(x.data, first, stride, n).forEach((place, i) => (out[first + i * stride] = place));
    return out;
  },
};
