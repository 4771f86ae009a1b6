import { iota, literal, ones } from "../np/create.js";
import { abs, log, sign } from "../np/functions.js";
import { take } from "../np/indexing.js";
import { equal, less, lessEqual, where } from "../np/logic.js";
import { argmax } from "../np/order.js";
import { convert, lift } from "../np/promote.js";
import { max, sum } from "../np/reduce.js";
import { reshape, stack } from "../np/shape.js";
import { prod } from "../np/scan.js";
import { apply } from "../operation.js";
import { stopGradient, vmap } from "../transform.js";
import { sizeOf } from "../types.js";
import type { Operand, Value } from "../value.js";
import { floating, square } from "./operands.js";

/** Positions 0, 1, … of all but one. */
function without(i: Value, n: number): Value {
  const all = iota(n - 1, "int32");
  return all.add(convert(lessEqual(i, all), "int32"));
}

/**
 * Factors whose product is the determinant of a matrix [n, n], by elimination with complete pivoting: the determinant is the largest element, with the sign of its place,
 * times that of what is left without its row and column. Zeros come last, so that the product has right derivatives where the rank is n − 1.
 */
function factors(a: Value): Value[] {
  const all: Value[] = [];
  let left = a;
  for (let n = a.shape[0]; n > 0; n--) {
    const r = argmax(max(abs(stopGradient(left)), 1));
    const row = take(left, r, 0);
    const c = argmax(abs(stopGradient(row)));
    const pivot = take(row, c, 0);
    // The lowest bit of r + c where the sign is.
    const odd = less(apply("shiftLeft", [r.add(c), lift("det", 31, "int32")], {}), 0);
    all.push(where(odd, pivot.neg(), pivot));
    if (n === 1) break;
    const [rows, columns] = [without(r, n), without(c, n)];
    const ratio = take(row, columns, 0).div(where(equal(pivot, 0), literal(1, pivot), pivot));
    const column = reshape(take(take(left, c, 1), rows, 0), [n - 1, 1]);
    left = take(take(left, rows, 0), columns, 1).sub(column.mul(reshape(ratio, [1, n - 1])));
  }
  return all;
}

/** A function of each of the matrices [.., n, n]. */
function each<R extends Value | Value[]>(x: Value, f: (matrix: Value) => R, shaped: (results: R, lead: readonly number[]) => R): R {
  const lead = x.shape.slice(0, -2);
  if (lead.length === 0) return f(x);
  return shaped(vmap(f as (matrix: Value) => Value)(reshape(x, [sizeOf(lead), ...x.shape.slice(-2)])) as R, lead);
}

/**
 * The determinants of square matrices, by elimination with complete pivoting.
 *
 * The first derivative is right everywhere, also where a matrix is singular; the second where the rank is n − 1 at least. Its program has some thirty operations for each
 * row: meant for matrices of up to a few dozen rows.
 * @param a [.., n, n]
 * @returns [..]
 * @throws on anything but square matrices
 */
export function det(a: Operand): Value {
  const [given] = floating("det", [a]);
  const x = square("det", given);
  const one = (matrix: Value): Value => prod(stack(factors(matrix)));
  if (x.shape[x.ndim - 1] === 0) return convert(ones(x.shape.slice(0, -2)), x.dtype);
  return each(x, one, (y, lead) => reshape(y, lead));
}

/**
 * Signs and logarithms of the absolute values of the determinants of square matrices, [sign, log |det A|], without overflow: 0 and −∞ where a matrix is singular, and there
 * the derivative is infinite or NaN. Elimination as in `det`.
 * @param a [.., n, n]
 * @returns two of [..]
 * @throws on anything but square matrices
 */
export function slogdet(a: Operand): [sign: Value, logAbsDet: Value] {
  const [given] = floating("slogdet", [a]);
  const x = square("slogdet", given);
  const lead = x.shape.slice(0, -2);
  if (x.shape[x.ndim - 1] === 0) {
    const y = convert(ones(lead), x.dtype);
    return [y, y.sub(y)];
  }
  const one = (matrix: Value): Value[] => {
    const all = stack(factors(matrix));
    return [prod(sign(all)), sum(log(abs(all)))];
  };
  return each(x, one, (all, shape) => all.map(y => reshape(y, shape))) as [Value, Value];
}
