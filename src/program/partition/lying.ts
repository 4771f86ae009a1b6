import { sameShape, sizeOf } from "../../tensor/types.js";
import type { Node, Program } from "../program.js";
import { traitsOf } from "../traits.js";

/** In which order the axes of an array lie in memory, outermost first; undefined: as its shape says. */
export type Order = readonly number[] | undefined;

const isRowMajor = (order: readonly number[]): boolean => order.every((axis, i) => axis === i);
const known = (order: readonly number[]): Order => (isRowMajor(order) ? undefined : order);

/** Elements that differ. */
function extent(nodes: readonly Node[], i: number): number {
  let at = i;
  while (nodes[at].op === "broadcast") at = nodes[at].inputs[0];
  return sizeOf(nodes[at].shape);
}

/**
 * How the values of a program are best laid out where a program gives them to another: as they will lie in the first one, where compilers put
 * channels innermost in convolutions, and leave what is computed element by element as its largest operand is. A value that lies so is neither
 * copied when it is given out, nor read across.
 */
export function ordersOf({ nodes }: Program): readonly Order[] {
  const orders: Order[] = [];
  nodes.forEach((node, i) => orders.push(orderOf(node, i)));
  return orders;

  function orderOf(node: Node, i: number): Order {
    const { op, inputs, shape } = node,
      rank = shape.length;
    if (op === "conv" || op === "convInput") return known([0, ...Array.from({ length: rank - 2 }, (_, a) => a + 2), 1]);
    if (op === "transpose") {
      const { permutation } = (nodes[i] as Node<"transpose">).params,
        order = orders[inputs[0]] ?? permutation.map((_, a) => a);
      return known(order.map(axis => permutation.indexOf(axis)));
    }
    if (op === "stopGradient" || (op === "reshape" && sameShape(nodes[inputs[0]].shape, shape))) return orders[inputs[0]];
    if (traitsOf(node).kind !== "elementwise") return undefined;
    const largest = inputs.reduce((a, b) => (extent(nodes, b) > extent(nodes, a) ? b : a));
    return nodes[largest].op === "broadcast" ? undefined : orders[largest];
  }
}
