import type { Shape } from "../../tensor/types.js";
import { sizeOf } from "../../tensor/types.js";
import type { Program } from "../program.js";
import type { Rewriter, Rule, Rules } from "./rewriter.js";
import { rewrite } from "./rewrite.js";

const shapeOf = (rewriter: Rewriter, x: number): Shape => rewriter.nodes[x].shape;

const swap = (rewriter: Rewriter, x: number): number => {
  const n = shapeOf(rewriter, x).length;
  return rewriter.transpose(x, [...Array.from({ length: n - 2 }, (_, i) => i), n - 1, n - 2]);
};

/** How many of the last batch axes an operand merely repeats, and what it repeats: [..batch, m, n] with 1 there. */
function repeatedBatch(rewriter: Rewriter, x: number): { count: number; source: number } {
  const { shape } = rewriter.nodes[x],
    source = rewriter.as(x, "broadcast")?.inputs[0],
    batch = shape.length - 2;
  if (source === undefined) return { count: 0, source: x };
  const own = shapeOf(rewriter, source),
    extra = shape.length - own.length;
  const extent = (a: number): number => (a < extra ? 1 : own[a - extra]);
  if (extent(batch) !== shape[batch] || extent(batch + 1) !== shape[batch + 1]) return { count: 0, source: x };
  let count = 0;
  while (count < batch && extent(batch - 1 - count) === 1) count++;
  return { count, source };
}

/** The matrices behind an operand, with its last `count` batch axes left out. */
function withoutRepeats(rewriter: Rewriter, x: number, source: number, count: number): number {
  const shape = shapeOf(rewriter, x),
    batch = shape.length - 2 - count,
    own = shapeOf(rewriter, source);
  const aligned = [...new Array<number>(shape.length - own.length).fill(1), ...own];
  const squeezed = rewriter.reshape(source, [...aligned.slice(0, batch), ...aligned.slice(-2)]);
  return rewriter.broadcast(squeezed, [...shape.slice(0, batch), ...shape.slice(-2)]);
}

/** (V repeated) · (W repeated) = V · W repeated. */
const repeatedBoth: Rule<"matmul"> = (node, rewriter) => {
  const [a, b] = node.inputs,
    left = repeatedBatch(rewriter, a),
    right = repeatedBatch(rewriter, b),
    count = Math.min(left.count, right.count);
  if (count === 0) return undefined;
  const once = rewriter.product(withoutRepeats(rewriter, a, left.source, count), withoutRepeats(rewriter, b, right.source, count)),
    shape = shapeOf(rewriter, once);
  const aligned = rewriter.reshape(once, [...shape.slice(0, -2), ...new Array<number>(count).fill(1), ...shape.slice(-2)]);
  return rewriter.broadcast(aligned, node.shape);
};

/** [b, m, k] · (W [k, n] repeated b times) = [b·m, k] · W: one product instead of many. */
const repeatedRight: Rule<"matmul"> = (node, rewriter) => {
  const [a, b] = node.inputs,
    { count, source } = repeatedBatch(rewriter, b);
  if (count === 0) return undefined;
  const shape = shapeOf(rewriter, a),
    batch = shape.length - 2 - count,
    rows = sizeOf(shape.slice(batch, -1));
  const merged = rewriter.reshape(a, [...shape.slice(0, batch), rows, shape[shape.length - 1]]);
  return rewriter.reshape(rewriter.product(merged, withoutRepeats(rewriter, b, source, count)), node.shape);
};

/** (W repeated) · x = (xᵀ · Wᵀ)ᵀ, where xᵀ costs nothing: x is a transpose already, or columns. */
const repeatedLeft: Rule<"matmul"> = (node, rewriter) => {
  const [a, b] = node.inputs,
    { count } = repeatedBatch(rewriter, a),
    rank = node.shape.length;
  if (count === 0) return undefined;
  const columns = node.shape[rank - 1] === 1,
    turned = rewriter.as(b, "transpose")?.params.permutation;
  if (!columns && !(turned && turned[rank - 1] === rank - 2 && turned[rank - 2] === rank - 1)) return undefined;
  const bT = columns ? rewriter.reshape(b, [...node.shape.slice(0, -2), 1, shapeOf(rewriter, b)[rank - 2]]) : swap(rewriter, b);
  const flipped = rewriter.product(bT, swap(rewriter, a));
  return columns ? rewriter.reshape(flipped, node.shape) : swap(rewriter, flipped);
};

/** Signs move outwards. */
const sign: Rule<"matmul"> = ({ inputs: [a, b] }, rewriter) => {
  const minusA = rewriter.as(a, "negative")?.inputs[0],
    minusB = rewriter.as(b, "negative")?.inputs[0];
  if (minusA === undefined && minusB === undefined) return undefined;
  const positive = rewriter.product(minusA ?? a, minusB ?? b);
  return minusA !== undefined && minusB !== undefined ? positive : rewriter.apply("negative", positive);
};

export const productRules: Rules = { matmul: [sign, repeatedBoth, repeatedRight, repeatedLeft] };

/**
 * Batches of products that are one product, because a matrix is repeated over the batch (as under `vmap`); signs of
 * factors. Bit-identical.
 */
export const mergeProducts = (program: Program): Program => rewrite(program, productRules);
