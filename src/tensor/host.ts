import { fail } from "./error.js";
import type { Nested } from "./nested.js";
import { placeOf, positioned, readNested } from "./nested.js";
import type { DType, HostArray, Shape } from "./types.js";
import { allocate, isFloat, showType, sizeOf } from "./types.js";

/** The shape itself. @throws on extents that are not whole and ≥ 0, or that do not fit a number of elements */
export function checkShape(who: string, shape: Shape, length?: number): Shape {
  if (!shape.every(d => Number.isInteger(d) && d >= 0)) fail(who, "takes whole, non-negative extents", `[${shape.join(", ")}]`);
  if (length !== undefined && sizeOf(shape) !== length)
    fail(who, `needs as many numbers as the shape [${shape.join(",")}] has (${sizeOf(shape)})`, `${length}`);
  return shape;
}

/** Extents one by one, or as one list. */
export type Extents = readonly number[] | readonly [Shape];
const extentsOf = (given: Extents): Shape => (given.length === 1 && Array.isArray(given[0]) ? (given[0] as Shape) : (given as Shape));

/** The class of typed arrays that carries the numbers of each element type. */
const carriers: Readonly<Record<DType, string>> = {
  float32: "Float32Array",
  float64: "Float64Array",
  int32: "Int32Array",
  bool: "Uint8Array",
};

/** What a number must be that an element type is to hold. */
const rules: Readonly<Record<DType, string>> = {
  float32: "takes numbers that float32 can hold, up to 3.4e38",
  float64: "takes numbers",
  int32: "takes whole numbers from -2147483648 to 2147483647",
  bool: "takes truth values",
};

/** Numbers of a shape in an element type. @throws at the first that it cannot hold: what would wrap, be cut or become infinite */
function held(who: string, dtype: DType, shape: Shape, numbers: ArrayLike<number>, place = (i: number) => positioned(placeOf(shape, i))) {
  const data = allocate({ shape, dtype });
  data.set(numbers);
  if (dtype === "float64") return { shape, dtype, data };
  for (let i = 0; i < data.length; i++) {
    const [x, y] = [numbers[i], data[i]];
    const fits = dtype === "float32" ? Number.isFinite(y) || !Number.isFinite(x) : x === y;
    if (!fits) fail(who, rules[dtype], `${x}${place(i)}`);
  }
  return { shape, dtype, data };
}

function made(who: string, dtype: DType, given: HostArray | Nested, extents: Extents): HostArray {
  const wanted = extentsOf(extents);
  if (isHostArray(given)) {
    const { data, shape } = checkHostArray(who, given);
    return held(who, dtype, checkShape(who, wanted.length ? wanted : shape, data.length), data);
  }
  const { shape, numbers, truth } = readNested(who, given);
  if (truth) fail(who, "takes numbers (array makes truth values of true and false)", "truth values");
  const own = wanted.length || isOneAndNoExtent(extents) ? wanted : shape;
  return held(who, dtype, checkShape(who, own, numbers.length), numbers, i => positioned(placeOf(shape, i)));
}

/** `f32(x, [])`: the shape of a scalar, given as a list. */
const isOneAndNoExtent = (extents: Extents): boolean => extents.length === 1 && Array.isArray(extents[0]);

/**
 * A float32 host array of one number.
 *
 * @example
 * full(0.5, 2, 3).shape; // [2, 3]
 *
 * @param shape extents one by one or as a list; none: a scalar
 * @throws on anything but a number that float32 can hold, or extents that are not whole and ≥ 0
 */
export function full(value: number, ...shape: Extents): HostArray {
  const own = checkShape("full", extentsOf(shape));
  if (typeof value !== "number") fail("full", "takes a number", Array.isArray(value) ? "a list" : String(value));
  const [x] = held("full", "float32", [1], [value], () => "").data;
  return { shape: own, dtype: "float32", data: allocate({ shape: own, dtype: "float32" }).fill(x) };
}

/** A float32 host array of zeros; extents one by one or as a list. @throws on extents that are not whole and ≥ 0 */
export const zeros = (...shape: Extents): HostArray => full(0, ...checkShape("zeros", extentsOf(shape)));

