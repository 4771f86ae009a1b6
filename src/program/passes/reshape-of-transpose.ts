import type { Rule } from "./rewriter.js";

/** Consecutive axes whose extents multiply to each of the wanted extents; nothing if they do not fit. */
function group(extents: readonly number[], wanted: readonly number[]): number[][] | undefined {
  const groups: number[][] = [];
  let axis = 0;
  for (const total of wanted) {
    const axes: number[] = [];
    for (let n = 1; n < total && axis < extents.length; n *= extents[axis++]) axes.push(axis);
    if (axes.reduce((n, a) => n * extents[a], 1) !== total) return undefined;
    groups.push(axes);
  }
  return axis === extents.length ? groups : undefined;
}

/**
 * Merges axes before they are transposed instead of after, where they lie side by side in both: [b, m, k] → [m, b, k]
 * → [m, b·k] cannot be, but [b, k, m] → [m, b, k] → [m, b·k] is a transpose of [b·k, m], a view. Axes of extent 1 do
 * not count.
 */
export const reshapeOfTranspose: Rule<"reshape"> = (node, rewriter) => {
  const transposed = rewriter.as(node.inputs[0], "transpose");
  if (!transposed || node.shape.includes(0)) return undefined;
  const [source] = transposed.inputs,
    own = rewriter.nodes[source].shape;
  const order = transposed.params.permutation.filter(a => own[a] !== 1);
  if (order.every((a, i) => i === 0 || order[i - 1] < a)) return rewriter.reshape(source, node.shape);

  const groups = group(
    order.map(a => own[a]),
    node.shape.filter(d => d !== 1),
  )?.map(axes => axes.map(i => order[i]));
  const isRun = (axes: readonly number[]): boolean =>
    axes.every((a, i) => i === 0 || (own.slice(axes[i - 1] + 1, a).every(d => d === 1) && axes[i - 1] < a));
  if (!groups || groups.every(axes => axes.length === 1) || !groups.every(isRun)) return undefined;
  const bySource = [...groups].sort(([a], [b]) => a - b);
  const merged = rewriter.reshape(
    source,
    bySource.map(axes => axes.reduce((n, a) => n * own[a], 1)),
  );
  return rewriter.reshape(
    rewriter.transpose(
      merged,
      groups.map(axes => bySource.indexOf(axes)),
    ),
    node.shape,
  );
};
