import type { Node, Program } from "../program.js";
import { Graph } from "./graph.js";
import type { Rules } from "./graph.js";

/** Rewrites a program from its inputs to its outputs by rules; the same object comes back where no rule applied. */
export function rewrite(program: Program, rules: Rules): Program {
  const graph = new Graph(rules, program.constants),
    positions: number[] = [];
  for (const node of program.nodes) positions.push(graph.put(moved(node, positions)));
  return finish(program, graph, positions);
}

/** A node with its operands where they are now; the same object if they did not move. */
export function moved(node: Node, positions: readonly number[]): Node {
  return node.inputs.every(i => positions[i] === i) ? node : { ...node, inputs: node.inputs.map(i => positions[i]) };
}

/** The program of a graph, given where the nodes of the old one went. */
export function finish(program: Program, graph: Graph, positions: readonly number[]): Program {
  const { inputs, nodes, outputs } = program;
  const unchanged =
    graph.nodes.length === nodes.length && graph.nodes.every((node, i) => node === nodes[i]) && positions.every((p, i) => p === i);
  return unchanged ? program : { inputs, constants: graph.constants, nodes: graph.nodes, outputs: outputs.map(o => positions[o]) };
}
