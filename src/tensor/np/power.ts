import { still, withSlopes } from "../ops/slope.js";
import { workingPrecision } from "../precision.js";
import type { Operand, Value } from "../value.js";
import { literal, onesLike } from "./create.js";
import { divide, multiply } from "./elementwise.js";
import { abs, exp, floor, log } from "./functions.js";
import { equal, less, lessEqual, logicalAnd, notEqual, where } from "./logic.js";
import { lift, numericDType, promote } from "./promote.js";

/** xⁿ by repeated multiplication: log₂ n products. */
function whole(x: Value, n: number): Value {
  if (n < 0) return divide(1, whole(x, -n));
  if (n === 0) return onesLike(x);
  if (n === 1) return x;
  const root = whole(x, Math.floor(n / 2));
  const even = multiply(root, root);
  return n % 2 ? multiply(even, x) : even;
}

/** The coefficients of a polynomial of y, the constant first. */
type Polynomial = readonly number[];

const horner = (c: Polynomial, y: Value): Value => c.reduceRight<Value>((sum, a) => sum.mul(y).add(a), literal(0, y));
const derivative = (c: Polynomial): Polynomial => c.slice(1).map((a, i) => a * (i + 1));
/** c(y)·(y − k). */
const timesRoot = (c: Polynomial, k: number): Polynomial => [...c, 0].map((_, i) => (i > 0 ? c[i - 1] : 0) - (i < c.length ? k * c[i] : 0));

/** c(y) · x^{y−k} · (log x)^l: what the derivatives of xʸ are sums of. */
interface Term {
  readonly c: Polynomial;
  readonly k: number;
  readonly l: number;
}

/** Whole exponents of up to so many bits are powers by multiplication. */
const BITS = 5,
  MOST = 31;

/** xᵉ for an e that may be whole where it is a value: by multiplication up to |e| < 2⁵, beyond that |x|ᵉ with its sign; NaN where x < 0 and e is not whole. */
function signed(x: Value, e: Value, magnitude: Value): Value {
  const isWhole = equal(floor(e), e);
  const half = e.mul(0.5);
  const isOdd = logicalAnd(isWhole, notEqual(floor(half), half));
  const large = where(less(x, 0), where(isOdd, magnitude.neg(), where(isWhole, magnitude, NaN)), magnitude);
  const size = abs(e);
  const isSmall = logicalAnd(isWhole, lessEqual(size, MOST));
  let [bits, square, product] = [size, x, onesLike(x)];
  for (let i = 0; i < BITS; i++) {
    const rest = floor(bits.mul(0.5));
    product = where(notEqual(rest.add(rest), bits), product.mul(square), product);
    [bits, square] = [rest, square.mul(square)];
  }
  return where(isSmall, where(less(e, 0), divide(1, product), product), large);
}

/** The numbers of a term. At x = 0 they are the limits from above; a logarithm beside x⁰ counts as 0 there, as in PyTorch and JAX. */
function numbersOf(x: Value, y: Value, { c, k, l }: Term, fraction: boolean): Value {
  const e = k === 0 ? y : y.sub(k);
  const atZero = equal(x, 0);
  // Of a negative x the logarithm is NaN: xʸ is defined at whole y only, and has no derivative in y.
  const logarithm = log(where(atZero, 1, x));
  const power = fraction ? exp(logarithm.mul(e)) : signed(x, e, exp(log(where(atZero, 1, abs(x))).mul(e)));
  const infinite = l % 2 ? -Infinity : Infinity;
  const limit = where(less(0, e), 0, where(equal(e, 0), l > 0 ? 0 : 1, where(less(e, 0), infinite, e)));
  const value = where(atZero, limit, l > 0 ? power.mul(whole(logarithm, l)) : power);
  if (c.length === 1) return c[0] === 1 ? value : value.mul(c[0]);
  const factor = horner(c, y);
  return where(equal(factor, 0), 0, value.mul(factor));
}

/** Terms are closed under both derivatives: in x, c(y)(y − k) x^{y−k−1} log^l + l c(y) x^{y−k−1} log^{l−1}; in y, c′ and one logarithm more. */
function term(x: Value, y: Value, t: Term, fraction: boolean): Value {
  const sum = (a: Value, b: Value, terms: readonly Term[]) =>
    terms
      .filter(({ c }) => c.some(n => n !== 0))
      .map(one => term(a, b, one, fraction))
      .reduce<Value>((all, one) => all.add(one), literal(0, x));
  const { c, k, l } = t;
  const alongX = [
    { c: timesRoot(c, k), k: k + 1, l },
    { c: c.map(n => n * l), k: k + 1, l: l - 1 },
  ];
  const alongY = [
    { c: derivative(c), k, l },
    { c, k, l: l + 1 },
  ];
  return withSlopes(numbersOf(still(x), still(y), t, fraction), [x, y], ([a, b]) => [sum(a, b, alongX), sum(a, b, alongY)]);
}

/**
 * xʸ, broadcast: by multiplication where y is a whole number, also one of a value's (for those up to 31, beyond that e^{y log |x|} with its sign);
 * else e^{y log x}, which is NaN for negative x. Derivatives are those of xʸ to any order, and at x = 0 their limits from above: that of x^½ is
 * infinite there, that in y is 0. In y there is none, NaN, for negative x. Integers stay integers for whole numbers y ≥ 0 only.
 */
export function power(x: Operand, y: Operand): Value {
  if (Number.isSafeInteger(y)) return whole(lift("power", x, workingPrecision()), y as number);
  const dtype = numericDType("power", [x, y]);
  const [base, exponent] = promote("power", [x, y], dtype === "int32" ? workingPrecision() : dtype);
  return term(base, exponent, { c: [1], k: 0, l: 0 }, typeof y === "number" && Number.isFinite(y));
}
