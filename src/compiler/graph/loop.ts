import type { Node } from "../../program/program.js";
import { sizeOf } from "../../tensor/types.js";
import type { Graph } from "./graph.js";
import { LoopOf } from "./loop-of.js";
import type { View } from "./view.js";
import { unsqueezed, whole } from "./view.js";

/** A result of a loop. Operands without elements are never read: one number stands for each. */
export function loop(graph: Graph, node: Node<"scan" | "cond">, operands: readonly View[]): View {
  const { result } = node.params,
    { dtype, shape } = node;
  const dense = operands.map(v => whole(graph.dense(sizeOf(v.shape) === 0 ? graph.literal(0, v.tensor.dtype) : v)));
  const tensor = graph.add({
    kind: "loop",
    dtype,
    shape: shape.filter(n => n !== 1),
    operands: dense,
    loop: new LoopOf(node),
    result,
  });
  return unsqueezed(tensor, shape);
}
