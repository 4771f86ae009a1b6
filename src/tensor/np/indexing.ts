import { fail } from "../error.js";
import { apply } from "../operation.js";
import { sameShape, showType, sizeOf } from "../types.js";
import type { Operand, Value } from "../value.js";
import { normalizeAxis } from "./axes.js";
import { within } from "./bounds.js";
import { iota } from "./create.js";
import { maximum, minimum } from "./elementwise.js";
import { broadcastShapes, convert, lift, numericDType, spread, valueOf } from "./promote.js";
import { moveaxis, reshape } from "./shape.js";

/** Positions within an axis of n elements; in an empty axis nothing has a place, and the operation refuses it. */
const bounded = (who: string, indices: Value, extent: number): Value =>
  extent === 0 ? indices : within(indices, { who, what: "positions", extent });

/**
 * Elements at int32 positions of any shape along an axis (absent: of the flattened array): the axis is replaced by the positions' shape.
 * Known positions must be inside: constants are checked here, those of a task when it is placed. Computed ones are clamped to the axis.
 * @throws on positions that are not int32 or known to be outside (−1 is, and not the last), or an empty axis
 */
export function take(x: Operand, indices: Operand, axis?: number): Value {
  x = valueOf("take", x);
  const i = lift("take", indices, "int32");
  if (i.dtype !== "int32") fail("take", "takes int32 positions", showType(i));
  const [from, at] = axis === undefined ? [reshape(x, [x.size]), 0] : [x, normalizeAxis("take", x, axis)];
  return apply("take", [from, bounded("take", i, from.shape[at])], { axis: at });
}

/**
 * Elements at int32 positions along one axis, line by line: y[i, j, k] = x[i, indices[i, j, k], k] for axis 1. The other axes broadcast; positions
 * are checked or clamped as in `take`. @throws on positions that are not int32, of another rank or known to be outside, or an empty axis
 */
export function takeAlongAxis(x: Operand, positions: Operand, axis: number): Value {
  x = valueOf("takeAlongAxis", x);
  const indices = lift("takeAlongAxis", positions, "int32");
  const at = normalizeAxis("takeAlongAxis", x, axis);
  if (indices.dtype !== "int32" || indices.ndim !== x.ndim)
    fail("takeAlongAxis", `takes int32 positions with as many axes as ${showType(x)}`, showType(indices));
  const [n, k] = [x.shape[at], indices.shape[at]];
  const one = (v: Value) => ({ shape: v.shape.with(at, 1), dtype: v.dtype });
  const shape = broadcastShapes("takeAlongAxis", [one(x), one(indices)], [x, indices]);
  if (n === 0 && k > 0) fail("takeAlongAxis", "needs an axis that is not empty", showType(x));
  const lines = sizeOf(shape);
  const flat = (v: Value, length: number) => reshape(moveaxis(spread(v, shape.with(at, length)), at, -1), [lines, length]);
  const inside = maximum(minimum(flat(bounded("takeAlongAxis", indices, n), k), n - 1), 0);
  const places = inside.add(reshape(iota(lines, "int32").mul(n), [lines, 1]));
  const y = apply("take", [reshape(flat(x, n), [lines * n]), places], { axis: 0 });
  const rest = shape.filter((_, i) => i !== at);
  return moveaxis(reshape(y, [...rest, k]), -1, at);
}

/**
 * x with updates added at int32 positions along an axis: x[…, indices[j], …] += updates[…, j, …]. Updates for one position add up; positions
 * are checked or clamped as in `take`.
 * @param indices int32, of any shape
 * @param updates a number, or of the shape of `np.take(x, indices, axis)`
 * @throws on positions that are not int32 or known to be outside, updates of another shape, or an empty axis
 */
export function scatterAdd(x: Operand, indices: Operand, updates: Operand, axis = 0): Value {
  x = valueOf("scatterAdd", x);
  const at = normalizeAxis("scatterAdd", x, axis);
  const i = lift("scatterAdd", indices, "int32");
  if (i.dtype !== "int32") fail("scatterAdd", "takes int32 positions", showType(i));
  const dtype = numericDType("scatterAdd", [x, updates]);
  const added = convert(lift("scatterAdd", updates, dtype), dtype);
  const shape = [...x.shape.slice(0, at), ...i.shape, ...x.shape.slice(at + 1)];
  if (added.ndim > 0 && !sameShape(added.shape, shape))
    fail("scatterAdd", `takes updates of the shape [${shape.join(",")}], one for each position, or a number`, showType(added));
  const places = bounded("scatterAdd", i, x.shape[at]);
  return convert(x, dtype).add(apply("scatterAdd", [spread(added, shape), places], { axis: at }, { shape: x.shape }));
}
