import type { Shape } from "../../tensor/types.js";
import { sizeOf } from "../../tensor/types.js";
import type { Graph } from "./graph.js";
import type { Dot } from "./tensor.js";
import type { View } from "./view.js";
import { range, stridesOf } from "./view.js";

/** A product handed to a library, over the axes of its result and, last, the contracted axis: see `Way` of `contract.ts`. */
interface LibraryWay {
  readonly form: Extract<Dot["form"], "library">;
  readonly a: View;
  readonly b: View;
  readonly last: number;
  readonly packA: number | null;
  readonly packB: number | null;
}

/**
 * Whether a library reads `extent` rows of `depth` numbers where they lie: neighbours along one of the two axes, and no two rows over each
 * other. Strides are in elements.
 */
export const readsRows = (along: number, extent: number, deep: number, depth: number): boolean =>
  (deep === 1 && along >= depth) || (along === 1 && deep >= extent) || (extent === 1 && deep >= 1);

/** The way in which a library computes a product with `last` innermost in the result; none where the target has no library. */
export function libraryWays({ target }: Graph, a: View, b: View, shape: Shape, last: number): LibraryWay[] {
  if (target.libraryCycles === undefined) return [];
  const k = shape.length,
    depth = a.shape[k],
    [ofA, ofB] = [stridesOf(a), stridesOf(b)];
  // Rows that do not merge to one axis are gone through in a loop around the product of the innermost.
  const rows = range(k).filter(i => a.axes[i] !== null && b.axes[i] === null),
    row = rows.length > 0 ? rows.reduce((best, i) => (Math.abs(ofA[i]) <= Math.abs(ofA[best]) ? i : best)) : null;
  const readsA = readsRows(row === null ? 1 : ofA[row], sizeOf(rows.map(i => shape[i])), ofA[k], depth),
    readsB = readsRows(ofB[last], shape[last], ofB[k], depth);
  // A copy has the axes that its operand has, and the one that shall be innermost: an operand that is repeated along k is laid out along it.
  return [{ form: "library", a, b, last, packA: readsA ? null : k, packB: readsB ? null : b.axes[k] === null ? k : last }];
}
