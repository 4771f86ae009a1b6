import { Rewriter } from "../passes/rewriter.js";
import type { Node, Program } from "../program.js";

/** Several programs in one: what they compute alike is there once. */
export interface Union {
  readonly program: Program;
  /** Where the outputs of each program went. */
  readonly outputs: readonly (readonly number[])[];
  /** Which inputs of the union are those of each program. */
  readonly inputs: readonly (readonly number[])[];
}

/**
 * Puts programs together whose first inputs are the same ones; further inputs are each program's own. No operation is changed, so the bits of all
 * outputs stay.
 *
 * @param shared how many first inputs all programs have in common
 */
export function unite(programs: readonly Program[], shared: number): Union {
  const rewriter = new Rewriter({}, []),
    types = [...programs[0].inputs],
    outputs: number[][] = [],
    inputs: number[][] = [];
  programs.forEach((program, k) => {
    const own = program.inputs.map((type, i) => (k === 0 || i < shared ? i : types.push(type) - 1)),
      positions: number[] = [];
    const put = (node: Node): number => {
      if (node.op === "constant") return rewriter.constant(program.constants[(node as Node<"constant">).params.index]);
      if (node.op !== "input") return rewriter.put({ ...node, inputs: node.inputs.map(i => positions[i]) });
      const { index, name } = (node as Node<"input">).params;
      // An input that all have is one node, whatever each program calls it.
      return k > 0 && index < shared && given.has(index)
        ? given.get(index)!
        : rewriter.put({ ...node, params: { index: own[index], ...(name === undefined ? {} : { name }) } });
    };
    const given = new Map<number, number>();
    rewriter.nodes.forEach((node, i) => node.op === "input" && given.set((node as Node<"input">).params.index, i));
    for (const node of program.nodes) positions.push(put(node));
    outputs.push(program.outputs.map(o => positions[o]));
    inputs.push(own);
  });
  return { program: { inputs: types, constants: rewriter.constants, nodes: rewriter.nodes, outputs: outputs.flat() }, outputs, inputs };
}
