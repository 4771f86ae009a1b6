import { rulesFor } from "../tensor/ops/index.js";
import type { HostArray } from "../tensor/types.js";
import type { Node, Program } from "./program.js";

/** The numbers of every node of a program, by the operations' reference rules. */
export function evaluateProgram(program: Program, inputs: readonly HostArray[]): HostArray[] {
  const values: HostArray[] = [];
  for (const node of program.nodes) values.push(evaluateNode(node, values, program, inputs));
  return values;
}

function evaluateNode(node: Node, values: readonly HostArray[], program: Program, inputs: readonly HostArray[]): HostArray {
  if (node.op === "input") return inputs[(node as Node<"input">).params.index];
  if (node.op === "constant") return program.constants[(node as Node<"constant">).params.index];
  const operands = node.inputs.map(i => values[i]);
  return { shape: node.shape, dtype: node.dtype, data: rulesFor(node.op).evaluate(operands, node) };
}
