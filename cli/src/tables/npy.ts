import type { Refuse } from "./refuse.js";
import { quoted } from "./refuse.js";

/** An array of a .npy file: numbers, or texts. */
export interface NpyArray {
  readonly shape: readonly number[];
  /** In C order. */
  readonly values: Float64Array | readonly string[];
  readonly boolean: boolean;
}

const half = (bits: number): number => {
  const [sign, exponent, fraction] = [bits >> 15 ? -1 : 1, (bits >> 10) & 31, bits & 1023];
  if (exponent === 31) return fraction === 0 ? sign * Infinity : NaN;
  return sign * (exponent === 0 ? fraction * 2 ** -24 : (1 + fraction / 1024) * 2 ** (exponent - 15));
};

type Read = (view: DataView, at: number, little: boolean) => number;

/** Element types, by kind and bytes. */
const numberTypes: Readonly<Record<string, Read>> = {
  b1: (view, at) => view.getUint8(at),
  i1: (view, at) => view.getInt8(at),
  u1: (view, at) => view.getUint8(at),
  i2: (view, at, little) => view.getInt16(at, little),
  u2: (view, at, little) => view.getUint16(at, little),
  i4: (view, at, little) => view.getInt32(at, little),
  u4: (view, at, little) => view.getUint32(at, little),
  i8: (view, at, little) => Number(view.getBigInt64(at, little)),
  u8: (view, at, little) => Number(view.getBigUint64(at, little)),
  f2: (view, at, little) => half(view.getUint16(at, little)),
  f4: (view, at, little) => view.getFloat32(at, little),
  f8: (view, at, little) => view.getFloat64(at, little),
};

const magic = "\x93NUMPY";
export const isNpy = (bytes: Uint8Array): boolean => Buffer.from(bytes.subarray(0, 6)).toString("latin1") === magic;

/** What a head says: where the data begin, what an element is, in which order they lie. */
interface Head {
  readonly start: number;
  readonly little: boolean;
  /** `f8`, `U12`. */
  readonly type: string;
  readonly fortran: boolean;
  readonly shape: readonly number[];
}

/**
 * The head of a .npy file, of the versions 1 to 3.
 * @see https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
 */
function headOf(bytes: Uint8Array, refuse: Refuse): Head {
  const damaged = (received: string): never => refuse("must be a whole .npy file", received);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < 12) damaged(`${bytes.length} bytes`);
  const version = bytes[6];
  if (version < 1 || version > 3) damaged(`version ${version} of the format`);
  const [from, length] = version === 1 ? [10, view.getUint16(8, true)] : [12, view.getUint32(8, true)];
  if (from + length > bytes.length) damaged(`a head of ${length} bytes in a file of ${bytes.length}`);
  const text = new TextDecoder().decode(bytes.subarray(from, from + length));
  const descr = /'descr'\s*:\s*'([<>|=])([a-zA-Z])(\d*)'/.exec(text);
  const order = /'fortran_order'\s*:\s*(True|False)/.exec(text)?.[1];
  const inside = /'shape'\s*:\s*\(([\d\s,]*)\)/.exec(text)?.[1];
  if (descr?.[2] === "O") refuse("must hold numbers or texts", "Python objects (pickled), which are programs");
  if (descr === null || order === undefined || inside === undefined) return damaged(`the head ${quoted(text.trim())}`);
  const shape = inside.split(",").flatMap(part => (part.trim() === "" ? [] : [Number(part)]));
  const size = shape.reduce((n, x) => n * x, 1);
  if (!Number.isSafeInteger(size) || shape.some(n => !Number.isSafeInteger(n))) damaged(`the shape (${inside})`);
  return { start: from + length, little: descr[1] !== ">", type: `${descr[2]}${descr[3]}`, fortran: order === "True", shape };
}

/** The index in the file of the element at an index in C order. */
function placeOf(shape: readonly number[], fortran: boolean): (index: number) => number {
  if (!fortran || shape.length < 2) return index => index;
  return index => {
    // Digits of the index from the last axis to the first, put together the other way round.
    const digits: number[] = [];
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      digits[axis] = index % shape[axis];
      index = Math.floor(index / shape[axis]);
    }
    let place = 0;
    for (let axis = shape.length - 1; axis >= 0; axis--) place = place * shape[axis] + digits[axis];
    return place;
  };
}

function textReader(
  type: string,
  view: DataView,
  little: boolean,
): { readonly bytes: number; readonly read: (at: number) => string } | undefined {
  const [, kind, digits] = /^([US])(\d+)$/.exec(type) ?? [];
  const letters = Number(digits);
  if (kind === "U") {
    return {
      bytes: 4 * letters,
      read: at => {
        let text = "";
        for (let i = 0; i < letters; i++) {
          const point = view.getUint32(at + 4 * i, little);
          text += point > 0x10ffff ? "\ufffd" : String.fromCodePoint(point);
        }
        return text.replace(/\0+$/, "");
      },
    };
  }
  if (kind === "S") {
    return {
      bytes: letters,
      read: at => new TextDecoder().decode(new Uint8Array(view.buffer, view.byteOffset + at, letters)).replace(/\0+$/, ""),
    };
  }
  return undefined;
}

/**
 * Reads a .npy file: numbers of any type and order, booleans, texts.
 * @throws UsageError one sentence naming the file and what is wrong with it
 */
export function parseNpy(bytes: Uint8Array, refuse: Refuse): NpyArray {
  const { start, little, type, fortran, shape } = headOf(bytes, refuse);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const size = shape.reduce((n, x) => n * x, 1);
  const texts = textReader(type, view, little);
  const read = numberTypes[type] as Read | undefined;
  const width = texts?.bytes ?? (read === undefined ? undefined : Number(type.slice(1)));
  if (width === undefined) return refuse(`must hold numbers (${Object.keys(numberTypes).join(", ")}) or texts`, `elements ${quoted(type)}`);
  if (start + size * width !== bytes.length) {
    refuse(
      "must be a whole .npy file",
      `${bytes.length - start} bytes of data where (${shape.join(", ")}) elements ${type} need ${size * width}`,
    );
  }
  // A text of no letters takes no bytes, so that a head alone could claim any number of them.
  if (width === 0) refuse("must hold numbers or texts", "texts of no letters");
  const place = placeOf(shape, fortran);
  if (texts !== undefined)
    return { shape, values: Array.from({ length: size }, (_, i) => texts.read(start + width * place(i))), boolean: false };
  const values = new Float64Array(size);
  for (let i = 0; i < size; i++) values[i] = read!(view, start + width * place(i), little);
  return { shape, values, boolean: type === "b1" };
}
