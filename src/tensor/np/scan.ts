import { apply } from "../operation.js";
import { workingPrecision } from "../precision.js";
import type { Axes, Operand, ReduceOptions, Value } from "../value.js";
import { keepsDims, normalizeAxes, normalizeAxis } from "./axes.js";
import { full } from "./create.js";
import { convert, valueOf } from "./promote.js";
import { concatenate, reshape, transpose } from "./shape.js";

const counted = (x: Value): Value => (x.dtype === "bool" ? convert(x, workingPrecision()) : x);

/** `length` rows from a place of the first axis. */
const rows = (x: Value, from: number, length: number): Value => {
  const start = x.shape.map((_, i) => (i === 0 ? from : 0));
  return apply("slice", [x], { start, stride: start.map(() => 1) }, { shape: [length, ...x.shape.slice(1)] });
};

/**
 * Product over axes (absent: all), 1 for no elements, as a tree of pairwise products: log₂ n deep, and every derivative is right where elements
 * are 0, since nothing is divided. Truth values count as 0 and 1 in the working precision. @throws on an axis that x does not have
 */
export function prod(x: Operand, axis?: Axes, options?: ReduceOptions): Value {
  const keepdims = keepsDims("prod", options);
  x = valueOf("prod", x);
  const axes = normalizeAxes("prod", x, axis);
  const kept = x.shape.map((_, i) => i).filter(i => !axes.includes(i));
  const shape = kept.map(i => x.shape[i]);
  const n = axes.reduce((product, a) => product * x.shape[a], 1);
  let level = reshape(transpose(counted(x), [...axes, ...kept]), [n, ...shape]);
  if (n === 0) level = full([1, ...shape], 1, level.dtype);
  // The element left over at a level of odd length goes along, beside the tree.
  let odd: Value | undefined;
  while (level.shape[0] > 1) {
    const half = Math.floor(level.shape[0] / 2);
    if (level.shape[0] % 2) {
      const last = rows(level, 2 * half, 1);
      odd = odd ? odd.mul(last) : last;
    }
    level = rows(level, 0, half).mul(rows(level, half, half));
  }
  const y = odd ? level.mul(odd) : level;
  return reshape(y, keepdims ? x.shape.map((d, i) => (axes.includes(i) ? 1 : d)) : shape);
}

/**
 * Sums of the elements up to each along an axis (absent: of the flattened array): y_i = x_0 + … + x_i, in log₂ n steps, each of which adds what
 * stands 1, 2, 4, … before; so rounding grows with log n. Truth values count as 0 and 1 in the working precision. @throws on an axis that x does not have
 */
export function cumsum(x: Operand, axis?: number): Value {
  x = valueOf("cumsum", x);
  if (axis === undefined) return cumsum(reshape(x, [x.size]), 0);
  const at = normalizeAxis("cumsum", x, axis);
  const stride = x.shape.map(() => 1);
  const none = x.shape.map(() => 0);
  let y = counted(x);
  for (let step = 1; step < x.shape[at]; step *= 2) {
    const before = apply("slice", [y], { start: none, stride }, { shape: x.shape.with(at, x.shape[at] - step) });
    y = y.add(apply("pad", [before], { start: none.with(at, step), stride }, { shape: x.shape }));
  }
  return y;
}

/**
 * Products of the elements up to each along an axis (absent: of the flattened array): y_i = x_0 · … · x_i, in log₂ n steps as `cumsum`; every derivative is
 * right where elements are 0. Truth values count as 0 and 1 in the working precision. @throws on an axis that x does not have
 */
export function cumprod(x: Operand, axis?: number): Value {
  const v = valueOf("cumprod", x);
  if (axis === undefined) return cumprod(reshape(v, [v.size]), 0);
  const at = normalizeAxis("cumprod", v, axis);
  const n = v.shape[at];
  const none = v.shape.map(() => 0);
  let y = counted(v);
  for (let step = 1; step < n; step *= 2) {
    const before = apply("slice", [y], { start: none, stride: none.map(() => 1) }, { shape: v.shape.with(at, n - step) });
    y = y.mul(concatenate([full(v.shape.with(at, step), 1, y.dtype), before], at));
  }
  return y;
}
