import type { ElementaryUnaryPrimitives } from "../../src/program/program.js";
import { erf, sigmoid, softplus } from "../../src/tensor/special.js";

/** Elementary functions of one number. */
export type UnaryFunction = keyof ElementaryUnaryPrimitives;

/** References of the float32 functions: float64, with errors that float32 does not see. */
export const float64References: Record<UnaryFunction, (x: number) => number> = {
  exp: Math.exp,
  expm1: Math.expm1,
  log: Math.log,
  log1p: Math.log1p,
  sin: Math.sin,
  cos: Math.cos,
  tanh: Math.tanh,
  erf,
  sigmoid,
  softplus,
  atan: Math.atan,
  asin: Math.asin,
  acos: Math.acos,
  sinh: Math.sinh,
  cosh: Math.cosh,
};

const view = new DataView(new ArrayBuffer(8));
/** 1/spacing of float32 by the exponent field of a float64. */
const perSpacing = Float64Array.from({ length: 2048 }, (_, field) => 2 ** (23 - Math.min(Math.max(field - 1023, -126), 127)));
const scratch = new Float64Array(1);
const words = new Uint32Array(scratch.buffer);

/** The distance of a float32 from a finite or infinite reference in float32 ulps; beyond the largest number comes 2¹²⁸. NaN is infinitely far. */
export function float32Ulps(value: number, reference: number): number {
  const largest = 2 ** 128;
  const y = Math.abs(value) > largest ? Math.sign(value) * largest : value;
  const r = Math.abs(reference) > largest ? Math.sign(reference) * largest : reference;
  scratch[0] = r;
  const ulps = Math.abs(y - r) * perSpacing[(words[1] >>> 20) & 2047];
  return Number.isNaN(ulps) ? Infinity : ulps;
}

/** Numbers of 32 bits from a seed (xorshift). */
export function randomWords(seed: number): () => number {
  let x = seed | 1;
  return () => {
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    return x >>> 0;
  };
}

/** Whether a function has a finite result, not below the subnormal numbers, at a finite float64. */
function inDomain(name: UnaryFunction, x: number): boolean {
  switch (name) {
    case "log":
      return x > 0;
    case "log1p":
      return x > -1;
    case "exp":
      return x > -745.1 && x < 709.7;
    case "expm1":
      return x < 709.7 && x > -745;
    case "sigmoid":
      return x > -745.1 && x < 745;
    case "softplus":
      return x > -745.1;
    case "asin":
    case "acos":
      return Math.abs(x) <= 1;
    case "sinh":
    case "cosh":
      return Math.abs(x) < 710.4;
    default:
      return true;
  }
}

/** A stream of float64 arguments: a quarter of all bit patterns alike, the others uniform in ±750, ±6 and ±1.5. */
export function float64Arguments(name: UnaryFunction, seed: number): () => number {
  const next = randomWords(seed);
  const ranges = [1500, 12, 3];
  let turn = 0;
  for (let k = 0; k < 10; k++) next();
  return () => {
    for (;;) {
      const high = next();
      const low = next();
      let x: number;
      if (turn === 3) {
        view.setUint32(0, high);
        view.setUint32(4, low);
        x = view.getFloat64(0);
      } else x = ((high - 2 ** 31) / 2 ** 32 + low / 2 ** 64) * ranges[turn];
      if (name === "log" || (name === "log1p" && x <= -1)) x = Math.abs(x);
      if (!Number.isFinite(x) || !inDomain(name, x)) continue;
      turn = (turn + 1) & 3;
      return x;
    }
  };
}
