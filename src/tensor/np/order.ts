import { fail } from "../error.js";
import { apply } from "../operation.js";
import { showType } from "../types.js";
import type { Operand, ReduceOptions, Value } from "../value.js";
import { keepsDims, normalizeAxis } from "./axes.js";
import { iota } from "./create.js";
import { takeAlongAxis } from "./indexing.js";
import { equal, logicalOr, notEqual, where } from "./logic.js";
import { convert, valueOf } from "./promote.js";
import { max, min } from "./reduce.js";
import { reshape } from "./shape.js";

/** 0, 1, … along one axis of a shape of extents 1: it broadcasts. */
const places = (n: number, axis: number, rank: number): Value =>
  reshape(
    iota(n, "int32"),
    Array.from({ length: rank }, (_, i) => (i === axis ? n : 1)),
  );

function first(who: "argmax" | "argmin", x: Value, axis: number | undefined, options: ReduceOptions | undefined): Value {
  const keepdims = keepsDims(who, options);
  if (axis === undefined) {
    const flat = first(who, reshape(x, [x.size]), 0, {});
    return keepdims
      ? reshape(
          flat,
          x.shape.map(() => 1),
        )
      : flat;
  }
  const at = normalizeAxis(who, x, axis);
  const n = x.shape[at];
  if (n === 0) fail(who, "needs at least one element", showType(x));
  const extreme = (who === "argmax" ? max : min)(x, at, { keepdims: true });
  // NaN is not equal to the extremum, which then is NaN itself: the first one is what is asked for.
  const attains = logicalOr(equal(x, extreme), notEqual(x, x));
  return min(where(attains, places(n, at, x.ndim), n), at, { keepdims });
}

/**
 * Position of the largest element along an axis (absent: in the flattened array) as int32: the first of several, and of the first NaN if there is
 * one. @throws on an axis that x does not have, or an empty one
 */
export function argmax(x: Operand, axis?: number, options?: ReduceOptions): Value {
  return first("argmax", valueOf("argmax", x), axis, options);
}
/**
 * Position of the smallest element along an axis (absent: in the flattened array) as int32: the first of several, and of the first NaN if there is
 * one. @throws on an axis that x does not have, or an empty one
 */
export function argmin(x: Operand, axis?: number, options?: ReduceOptions): Value {
  return first("argmin", valueOf("argmin", x), axis, options);
}

/**
 * Positions that sort x along an axis in ascending order, as int32; equal elements keep their order, and NaN comes last. @throws on an axis that x
 * does not have
 */
export function argsort(x: Operand, axis = -1): Value {
  x = valueOf("argsort", x);
  const at = normalizeAxis("argsort", x, axis);
  return apply("argsort", [x.dtype === "bool" ? convert(x, "int32") : x], { axis: at });
}

/**
 * x in ascending order along an axis: equal elements keep their order, and NaN comes last. The derivative goes where the element came from.
 * @throws on an axis that x does not have
 */
export function sort(x: Operand, axis = -1): Value {
  x = valueOf("sort", x);
  const at = normalizeAxis("sort", x, axis);
  return takeAlongAxis(x, argsort(x, at), at);
}
