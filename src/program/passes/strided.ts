import { sameShape } from "../../tensor/types.js";
import type { Node } from "../program.js";
import type { Graph, Rule } from "./graph.js";

const shapeOf = (graph: Graph, x: number): readonly number[] => graph.nodes[x].shape;
const isWhole = ({ start, stride }: Node<"slice" | "pad">["params"]): boolean => start.every(s => s === 0) && stride.every(s => s === 1);
const equalParams = (a: Node<"slice" | "pad">["params"], b: Node<"slice" | "pad">["params"]): boolean =>
  sameShape(a.start, b.start) && sameShape(a.stride, b.stride);

/** The whole array; a slice of a slice; what was padded; a slice of one part of a concatenation. */
export const simplifySlice: Rule<"slice"> = (node, graph) => {
  const [x] = node.inputs,
    { start, stride } = node.params;
  if (sameShape(shapeOf(graph, x), node.shape) && isWhole(node.params)) return x;
  const inner = graph.as(x, "slice");
  if (inner) {
    const outer = inner.params;
    return graph.add("slice", inner.inputs, node, {
      start: start.map((s, a) => outer.start[a] + s * outer.stride[a]),
      stride: stride.map((s, a) => s * outer.stride[a]),
    });
  }
  const padded = graph.as(x, "pad");
  if (padded && equalParams(padded.params, node.params) && sameShape(shapeOf(graph, padded.inputs[0]), node.shape)) return padded.inputs[0];
  const joined = graph.as(x, "concatenate");
  return joined && sliceOfPart(node, joined, graph);
};

function sliceOfPart(node: Node<"slice">, { inputs, params: { axis } }: Node<"concatenate">, graph: Graph): number | undefined {
  const { start, stride } = node.params,
    first = start[axis],
    last = first + (node.shape[axis] - 1) * stride[axis];
  let offset = 0;
  for (const part of inputs) {
    const end = offset + shapeOf(graph, part)[axis];
    if (first >= offset && last < end && node.shape[axis] > 0) {
      return graph.add("slice", [part], node, { start: start.map((s, a) => (a === axis ? s - offset : s)), stride });
    }
    offset = end;
  }
  return undefined;
}

/** Nothing around it. */
export const simplifyPad: Rule<"pad"> = (node, graph) => {
  const [x] = node.inputs;
  return sameShape(shapeOf(graph, x), node.shape) && isWhole(node.params) ? x : undefined;
};

/** Axes of one element do not turn; an axis turned twice does not either. */
export const simplifyFlip: Rule<"flip"> = (node, graph) => {
  const [x] = node.inputs,
    inner = graph.as(x, "flip"),
    turned = new Set(inner?.params.axes);
  for (const axis of node.params.axes) if (!turned.delete(axis)) turned.add(axis);
  const axes = [...turned].filter(a => node.shape[a] > 1).sort((a, b) => a - b),
    source = inner?.inputs[0] ?? x;
  if (axes.length === 0) return source;
  return inner || axes.length < node.params.axes.length ? graph.add("flip", [source], node, { axes }) : undefined;
};

/** Parts without elements add nothing; one part is the whole. */
export const simplifyConcatenate: Rule<"concatenate"> = (node, graph) => {
  const { axis } = node.params,
    parts = node.inputs.filter(i => shapeOf(graph, i)[axis] > 0);
  if (parts.length === 1) return parts[0];
  return parts.length > 1 && parts.length < node.inputs.length ? graph.add("concatenate", parts, node, { axis }) : undefined;
};
