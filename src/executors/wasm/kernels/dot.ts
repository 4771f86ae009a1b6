import type { Local } from "../assembler.js";
import { accessOf, pointAt, readAt, writeAt } from "../emit/access.js";
import { collapse } from "../../../compiler/schedule/access.js";
import type { Access } from "../emit/access.js";
import type { Code } from "../emit/code.js";
import { Elements } from "../emit/elements.js";
import { floats } from "../emit/instructions.js";
import { along, nest, overRuns } from "../emit/loops.js";
import type { Index } from "../emit/loops.js";
import { constant } from "../emit/vector.js";
import { range } from "../../../compiler/graph/view.js";
import { sizeOf } from "../../../tensor/types.js";
import type { DotKernel } from "../../../compiler/schedule/kernel.js";
import { keepsLost } from "./blocking.js";
import { addExactly, addLost, clearLost } from "./long-sums.js";
import { fillZero } from "./move.js";
import { tiles } from "./tiles.js";
import { arrayBytes, lostOffset } from "./workspace.js";

/** One product a·b; the accesses' last strides are along the contracted axes, whose extents these are. */
export interface Term {
  readonly a: Access;
  readonly b: Access;
  readonly contracted: readonly number[];
}

/** A product over `rank` axes and contracted ones, of which those are merged over which both operands walk as over one. */
function termOf(operands: readonly Access[], rank: number, contracted: readonly number[]): Term {
  const inner = operands.map(x => ({ ...x, strides: x.strides.slice(rank) })),
    { shape } = collapse(contracted, inner);
  const [a, b] = operands.map((x, i) => ({ ...x, strides: [...x.strides.slice(0, rank), ...inner[i].strides] }));
  return { a, b, contracted: shape };
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
    this.terms = root.contracted.map((contracted, t) =>
      termOf(
        root.operands.slice(2 * t, 2 * t + 2).map(v => accessOf(code, v)),
        root.shape.length,
        contracted,
      ),
    );
    ({ shape: this.shape } = collapse(kernel.shape, [...this.elements.accesses(), ...this.terms.flatMap(t => [t.a, t.b])]));
    this.last = this.shape.length - 1;
    this.row =
      range(this.last)
        .reverse()
        .find(i => this.terms.every(t => t.b.strides[i] === 0)) ?? null;
    const contracted = Math.max(...this.terms.map(t => t.contracted.length));
    this.index = range(this.shape.length + contracted).map(() => null);
  }

  get rows(): number {
    return this.row === null ? 1 : this.shape[this.row];
  }

  /** Axes that are neither rows nor the last one. */
  get others(): number[] {
    return range(this.last).filter(i => i !== this.row);
  }

  get depth(): number {
    return this.terms.reduce((sum, t) => sum + sizeOf(t.contracted), 0);
  }

  /** Goes through the result in tiles of at most so many rows. */
  overRows(most: number, body: (rows: number) => void): void {
    const {
      code: { f },
      shape,
      row,
      index,
    } = this;
    nest(f, this.others, shape, index, () => {
      if (row === null) body(1);
      else overRuns(f, tiles(shape[row], most), index, row, body);
    });
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

  /** What rounding takes off the result in memory, if it is kept: an array like the result in the workspace. */
  private get lost(): Access | null {
    const { root } = this.kernel;
    if (!keepsLost(root)) return null;
    const { base, offset } = this.code.workspaceOf(root);
    return { ...this.elements.writes.get(root)!, base, offset: offset + lostOffset(root) };
  }

  /** Makes the result in memory zero. */
  begin(): void {
    const { code, kernel, lost } = this;
    fillZero(code, kernel.root);
    if (lost) clearLost(code.f, lost, arrayBytes(kernel.root));
  }

  /** When all sums of tiles have been added to the result in memory. */
  end(): void {
    const {
      code,
      kernel: { root },
      lost,
    } = this;
    if (lost) addLost(code.f, floats[root.dtype as "float32"], code.addressOf(root), lost, arrayBytes(root));
  }

  /** Adds the sums of a tile to the result in memory: those of row i from vector j on, `count` in the last of them. */
  addToResult(sums: readonly (readonly Local[])[], count: number): void {
    const {
        code: { f },
        shape,
        last,
        row,
        elements: { width, writes },
        kernel: { root },
      } = this,
      result = writes.get(root)!,
      { lost } = this,
      rest = f.local("v128"),
      total = f.local("v128"),
      { pointers, release } = pointAt(f, lost ? [result, lost] : [result], this.index.slice(0, shape.length));
    sums.forEach((line, i) => {
      line.forEach((sum, j) => {
        const delta = along(shape, last, j * width),
          lanes = j === line.length - 1 ? count : width;
        if (row !== null) delta[row] = i;
        const position = { pointers, delta, vector: last };
        if (lost) {
          readAt(f, width, lost, position, lanes);
          f.set(rest);
          readAt(f, width, result, position, lanes);
          f.set(total);
          addExactly(f, floats[root.dtype as "float32"], total, sum, rest);
          writeAt(f, width, lost, position, lanes, rest);
          writeAt(f, width, result, position, lanes, total);
          return;
        }
        f.get(sum);
        readAt(f, width, result, position, lanes);
        f.simd(floats[root.dtype as "float32"].add).set(sum);
        writeAt(f, width, result, position, lanes, sum);
      });
    });
    f.release(rest, total);
    release();
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
