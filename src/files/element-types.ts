import type { DType, TypedArray } from "../tensor/types.js";

/** Refuses a file: the rule that is broken, and what was found. */
export type Refuse = (rule: string, received: string) => never;

/** How the numbers of an element type of safetensors files are read. */
export interface ElementType {
  readonly bytes: number;
  /** What they become: they are converted exactly, or refused. */
  readonly dtype: DType;
  /** @param bytes a copy of the file's own, which the result may keep */
  read(bytes: ArrayBuffer, refuse: Refuse): TypedArray;
}

/**
 * A binary floating point number of at most 16 bits as a float32, which holds all of them.
 * @param infinite whether the largest exponent means infinities and NaN; otherwise only its largest mantissa is NaN
 */
function small(bits: number, exponentBits: number, mantissaBits: number, infinite = true): number {
  const sign = (bits >> (exponentBits + mantissaBits)) & 1 ? -1 : 1,
    most = (1 << exponentBits) - 1,
    exponent = (bits >> mantissaBits) & most,
    bias = most >> 1,
    mantissa = bits & ((1 << mantissaBits) - 1),
    unit = 2 ** -mantissaBits;
  if (exponent === most && infinite) return mantissa ? NaN : sign * Infinity;
  if (exponent === most && mantissa === (1 << mantissaBits) - 1) return NaN;
  if (exponent === 0) return sign * mantissa * unit * 2 ** (1 - bias);
  return sign * (1 + mantissa * unit) * 2 ** (exponent - bias);
}

const same = (dtype: DType, bytes: number, read: ElementType["read"]): ElementType => ({ dtype, bytes, read });
const float = (bytes: number, read: (buffer: ArrayBuffer) => Float32Array): ElementType => ({ dtype: "float32", bytes, read });
const integer = (bytes: number, read: ElementType["read"]): ElementType => ({ dtype: "int32", bytes, read });

const range = "is read as int32, so that every number must lie between -2147483648 and 2147483647";

/** 64-bit integers, by their halves: they fit if the upper half says nothing but the sign. */
const long = (signed: boolean): ElementType =>
  integer(8, (buffer, refuse) => {
    const halves = new Int32Array(buffer),
      out = new Int32Array(halves.length / 2);
    for (let i = 0; i < out.length; i++) {
      const low = halves[2 * i];
      if (signed ? halves[2 * i + 1] !== low >> 31 : low < 0 || halves[2 * i + 1] !== 0)
        refuse(range, `${new (signed ? BigInt64Array : BigUint64Array)(buffer)[i]} at ${i}`);
      out[i] = low;
    }
    return out;
  });

/** The element types that can be read, by their names in safetensors files. */
export const elementTypes: ReadonlyMap<string, ElementType> = new Map([
  ["F64", same("float64", 8, buffer => new Float64Array(buffer))],
  ["F32", same("float32", 4, buffer => new Float32Array(buffer))],
  ["I32", same("int32", 4, buffer => new Int32Array(buffer))],
  [
    "BOOL",
    same("bool", 1, (buffer, refuse) => {
      const out = new Uint8Array(buffer),
        odd = out.findIndex(x => x > 1);
      return odd < 0 ? out : refuse("must hold a 0 or a 1 for every truth value", `${out[odd]} at ${odd}`);
    }),
  ],
  ["F16", float(2, buffer => Float32Array.from(new Uint16Array(buffer), bits => small(bits, 5, 10)))],
  // The upper half of a float32, whatever it is.
  ["BF16", float(2, buffer => new Float32Array(Int32Array.from(new Uint16Array(buffer), bits => bits << 16).buffer))],
  ["F8_E5M2", float(1, buffer => Float32Array.from(new Uint8Array(buffer), bits => small(bits, 5, 2)))],
  ["F8_E4M3", float(1, buffer => Float32Array.from(new Uint8Array(buffer), bits => small(bits, 4, 3, false)))],
  ["I8", integer(1, buffer => Int32Array.from(new Int8Array(buffer)))],
  ["U8", integer(1, buffer => Int32Array.from(new Uint8Array(buffer)))],
  ["I16", integer(2, buffer => Int32Array.from(new Int16Array(buffer)))],
  ["U16", integer(2, buffer => Int32Array.from(new Uint16Array(buffer)))],
  [
    "U32",
    integer(4, (buffer, refuse) => {
      const out = new Int32Array(buffer),
        odd = out.findIndex(x => x < 0);
      return odd < 0 ? out : refuse(range, `${out[odd] >>> 0} at ${odd}`);
    }),
  ],
  ["I64", long(true)],
  ["U64", long(false)],
]);
