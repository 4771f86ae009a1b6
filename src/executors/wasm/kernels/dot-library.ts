import { readsRows } from "../../../compiler/graph/library.js";
import type { DotKernel } from "../../../compiler/schedule/kernel.js";
import type { Access } from "../emit/access.js";
import { pointerTo } from "../emit/access.js";
import type { Code } from "../emit/code.js";
import { Elements } from "../emit/elements.js";
import { nest } from "../emit/loops.js";
import { DotNest } from "./dot.js";
import { libraryFlags } from "./library-signature.js";
import { emitElements } from "./map.js";

/** How a library reads an operand. */
interface Reading {
  readonly transposed: boolean;
  /** Elements between rows of the array as it lies in memory. */
  readonly apart: number;
}

/** Rows of `depth` numbers, `along` apart, `deep` between the numbers of a row. */
function readingOf(along: number, extent: number, deep: number, depth: number): Reading {
  if (!readsRows(along, extent, deep, depth))
    throw new Error(`no library reads ${extent} rows of ${depth}, at strides ${along} and ${deep}`);
  if (deep === 1) return { transposed: false, apart: extent === 1 ? depth : along };
  return { transposed: true, apart: deep };
}

/**
 * A matrix product that a library computes, one call for each matrix of a batch; then the body runs over the result.
 * @param steps the first so many over its contracted axis, which are added to its result; if absent the product as a whole
 */
export function emitLibraryDot(code: Code, kernel: DotKernel, steps?: number): void {
  const { f } = code,
    // The body runs afterwards.
    product = new DotNest(code, { ...kernel, body: [] }),
    { shape, last, row, index, terms, rows, elements } = product,
    c = elements.writes.get(kernel.root)!,
    flags = kernel.root.dtype === "float64" ? libraryFlags.float64 : 0;
  const push = (x: Access, apart: number) => {
    const { pointer, offset } = pointerTo(f, x, index);
    f.get(pointer);
    if (offset !== 0) f.i32(offset).add();
    f.i32(apart).release(pointer);
  };
  nest(f, product.others, shape, index, () => {
    terms.forEach(({ a, b, contracted }, t) => {
      const depth = steps ?? contracted[0],
        k = last + 1,
        ofA = readingOf(row === null ? depth : a.strides[row], rows, a.strides[k], depth),
        ofB = readingOf(b.strides[last], shape[last], b.strides[k], depth);
      // b is given as [k, n]: its columns are the rows that are read.
      const transposed = (ofA.transposed ? libraryFlags.transposeA : 0) | (ofB.transposed ? 0 : libraryFlags.transposeB);
      f.i32(flags | transposed | (t > 0 || steps !== undefined ? libraryFlags.accumulate : 0))
        .i32(rows)
        .i32(shape[last])
        .i32(depth);
      push(a, ofA.apart);
      push(b, ofB.apart);
      push(c, row === null ? shape[last] : c.strides[row]);
      f.i32(0).callIndirect(0);
    });
  });
  if (kernel.body.length > 0) emitElements(code, new Elements(code, kernel.body), kernel.shape, true);
}
