import type { Program } from "../program/program.js";
import type { DType } from "../tensor/types.js";
import type { Dot, MapTensor, Reduce } from "./graph/tensor.js";
import type { DotKernel, Kernel } from "./schedule/kernel.js";

/** A matrix product [rows, depth] · [depth, columns] of one element type, and where its vectors lie (as in `Dot`). */
export interface ProductShape {
  readonly form: Dot["form"];
  readonly rows: number;
  readonly columns: number;
  readonly depth: number;
  readonly dtype: DType;
}

/** Windows of an array that a convolution multiplies with `columns` columns of its kernel: sums of at least `depth` products in a row. */
export interface Windows {
  /** Elements of all windows, as often as they are read. */
  readonly elements: number;
  readonly columns: number;
  readonly depth: number;
  readonly dtype: DType;
}

/**
 * What the compiler asks about the machine that it compiles for. The answers may depend on shapes, element types and the operations, never
 * on a measurement: the order of sums follows from them, and so do the bits of a program's results.
 */
export interface Target {
  readonly name: string;
  /** Bytes of an element in memory. */
  readonly bytes: Readonly<Record<DType, number>>;
  /** Arrays begin at multiples of so many bytes. */
  readonly alignment: number;
  /**
   * Behind arrays of at least `from` bytes lie so many that nobody uses, a multiple of the alignment; null for none. Arrays whose distances are powers of
   * two share the same few places of a cache.
   */
  readonly padding: { readonly from: number; readonly bytes: number } | null;
  /** The most arrays in memory that one kernel may read. A tensor that alone needs more is not split: see `refuse`. */
  readonly mostInputs: number;

  /** Cycles that a matrix product takes. */
  productCycles(product: ProductShape): number;
  /** Cycles that it takes in the machine's library of matrix products; Infinity for one that is not handed over. Absent: there is none. */
  libraryCycles?(product: Omit<ProductShape, "form">): number;
  /** Cycles to lay an element out anew before a product, and for each element of a result that its readers want in another order. */
  readonly copyCycles: number;
  readonly reorderCycles: number;
  /** Whether a convolution reads its windows where they lie; else they are first laid out as rows of a matrix. */
  readsWindowsInPlace(windows: Windows): boolean;
  /** Whether a product is added up in the memory of its result: no other product can then be merged with it, and what follows runs afterwards. */
  addsUpInMemory(product: Dot): boolean;
  /** Whether what follows a product runs over its stored result: what is added up in memory has no other choice. */
  runsBodyAfterwards(kernel: DotKernel): boolean;

  /** Whether it is worth while that a kernel computes one more tensor, which it could as far as the results are concerned. */
  mayJoin(kernel: Kernel, tensor: MapTensor | Reduce): boolean;
  /**
   * How a large array is gone through by several products in turns, or null if that gains nothing: arrays of more bytes than `from` do not stay in the
   * cache, blocks of up to `block` bytes do. A block has at least `rows` rows, a multiple of four.
   */
  readonly rowBlocks: { readonly from: number; readonly block: number; readonly rows: number } | null;
  /** Steps over its contracted axis after which a product is added to its result in memory; null if it is not cut along that axis alone. */
  stepsInMemory(product: Dot): number | null;
  /** Bytes of memory that a kernel uses while it runs, besides what it reads and writes. */
  workspaceBytes(kernel: Kernel): number;
  /** Why the machine cannot run a program, as the rest of a sentence that begins with the program's name: `needs …`. */
  refuse(program: Program): string | undefined;
}

/** Bytes of memory that an array takes, from its beginning to that of the next. */
export function placeBytes(bytes: number, { alignment, padding }: Pick<Target, "alignment" | "padding">): number {
  return Math.ceil(bytes / alignment) * alignment + (padding !== null && bytes >= padding.from ? padding.bytes : 0);
}
