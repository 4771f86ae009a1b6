import type { KeysOf } from "../options.js";
import { checkOptions } from "../options.js";
import { fail } from "../error.js";
import { checkShape } from "../host.js";
import { normalizeAxis } from "../np/axes.js";
import { iota } from "../np/create.js";
import { floor, log, negative } from "../np/functions.js";
import { take } from "../np/indexing.js";
import { less } from "../np/logic.js";
import { argmax, argsort } from "../np/order.js";
import { convert, lift, promote, spread, valueOf } from "../np/promote.js";
import { sum } from "../np/reduce.js";
import { cumsum } from "../np/scan.js";
import { expandDims, reshape, split as parts } from "../np/shape.js";
import { workingPrecision } from "../precision.js";
import { isFloat, sameShape, showType, sizeOf } from "../types.js";
import type { Shape } from "../types.js";
import type { Operand, Value } from "../value.js";
import { blocks, pair } from "./blocks.js";
import { shiftRight, xor } from "./threefry.js";

/** Numbers of 2⁻⁵³ in [0, 1), float64 in both precisions: all digits of two words. */
function fine(who: string, k: Value, shape: Shape): Value {
  const [a, b] = blocks(who, k, shape);
  const high = convert(shiftRight(a, 5), "float64");
  const low = convert(shiftRight(b, 6), "float64");
  return high
    .mul(2 ** 26)
    .add(low)
    .mul(2 ** -53);
}

/**
 * Whole numbers from low up to but not including high, as int32, each as likely as the others (within 2⁻²¹): ⌊u (high − low)⌋ + low with u of 53 random bits. The same numbers
 * in both precisions.
 * @param k a key, int32[2]
 * @param shape a list or one number
 * @param low whole; a value may be int32 and broadcasts to the shape
 * @param high whole and above low; where a value is not, low is drawn
 * @throws on anything but a key, extents that are not whole and ≥ 0, or bounds that are no int32 numbers or not in order
 */
export function randint(k: Value, shape: Shape | number, low: Operand, high: Operand): Value {
  const extents = checkShape("randint", typeof shape === "number" ? [shape] : shape);
  const most = 2 ** 31;
  const whole = (x: Operand) => typeof x !== "number" || (Number.isInteger(x) && x >= -most && x <= most);
  const inOrder = typeof low !== "number" || typeof high !== "number" || low < high;
  if (!whole(low) || !whole(high) || !inOrder)
    fail(
      "randint",
      "takes whole bounds low < high of 32 bits",
      `${typeof low === "number" ? low : "a value"} and ${typeof high === "number" ? high : "a value"}`,
    );
  const bounds = [low, high].map(x => (typeof x === "number" ? lift("randint", x, "float64") : lift("randint", x, "int32")));
  for (const v of bounds) if (isFloat(v) && v.op !== "literal") fail("randint", "takes int32 bounds", showType(v));
  const [from, to] = bounds.map(v => spread(convert(v, "float64"), extents));
  return convert(floor(fine("randint", k, extents).mul(to.sub(from))).add(from), "int32");
}

/** The order in which random words stand: a permutation of 0 … n − 1. Two words that are equal would favour one order, so that long ones are mixed again. */
function shuffled(who: string, k: Value, n: number): Value {
  let order = iota(n, "int32");
  let key = k;
  // Three times as many bits as the positions have, so that equal words are rare: 1, 2 or 3 rounds.
  const rounds = n <= 1625 ? 1 : n <= 2_642_245 ? 2 : 3;
  for (let i = 0; i < rounds; i++) {
    const keys = pair(blocks(who, key, [2]));
    key = keys.slice(0);
    const [a, b] = blocks(who, keys.slice(1), [n]);
    // As numbers without a sign.
    order = take(order, argsort(xor(xor(a, b), -(2 ** 31))), 0);
  }
  return order;
}

/**
 * A random order, each as likely as the others: of 0 … n − 1 as int32, or of x along an axis. The same in both precisions.
 * @param k a key, int32[2]
 * @param x a number n, or a value
 * @throws on anything but a key, n that is not whole and ≥ 0, or an axis that x does not have
 */
export function permutation(k: Value, x: Operand, axis = 0): Value {
  if (typeof x === "number") return shuffled("permutation", k, checkShape("permutation", [x])[0]);
  const v = valueOf("permutation", x);
  const at = normalizeAxis("permutation", v, axis);
  return take(v, shuffled("permutation", k, v.shape[at]), at);
}

