import type { FloatType } from "../../../tensor/types.js";
import type { FunctionBuilder, Kind, Local } from "../assembler.js";
import type { Require } from "./names.js";

/** A vector in a local, a number in every lane, or a bit pattern in every lane. */
export type Operand = Local | number | bigint;

/** Instruction numbers of one element type, and the layout of its bits. */
export interface Format {
  readonly bits: 32 | 64;
  readonly mantissaBits: number;
  readonly bias: number;
  readonly add: number; readonly sub: number; readonly mul: number; readonly div: number;
  readonly abs: number; readonly neg: number; readonly sqrt: number;
  readonly eq: number; readonly ne: number; readonly lt: number; readonly le: number; readonly pmin: number; readonly pmax: number;
  readonly integer: { readonly add: number; readonly sub: number; readonly shl: number; readonly shrU: number; readonly shrS: number; readonly eq: number; readonly gt: number };
}

export const formats: Record<FloatType, Format> = {
  float32: {
    bits: 32, mantissaBits: 23, bias: 127,
    add: 228, sub: 229, mul: 230, div: 231, abs: 224, neg: 225, sqrt: 227, eq: 65, ne: 66, lt: 67, le: 69, pmin: 234, pmax: 235,
    integer: { add: 174, sub: 177, shl: 171, shrU: 173, shrS: 172, eq: 55, gt: 59 },
  },
  float64: {
    bits: 64, mantissaBits: 52, bias: 1023,
    add: 240, sub: 241, mul: 242, div: 243, abs: 236, neg: 237, sqrt: 239, eq: 71, ne: 72, lt: 73, le: 75, pmin: 246, pmax: 247,
    integer: { add: 206, sub: 209, shl: 203, shrU: 205, shrS: 204, eq: 214, gt: 217 },
  },
};

/** The bits of a number in an element type. */
export function bitsOf(value: number, dtype: FloatType): bigint {
  const view = new DataView(new ArrayBuffer(8));
  if (dtype === "float32") { view.setFloat32(0, value); return BigInt(view.getUint32(0)); }
  view.setFloat64(0, value);
  return view.getBigUint64(0);
}

/**
 * Writes lane-wise arithmetic of one element type into a function. Every operation leaves its result in a local of its
 * own, so that formulas read as nested calls.
 */
export class Lanes {
  readonly format: Format;

  constructor(readonly f: FunctionBuilder, readonly dtype: FloatType, readonly require: Require, private readonly temporaries: Local[] = []) {
    this.format = formats[dtype];
  }
  /** The same function's lanes of the other type. */
  as(dtype: FloatType): Lanes { return new Lanes(this.f, dtype, this.require, this.temporaries); }

  /** One of two values, by element type. */
  choose<T>(float32: T, float64: T): T { return this.dtype === "float32" ? float32 : float64; }
  /** The bits of a number, as the same in every lane. */
  bits(value: number): bigint { return bitsOf(value, this.dtype); }
  /** The sign bit alone. */
  get signBit(): bigint { return 1n << BigInt(this.format.bits - 1); }
  /** The canonical quiet NaN. */
  get quietNaN(): bigint { return this.choose(0x7fc00000n, 0x7ff8000000000000n); }

  private fresh(kind: Kind): Local {
    const l = this.f.local(kind);
    this.temporaries.push(l);
    return l;
  }
  /** Lets later code reuse the locals of everything computed so far, but one. */
  releaseAllBut(result: Local): void {
    this.f.release(...this.temporaries.splice(0).filter(l => l.index !== result.index));
  }

  /** Puts an operand on the stack. */
  push(x: Operand): this {
    if (typeof x === "object") { this.f.get(x); return this; }
    const bits = typeof x === "bigint" ? x : bitsOf(x, this.dtype), bytes = new Uint8Array(16), view = new DataView(bytes.buffer);
    for (let lane = 0; lane < 16; lane += this.format.bits / 8) {
      if (this.format.bits === 32) view.setUint32(lane, Number(bits), true); else view.setBigUint64(lane, bits, true);
    }
    this.f.v128(bytes);
    return this;
  }

