import type { Node, Program } from "../program.js";
import { Rewriter } from "./rewriter.js";
import type { Rules } from "./rewriter.js";

/** Rewrites a program from its inputs to its outputs by rules; the same object comes back where no rule applied. */
export function rewrite(program: Program, rules: Rules): Program {
  const rewriter = new Rewriter(rules, program.constants),
    positions: number[] = [];
  for (const node of program.nodes) positions.push(rewriter.put(moved(node, positions)));
  return finish(program, rewriter, positions);
}

/** A node with its operands where they are now; the same object if they did not move. */
export function moved(node: Node, positions: readonly number[]): Node {
  if (node.inputs.every(i => positions[i] === i)) return node;
  const { op, inputs, params, shape, dtype } = node;
  return { op, inputs: inputs.map(i => positions[i]), params, shape, dtype };
}

/** The program of a rewriter, given where the nodes of the old one went. */
export function finish(program: Program, rewriter: Rewriter, positions: readonly number[]): Program {
  const { inputs, nodes, outputs } = program;
  const unchanged =
    rewriter.nodes.length === nodes.length && rewriter.nodes.every((node, i) => node === nodes[i]) && positions.every((p, i) => p === i);
  return unchanged ? program : { inputs, constants: rewriter.constants, nodes: rewriter.nodes, outputs: outputs.map(o => positions[o]) };
}
