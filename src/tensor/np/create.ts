import { fail } from "../error.js";
import { isHostArray } from "../host.js";
import { apply } from "../operation.js";
import { resolveDType, workingPrecision } from "../precision.js";
import type { DType, HostArray, Shape, Type } from "../types.js";
import { constantOf } from "../constants.js";
import type { Value } from "../value.js";
import { convert, spread } from "./promote.js";

/** A scalar of a given dtype; the number is kept exactly. */
export const literal = (value: number, like: Pick<Type, "dtype">): Value => apply("literal", [], { value }, { dtype: like.dtype });

/** An array filled with one number, in the working precision unless a dtype is given. */
export function full(shape: Shape, value: number, dtype: DType = "float32"): Value {
  return spread(literal(value, { dtype: resolveDType(dtype) }), shape);
}
/** Zeros in the working precision, unless a dtype is given. */
export function zeros(shape: Shape, dtype?: DType): Value {
  return full(shape, 0, dtype);
}
/** Ones in the working precision, unless a dtype is given. */
export function ones(shape: Shape, dtype?: DType): Value {
  return full(shape, 1, dtype);
}
export function zerosLike(x: Value): Value {
  return spread(literal(0, x), x.shape);
}
export function onesLike(x: Value): Value {
  return spread(literal(1, x), x.shape);
}

/** 0, 1, …, n − 1; int32 unless a dtype is given. */
export function arange(n: number, dtype: DType = "int32"): Value {
  if (!Number.isInteger(n) || n < 0) fail("arange", "takes a whole, non-negative length", `${n}`);
  return iota(n, resolveDType(dtype));
}
export const iota = (n: number, dtype: DType): Value => apply("iota", [], { axis: 0 }, { shape: [n], dtype });

/** The n × n identity matrix. */
export function eye(n: number): Value {
  const i = arange(n),
    rows = spread(i.reshape([n, 1]), [n, n]),
    columns = spread(i, [n, n]);
  return convert(apply("equal", [rows, columns], {}), workingPrecision());
}

type Nested = number | readonly Nested[];

/** A constant of the program: a host array, or nested lists of numbers in the working precision. */
export function array(data: HostArray | Nested): Value {
  if (isHostArray(data)) return constantOf({ ...data, dtype: resolveDType(data.dtype) });
  const shape: number[] = [];
  for (let d: Nested = data; Array.isArray(d); d = (d as readonly Nested[])[0]) shape.push((d as readonly Nested[]).length);
  const numbers = (Array.isArray(data) ? data.flat(Infinity) : [data]) as number[];
  if (numbers.length !== shape.reduce((a, b) => a * b, 1) || numbers.some(v => typeof v !== "number"))
    fail("array", "takes nested lists of numbers of one shape", `${numbers.length} entries for [${shape.join(",")}]`);
  return constantOf({ shape, dtype: workingPrecision(), data: Float64Array.from(numbers) });
}

/** Converts the elements; float32 stands for the working precision unless `exact`. */
export function astype(x: Value, dtype: DType, exact = false): Value {
  return convert(x, exact ? dtype : resolveDType(dtype));
}
