import { fail } from "../error.js";
import { isHostArray } from "../host.js";
import { apply } from "../operation.js";
import { workingPrecision } from "../precision.js";
import type { DType, Shape, Type } from "../types.js";
import { sameShape, showType } from "../types.js";
import type { Operand } from "../value.js";
import { Value } from "../value.js";

const rank: Record<DType, number> = { bool: 0, int32: 1, float32: 2, float64: 3 };
const wider = (a: DType, b: DType): DType => (rank[a] >= rank[b] ? a : b);
const isInt32 = (x: number): boolean => (x | 0) === x;

/** The shape that several shapes broadcast to; `received` is what a refusal shows. @throws if they do not fit */
export function broadcastShapes(who: string, types: readonly Type[], received: readonly Type[] = types): Shape {
  const n = Math.max(...types.map(t => t.shape.length));
  const shape = new Array<number>(n).fill(1);
  for (const t of types) {
    t.shape.forEach((d, i) => {
      const at = n - t.shape.length + i;
      if (d === 1 || d === shape[at]) return;
      if (shape[at] !== 1) fail(who, "needs shapes that broadcast", received.map(showType).join(" and "));
      shape[at] = d;
    });
  }
  return shape;
}

/** Converts without regard to the working precision. */
export const convert = (x: Value, dtype: DType): Value => (x.dtype === dtype ? x : apply("cast", [x], {}, { dtype }));

/** A value for a number: in the dtype of `like`, or floating point where that cannot hold it. @throws on anything else */
export function lift(who: string, x: Operand, like: DType): Value {
  if (Value.is(x)) return x;
  if (isHostArray(x))
    return fail(who, "takes traced values and numbers (np.array makes a constant of a host array)", `a host array ${showType(x)}`);
  if (typeof x !== "number")
    return fail(who, "takes traced values and numbers", x === null ? "null" : Array.isArray(x) ? "a list" : typeof x);
  const holds = like === "int32" ? isInt32(x) : like !== "bool";
  return apply("literal", [], { value: x }, { dtype: holds ? like : workingPrecision() });
}

/** The dtype that operands meet in: the widest of bool < int32 < float32 < float64; numbers adapt to the values beside them. */
export function commonDType(who: string, operands: readonly Operand[]): DType {
  const values = operands.filter(x => Value.is(x)).map(v => v.dtype);
  const like = values.length ? values.reduce(wider) : workingPrecision();
  return operands.map(x => lift(who, x, like).dtype).reduce(wider);
}

/** The same for arithmetic, which has no truth values: they become 0 and 1 in the working precision. */
export function numericDType(who: string, operands: readonly Operand[]): DType {
  const dtype = commonDType(who, operands);
  return dtype === "bool" ? workingPrecision() : dtype;
}

/** Operands in one dtype and, broadcast, one shape. */
export function promote(who: string, operands: readonly Operand[], dtype = numericDType(who, operands)): Value[] {
  const values = operands.map(x => lift(who, x, dtype));
  const shape = broadcastShapes(who, values);
  return values.map(v => spread(convert(v, dtype), shape));
}

/** Repeats to a shape known to fit. */
export const spread = (x: Value, shape: Shape): Value => (sameShape(x.shape, shape) ? x : apply("broadcast", [x], {}, { shape }));
