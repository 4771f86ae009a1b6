import type { Node, Program } from "./program.js";

/** Marks the nodes that some positions depend on, themselves included. */
export function ancestors({ nodes }: Program, roots: readonly number[]): Uint8Array {
  const reached = new Uint8Array(nodes.length);
  for (const root of roots) reached[root] = 1;
  for (let i = nodes.length - 1; i >= 0; i--) if (reached[i]) for (const k of nodes[i].inputs) reached[k] = 1;
  return reached;
}

/**
 * Whether an output depends on any of some inputs: whether a path of operands leads from one to the other. That the
 * dependence is constant, or that its derivative is stopped, does not matter.
 *
 * @param output position in `program.outputs`
 * @param inputs positions in `program.inputs`
 */
export function dependsOn(program: Program, output: number, inputs: readonly number[]): boolean {
  const wanted = new Set(inputs),
    reached = ancestors(program, [program.outputs[output]]);
  return program.nodes.some((node, i) => reached[i] === 1 && node.op === "input" && wanted.has((node as Node<"input">).params.index));
}
