import type { DType } from "../../../tensor/types.js";

/** Element types that arithmetic works on; a bool is a mask of its lane's bits. */
export type NumberType = Exclude<DType, "bool">;

/** SIMD instruction numbers that read and write memory. */
export const memory = {
  load: 0x00,
  loadPair: 0x05,
  splat32: 0x09,
  splat64: 0x0a,
  store: 0x0b,
  lane32: 0x56,
  lane64: 0x57,
  storeLane32: 0x5a,
  storeLane64: 0x5b,
  zero32: 0x5c,
  zero64: 0x5d,
} as const;

/** SIMD instruction numbers that do not depend on an element type, or convert between them. */
export const simd = {
  constant: 0x0c,
  shuffle: 0x0d,
  not: 0x4d,
  and: 0x4e,
  andNot: 0x4f,
  or: 0x50,
  xor: 0x51,
  select: 0x52,
  /** Masks of 32-bit lanes to masks of 64-bit lanes. */
  widen: 0xc7,
  demote: 0x5e,
  promote: 0x5f,
  truncate32: 0xf8,
  convert32: 0xfa,
  truncate64: 0xfc,
  convert64: 0xfe,
} as const;

/** SIMD instruction numbers of one element type. */
export interface Arithmetic {
  readonly add: number;
  readonly subtract: number;
  readonly multiply: number;
  readonly negative: number;
  readonly abs: number;
  readonly maximum: number;
  readonly minimum: number;
  readonly equal: number;
  readonly different: number;
  readonly less: number;
  readonly lessEqual: number;
  readonly greater: number;
}

/** What only floating point has; `pseudoMaximum` is a < b ? b : a, `pseudoMinimum` is b < a ? b : a. */
export interface FloatArithmetic extends Arithmetic {
  readonly divide: number;
  readonly sqrt: number;
  readonly floor: number;
  readonly pseudoMaximum: number;
  readonly pseudoMinimum: number;
}

const float32: FloatArithmetic = {
  add: 0xe4,
  subtract: 0xe5,
  multiply: 0xe6,
  divide: 0xe7,
  negative: 0xe1,
  abs: 0xe0,
  sqrt: 0xe3,
  floor: 0x68,
  maximum: 0xe9,
  minimum: 0xe8,
  pseudoMaximum: 0xeb,
  pseudoMinimum: 0xea,
  equal: 0x41,
  different: 0x42,
  less: 0x43,
  lessEqual: 0x45,
  greater: 0x44,
};
const float64: FloatArithmetic = {
  add: 0xf0,
  subtract: 0xf1,
  multiply: 0xf2,
  divide: 0xf3,
  negative: 0xed,
  abs: 0xec,
  sqrt: 0xef,
  floor: 0x75,
  maximum: 0xf5,
  minimum: 0xf4,
  pseudoMaximum: 0xf7,
  pseudoMinimum: 0xf6,
  equal: 0x47,
  different: 0x48,
  less: 0x49,
  lessEqual: 0x4b,
  greater: 0x4a,
};
const int32: Arithmetic = {
  add: 0xae,
  subtract: 0xb1,
  multiply: 0xb5,
  negative: 0xa1,
  abs: 0xa0,
  maximum: 0xb8,
  minimum: 0xb6,
  equal: 0x37,
  different: 0x38,
  less: 0x39,
  lessEqual: 0x3d,
  greater: 0x3b,
};

/** SIMD instruction numbers that only int32 has; shifts move all lanes by an i32, modulo 32. */
export const integers = {
  shiftLeft: 0xab,
  shiftRight: 0xad,
  extractLane: 0x1b,
  replaceLane: 0x1c,
} as const;

export const floats = { float32, float64 };
export const arithmetic: Record<NumberType, Arithmetic> = { float32, float64, int32 };

/** Bytes of an element in the executor's memory: a bool is a 32-bit mask, so that it can be used as it is loaded. */
export const storedBytes: Record<DType, 4 | 8> = { float32: 4, float64: 8, int32: 4, bool: 4 };