/**
 * A float32 host array.
 *
 * @example
 * f32([[1, 2], [3, 4]]).shape; // [2, 2]
 * f32([1, 2, 3, 4], 2, 2).shape; // [2, 2]
 *
 * @param data a number, a list, nested lists of one shape, a typed array or a host array
 * @param shape extents one by one or as a list; absent: the shape of the data
 * @throws at the first that is no number or that float32 cannot hold, where lists differ in shape, or if the shape does not fit the data
 */
export const f32 = (data: HostArray | Nested, ...shape: Extents): HostArray => made("f32", "float32", data, shape);

/** A float64 host array, as `f32`. In a run it stands for the run's precision, as all floating point data do. @throws as `f32` */
export const f64 = (data: HostArray | Nested, ...shape: Extents): HostArray => made("f64", "float64", data, shape);

/**
 * An int32 host array, as `f32`.
 *
 * @example
 * i32([3, 1, 2]).dtype; // "int32"
 *
 * @throws as `f32`; at the first number that is not whole or outside of 32 bits
 */
export const i32 = (data: HostArray | Nested, ...shape: Extents): HostArray => made("i32", "int32", data, shape);

/** Arrays whose numbers are in float64 so that any precision has them, and not because float64 was asked for. */
const working = new WeakSet<HostArray>();

/** Whether float64 was asked for. */
export const isFloat64 = (given: HostArray): boolean => given.dtype === "float64" && !working.has(given);

/**
 * A host array in the working precision: its numbers are kept as they are and rounded to the precision of the run that they are part of.
 * Truth values give a bool array.
 *
 * @example
 * array([[0.1, 0.2], [0.3, 0.4]]).shape; // [2, 2]
 * array([true, false]).dtype; // "bool"
 *
 * @param data a number, a list, nested lists of one shape, a typed array or a host array
 * @throws at the first that is no number, where numbers stand beside truth values, or lists differ in shape
 */
export function array(data: HostArray | Nested): HostArray {
  const { shape, numbers, truth } = isHostArray(data) ? { shape: data.shape, numbers: data.data, truth: false } : readNested("array", data);
  if (isHostArray(data) && !isFloat(checkHostArray("array", data))) return made("array", data.dtype, data, []);
  const own = held("array", truth ? "bool" : "float64", shape, numbers);
  working.add(own);
  return own;
}

/**
 * A host array in another element type, itself if it has it. @throws at the first number that this cannot hold
 *
 * @param path of the array in its tree, for the sentence
 */
export function inDType(who: string, given: HostArray, dtype: DType, path = ""): HostArray {
  if (given.dtype === dtype) return given;
  const { shape, data } = given;
  return held(who, dtype, shape, data, i => `${positioned(placeOf(shape, i))}${path ? ` of ${path}` : ""}`);
}

/** A host array of its own, with the same numbers. */
export function copyHost(given: HostArray): HostArray {
  const { shape, dtype, data } = given,
    own: HostArray = { shape: [...shape], dtype, data: data.slice() };
  if (working.has(given)) working.add(own);
  return own;
}

/** Whether something is a host array. */
export const isHostArray = (x: unknown): x is HostArray =>
  typeof x === "object"
  && x !== null
  && "data" in x
  && "dtype" in x
  && "shape" in x
  && Array.isArray((x as HostArray).shape)
  && ArrayBuffer.isView((x as HostArray).data);

/** The first element of a bool array that is neither 0 nor 1. */
const noTruth = ({ dtype, data }: HostArray): number => (dtype === "bool" ? data.findIndex((x: number) => x > 1) : -1);

/**
 * Whether the numbers of a host array are of its dtype's class, as many as its shape has, and truth values 0 and 1; also of arrays from
 * another realm.
 */
export const carriesItsType = (array: HostArray): boolean =>
  array.data[Symbol.toStringTag] === carriers[array.dtype] && array.data.length === sizeOf(array.shape) && noTruth(array) < 0;

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
  const odd = noTruth(array);
  if (odd >= 0 && data.length === sizeOf(shape))
    fail(who, `needs ${showType(array)}${at} to hold 0 and 1`, `${data[odd]}${positioned(placeOf(shape, odd))}`);
  return fail(who, `needs ${sizeOf(shape)} numbers in ${showType(array)}${at}`, `${data.length}`);
}
