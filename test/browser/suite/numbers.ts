import { stream } from "../../../src/core/random/index.js";
import type { FloatType, HostArray, Shape, Type } from "../../../src/tensor/types.js";
import { allocate } from "../../../src/tensor/types.js";

/** Where functions change their way of computing, and what is no ordinary number. */
export const specials: readonly number[] = [
  0, -0, Infinity, -Infinity, NaN, 1, -1, 0.5, -0.5, 1.5, -2.5, 3, 1e-8, -1e-8, 1e-20, 100, -100, 1e4, -1e4, Math.PI, -Math.PI / 2,
  // The smallest and largest subnormal and normal numbers, in both precisions.
  2 ** -149, -(2 ** -149), 2 ** -126 - 2 ** -149, 2 ** -126, -(2 ** -126), (2 - 2 ** -23) * 2 ** 127, -(2 - 2 ** -23) * 2 ** 127,
  5e-324, -5e-324, 2 ** -1022 - 5e-324, 2 ** -1022, Number.MAX_VALUE, -Number.MAX_VALUE,
  // Around which exp overflows and vanishes, and large angles.
  88.72, 88.73, -87.4, -103.9, -104.1, 709.78, 709.79, -708.5, -745.1, -745.2, 2 ** 20 + 0.5, 1e22, -(2 ** 31), 2 ** 31, 2 ** 24 + 1,
  // Near 1 and near −1, for logarithms.
  1 + 2 ** -23, 1 - 2 ** -24, 1 + 2 ** -52, 1 - 2 ** -53, -1 + 2 ** -24, Math.SQRT1_2, Math.SQRT2,
]; // prettier-ignore

/** Ordinary numbers of a type: normal ones, whole ones from −4 to 9, truth values. */
export function tame({ shape, dtype }: Type, ...name: readonly number[]): HostArray {
  const random = stream(11, "tame", ...name),
    data = allocate({ shape, dtype });
  if (dtype === "float32") data.set(random.normal(shape).data);
  else
    for (let i = 0; i < data.length; i++) data[i] = dtype === "float64" ? 4 * random.next() - 2 : random.integer(dtype === "bool" ? 2 : 14);
  if (dtype === "int32") for (let i = 0; i < data.length; i++) data[i] -= 4;
  return { shape, dtype, data };
}

/** The same with special numbers among them, and NaN of any sign and payload. */
export function wild(type: Type, ...name: readonly number[]): HostArray {
  const array = tame(type, ...name),
    random = stream(11, "wild", ...name),
    { data } = array;
  if (type.dtype === "bool") return array;
  const numbers = type.dtype === "int32" ? [-(2 ** 31), 2 ** 31 - 1, 0, -1, 46_341] : specials;
  for (let i = 0; i < data.length; i++) if (random.integer(3) === 0) data[i] = numbers[random.integer(numbers.length)];
  if (data.length > 0) setOddNaN(data, random.integer(data.length));
  return array;
}

/** Gives an element a NaN that is negative and has a payload. */
export function setOddNaN(data: HostArray["data"], i: number): void {
  if (data instanceof Float32Array) new Uint32Array(data.buffer)[i] = 0xffc0_beef;
  if (data instanceof Float64Array) new BigUint64Array(data.buffer)[i] = 0xfff8_0000_0000_beefn;
}

/** Random bits, in which all exponents are alike. */
export function anyBits(shape: Shape, dtype: FloatType): HostArray {
  const data = allocate({ shape, dtype }),
    words = new Uint32Array(data.buffer),
    random = stream(11, "bits", words.length);
  for (let i = 0; i < words.length; i++) words[i] = random.integer(2 ** 32);
  return { shape, dtype, data };
}

/** The special numbers, then random bits. */
export function specialsAndBits(n: number, dtype: FloatType): HostArray {
  const { data } = anyBits([n], dtype);
  data.set(specials);
  setOddNaN(data, specials.length);
  return { shape: [n], dtype, data };
}
