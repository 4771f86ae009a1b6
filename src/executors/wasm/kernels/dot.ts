import type { Local } from "../assembler.js";
import { accessOf, collapse } from "../emit/access.js";
import type { Access } from "../emit/access.js";
import type { Code } from "../emit/code.js";
import { Elements } from "../emit/elements.js";
import { along } from "../emit/loops.js";
import type { Index } from "../emit/loops.js";
import { constant } from "../emit/vector.js";
import { range } from "../graph/view.js";
import type { DotKernel } from "../schedule/kernel.js";

/** One product a·b, and the length of its contracted axis; the accesses' last stride is along it. */
export interface Term {
  readonly a: Access;
  readonly b: Access;
  readonly depth: number;
}

/** The loop nest of a matrix product: its result's axes, merged where that is possible, and what it reads and writes. */
export class DotNest {
  readonly elements: Elements;
  readonly terms: readonly Term[];
  readonly shape: readonly number[];
  /** The axis of vectors, or of b's rows. */
  readonly last: number;
  /** An axis along which only a varies. */
  readonly row: number | null;
  readonly index: Index;

  constructor(
    readonly code: Code,
    readonly kernel: DotKernel,
  ) {
    const { root } = kernel;
    this.elements = new Elements(code, kernel.body, [root]);
    this.terms = root.contracted.map((depth, t) => ({
      a: accessOf(code, root.operands[2 * t]),
      b: accessOf(code, root.operands[2 * t + 1]),
      depth,
    }));
    ({ shape: this.shape } = collapse(kernel.shape, [...this.elements.accesses(), ...this.terms.flatMap(t => [t.a, t.b])]));
    this.last = this.shape.length - 1;
    this.row =
      range(this.last)
        .reverse()
        .find(i => this.terms.every(t => t.b.strides[i] === 0)) ?? null;
    this.index = this.shape.map(() => null);
  }

  get rows(): number {
    return this.row === null ? 1 : this.shape[this.row];
  }

  /** Axes that are neither rows nor the last one. */
  get others(): number[] {
    return range(this.last).filter(i => i !== this.row);
  }

  get depth(): number {
    return this.terms.reduce((sum, t) => sum + t.depth, 0);
  }

  /** Accumulators of a tile, at zero. */
  accumulators(high: number, wide: number): Local[][] {
    const { f } = this.code,
      sums = range(high).map(() => range(wide).map(() => f.local("v128")));
    for (const l of sums.flat()) {
      constant(f, this.kernel.root.dtype, 0);
      f.set(l);
    }
    return sums;
  }

  /** What is done with results: those of row i from vector j on, `count` in the last of them. */
  finish(results: readonly (readonly Local[])[], count: number): void {
    const { shape, last, row, elements, index } = this,
      { pointers, release } = elements.pointAt(index);
    results.forEach((line, i) => {
      line.forEach((result, j) => {
        const delta = along(shape, last, j * elements.width);
        if (row !== null) delta[row] = i;
        const lanes = j === line.length - 1 ? count : elements.width;
        elements.evaluate({ pointers, delta, vector: last }, lanes, new Map([[this.kernel.root, result]])).release();
      });
    });
    release();
  }
}
