import type { HostArray } from "../../tensor/types.js";
import type { Node, Program } from "../program.js";
import { ancestors } from "../reachability.js";

/** Leaves out nodes and constants that no output needs. Inputs stay: they are the program's signature. Bit-identical. */
export function eliminateDeadCode(program: Program): Program {
  const needed = ancestors(program, program.outputs);
  const lives = (node: Node, i: number): boolean => needed[i] === 1 || node.op === "input";
  const held = new Set(
    program.nodes.filter((node, i) => node.op === "constant" && lives(node, i)).map(node => (node as Node<"constant">).params.index),
  );
  if (program.nodes.every(lives) && held.size === program.constants.length) return program;

  const constants: HostArray[] = [],
    constantAt = new Map<number, number>();
  for (const index of held) constantAt.set(index, constants.push(program.constants[index]) - 1);
  const nodes: Node[] = [],
    positions: number[] = [];
  program.nodes.forEach((node, i) => {
    if (!lives(node, i)) return;
    const inputs = node.inputs.map(k => positions[k]);
    const params = node.op === "constant" ? { index: constantAt.get((node as Node<"constant">).params.index)! } : node.params;
    const { op, shape, dtype } = node;
    positions[i] = nodes.push({ op, inputs, params, shape, dtype }) - 1;
  });
  return { inputs: program.inputs, constants, nodes, outputs: program.outputs.map(o => positions[o]) };
}
