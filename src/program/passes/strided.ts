import { sameShape } from "../../tensor/types.js";
import type { Node } from "../program.js";
import type { Rewriter, Rule } from "./rewriter.js";

const shapeOf = (rewriter: Rewriter, x: number): readonly number[] => rewriter.nodes[x].shape;
const isWhole = ({ start, stride }: Node<"slice" | "pad">["params"]): boolean => start.every(s => s === 0) && stride.every(s => s === 1);
const equalParams = (a: Node<"slice" | "pad">["params"], b: Node<"slice" | "pad">["params"]): boolean =>
  sameShape(a.start, b.start) && sameShape(a.stride, b.stride);

/** The whole array; a slice of a slice; what was padded; a slice of one part of a concatenation. */
export const simplifySlice: Rule<"slice"> = (node, rewriter) => {
  const [x] = node.inputs,
    { start, stride } = node.params;
  if (sameShape(shapeOf(rewriter, x), node.shape) && isWhole(node.params)) return x;
  const inner = rewriter.as(x, "slice");
  if (inner) {
    const outer = inner.params;
    return rewriter.add("slice", inner.inputs, node, {
      start: start.map((s, a) => outer.start[a] + s * outer.stride[a]),
      stride: stride.map((s, a) => s * outer.stride[a]),
    });
  }
  const padded = rewriter.as(x, "pad");
  if (padded && equalParams(padded.params, node.params) && sameShape(shapeOf(rewriter, padded.inputs[0]), node.shape))
    return padded.inputs[0];
  const joined = rewriter.as(x, "concatenate");
  return joined && sliceOfPart(node, joined, rewriter);
};

/** Where the parts of concatenations begin, and the end of the last: of one that many slices read, it is summed up once. */
const beginnings = new WeakMap<Node, number[]>();

function beginningsOf(joined: Node<"concatenate">, rewriter: Rewriter): readonly number[] {
  let known = beginnings.get(joined);
  if (!known) {
    known = [0];
    for (const [i, part] of joined.inputs.entries()) known.push(known[i] + shapeOf(rewriter, part)[joined.params.axis]);
    beginnings.set(joined, known);
  }
  return known;
}

function sliceOfPart(node: Node<"slice">, joined: Node<"concatenate">, rewriter: Rewriter): number | undefined {
  const { axis } = joined.params,
    { start, stride } = node.params,
    first = start[axis],
    last = first + (node.shape[axis] - 1) * stride[axis];
  if (node.shape[axis] === 0) return undefined;
  const starts = beginningsOf(joined, rewriter);
  let part = 0;
  for (let end = joined.inputs.length; end - part > 1;) {
    const middle = (part + end) >>> 1;
    if (starts[middle] <= first) part = middle;
    else end = middle;
  }
  if (last >= starts[part + 1] || last < starts[part]) return undefined;
  return rewriter.add("slice", [joined.inputs[part]], node, { start: start.map((s, a) => (a === axis ? s - starts[part] : s)), stride });
}

/** Nothing around it. */
export const simplifyPad: Rule<"pad"> = (node, rewriter) => {
  const [x] = node.inputs;
  return sameShape(shapeOf(rewriter, x), node.shape) && isWhole(node.params) ? x : undefined;
};

/** Axes of one element do not turn; an axis turned twice does not either. */
export const simplifyFlip: Rule<"flip"> = (node, rewriter) => {
  const [x] = node.inputs,
    inner = rewriter.as(x, "flip"),
    turned = new Set(inner?.params.axes);
  for (const axis of node.params.axes) if (!turned.delete(axis)) turned.add(axis);
  const axes = [...turned].filter(a => node.shape[a] > 1).sort((a, b) => a - b),
    source = inner?.inputs[0] ?? x;
  if (axes.length === 0) return source;
  return inner || axes.length < node.params.axes.length ? rewriter.add("flip", [source], node, { axes }) : undefined;
};

/** Parts without elements add nothing; one part is the whole. */
export const simplifyConcatenate: Rule<"concatenate"> = (node, rewriter) => {
  const { axis } = node.params,
    parts = node.inputs.filter(i => shapeOf(rewriter, i)[axis] > 0);
  if (parts.length === 1) return parts[0];
  return parts.length > 1 && parts.length < node.inputs.length ? rewriter.add("concatenate", parts, node, { axis }) : undefined;
};
