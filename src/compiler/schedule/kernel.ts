import type { Shape } from "../../tensor/types.js";
import type { Assemble, Dot, Gather, Loop, MapTensor, Reduce, Scatter, Solve, Sort, Tensor } from "../graph/tensor.js";

/** A loop nest over `shape` that computes element-by-element tensors of that shape. */
export interface MapKernel {
  readonly kind: "map";
  shape: Shape;
  readonly body: MapTensor[];
}

/** A loop nest over `space` whose results are accumulated over the axes `reduced`, then a body over the axes `kept`. */
export interface ReduceKernel {
  readonly kind: "reduce";
  shape: Shape;
  readonly space: Shape;
  readonly kept: readonly number[];
  readonly reduced: readonly number[];
  /** Element-by-element tensors over the space, before the accumulation. */
  readonly prologue: MapTensor[];
  /** What was the prologue, where another kernel computes it now: sums have the order that they would have with it. */
  readonly formerly?: readonly MapTensor[];
  readonly roots: Reduce[];
  /** Element-by-element tensors over the kept axes, after it. */
  readonly body: MapTensor[];
}

/** A matrix product and what is done with each element of its result. */
export interface DotKernel {
  readonly kind: "dot";
  shape: Shape;
  readonly root: Dot;
  /** Whether the product is added up in the memory of its result. */
  readonly inMemory: boolean;
  /** Whether the body runs over the stored product, in a loop of its own, and not on what is in registers. */
  bodyAfterwards: boolean;
  readonly body: MapTensor[];
}

/** Moves elements, or says where they belong; nothing is fused with it. */
export interface MoveKernel {
  readonly kind: "move";
  shape: Shape;
  readonly root: Gather | Scatter | Assemble | Sort;
}

/** Factorizes or solves; nothing is fused with it. */
export interface SolveKernel {
  readonly kind: "solve";
  shape: Shape;
  readonly root: Solve;
}

/** A kernel that can be run on some rows at a time. */
export type RowKernel = MapKernel | ReduceKernel | DotKernel;

/**
 * Kernels that take turns on blocks of rows: a block of a large array is read from memory by the first of them, and found in the cache by
 * the others.
 */
export interface RowsKernel {
  readonly kind: "rows";
  shape: Shape;
  /** How many rows there are, and how many make a block. */
  readonly rows: number;
  readonly block: number;
  /** Which axis has the rows: of a kernel's shape; null for a product that is summed over rows, whose body runs when all are. */
  readonly parts: readonly { readonly kernel: RowKernel; readonly axis: number | null }[];
  /** The axis of rows of each tensor that a block is read from or written to. */
  readonly axes: ReadonlyMap<Tensor, number>;
}

/** Runs programs within the program, and gives some of their results; nothing is fused with it. */
export interface LoopKernel {
  readonly kind: "loop";
  shape: Shape;
  readonly root: Loop;
  /** All results of the loop that are used, `root` among them. */
  readonly roots: Loop[];
}

export type Kernel = MapKernel | ReduceKernel | DotKernel | MoveKernel | SolveKernel | RowsKernel | LoopKernel;

/** Kernels one after another, with those that take turns for what each of them does. */
export const partsOf = (kernel: Kernel): readonly Exclude<Kernel, RowsKernel>[] =>
  kernel.kind === "rows" ? kernel.parts.map(part => part.kernel) : [kernel];

/** Tensors that a kernel computes, in order. */
export function computedBy(kernel: Kernel): readonly Tensor[] {
  switch (kernel.kind) {
    case "map":
      return kernel.body;
    case "reduce":
      return [...kernel.prologue, ...kernel.roots, ...kernel.body];
    case "dot":
      return [kernel.root, ...kernel.body];
    case "loop":
      return kernel.roots;
    case "move":
    case "solve":
      return [kernel.root];
    case "rows":
      return partsOf(kernel).flatMap(computedBy);
  }
}
