import type { Shape } from "../../tensor/types.js";
import { sizeOf } from "../../tensor/types.js";
import type { Graph } from "./graph.js";
import type { Assemble } from "./tensor.js";
import type { View } from "./view.js";
import { denseStrides, unsqueezed } from "./view.js";

/** Operands each in its part of an array; zeros where none lies. */
export function assemble(graph: Graph, operands: readonly View[], parts: Assemble["parts"], shape: Shape, covered: boolean): View {
  const { dtype } = operands[0].tensor;
  return unsqueezed(graph.add({ kind: "assemble", dtype, shape: shape.filter(n => n !== 1), operands, parts, covered }), shape);
}

/** Operand element i at start + i·stride of an array of zeros. */
export function pad(graph: Graph, x: View, shape: Shape, start: readonly number[], stride: readonly number[]): View {
  if (sizeOf(x.shape) === 0) return graph.literal(0, x.tensor.dtype, shape);
  const dense = denseStrides(shape);
  const part = { offset: start.reduce((sum, s, i) => sum + s * dense[i], 0), strides: stride.map((s, i) => s * dense[i]) };
  return assemble(graph, [x], [part], shape, false);
}

/** Operands one after the other along an axis. */
export function concatenate(graph: Graph, operands: readonly View[], shape: Shape, axis: number): View {
  const strides = denseStrides(shape),
    present = operands.filter(x => sizeOf(x.shape) > 0);
  if (present.length === 1) return present[0];
  let position = 0;
  const parts = present.map(x => {
    const offset = position * strides[axis];
    position += x.shape[axis];
    return { offset, strides };
  });
  return assemble(graph, present, parts, shape, true);
}
