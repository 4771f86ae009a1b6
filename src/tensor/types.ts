import { UfomError } from "./error.js";

/** Element types. `bool` appears in comparisons; the two float types are the working precisions of a trace. */
export type DType = "float32" | "float64" | "int32" | "bool";
export type FloatType = "float32" | "float64";
export type Shape = readonly number[];

/** Shape and element type of a value. */
export interface Type {
  readonly shape: Shape;
  readonly dtype: DType;
}

/** The typed arrays that carry the numbers of a host array; `bool` is one byte, 0 or 1. */
export type TypedArray = Float32Array | Float64Array | Int32Array | Uint8Array;

/** Numbers on the host, row-major: what goes in and what comes out. */
export interface HostArray extends Type {
  readonly data: TypedArray;
}

/** A leaf itself, or objects and lists of trees. */
export type Tree<Leaf> = Leaf | readonly Tree<Leaf>[] | { readonly [key: string]: Tree<Leaf> };

/** A tree of host arrays: an array itself, or objects and lists of trees. */
export type HostTree = Tree<HostArray>;

/**
 * What a type parameter T must extend to be a tree with leaves of a type. It asks property by property, so that types declared by
 * `interface`, which have no index signature, are trees too.
 */
export type TreeOf<Leaf, T> = Tree<Leaf> | { readonly [K in keyof T]: SubtreeOf<Leaf, T[K]> };
type SubtreeOf<Leaf, T> = T extends Tree<Leaf> ? T : T extends AnyFunction ? Leaf : T extends object ? TreeOf<Leaf, T> : Leaf;
type AnyFunction = (...args: never) => unknown;

/** Number of elements of a shape. */
export function sizeOf(shape: Shape): number {
  let n = 1;
  for (const d of shape) n *= d;
  return n;
}

export function sameShape(a: Shape, b: Shape): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

/** Whether the elements are floating point numbers: only those have derivatives. */
export const isFloat = ({ dtype }: Type): boolean => dtype === "float32" || dtype === "float64";

/** `float32[20,784]`: how a type is written in messages and printed programs. */
export const showType = ({ dtype, shape }: Type): string => `${dtype}[${shape.join(",")}]`;

/** Bytes of one element in memory. */
export const bytesOf: Record<DType, number> = { float32: 4, float64: 8, int32: 4, bool: 1 };

const classOf = { float32: Float32Array, float64: Float64Array, int32: Int32Array, bool: Uint8Array } as const;

/** Makes what takes memory of the host. @throws UfomError if there is no room for it here */
export function inRoom<T>(what: () => string, bytes: number, make: () => T): T {
  try {
    return make();
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause;
    const sentence = `ufom: ${what()} must fit into memory; received ${bytes.toLocaleString("en")} bytes, for which there is no room here.`;
    throw new UfomError(sentence, { cause });
  }
}

/** A zero-filled typed array for a type. @throws UfomError if there is no room for it here */
export function allocate(type: Type): TypedArray {
  const n = sizeOf(type.shape),
    { dtype } = type;
  return inRoom(
    () => `an array ${showType(type)}`,
    n * bytesOf[dtype],
    () => new classOf[dtype](n),
  );
}
