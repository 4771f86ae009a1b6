import { constantOf, fromHost } from "../constants.js";
import { fail } from "../error.js";
import type { TypedExtents } from "../extents.js";
import { shapeAndDType } from "../extents.js";
import { checkShape, inDType, isHostArray } from "../host.js";
import type { Nested } from "../nested.js";
import { readNested } from "../nested.js";
import { apply } from "../operation.js";
import { resolveDType, workingPrecision } from "../precision.js";
import type { DType, HostArray, Shape, Type } from "../types.js";
import type { Operand, Value } from "../value.js";
import { convert, spread, valueOf } from "./promote.js";

/** A scalar of a given dtype; the number is kept exactly. @throws if the dtype cannot hold it */
export const literal = (value: number, like: Pick<Type, "dtype">): Value => apply("literal", [], { value }, { dtype: like.dtype });

const filled = (who: string, shape: Shape, dtype: DType | undefined, value: number): Value =>
  spread(literal(value, { dtype: resolveDType(dtype ?? "float32") }), checkShape(who, shape));

/** An array filled with one number, in the working precision unless a dtype is given. @throws on extents that are not whole and ≥ 0, or a number that the dtype cannot hold */
export function full(shape: Shape | number, value: number, dtype?: DType): Value {
  return filled("full", typeof shape === "number" ? [shape] : shape, dtype, value);
}
/** Zeros in the working precision, unless a dtype is given. @throws on extents that are not whole and ≥ 0 */
export function zeros(...shape: TypedExtents): Value {
  return filled("zeros", ...shapeAndDType(shape), 0);
}
/** Ones in the working precision, unless a dtype is given. @throws on extents that are not whole and ≥ 0 */
export function ones(...shape: TypedExtents): Value {
  return filled("ones", ...shapeAndDType(shape), 1);
}
/** Zeros of the shape and dtype of x. */
export function zerosLike(x: Operand): Value {
  x = valueOf("zerosLike", x);
  return spread(literal(0, x), x.shape);
}
/** Ones of the shape and dtype of x. */
export function onesLike(x: Operand): Value {
  x = valueOf("onesLike", x);
  return spread(literal(1, x), x.shape);
}

/** 0, 1, …, n − 1; int32 unless a dtype is given. @throws unless n is whole and ≥ 0 */
export function arange(n: number, dtype: DType = "int32"): Value {
  if (!Number.isInteger(n) || n < 0) fail("arange", "takes a whole, non-negative length", `${n}`);
  return iota(n, resolveDType(dtype));
}
export const iota = (n: number, dtype: DType): Value => apply("iota", [], { axis: 0 }, { shape: [n], dtype });

/** The n × n identity matrix in the working precision. @throws unless n is whole and ≥ 0 */
export function eye(n: number): Value {
  const [side] = checkShape("eye", [n]);
  const i = iota(side, "int32");
  const rows = spread(i.reshape([side, 1]), [side, side]);
  return convert(apply("equal", [rows, spread(i, [side, side])], {}), workingPrecision());
}

/**
 * A constant of the program.
 *
 * @param data a number, nested lists of numbers or truth values, a typed array, or a host array
 * @param dtype absent: the working precision for floating point numbers, of host arrays too, and the data's own for others
 * @throws if lists differ in shape, or at the first element that is no number or that the dtype cannot hold
 */
export function array(data: HostArray | Nested, dtype?: DType): Value {
  // A number is a constant of no axes here, and no literal.
  if (isHostArray(data)) return constantOf(fromHost("array", data, dtype));
  const { shape, numbers, truth } = readNested("array", data),
    own = resolveDType(dtype ?? (truth ? "bool" : "float32"));
  return constantOf(inDType("array", { shape, dtype: "float64", data: Float64Array.from(numbers) }, own));
}

/** Converts the elements: floats to int32 truncate, anything but 0 is true; float32 stands for the working precision. */
export function astype(x: Operand, dtype: DType): Value {
  return convert(valueOf("astype", x), resolveDType(dtype));
}
