import type { FloatType } from "../../tensor/types.js";

/** A value of lanes, a number in every lane, or a bit pattern in every lane. */
export type Operand<V> = V | number | bigint;

/** Layout of the bits of an element type. */
export interface Format {
  readonly bits: 32 | 64;
  readonly mantissaBits: number;
  readonly bias: number;
}

/** An angle as n quarter turns and what is left over. */
export interface QuarterTurns<V> {
  /** The two lowest bits are those of n. */
  readonly quadrant: V;
  readonly high: V;
  /** What `high` rounds away, where the result needs it. */
  readonly low: V | null;
}

/**
 * Lane-wise arithmetic of one element type, in which the elementary functions are written; each machine has its own. V is a variable of
 * the code that is written: every operation leaves its result in a new one. Each must be computed as IEEE 754 says, to the last bit.
 */
export interface Lanes<V> {
  readonly dtype: FloatType;
  readonly format: Format;
  /** One of two values, by element type. */
  choose<T>(float32: T, float64: T): T;
  /** The bits of a number, as the same in every lane. */
  bits(value: number): bigint;
  /** The sign bit alone. */
  readonly signBit: bigint;
  /** The canonical quiet NaN. */
  readonly quietNaN: bigint;

  add(a: Operand<V>, b: Operand<V>): V;
  sub(a: Operand<V>, b: Operand<V>): V;
  mul(a: Operand<V>, b: Operand<V>): V;
  div(a: Operand<V>, b: Operand<V>): V;
  sqrt(a: Operand<V>): V;
  abs(a: Operand<V>): V;
  neg(a: Operand<V>): V;
  /** b < a ? b : a; a where one is NaN. */
  pmin(a: Operand<V>, b: Operand<V>): V;
  /** a < b ? b : a; a where one is NaN. */
  pmax(a: Operand<V>, b: Operand<V>): V;

  // Comparisons give masks: all bits of a lane, or none.
  lt(a: Operand<V>, b: Operand<V>): V;
  le(a: Operand<V>, b: Operand<V>): V;
  eq(a: Operand<V>, b: Operand<V>): V;
  ne(a: Operand<V>, b: Operand<V>): V;
  eqBits(a: Operand<V>, b: Operand<V>): V;
  /** As signed whole numbers. */
  gtBits(a: Operand<V>, b: Operand<V>): V;
  /** mask ? a : b */
  select(mask: Operand<V>, a: Operand<V>, b: Operand<V>): V;

  and(a: Operand<V>, b: Operand<V>): V;
  /** a and not b */
  andNot(a: Operand<V>, b: Operand<V>): V;
  or(a: Operand<V>, b: Operand<V>): V;
  xor(a: Operand<V>, b: Operand<V>): V;
  addBits(a: Operand<V>, b: Operand<V>): V;
  subBits(a: Operand<V>, b: Operand<V>): V;
  shl(a: Operand<V>, by: number): V;
  /** Zeros from above. */
  shrU(a: Operand<V>, by: number): V;
  /** The sign from above. */
  shrS(a: Operand<V>, by: number): V;

  /** A new variable with this value, to be assigned again. */
  copy(x: Operand<V>): V;
  assign(target: V, value: Operand<V>): void;
  /** Whether any lane of a mask is set: a condition for `when`. */
  any(mask: Operand<V>): V;
  /** Code for the rare case that a condition holds. */
  when(condition: V, body: () => void): void;

  /** float32 only: a function of float64 lanes, whose result is rounded. */
  inFloat64(x: Operand<V>, f: (wide: Lanes<V>, x: V) => V): V;
  /** float64 only: assigns x = n π/2 + high + low to the lanes of a mask, for 4096 ≤ x < ∞; anything for other x. */
  reduceHugeAngle(x: Operand<V>, mask: V, turns: QuarterTurns<V>): void;
}

/** c₀ + c₁x + c₂x² + …, by Horner's rule. */
export function polynomial<V>(l: Lanes<V>, x: Operand<V>, coefficients: readonly number[]): V {
  const [first, ...rest] = [...coefficients].reverse();
  return rest.reduce<Operand<V>>((sum, c) => l.add(l.mul(sum, x), c), first) as V;
}
