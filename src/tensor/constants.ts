import { fail } from "./error.js";
import { checkHostArray, inDType, isFloat64, isHostArray } from "./host.js";
import type { Nested } from "./nested.js";
import { readNested } from "./nested.js";
import { apply } from "./operation.js";
import { noteRounded, resolveDType, workingPrecision } from "./precision.js";
import type { DType, HostArray, Shape } from "./types.js";
import { allocate, isFloat } from "./types.js";
import type { Value } from "./value.js";

const held = new WeakMap<Value, HostArray>();

/** A constant value; its numbers are converted to the dtype asked for. */
export function constantOf({ shape, dtype, data }: { shape: Shape; dtype: DType; data: ArrayLike<number> }): Value {
  const own = allocate({ shape, dtype });
  own.set(data);
  const value = apply("constant", [], { index: -1 }, { shape, dtype });
  held.set(value, { shape, dtype, data: own });
  return value;
}

/** The numbers of a constant value. */
export const numbersOf = (value: Value): HostArray => held.get(value) as HostArray;

/** What stands for a value whose numbers are known: a number, nested lists of numbers, a host array. */
export type Constant = Nested | HostArray;

const isInt32 = (x: number): boolean => (x | 0) === x;

/** The dtype of a number or of lists beside one: that dtype if it holds all numbers, else the working precision. */
const holding = (numbers: ArrayLike<number>, like: DType): DType =>
  like === "bool" || (like === "int32" && !Array.prototype.every.call(numbers, isInt32)) ? workingPrecision() : like;

/** A host array as a constant: in the dtype asked for, else floating point numbers in the working precision, and others as they are. */
export function fromHost(who: string, array: HostArray, dtype?: DType): HostArray {
  const own = resolveDType(dtype ?? (isFloat(array) ? "float32" : array.dtype));
  if (own === "float32" && !dtype && isFloat64(array)) noteRounded(array);
  return inDType(who, checkHostArray(who, array), own);
}

/** A constant as what it becomes. @throws on anything that is no number, no nested lists and no host array */
function read(who: string, x: unknown, like: DType): { readonly shape: Shape; readonly dtype: DType; readonly data: ArrayLike<number> } {
  if (isHostArray(x)) return fromHost(who, x);
  if (typeof x !== "number" && !Array.isArray(x) && !ArrayBuffer.isView(x))
    return fail(who, "takes traced values, numbers, lists of numbers and host arrays", x === null ? "null" : typeof x);
  const { shape, numbers, truth } = readNested(who, x);
  return { shape, dtype: truth ? "bool" : holding(numbers, like), data: numbers };
}

/**
 * A constant of the program. A number and nested lists take the dtype `like` where it holds them, else the working precision; a host array keeps its
 * own. @throws on anything else, with the position inside lists
 */
export function constantFrom(who: string, x: Constant, like: DType): Value {
  if (typeof x === "number") return apply("literal", [], { value: x }, { dtype: holding([x], like) });
  return constantOf(read(who, x, like));
}

/** The dtype that such a constant gets. @throws as `constantFrom` */
export const constantDType = (who: string, x: Constant, like: DType): DType => read(who, x, like).dtype;
