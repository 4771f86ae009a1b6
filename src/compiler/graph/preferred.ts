import type { Node, Program } from "../../program/program.js";
import { traits } from "../../program/traits.js";
import { sizeOf } from "../../tensor/types.js";

const lastReal = (shape: readonly number[]): number => shape.reduce((last, n, i) => (n === 1 ? last : i), -1);

/**
 * For each node the axis that should lie innermost in memory, carried backwards from the outputs, which are row-major. A matrix
 * product has the choice; with it made this way its result needs no transposed copy.
 */
export function preferredAxes(program: Program): (number | undefined)[] {
  const { nodes, outputs } = program,
    preferred = new Array<number | undefined>(nodes.length).fill(undefined);
  const wish = (node: number, axis: number) => {
    if (axis >= 0 && preferred[node] === undefined) preferred[node] = axis;
  };
  for (const o of outputs) wish(o, lastReal(nodes[o].shape));
  for (let i = nodes.length - 1; i >= 0; i--) {
    const axis = preferred[i],
      node = nodes[i];
    if (axis !== undefined) for (const k of node.inputs) wish(k, axisBefore(node, nodes[k].shape, axis));
  }
  return preferred;
}

/** The operand's axis that becomes `axis` of the node; −1 if there is none. */
function axisBefore(node: Node, operand: readonly number[], axis: number): number {
  switch (node.op) {
    case "transpose":
      return (node as Node<"transpose">).params.permutation[axis];
    case "broadcast": {
      const k = axis - (node.shape.length - operand.length);
      return k >= 0 && operand[k] === node.shape[axis] ? k : -1;
    }
    case "reshape": {
      const before = sizeOf(node.shape.slice(0, axis));
      return operand.findIndex((n, k) => n === node.shape[axis] && sizeOf(operand.slice(0, k)) === before);
    }
    case "sum":
    case "max":
    case "min": {
      const { axes } = (node as Node<"sum">).params;
      return operand.map((_, i) => i).filter(i => !axes.includes(i))[axis];
    }
    default:
      return keepsAxes(node) && operand.length === node.shape.length ? axis : -1;
  }
}

/** Whether axis i of an operand of the same rank is axis i of the result. */
const keepsAxes = ({ op }: Node): boolean => op !== "concatenate" && !["index", "product", "solve", "loop"].includes(traits[op].kind);
