import type { TriangularSolve } from "../../program/program.js";
import type { Shape } from "../../tensor/types.js";
import { sizeOf } from "../../tensor/types.js";
import type { Graph } from "./graph.js";
import type { Solve } from "./tensor.js";
import type { View } from "./view.js";
import { unsqueezed, whole } from "./view.js";

/** Factorizes matrices [.., n, n], or solves systems with right-hand sides [.., n, columns]. */
export function solve(graph: Graph, method: Solve["method"], operands: readonly View[], shape: Shape, triangle?: TriangularSolve): View {
  const [a] = operands,
    n = a.shape[a.shape.length - 1];
  const tensor = graph.add({
    kind: "solve",
    dtype: a.tensor.dtype,
    shape: shape.filter(d => d !== 1),
    operands: operands.map(v => whole(graph.dense(v))),
    method,
    count: sizeOf(shape.slice(0, -2)),
    n,
    columns: shape[shape.length - 1],
    triangle,
  });
  return unsqueezed(tensor, shape);
}