  /** The stack's top in a new local. */
  pop(): Local {
    const r = this.fresh("v128");
    this.f.set(r);
    return r;
  }
  /** A local of its own with this value, to be assigned again. */
  copy(x: Operand): Local { return this.push(x).pop(); }

  op(n: number, ...operands: readonly Operand[]): Local {
    for (const x of operands) this.push(x);
    this.f.simd(n);
    return this.pop();
  }

  add(a: Operand, b: Operand): Local { return this.op(this.format.add, a, b); }
  sub(a: Operand, b: Operand): Local { return this.op(this.format.sub, a, b); }
  mul(a: Operand, b: Operand): Local { return this.op(this.format.mul, a, b); }
  div(a: Operand, b: Operand): Local { return this.op(this.format.div, a, b); }
  abs(a: Operand): Local { return this.op(this.format.abs, a); }
  neg(a: Operand): Local { return this.op(this.format.neg, a); }
  lt(a: Operand, b: Operand): Local { return this.op(this.format.lt, a, b); }
  le(a: Operand, b: Operand): Local { return this.op(this.format.le, a, b); }
  eq(a: Operand, b: Operand): Local { return this.op(this.format.eq, a, b); }
  ne(a: Operand, b: Operand): Local { return this.op(this.format.ne, a, b); }
  /** b < a ? b : a; a where one is NaN. */
  pmin(a: Operand, b: Operand): Local { return this.op(this.format.pmin, a, b); }
  /** a < b ? b : a; a where one is NaN. */
  pmax(a: Operand, b: Operand): Local { return this.op(this.format.pmax, a, b); }

  and(a: Operand, b: Operand): Local { return this.op(78, a, b); }
  andNot(a: Operand, b: Operand): Local { return this.op(79, a, b); }
  or(a: Operand, b: Operand): Local { return this.op(80, a, b); }
  xor(a: Operand, b: Operand): Local { return this.op(81, a, b); }
  /** mask ? a : b */
  select(mask: Operand, a: Operand, b: Operand): Local { return this.op(82, a, b, mask); }

  addBits(a: Operand, b: Operand): Local { return this.op(this.format.integer.add, a, b); }
  subBits(a: Operand, b: Operand): Local { return this.op(this.format.integer.sub, a, b); }
  eqBits(a: Operand, b: Operand): Local { return this.op(this.format.integer.eq, a, b); }
  gtBits(a: Operand, b: Operand): Local { return this.op(this.format.integer.gt, a, b); }
  private shift(n: number, a: Operand, by: number): Local {
    this.push(a).f.i32(by).simd(n);
    return this.pop();
  }
  shl(a: Operand, by: number): Local { return this.shift(this.format.integer.shl, a, by); }
  shrU(a: Operand, by: number): Local { return this.shift(this.format.integer.shrU, a, by); }
  shrS(a: Operand, by: number): Local { return this.shift(this.format.integer.shrS, a, by); }

  /** [a, b][i] and [a, b][j] of the four halves of two vectors. */
  shuffle64(a: Operand, b: Operand, i: number, j: number): Local {
    this.push(a).push(b).f.simd(13, ...[i, j].flatMap(half => Array.from({ length: 8 }, (_, k) => 8 * half + k)));
    return this.pop();
  }
  /** The mask of one of two 64-bit lanes. */
  half(lane: number): Local {
    this.f.v128(Array.from({ length: 16 }, (_, i) => (i >> 3 === lane ? 255 : 0)));
    return this.pop();
  }

  /** Whether any lane of a mask is set, as an i32. */
  any(mask: Operand): Local {
    this.push(mask).f.simd(83);
    const r = this.fresh("i32");
    this.f.set(r);
    return r;
  }
  assign(target: Local, value: Operand): void { this.push(value).f.set(target); }
  /** Code for the rare case that an i32 is not zero. */
  when(condition: Local, body: () => void): void {
    this.f.get(condition).op(0x04, 0x40);
    body();
    this.f.op(0x0b);
  }

  /** c₀ + c₁x + c₂x² + …, by Horner's rule. */
  polynomial(x: Operand, coefficients: readonly number[]): Local {
    const [first, ...rest] = [...coefficients].reverse();
    return rest.reduce<Operand>((sum, c) => this.add(this.mul(sum, x), c), first) as Local;
  }
}
