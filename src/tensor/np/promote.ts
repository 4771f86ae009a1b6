import { constantDType, constantFrom } from "../constants.js";
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

/** A value for a constant: in the dtype of `like`, or floating point where that cannot hold it. @throws on anything else */
export const lift = (who: string, x: Operand, like: DType): Value => (Value.is(x) ? x : constantFrom(who, x, like));

/** The dtype that operands meet in: the widest of bool < int32 < float32 < float64; numbers and lists adapt to the arrays beside them. */
export function commonDType(who: string, operands: readonly Operand[]): DType {
  // Values alone, as nearly always.
  if (operands.every((x): x is Value => Value.is(x))) return operands.map(x => x.dtype).reduce(wider);
  const typed = (x: Operand) => (Value.is(x) || isHostArray(x) ? [Value.is(x) ? x.dtype : constantDType(who, x, "float32")] : []);
  const known = operands.flatMap(typed);
  const like = known.length ? known.reduce(wider) : workingPrecision();
  return operands.map(x => (Value.is(x) ? x.dtype : constantDType(who, x, like))).reduce(wider);
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

/** A value itself, or a constant in the working precision. @throws on anything else */
export const valueOf = (who: string, x: Operand): Value => lift(who, x, workingPrecision());

/** Repeats to a shape known to fit. */
export const spread = (x: Value, shape: Shape): Value => (sameShape(x.shape, shape) ? x : apply("broadcast", [x], {}, { shape }));
