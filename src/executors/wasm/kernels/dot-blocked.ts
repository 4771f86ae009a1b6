import type { FunctionBuilder } from "../assembler.js";
import { pointerTo } from "../emit/access.js";
import type { Pointer } from "../emit/access.js";
import type { Code } from "../emit/code.js";
import { memory, storedBytes } from "../emit/instructions.js";
import { blocks, nest, overRuns, overRunsFrom } from "../emit/loops.js";
import { load } from "../emit/vector.js";
import type { Width } from "../emit/vector.js";
import type { Panels } from "./blocking.js";
import type { DotKernel } from "../../../compiler/schedule/kernel.js";
import { DotNest } from "./dot.js";
import { outerSteps, overColumns } from "./dot-outer.js";
import type { Stream } from "./dot-outer.js";
import { outerTile, tiles } from "./tiles.js";

/**
 * A large matrix product: blocks of rows, blocks of k, tiles. The sums of each block of k are added to the result in memory,
 * which also keeps long sums accurate.
 */
export function emitBlockedDot(code: Code, kernel: DotKernel, blocking: Panels): void {
  const product = new BlockedProduct(code, kernel, blocking);
  product.begin();
  product.emit();
  product.end();
}

export class BlockedProduct extends DotNest {
  private readonly width: Width;
  private readonly k: number;

  constructor(
    code: Code,
    kernel: DotKernel,
    private readonly blocking: Panels,
  ) {
    super(code, kernel);
    this.width = this.elements.width;
    this.k = this.last + 1;
  }

  /** Adds the products of so many steps over k, or of all, to the result. */
  emit(depth = this.terms[0].contracted[0]): void {
    const {
      code: { f },
      shape,
      row,
      index,
      blocking,
      k,
    } = this;
    nest(f, this.others, shape, index, () => {
      for (const steps of blocks(depth, blocking.depth)) {
        overRuns(f, [steps], index, k, () => {
          if (row === null) this.rowBlock(1, steps.by);
          else
            for (const rows of blocks(shape[row], blocking.rows))
              overRuns(f, [rows], index, row, () => {
                this.rowBlock(rows.by, steps.by);
              });
        });
      }
    });
  }

  /** All columns of some rows, for some steps over k. */
  private rowBlock(rows: number, steps: number): void {
    const {
        code: { f },
        row,
        index,
        width,
        last,
        blocking,
      } = this,
      tile = outerTile(rows, Math.ceil(this.shape[last] / width), steps);
    overColumns(this, tile.wide, (wide, count) => {
      const panel = blocking.panel ? this.copyPanel(wide, steps, count) : null;
      if (row === null) this.tile(1, wide, steps, count, panel);
      else
        overRunsFrom(f, index[row], tiles(rows, tile.high), index, row, high => {
          this.tile(high, wide, steps, count, panel);
        });
      if (panel) f.release(panel.pointer);
    });
  }

  /** The vectors of b for a tile, laid together in the order in which they are used. */
  private copyPanel(wide: number, steps: number, count: number): Pointer {
    const {
        code: { f },
        width,
        index,
        last,
        k,
        terms: [{ b }],
      } = this,
      { dtype } = b,
      size = storedBytes[dtype];
    const { base, offset } = this.code.workspaceOf(this.kernel.root),
      panel = f.local("i32"),
      to = f.local("i32"),
      step = f.local("i32"),
      from = pointerTo(f, b, index);
    f.get(base).i32(offset).add().tee(panel).set(to);
    f.loop(step, 0, steps, 1, () => {
      for (let j = 0; j < wide; j++) {
        f.get(to);
        load(
          f,
          width,
          dtype,
          from.pointer,
          from.offset + j * width * size * b.strides[last],
          b.strides[last],
          j === wide - 1 ? count : width,
        );
        f.simdMemory(memory.store, j * 16);
      }
      f.increment(from.pointer, b.strides[k] * size).increment(to, wide * 16);
    });
    f.release(to, step, from.pointer);
    return { pointer: panel, offset: 0 };
  }

  /** Adds the sums of a tile to the result. */
  private tile(high: number, wide: number, steps: number, count: number, panel: Pointer | null): void {
    const {
        code: { f },
        width,
        index,
        last,
        row,
        k,
        terms: [{ a, b }],
        kernel: { root },
      } = this,
      size = storedBytes[root.dtype],
      sums = this.accumulators(high, wide);
    const pa = pointerTo(f, a, index),
      pb = panel ? copyOf(f, panel) : pointerTo(f, b, index),
      unit = panel ? 1 : b.strides[last];
    const elements: Stream = { ...pa, step: a.strides[k] * size, apart: row === null ? 0 : a.strides[row] * size };
    const vectors: Stream = { ...pb, step: panel ? wide * 16 : b.strides[k] * size, apart: width * size * unit };
    outerSteps(this, sums, elements, vectors, unit, steps, count);
    this.addToResult(sums, count);
    f.release(pa.pointer, pb.pointer, ...sums.flat());
  }
}

function copyOf(f: FunctionBuilder, { pointer, offset }: Pointer): Pointer {
  const copy = f.local("i32");
  f.get(pointer).set(copy);
  return { pointer: copy, offset };
}
