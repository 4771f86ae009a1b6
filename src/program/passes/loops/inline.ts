import type { HostArray } from "../../../tensor/types.js";
import type { Node, Program } from "../../program.js";
import type { Rewriter } from "../rewriter.js";

/** Where the nodes of a program within go: positions of what stands for its inputs, and after them of all its nodes. */
export function place(body: Program, inputs: readonly number[], into: Rewriter, constants = new Map<HostArray, number>()): number[] {
  const positions: number[] = [];
  for (const node of body.nodes) positions.push(placeNode(node));
  return positions;

  function placeNode(node: Node): number {
    if (node.op === "input") return inputs[(node as Node<"input">).params.index];
    if (node.op !== "constant") return into.put({ ...node, inputs: node.inputs.map(i => positions[i]) });
    const array = body.constants[(node as Node<"constant">).params.index];
    let position = constants.get(array);
    if (position === undefined) constants.set(array, (position = into.constant(array)));
    return position;
  }
}

/** The outputs of a program within as nodes of the one around it. */
export function inline(body: Program, inputs: readonly number[], into: Rewriter): number[] {
  const positions = place(body, inputs, into);
  return body.outputs.map(o => positions[o]);
}
