import { sameShape, sizeOf } from "../../tensor/types.js";
import type { Shape } from "../../tensor/types.js";
import type { Node, Program } from "../program.js";
import type { Rewriter, Rule, Rules } from "./rewriter.js";
import { reshapeOfTranspose } from "./reshape-of-transpose.js";
import { rewrite } from "./rewrite.js";
import { simplifyConcatenate, simplifyFlip, simplifyPad, simplifySlice } from "./strided.js";

/** A change of shape only, of one number repeated. */
const uniform: Rule = (node, rewriter) => {
  const value = rewriter.uniform(node.inputs[0]);
  return value === undefined ? undefined : rewriter.full(value, node);
};

const shapeOf = (rewriter: Rewriter, x: number): Shape => rewriter.nodes[x].shape;

/** A shape without its leading extents of 1. */
function withoutLeadingOnes(shape: Shape): Shape {
  const first = shape.findIndex(d => d !== 1);
  return first < 0 ? [] : shape.slice(first);
}

/** Nothing repeated; repeated twice; repeated after leading axes of extent 1 came or went. */
const broadcast: Rule<"broadcast"> = (node, rewriter) => {
  const [x] = node.inputs;
  if (sameShape(shapeOf(rewriter, x), node.shape)) return x;
  const inner = rewriter.as(x, "broadcast");
  if (inner) return rewriter.broadcast(inner.inputs[0], node.shape);
  const source = rewriter.as(x, "reshape")?.inputs[0];
  if (source === undefined || shapeOf(rewriter, source).length > node.shape.length) return undefined;
  return sameShape(withoutLeadingOnes(shapeOf(rewriter, source)), withoutLeadingOnes(shapeOf(rewriter, x)))
    ? rewriter.broadcast(source, node.shape)
    : undefined;
};

/** The same shape; after another reshape, or after a broadcast that repeats nothing. */
const reshape: Rule<"reshape"> = (node, rewriter) => {
  const [x] = node.inputs;
  if (sameShape(shapeOf(rewriter, x), node.shape)) return x;
  const source = (rewriter.as(x, "reshape") ?? rewriter.as(x, "broadcast"))?.inputs[0];
  return source !== undefined && sizeOf(shapeOf(rewriter, source)) === sizeOf(node.shape)
    ? rewriter.reshape(source, node.shape)
    : undefined;
};

/** The identity; two in a row; of a broadcast: the smaller array is transposed. */
const transpose: Rule<"transpose"> = (node, rewriter) => {
  const [x] = node.inputs,
    { permutation } = node.params;
  if (permutation.every((a, i) => a === i)) return x;
  const inner = rewriter.as(x, "transpose");
  if (inner)
    return rewriter.transpose(
      inner.inputs[0],
      permutation.map(a => inner.params.permutation[a]),
    );
  const source = rewriter.as(x, "broadcast")?.inputs[0];
  return source === undefined ? undefined : rewriter.broadcast(transposedSource(rewriter, source, permutation), node.shape);
};

/** What to repeat instead of a source of lower rank that was repeated and then transposed. */
function transposedSource(rewriter: Rewriter, source: number, permutation: readonly number[]): number {
  const shape = shapeOf(rewriter, source),
    rank = permutation.length,
    extra = rank - shape.length;
  if (permutation.every((a, i) => i >= extra || a === i))
    return rewriter.transpose(
      source,
      permutation.slice(extra).map(a => a - extra),
    );
  return rewriter.transpose(rewriter.reshape(source, [...new Array<number>(extra).fill(1), ...shape]), permutation);
}

/** Over no axes, or over axes of extent 1 only. */
const reduction: Rule<"sum" | "max" | "min"> = (node: Node<"sum" | "max" | "min">, rewriter) => {
  const [x] = node.inputs;
  return node.params.axes.every(a => shapeOf(rewriter, x)[a] === 1) ? rewriter.reshape(x, node.shape) : undefined;
};

export const shapeRules: Rules = {
  broadcast: [broadcast],
  reshape: [uniform, reshape, reshapeOfTranspose],
  transpose: [uniform, transpose],
  slice: [uniform, simplifySlice],
  flip: [uniform, simplifyFlip],
  pad: [simplifyPad],
  concatenate: [simplifyConcatenate],
  take: [uniform],
  sum: [reduction],
  max: [reduction],
  min: [reduction],
};

/** Changes of shape that undo each other, or that one does as well as two. Bit-identical. */
export const simplifyShapes = (program: Program): Program => rewrite(program, shapeRules);
