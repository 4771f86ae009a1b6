import type { Shape } from "../../tensor/types.js";
import type { Kernel } from "./kernel.js";
import { computedBy } from "./kernel.js";

/**
 * The most tensors that one kernel computes. The code of a kernel is one function's, which machines limit in length and compile in more
 * than proportional time; and whoever plans a kernel looks at all pairs of its tensors.
 */
export const MOST_TENSORS = 256;

/** Kernels that are asked whether a tensor may join before it gets one of its own. */
const MOST_ASKED = 64;

const keyOf = (shape: Shape): string => shape.join();

/** The kernels that still take tensors, found by the shape of what they compute last, so that nobody walks over all kernels. */
export class OpenKernels {
  /** Positions of kernels by shape, ascending. */
  private readonly byShape = new Map<string, number[]>();

  constructor(private readonly kernels: readonly Kernel[]) {}

  /** Whether a kernel computes fewer tensors than it may. */
  isOpen(k: number): boolean {
    return computedBy(this.kernels[k]).length < MOST_TENSORS;
  }

  /** Takes a kernel in, unless none can join it. */
  add(k: number): void {
    const { kind, shape } = this.kernels[k];
    if (kind === "move" || kind === "solve" || kind === "loop") return;
    const list = this.byShape.get(keyOf(shape));
    if (!list) this.byShape.set(keyOf(shape), [k]);
    else if (k > list[list.length - 1]) list.push(k);
    else list.splice(placeIn(list, k), 0, k);
  }

  /** Forgets a kernel that was full, or that is about to get another shape. */
  remove(k: number): void {
    const list = this.byShape.get(keyOf(this.kernels[k].shape)),
      at = list ? placeIn(list, k) : -1;
    if (list?.[at] === k) list.splice(at, 1);
  }

  /** Open kernels of a shape from `first` on, in order: a few of them. */
  *from(first: number, shape: Shape): Iterable<number> {
    const list = this.byShape.get(keyOf(shape)) ?? [],
      start = placeIn(list, first);
    for (let i = start; i < list.length && i < start + MOST_ASKED; i++) yield list[i];
  }
}

/** Where a number stands in an ascending list, or would. */
export function placeIn(list: readonly number[], x: number): number {
  let low = 0,
    high = list.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (list[middle] < x) low = middle + 1;
    else high = middle;
  }
  return low;
}
