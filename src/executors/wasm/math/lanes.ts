import type { Operand as AnyOperand, Lanes, QuarterTurns } from "../../../compiler/math/lanes.js";
import type { FloatType } from "../../../tensor/types.js";
import type { FunctionBuilder, Kind, Local } from "../assembler.js";
import { bitsOf, formats, type Instructions } from "./formats.js";
import type { Require } from "./names.js";

/** A vector in a local, a number in every lane, or a bit pattern in every lane. */
type Operand = AnyOperand<Local>;

/** SIMD instruction numbers that convert between float32 and float64, and read a float64 lane. */
const DEMOTE = 94,
  PROMOTE = 95,
  EXTRACT64 = 33;

/** Writes lane-wise arithmetic of one element type into a function. Every operation leaves its result in a local of its own. */
export class WasmLanes implements Lanes<Local> {
  readonly format: Instructions;

  constructor(
    readonly f: FunctionBuilder,
    readonly dtype: FloatType,
    readonly require: Require,
    private readonly temporaries: Local[] = [],
  ) {
    this.format = formats[dtype];
  }
  choose<T>(float32: T, float64: T): T {
    return this.dtype === "float32" ? float32 : float64;
  }
  bits(value: number): bigint {
    return bitsOf(value, this.dtype);
  }
  get signBit(): bigint {
    return 1n << BigInt(this.format.bits - 1);
  }
  get quietNaN(): bigint {
    return this.choose(0x7fc00000n, 0x7ff8000000000000n);
  }

  private fresh(kind: Kind): Local {
    const l = this.f.local(kind);
    this.temporaries.push(l);
    return l;
  }
  /** Lets later code reuse the locals of everything computed so far, but one. */
  releaseAllBut(...results: readonly Local[]): void {
    this.f.release(...this.temporaries.splice(0).filter(l => !results.some(({ index }) => l.index === index)));
  }

  /** Puts an operand on the stack. */
  push(x: Operand): this {
    if (typeof x === "object") {
      this.f.get(x);
      return this;
    }
    const bits = typeof x === "bigint" ? x : bitsOf(x, this.dtype);
    const bytes = new Uint8Array(16);
    const view = new DataView(bytes.buffer);
    for (let lane = 0; lane < 16; lane += this.format.bits / 8) {
      if (this.format.bits === 32) view.setUint32(lane, Number(bits), true);
      else view.setBigUint64(lane, bits, true);
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
  copy(x: Operand): Local {
    return this.push(x).pop();
  }

  op(n: number, ...operands: readonly Operand[]): Local {
    for (const x of operands) this.push(x);
    this.f.simd(n);
    return this.pop();
  }

  add(a: Operand, b: Operand): Local {
    return this.op(this.format.add, a, b);
  }
  sub(a: Operand, b: Operand): Local {
    return this.op(this.format.sub, a, b);
  }
  mul(a: Operand, b: Operand): Local {
    return this.op(this.format.mul, a, b);
  }
  div(a: Operand, b: Operand): Local {
    return this.op(this.format.div, a, b);
  }
  sqrt(a: Operand): Local {
    return this.op(this.format.sqrt, a);
  }
  abs(a: Operand): Local {
    return this.op(this.format.abs, a);
  }
  neg(a: Operand): Local {
    return this.op(this.format.neg, a);
  }
  lt(a: Operand, b: Operand): Local {
    return this.op(this.format.lt, a, b);
  }
  le(a: Operand, b: Operand): Local {
    return this.op(this.format.le, a, b);
  }
  eq(a: Operand, b: Operand): Local {
    return this.op(this.format.eq, a, b);
  }
  ne(a: Operand, b: Operand): Local {
    return this.op(this.format.ne, a, b);
  }
  pmin(a: Operand, b: Operand): Local {
    return this.op(this.format.pmin, a, b);
  }
  pmax(a: Operand, b: Operand): Local {
    return this.op(this.format.pmax, a, b);
  }

  and(a: Operand, b: Operand): Local {
    return this.op(78, a, b);
  }
  andNot(a: Operand, b: Operand): Local {
    return this.op(79, a, b);
  }
  or(a: Operand, b: Operand): Local {
    return this.op(80, a, b);
  }
  xor(a: Operand, b: Operand): Local {
    return this.op(81, a, b);
  }
  select(mask: Operand, a: Operand, b: Operand): Local {
    return this.op(82, a, b, mask);
  }

  addBits(a: Operand, b: Operand): Local {
    return this.op(this.format.integer.add, a, b);
  }
  subBits(a: Operand, b: Operand): Local {
    return this.op(this.format.integer.sub, a, b);
  }
  eqBits(a: Operand, b: Operand): Local {
    return this.op(this.format.integer.eq, a, b);
  }
  gtBits(a: Operand, b: Operand): Local {
    return this.op(this.format.integer.gt, a, b);
  }
  private shift(n: number, a: Operand, by: number): Local {
    this.push(a).f.i32(by).simd(n);
    return this.pop();
  }
  shl(a: Operand, by: number): Local {
    return this.shift(this.format.integer.shl, a, by);
  }
  shrU(a: Operand, by: number): Local {
    return this.shift(this.format.integer.shrU, a, by);
  }
  shrS(a: Operand, by: number): Local {
    return this.shift(this.format.integer.shrS, a, by);
  }

  /** [a, b][i] and [a, b][j] of the four halves of two vectors. */
  private shuffle64(a: Operand, b: Operand, i: number, j: number): Local {
    this.push(a)
      .push(b)
      .f.simd(13, ...[i, j].flatMap(half => Array.from({ length: 8 }, (_, k) => 8 * half + k)));
    return this.pop();
  }
  /** The mask of one of two 64-bit lanes. */
  private half(lane: number): Local {
    this.f.v128(Array.from({ length: 16 }, (_, i) => (i >> 3 === lane ? 255 : 0)));
    return this.pop();
  }

  /** The condition is an i32. */
  any(mask: Operand): Local {
    this.push(mask).f.simd(83);
    const r = this.fresh("i32");
    this.f.set(r);
    return r;
  }
  assign(target: Local, value: Operand): void {
    this.push(value).f.set(target);
  }
  when(condition: Local, body: () => void): void {
    this.f.get(condition).op(0x04, 0x40);
    body();
    this.f.op(0x0b);
  }

  inFloat64(x: Operand, f: (wide: Lanes<Local>, x: Local) => Local): Local {
    const wide = new WasmLanes(this.f, "float64", this.require, this.temporaries);
    const low = f(wide, this.op(PROMOTE, x));
    const high = f(wide, this.op(PROMOTE, this.shuffle64(x, x, 1, 1)));
    return this.shuffle64(this.op(DEMOTE, low), this.op(DEMOTE, high), 0, 2);
  }
  reduceHugeAngle(x: Operand, mask: Local, { quadrant, high, low }: QuarterTurns<Local>): void {
    for (const lane of [0, 1]) {
      const here = this.and(mask, this.half(lane));
      this.push(x).f.simd(EXTRACT64, lane).call(this.require("payneHanek", "float64"));
      const farLow = this.pop();
      const farHigh = this.pop();
      const farQuadrant = this.pop();
      this.assign(quadrant, this.select(here, farQuadrant, quadrant));
      this.assign(high, this.select(here, farHigh, high));
      if (low) this.assign(low, this.select(here, farLow, low));
    }
  }
}
