import type { Format } from "../../../compiler/math/lanes.js";
import type { FloatType } from "../../../tensor/types.js";

/** Instruction numbers of one element type, and the layout of its bits. */
export interface Instructions extends Format {
  readonly add: number;
  readonly sub: number;
  readonly mul: number;
  readonly div: number;
  readonly sqrt: number;
  readonly abs: number;
  readonly neg: number;
  readonly eq: number;
  readonly ne: number;
  readonly lt: number;
  readonly le: number;
  readonly pmin: number;
  readonly pmax: number;
  readonly integer: {
    readonly add: number;
    readonly sub: number;
    readonly shl: number;
    readonly shrU: number;
    readonly shrS: number;
    readonly eq: number;
    readonly gt: number;
  };
}

export const formats: Record<FloatType, Instructions> = {
  float32: {
    bits: 32,
    mantissaBits: 23,
    bias: 127,
    add: 228,
    sub: 229,
    mul: 230,
    div: 231,
    sqrt: 227,
    abs: 224,
    neg: 225,
    eq: 65,
    ne: 66,
    lt: 67,
    le: 69,
    pmin: 234,
    pmax: 235,
    integer: { add: 174, sub: 177, shl: 171, shrU: 173, shrS: 172, eq: 55, gt: 59 },
  },
  float64: {
    bits: 64,
    mantissaBits: 52,
    bias: 1023,
    add: 240,
    sub: 241,
    mul: 242,
    div: 243,
    sqrt: 239,
    abs: 236,
    neg: 237,
    eq: 71,
    ne: 72,
    lt: 73,
    le: 75,
    pmin: 246,
    pmax: 247,
    integer: { add: 206, sub: 209, shl: 203, shrU: 205, shrS: 204, eq: 214, gt: 217 },
  },
};

/** The bits of a number in an element type. */
export function bitsOf(value: number, dtype: FloatType): bigint {
  const view = new DataView(new ArrayBuffer(8));
  if (dtype === "float32") {
    view.setFloat32(0, value);
    return BigInt(view.getUint32(0));
  }
  view.setFloat64(0, value);
  return view.getBigUint64(0);
}
