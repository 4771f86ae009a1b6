import type { Extents } from "../extents.js";
import { listOf } from "../extents.js";
import { fail } from "../error.js";
import { checkShape } from "../host.js";
import { showType } from "../types.js";
import type { Operand, Value } from "../value.js";
import { normalizeAxis } from "./axes.js";
import { take } from "./indexing.js";
import { spread, valueOf } from "./promote.js";
import { concatenate, reshape, split } from "./shape.js";

/**
 * x laid side by side so often along each axis, as a list or one by one; axes that are missing on either side are put in front.
 * tile([1, 2], 2, 2) is [[1, 2, 1, 2], [1, 2, 1, 2]]. @throws unless the repetitions are whole and ≥ 0
 */
export function tile(x: Operand, ...repetitions: Extents): Value {
  const v = valueOf("tile", x);
  const given = checkShape("tile", listOf(repetitions));
  const rank = Math.max(v.ndim, given.length);
  const times = [...new Array<number>(rank - given.length).fill(1), ...given];
  const shape = [...new Array<number>(rank - v.ndim).fill(1), ...v.shape];
  const apart = spread(
    reshape(
      v,
      shape.flatMap(d => [1, d]),
    ),
    shape.flatMap((d, i) => [times[i], d]),
  );
  return reshape(
    apart,
    shape.map((d, i) => times[i] * d),
  );
}

/**
 * Each element so often, one after the other, along an axis (absent: of the flattened array). repeat([1, 2], 2) is [1, 1, 2, 2].
 * @param times a whole number ≥ 0, or one for each element of the axis
 * @throws on other numbers, or an axis that x does not have
 */
export function repeat(x: Operand, times: number | readonly number[], axis?: number): Value {
  const v = valueOf("repeat", x);
  if (axis === undefined) return repeat(reshape(v, [v.size]), times, 0);
  const at = normalizeAxis("repeat", v, axis);
  const n = v.shape[at];
  if (typeof times === "number") {
    const [k] = checkShape("repeat", [times]);
    const apart = spread(reshape(v, v.shape.toSpliced(at + 1, 0, 1)), v.shape.toSpliced(at + 1, 0, k));
    return reshape(apart, v.shape.with(at, n * k));
  }
  if (times.length !== n)
    fail("repeat", `takes a number for each of the ${n} elements along axis ${at} of ${showType(v)}`, `${times.length}`);
  const places = checkShape("repeat", times).flatMap((k, i) => new Array<number>(k).fill(i));
  return places.length ? take(v, Int32Array.from(places), at) : split(v, [0], at)[0];
}

/**
 * Elements moved along an axis, those from the end to the front: y_{i + shift} = x_i.
 * @param shift a whole number, or one an axis
 * @param axis one or a list; absent: of the flattened array, whose shape stays
 * @throws on other numbers, or an axis that x does not have
 */
export function roll(x: Operand, shift: number | readonly number[], axis?: number | readonly number[]): Value {
  const v = valueOf("roll", x);
  if (axis === undefined) return reshape(roll(reshape(v, [v.size]), shift, 0), v.shape);
  const axes = typeof axis === "number" ? [axis] : axis;
  const shifts = typeof shift === "number" ? axes.map(() => shift) : shift;
  if (shifts.length !== axes.length || !shifts.every(s => Number.isSafeInteger(s)))
    fail(
      "roll",
      "takes a whole shift, or one for each axis",
      `${String(shift)} for ${axes.length === 1 ? "one axis" : `${axes.length} axes`}`,
    );
  return axes.reduce((y, a, i) => rolled(y, shifts[i], normalizeAxis("roll", v, a)), v);
}

function rolled(x: Value, shift: number, axis: number): Value {
  const n = x.shape[axis];
  const by = n === 0 ? 0 : ((shift % n) + n) % n;
  if (by === 0) return x;
  const [front, back] = split(x, [n - by], axis);
  return concatenate([back, front], axis);
}

/** Differences of neighbours along an axis, n times over: y_i = x_{i+1} − x_i. @throws unless n is whole and ≥ 0, or on an axis that x does not have */
export function diff(x: Operand, n = 1, axis = -1): Value {
  const v = valueOf("diff", x);
  const [times] = checkShape("diff", [n]);
  const at = normalizeAxis("diff", v, axis);
  let y = v;
  for (let i = 0; i < times && y.shape[at] > 0; i++) y = split(y, [1], at)[1].sub(split(y, [y.shape[at] - 1], at)[0]);
  return y;
}
