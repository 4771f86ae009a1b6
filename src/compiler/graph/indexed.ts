import type { Shape } from "../../tensor/types.js";
import { sizeOf } from "../../tensor/types.js";
import type { Graph } from "./graph.js";
import type { View } from "./view.js";
import { unsqueezed, whole } from "./view.js";

const around = (shape: Shape, axis: number) => ({
  outer: sizeOf(shape.slice(0, axis)),
  extent: shape[axis],
  inner: sizeOf(shape.slice(axis + 1)),
});

/** Elements of x along an axis, by indices of any shape. */
export function gather(graph: Graph, x: View, indices: View, shape: Shape, axis: number): View {
  const operands = [whole(graph.dense(x)), whole(graph.dense(indices))];
  const tensor = graph.add({
    kind: "gather",
    dtype: x.tensor.dtype,
    shape: shape.filter(n => n !== 1),
    operands,
    count: sizeOf(indices.shape),
    ...around(x.shape, axis),
  });
  return unsqueezed(tensor, shape);
}

/** Adds elements of g into zeros of `shape`, where `gather` would have found them. */
export function scatter(graph: Graph, g: View, indices: View, shape: Shape, axis: number): View {
  if (sizeOf(g.shape) === 0) return graph.literal(0, g.tensor.dtype, shape);
  const operands = [whole(graph.dense(g)), whole(graph.dense(indices))];
  const tensor = graph.add({
    kind: "scatter",
    dtype: g.tensor.dtype,
    shape: shape.filter(n => n !== 1),
    operands,
    count: sizeOf(indices.shape),
    ...around(shape, axis),
  });
  return unsqueezed(tensor, shape);
}
