import type { HostArray, HostTree } from "ufom";
import type { Theta } from "./problem.js";

/** The mean of the last axis's numbers, as often as there are ways. */
function spreadMean({ shape, dtype, data }: HostArray, ways: number): HostArray {
  const before = shape[shape.length - 1],
    rows = data.length / before,
    spread = new (data.constructor as Float32ArrayConstructor)(rows * ways);
  for (let row = 0; row < rows; row++) {
    let sum = 0;
    for (let way = 0; way < before; way++) sum += data[row * before + way];
    spread.fill(sum / before, row * ways, (row + 1) * ways);
  }
  return { shape: [...shape.slice(0, -1), ways], dtype, data: spread };
}

/**
 * θ that was learned with so many ways, for another number of them: every class's column of the head is the mean of those that were learned. Classes of a
 * task have no order, so no column belongs to any of them; equal columns give equal logits, and inner steps tell them apart.
 *
 * Source: H.-J. Ye and W.-L. Chao, How to train your MAML to excel in few-shot classification, ICLR 2022, section 5.
 *
 * @returns θ itself where the number is the same
 */
export function forWays(theta: HostTree, ways: number): HostTree {
  const { network, ...rest } = theta as unknown as Theta,
    { w, b } = network.head;
  if (b.shape[0] === ways) return theta;
  const head = { w: spreadMean(w, ways), b: spreadMean(b, ways) };
  return { network: { ...network, head }, ...rest } as unknown as HostTree;
}

/** How many ways θ was learned with. */
export const waysOf = (theta: HostTree): number => (theta as unknown as Theta).network.head.b.shape[0];
