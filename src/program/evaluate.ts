import { rulesFor } from "../tensor/ops/index.js";
import type { HostArray } from "../tensor/types.js";
import { evaluateLoop } from "./evaluate-loops.js";
import { loopKey } from "./loop-groups.js";
import { isLoop } from "./loops.js";
import type { Node, Program } from "./program.js";

/** The numbers of every node of a program, by the operations' reference rules. */
export function evaluateProgram(program: Program, inputs: readonly HostArray[]): HostArray[] {
  const values: HostArray[] = [],
    loops = new Map<string, readonly HostArray[]>();
  for (const node of program.nodes) values.push(isLoop(node) ? resultOf(node, values, loops) : evaluateNode(node, values, program, inputs));
  return values;
}

/** A result of a loop, all of which are computed together. */
function resultOf(node: Node<"scan" | "cond">, values: readonly HostArray[], loops: Map<string, readonly HostArray[]>): HostArray {
  const key = loopKey(node);
  let results = loops.get(key);
  if (!results) {
    const operands = node.inputs.map(i => values[i]);
    loops.set(key, (results = evaluateLoop(node, operands, outputsOf)));
  }
  return results[node.params.result];
}

/** The outputs of a program. */
export function outputsOf(program: Program, inputs: readonly HostArray[]): HostArray[] {
  const values = evaluateProgram(program, inputs);
  return program.outputs.map(o => values[o]);
}

function evaluateNode(node: Node, values: readonly HostArray[], program: Program, inputs: readonly HostArray[]): HostArray {
  if (node.op === "input") return inputs[(node as Node<"input">).params.index];
  if (node.op === "constant") return program.constants[(node as Node<"constant">).params.index];
  const operands = node.inputs.map(i => values[i]);
  return { shape: node.shape, dtype: node.dtype, data: rulesFor(node.op).evaluate(operands, node) };
}
