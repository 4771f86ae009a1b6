import type { Shape } from "../../tensor/types.js";
import { sizeOf } from "../../tensor/types.js";
import type { Graph } from "./graph.js";
import type { View } from "./view.js";
import { pick, range, unsqueezed, whole } from "./view.js";

/** Positions that sort x along an axis, which is brought last for it. */
export function argsort(graph: Graph, x: View, shape: Shape, axis: number): View {
  const n = shape[axis];
  if (n === 1) return graph.literal(0, "int32", shape);
  const order = [...range(shape.length).filter(i => i !== axis), axis],
    moved = order.map(i => shape[i]);
  const tensor = graph.add({
    kind: "sort",
    dtype: "int32",
    shape: moved.filter(d => d !== 1),
    operands: [whole(graph.dense(pick(x, order)))],
    lines: sizeOf(shape) / n,
    n,
  });
  return pick(
    unsqueezed(tensor, moved),
    shape.map((_, i) => order.indexOf(i)),
  );
}