/** Gumbel numbers −log(−log u), whose largest is drawn in proportion to the exponentials of what is added; u of odd multiples of 2⁻²⁴. */
function gumbel(who: string, k: Value, shape: Shape): Value {
  const [a, b] = blocks(who, k, shape);
  const u = convert(shiftRight(xor(a, b), 9), workingPrecision())
    .mul(2 ** -23)
    .add(2 ** -24);
  return negative(log(negative(log(u))));
}

/**
 * Classes drawn with the probabilities softmax(logits), as int32: the place of the largest of logits + Gumbel noise along an axis. Probabilities below 10⁻⁷ of the largest are not
 * resolved.
 * @param k a key, int32[2]
 * @param logits […, classes, …]; −∞ is never drawn
 * @param axis of the classes; absent: the last
 * @param shape of the result, into which the logits without their axis broadcast; absent: their own
 * @throws on anything but a key, an axis that is not there or empty, or a shape that does not fit
 */
export function categorical(k: Value, logits: Operand, axis = -1, shape?: Shape): Value {
  const v = valueOf("categorical", logits);
  const at = normalizeAxis("categorical", v, axis);
  const rest = v.shape.filter((_, i) => i !== at);
  const wanted = checkShape("categorical", shape ?? rest);
  // Counted from the end, as shapes broadcast.
  const place = wanted.length - (v.ndim - 1 - at);
  if (place < 0)
    fail("categorical", `takes a shape with at least the axes of ${showType(v)} without that of the classes`, `[${wanted.join(",")}]`);
  const full = wanted.toSpliced(place, 0, v.shape[at]);
  const noisy = gumbel("categorical", k, full).add(v);
  if (!sameShape(noisy.shape, full)) fail("categorical", `takes a shape that ${showType(v)} broadcasts to`, `[${wanted.join(",")}]`);
  return argmax(noisy, place);
}

/** How `choice` draws. */
export interface ChoiceOptions {
  /** Whether an element may be drawn again; absent: it may. */
  readonly replace?: boolean;
  /** Probabilities, or weights, one for each element; absent: all alike. */
  readonly p?: Operand;
  /** The axis of x from which is drawn; absent: the first. */
  readonly axis?: number;
}

const choiceKeys: KeysOf<ChoiceOptions> = { replace: true, p: true, axis: true };

/**
 * Elements drawn at random from 0 … n − 1, or from x along an axis. Without `replace` none comes twice: the first ones of a random order, or with weights those of the largest
 * log p + Gumbel noise.
 * @param k a key, int32[2]
 * @param x a number n, or a value
 * @param shape of what is drawn, as a list or one number; it takes the place of the axis
 * @throws on anything but a key, nothing to draw from, weights that are not one for each, or more without `replace` than there are
 */
export function choice(k: Value, x: Operand, shape: Shape | number = [], options?: ChoiceOptions): Value {
  const { replace = true, p, axis = 0 } = checkOptions("choice", options, choiceKeys);
  const extents = checkShape("choice", typeof shape === "number" ? [shape] : shape);
  const v = typeof x === "number" ? iota(checkShape("choice", [x])[0], "int32") : valueOf("choice", x);
  const at = normalizeAxis("choice", v, axis);
  const n = v.shape[at];
  const drawn = sizeOf(extents);
  if (n === 0 && drawn > 0) fail("choice", "needs at least one element to draw from", showType(v));
  if (!replace && drawn > n)
    fail("choice", `draws at most the ${n} elements that there are without replace`, `the shape [${extents.join(",")}]`);
  const weights = p === undefined ? undefined : valueOf("choice", p);
  if (weights && (weights.ndim !== 1 || weights.size !== n)) fail("choice", `takes a weight for each of ${n} elements`, showType(weights));
  return take(v, reshape(chosen(k, n, extents, replace, weights), extents), at);
}

/** Positions of what is drawn. */
function chosen(k: Value, n: number, extents: Shape, replace: boolean, p: Value | undefined): Value {
  const drawn = sizeOf(extents);
  const first = (order: Value) => parts(order, [drawn])[0];
  if (!replace) return first(p ? argsort(negative(gumbel("choice", k, [n]).add(log(p)))) : shuffled("choice", k, n));
  if (!p) return n === 0 ? iota(0, "int32") : randint(k, extents, 0, n);
  // How many of the ends of the elements' intervals are at or below u.
  const ends = cumsum(convert(p, "float64"));
  const [low, u] = promote("choice", [ends.div(ends.slice(-1)), expandDims(fine("choice", k, extents), -1)]);
  return sum(convert(less(u, low), "int32"), -1)
    .mul(-1)
    .add(n);
}
