import { fail } from "./error.js";
import type { DType, HostArray, Shape } from "./types.js";
import { showType, sizeOf } from "./types.js";

/** The shape itself. @throws on extents that are not whole and ≥ 0, or that do not fit a number of elements */
export function checkShape(who: string, shape: Shape, length?: number): Shape {
  if (!shape.every(d => Number.isInteger(d) && d >= 0)) fail(who, "takes whole, non-negative extents", `[${shape.join(", ")}]`);
  if (length !== undefined && sizeOf(shape) !== length)
    fail(who, `needs as many numbers as the shape [${shape.join(",")}] has (${sizeOf(shape)})`, `${length}`);
  return shape;
}
const shaped = (who: string, data: ArrayLike<number>, shape: Shape) => checkShape(who, shape.length ? shape : [data.length], data.length);

/** A float32 host array of one number. @throws on extents that are not whole and ≥ 0 */
export const full = (value: number, ...shape: number[]): HostArray => ({
  shape: checkShape("full", shape),
  dtype: "float32",
  data: new Float32Array(sizeOf(shape)).fill(value),
});

/** A float32 host array of zeros. @throws on extents that are not whole and ≥ 0 */
export const zeros = (...shape: number[]): HostArray => full(0, ...checkShape("zeros", shape));

/** A float32 host array; without a shape, a vector. @throws if the shape does not fit the data */
export const f32 = (data: ArrayLike<number>, ...shape: number[]): HostArray => ({
  shape: shaped("f32", data, shape),
  dtype: "float32",
  data: Float32Array.from(data),
});

/** A float64 host array; without a shape, a vector. @throws if the shape does not fit the data */
export const f64 = (data: ArrayLike<number>, ...shape: number[]): HostArray => ({
  shape: shaped("f64", data, shape),
  dtype: "float64",
  data: Float64Array.from(data),
});

/** An int32 host array; without a shape, a vector. @throws if the shape does not fit the data */
export const i32 = (data: ArrayLike<number>, ...shape: number[]): HostArray => ({
  shape: shaped("i32", data, shape),
  dtype: "int32",
  data: Int32Array.from(data),
});

/** Whether something is a host array. */
export const isHostArray = (x: unknown): x is HostArray =>
  typeof x === "object"
  && x !== null
  && "data" in x
  && "dtype" in x
  && "shape" in x
  && Array.isArray((x as HostArray).shape)
  && ArrayBuffer.isView((x as HostArray).data);

/** The class of typed arrays that carries the numbers of each element type. */
const carriers: Readonly<Record<DType, string>> = {
  float32: "Float32Array",
  float64: "Float64Array",
  int32: "Int32Array",
  bool: "Uint8Array",
};

/** Whether the numbers of a host array are of its dtype's class and as many as its shape has; also of arrays from another realm. */
export const carriesItsType = ({ shape, dtype, data }: HostArray): boolean =>
  data[Symbol.toStringTag] === carriers[dtype] && data.length === sizeOf(shape);

/**
 * The host array itself. Numbers of another class or length would be written over an executor's other arrays.
 * @throws if its numbers are not of its dtype's class, or not as many as its shape has
 */
export function checkHostArray<A extends HostArray>(who: string, array: A, path = ""): A {
  if (carriesItsType(array)) return array;
  const at = path ? ` at ${path}` : "",
    { shape, dtype, data } = array,
    kind = data[Symbol.toStringTag];
  if (!Object.hasOwn(carriers, dtype)) fail(who, `needs arrays of ${Object.keys(carriers).join(", ")}${at}`, JSON.stringify(dtype));
  checkShape(who, shape);
  if (kind !== carriers[dtype]) fail(who, `needs ${showType(array)}${at} to hold its numbers in a ${carriers[dtype]}`, `a ${kind}`);
  return fail(who, `needs ${sizeOf(shape)} numbers in ${showType(array)}${at}`, `${data.length}`);
}
