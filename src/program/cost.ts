import { bytesOf, sizeOf } from "../tensor/types.js";
import { firstOfLoops } from "./loop-groups.js";
import { bodiesOf, isScan } from "./loops.js";
import type { Node, Program } from "./program.js";
import { traitsOf } from "./traits.js";

/** Work counted from shapes alone, so that it is the same on every machine. */
export interface Cost {
  /** Arithmetic operations: an elementary function counts as 10, a product [m, k] · [k, n] as 2mkn. */
  readonly flops: number;
  /** Bytes read and written if every node went through memory; views, literals and repeated elements are free. */
  readonly bytes: number;
}

const isView = (node: Node): boolean => traitsOf(node).kind === "view";

/** Bytes behind a node: those of what it is a view of; literals and iota are made on the way. */
function bytesBehind({ nodes }: Program, i: number): number {
  let node = nodes[i];
  while (isView(node)) node = nodes[node.inputs[0]];
  return node.op === "literal" || node.op === "iota" ? 0 : sizeOf(node.shape) * bytesOf[node.dtype];
}

/** Bytes that the programs within a node read and write; of a choice the longer way. */
const bytesWithin = (node: Node): number =>
  (isScan(node) ? node.params.length : 1) * Math.max(...bodiesOf(node).map(body => costOf(body).bytes));

/** Cost of node i: `flops` of its operation, `bytes` of its operands and its result; of a loop all that its steps cost. */
export function nodeCost(program: Program, i: number): Cost {
  const node = program.nodes[i],
    { kind, flops: work } = traitsOf(node),
    flops = work(
      node,
      node.inputs.map(k => program.nodes[k]),
    );
  if (kind === "view" || kind === "leaf") return { flops, bytes: 0 };
  if (kind === "loop") return { flops, bytes: bytesWithin(node) };
  const read = node.inputs.reduce((n, k) => n + bytesBehind(program, k), 0);
  return { flops, bytes: read + sizeOf(node.shape) * bytesOf[node.dtype] };
}

/** Cost of running a program once: the sum over its nodes, of which those of one loop count once. */
export function costOf(program: Program): Cost {
  let flops = 0,
    bytes = 0;
  const counts = firstOfLoops(program);
  program.nodes.forEach((_, i) => {
    if (!counts[i]) return;
    const cost = nodeCost(program, i);
    flops += cost.flops;
    bytes += cost.bytes;
  });
  return { flops, bytes };
}
