// What gradients are compared by.
import { leavesWithPaths, mapTree } from "../../src/core/trees/host-tree.js";
import type { HostTree } from "../../src/tensor/types.js";

/** All numbers of a tree, leaf after leaf. */
export const numbersOf = (tree: HostTree): number[] => leavesWithPaths(tree).flatMap(([, { data }]) => [...data]);

export const norm = (v: readonly number[]): number => Math.sqrt(v.reduce((sum, x) => sum + x * x, 0));

/** ‖a − b‖ / ‖b‖; 0 for two zeros. */
export function distance(a: readonly number[], b: readonly number[]): number {
  const difference = norm(a.map((x, i) => x - b[i]));
  return difference === 0 ? 0 : difference / norm(b);
}

/** The bits of all leaves: −0 and 0, and any two NaNs, are told apart. */
export const bitsOf = (tree: HostTree): string =>
  leavesWithPaths(tree)
    .map(
      ([path, { dtype, shape, data }]) =>
        `${path} ${dtype}[${shape.join()}] ${Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString("hex")}`,
    )
    .join("\n");

/** The tree with number k moved by h. */
export function moved(tree: HostTree, k: number, h: number): HostTree {
  let first = 0;
  return mapTree(({ shape, dtype, data }) => {
    const copy = data.slice(),
      at = k - first;
    first += copy.length;
    if (at >= 0 && at < copy.length) copy[at] += h;
    return { shape, dtype, data: copy };
  }, tree);
}

/** Central differences of a function of a tree of float64 arrays; its error is O(h²) + O(10⁻¹⁶/h). */
export async function centralDifferences(f: (at: HostTree) => Promise<number>, tree: HostTree, h = 1e-5): Promise<number[]> {
  const out: number[] = [];
  for (let k = 0; k < numbersOf(tree).length; k++) out.push(((await f(moved(tree, k, h))) - (await f(moved(tree, k, -h)))) / (2 * h));
  return out;
}
