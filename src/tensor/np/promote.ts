import { fail } from "../error.js";
import { apply } from "../operation.js";
import { workingPrecision } from "../precision.js";
import type { DType, Shape } from "../types.js";
import { showType } from "../types.js";
import type { Operand } from "../value.js";
import { Value } from "../value.js";

const rank: Record<DType, number> = { bool: 0, int32: 1, float32: 2, float64: 3 };

/** The shape that several shapes broadcast to. @throws if they do not fit */
export function broadcastShapes(who: string, values: readonly Value[]): Shape {
  const n = Math.max(...values.map(v => v.ndim)),
    shape = new Array<number>(n).fill(1);
  for (const v of values) {
    for (let i = 0; i < v.ndim; i++) {
      const at = n - v.ndim + i,
        d = v.shape[i];
      if (d === 1 || d === shape[at]) continue;
      if (shape[at] !== 1) fail(who, "needs shapes that broadcast", values.map(showType).join(" and "));
      shape[at] = d;
    }
  }
  return shape;
}

/** Converts without regard to the working precision. */
export const convert = (x: Value, dtype: DType): Value => (x.dtype === dtype ? x : apply("cast", [x], {}, { dtype }));

/** A value for a number: in the dtype of `like`, unless that cannot hold it. */
export function lift(who: string, x: Operand, like: DType): Value {
  if (Value.is(x)) return x;
  if (typeof x !== "number") return fail(who, "takes traced values and numbers", typeof x);
  const dtype = like === "bool" || (like === "int32" && !Number.isInteger(x)) ? workingPrecision() : like;
  return apply("literal", [], { value: x }, { dtype });
}

/** Operands of one dtype and shape: numbers adapt, integers become floating point, shapes broadcast. */
export function promote(who: string, operands: readonly Operand[], truth = false): Value[] {
  const values = operands.filter(Value.is);
  const like = values.map(v => v.dtype).reduce<DType>((a, b) => (rank[a] > rank[b] ? a : b), values.length ? "bool" : workingPrecision());
  const lifted = operands.map(x => lift(who, x, like));
  let dtype = lifted.map(v => v.dtype).reduce((a, b) => (rank[a] > rank[b] ? a : b));
  if (dtype === "bool" && !truth) dtype = workingPrecision();
  const shape = broadcastShapes(who, lifted);
  return lifted.map(v => spread(convert(v, dtype), shape));
}

/** Repeats to a shape known to fit. */
export const spread = (x: Value, shape: Shape): Value =>
  x.shape.length === shape.length && x.shape.every((d, i) => d === shape[i]) ? x : apply("broadcast", [x], {}, { shape });
