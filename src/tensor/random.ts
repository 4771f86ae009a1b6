import { fail } from "./error.js";
import type { Extents } from "./extents.js";
import { listOf } from "./extents.js";
import { array } from "./np/create.js";
import { less } from "./np/logic.js";
import { convert, lift, valueOf } from "./np/promote.js";
import { workingPrecision } from "./precision.js";
import { blocks, pair } from "./random/blocks.js";
import { inverseErf } from "./random/normal.js";
import { scalarOf, wordOf, wordsOf } from "./random/words.js";
import { shiftRight, threefry, xor } from "./random/threefry.js";
import type { Shape } from "./types.js";
import type { Operand, Scalar } from "./value.js";
import { Value } from "./value.js";

export { categorical, choice, permutation, randint } from "./random/choose.js";
export type { ChoiceOptions } from "./random/choose.js";

function bitsFor(who: string, k: Value, shape: Shape): Value {
  const [a, b] = blocks(who, k, shape);
  return xor(a, b);
}

/** Multiples of 2⁻²³ in [0, 1), in the working precision. */
const unit = (who: string, k: Value, shape: Shape): Value =>
  convert(shiftRight(bitsFor(who, k, shape), 9), workingPrecision()).mul(2 ** -23);

/**
 * The key of a seed: int32[2]. Keys are usually data of a task, so that each task has its own; one of the program's constants gives the same
 * numbers in every run.
 * @param seed a whole number from 0 below 2⁵³, or an int32 scalar
 * @throws on another seed
 */
export function key(seed: Scalar): Value {
  if (Value.is(seed)) return pair([lift("key", 0, "int32"), scalarOf("key", "a seed", seed)]);
  if (!Number.isSafeInteger(seed) || seed < 0) fail("key", "takes a whole seed from 0 below 2^53", `${seed}`);
  return array({ shape: [2], dtype: "int32", data: Int32Array.of(Math.floor(seed / 2 ** 32), seed) });
}

/**
 * Another key, made of a key and a number: the key of step `data`. Row i of `split(key, n)` is `foldIn(key, i)`.
 * @param k a key, int32[2]
 * @param data a whole number of 32 bits, or an int32 scalar such as the index of the inner step
 * @throws on anything else
 */
export function foldIn(k: Value, data: Scalar): Value {
  return pair(threefry(wordsOf("foldIn", k), [0, wordOf("foldIn", "a number to fold in", data)]));
}

/**
 * New keys that are independent of each other and of the numbers drawn from others: int32[n, 2], of which `.slice(i)` is a key.
 * @param k a key, int32[2]; use it for nothing else
 * @param n how many
 * @throws unless n is whole and ≥ 0
 */
export function split(k: Value, n = 2): Value {
  return pair(blocks("split", k, [n]));
}

/**
 * 32 random bits an element, as int32, from Threefry-2x32-20 in counter mode: the element's position in row-major order is the counter, and the
 * two words of its block are combined by exclusive or, as in JAX.
 * @param k a key, int32[2]
 * @throws on anything but a key, or extents that are not whole and ≥ 0
 */
export function bits(k: Value, ...shape: Extents): Value {
  return bitsFor("bits", k, listOf(shape));
}

/**
 * Uniform numbers in [low, high), multiples of 2⁻²³ between 0 and 1, scaled: the same numbers in both precisions, and JAX's in float32. Their
 * derivative passes to low and high.
 * @param k a key, int32[2]
 * @throws on anything but a key, or extents that are not whole and ≥ 0
 */
export function uniform(k: Value, shape: Shape | number = [], low: Operand = 0, high: Operand = 1): Value {
  const u = unit("uniform", k, typeof shape === "number" ? [shape] : shape);
  if (low === 0 && high === 1) return u;
  const width = typeof high === "number" && typeof low === "number" ? high - low : valueOf("uniform", high).sub(low);
  return u.mul(width).add(low);
}

/**
 * Standard normal numbers, √2 erf⁻¹(u) of uniform u in (−1, 1), all within ±5.42.
 * @param k a key, int32[2]
 * @throws on anything but a key, or extents that are not whole and ≥ 0
 */
export function normal(k: Value, ...shape: Extents): Value {
  // Odd multiples of 2⁻²⁴: exact in float32, and neither −1 nor 1 is among them.
  const u = unit("normal", k, listOf(shape))
    .mul(2)
    .add(2 ** -24 - 1);
  return inverseErf(u).mul(Math.SQRT2);
}

/**
 * True with probability p, as bool: whether a uniform number is below p.
 * @param k a key, int32[2]
 * @param p a number, or values that broadcast to the shape
 * @param shape absent: that of p
 * @throws on anything but a key, or extents that are not whole and ≥ 0
 */
export function bernoulli(k: Value, p: Operand = 0.5, ...shape: Extents | [shape?: undefined]): Value {
  const chance = typeof p === "number" ? Math.fround(p) : valueOf("bernoulli", p);
  const own = Value.is(chance) ? chance.shape : [];
  const extents = shape[0] === undefined ? own : listOf(shape);
  // In float32 in both precisions, so that both draw alike.
  return less(unit("bernoulli", k, extents), chance);
}
