import { hashProgram } from "./hash.js";
import { bodiesOf, isLoop, isScan } from "./loops.js";
import type { Node, Program } from "./program.js";

/** What the nodes of one loop share: all but the result that they stand for. */
export function loopKey(node: Node<"scan" | "cond">, inputs: readonly number[] = node.inputs): string {
  const bodies = bodiesOf(node).map(hashProgram).join();
  if (!isScan(node)) return `cond ${bodies} ${inputs.join()}`;
  const { constants, carry, length, reverse, every } = node.params;
  return `scan ${bodies} ${inputs.join()} ${constants} ${carry} ${length} ${String(reverse)} ${every}`;
}

/** For each node whether it is no loop, or the first of its loop's nodes. */
export function firstOfLoops({ nodes }: Program): boolean[] {
  const seen = new Set<string>();
  return nodes.map(node => {
    if (!isLoop(node)) return true;
    const key = loopKey(node),
      first = !seen.has(key);
    seen.add(key);
    return first;
  });
}
