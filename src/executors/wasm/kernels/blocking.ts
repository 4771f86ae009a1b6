import { sizeOf } from "../../../tensor/types.js";
import { storedBytes } from "../emit/instructions.js";
import type { Dot } from "../../../compiler/graph/tensor.js";
import { stridesOf } from "../../../compiler/graph/view.js";
import { LONG as LONG_IN_MEMORY } from "./long-sums.js";

/** How a large product is cut so that what it works on stays in the first caches; its parts are added in memory. */
export type Blocking = Panels | Slices;

/** Pieces of one contracted axis, of rows, and of columns. */
export interface Panels {
  readonly kind: "panels";
  /** Steps over k at a time; the results of the blocks are added in memory. */
  readonly depth: number;
  /** Rows at a time. */
  readonly rows: number;
  /** Whether the vectors of b that a tile needs are first copied to lie together. */
  readonly panel: boolean;
}

/** Pieces of the outermost of several contracted axes, or of the only one that they merge to. */
export interface Slices {
  readonly kind: "slices";
  /** Products that are added at a time, about. */
  readonly depth: number;
}

/** Bytes between steps over k from which on each step finds its vectors in another page. */
const FAR = 1024;
/** Vectors of b that many steps over k apart do not stay in the first cache. */
const DEEP = 256;
/** Sums over several axes that are longer than this read their operands from further away each time. */
const LONG = 768;
/** Products that are added before the next slice: that many vectors of 64 channels of b fill the first cache. */
const SLICE = 128;
/** Rows of a, at DEEP elements each, that stay in the second cache. */
const ROWS = 256;

/** Blocks for a product, or null if it is small enough to be done in one go. */
export function blockingFor(root: Dot): Blocking | null {
  if (root.form !== "outer" || root.contracted.length > 1) return null;
  if (root.contracted[0].length > 1) return sizeOf(root.contracted[0]) < LONG ? null : { kind: "slices", depth: SLICE };
  const [a, b] = root.operands,
    k = root.shape.length,
    [[depth]] = root.contracted,
    size = storedBytes[root.dtype];
  const rows = sizeOf(a.shape.slice(0, k).filter((_, i) => a.axes[i] !== null && b.axes[i] === null));
  const far = Math.abs(stridesOf(b)[k]) * size >= FAR;
  if (!far || depth < DEEP || rows < 4) return null;
  return { kind: "panels", depth: rows < 32 ? 128 : DEEP, rows: ROWS, panel: rows >= PANEL_ROWS };
}

/** Rows that share a panel, from which on it pays to copy it. */
const PANEL_ROWS = 16;

/** Whether a product that is added up in memory is so long that what rounding takes off is kept beside it. */
export const keepsLost = (root: Dot): boolean => blockingFor(root) !== null && sizeOf(root.contracted[0]) > LONG_IN_MEMORY;

/** A panel of the widest tile, which has 8 vectors. */
export const panelBytes = ({ depth }: Panels): number => depth * 8 * 16;
