import { sizeOf } from "../../tensor/types.js";
import type { Node, Program } from "../program.js";
import { Rewriter } from "./rewriter.js";
import { finish, moved } from "./rewrite.js";

type Reduction = "sum" | "max" | "min";
const isReduction = (node: Node): node is Node<Reduction> => node.op === "sum" || node.op === "max" || node.op === "min";

/** Σ_b A_b·B_b over batch axes as one product whose inner axis holds b too. */
function mergeInner({ params }: Node<Reduction>, [a, b]: readonly number[], rewriter: Rewriter): number | undefined {
  const left = rewriter.nodes[a].shape,
    right = rewriter.nodes[b].shape,
    batch = left.length - 2;
  const summed = params.axes.filter(x => x < batch);
  if (summed.length === 0) return undefined;
  const kept = Array.from({ length: batch }, (_, x) => x).filter(x => !summed.includes(x));
  const outer = kept.map(x => left[x]),
    inner = sizeOf(summed.map(x => left[x])) * left[batch + 1];
  const rows = rewriter.reshape(rewriter.transpose(a, [...kept, batch, ...summed, batch + 1]), [...outer, left[batch], inner]);
  const columns = rewriter.reshape(rewriter.transpose(b, [...kept, ...summed, batch, batch + 1]), [...outer, inner, right[batch + 1]]);
  const rest = params.axes.filter(x => x >= batch).map(x => x - summed.length),
    merged = rewriter.product(rows, columns);
  return rest.length === 0 ? merged : rewriter.reduce("sum", merged, rest);
}

/** A reduction of a reduction of the same kind: over the axes of both. */
function mergeAxes(node: Node<Reduction>, inner: Node<Reduction>, x: number, rewriter: Rewriter): number {
  const kept = rewriter.nodes[x].shape.map((_, a) => a).filter(a => !inner.params.axes.includes(a));
  return rewriter.reduce(
    node.op,
    x,
    [...inner.params.axes, ...node.params.axes.map(a => kept[a])].sort((a, b) => a - b),
  );
}

/**
 * Takes what is reduced right away, and used by nothing else, into the reduction: products that are summed over their
 * batch (as in a gradient under `vmap`) become one product with a longer inner axis; a sum of a sum is one sum. Maxima
 * are bit-identical; sums add the same terms in another order: the usual bound, k·2⁻⁵³·Σ|terms| in float64, covers the
 * difference.
 */
export function mergeReductions(program: Program): Program {
  const { nodes, outputs } = program,
    rewriter = new Rewriter({}, program.constants),
    positions: number[] = [];
  const uses = new Uint32Array(nodes.length);
  for (const node of nodes) for (const i of node.inputs) uses[i]++;
  for (const o of outputs) uses[o]++;

  const merge = (node: Node): number | undefined => {
    if (!isReduction(node) || uses[node.inputs[0]] !== 1) return undefined;
    // The operand may be the result of a merge itself: it is looked up where it is now.
    const operand = rewriter.nodes[positions[node.inputs[0]]];
    if (operand.op === "matmul" && node.op === "sum") return mergeInner(node, operand.inputs, rewriter);
    return operand.op === node.op ? mergeAxes(node, operand as Node<Reduction>, operand.inputs[0], rewriter) : undefined;
  };
  for (const node of nodes) positions.push(merge(node) ?? rewriter.put(moved(node, positions)));
  return finish(program, rewriter, positions);
}
