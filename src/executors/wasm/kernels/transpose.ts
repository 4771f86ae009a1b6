import type { FunctionBuilder, Local } from "../assembler.js";
import type { Access, Position } from "../emit/access.js";
import type { Code } from "../emit/code.js";
import type { Elements } from "../emit/elements.js";
import { nest, overRuns, overRunsFrom } from "../emit/loops.js";
import type { Index, Run } from "../emit/loops.js";
import { shuffle } from "../emit/vector.js";
import type { Width } from "../emit/vector.js";
import { range } from "../../../compiler/graph/view.js";
import { sizeOf } from "../../../tensor/types.js";
import { storedBytes } from "../emit/instructions.js";

/**
 * The axis along which all reading lies that goes across the last one, if there is one: its elements are read in square blocks
 * and transposed in registers.
 */
export function crossedAxis(elements: Elements, shape: readonly number[]): number | null {
  const last = shape.length - 1,
    axes = new Set<number>();
  for (const a of elements.reads.values()) {
    if (a.strides[last] === 0 || a.strides[last] === 1) continue;
    const axis = a.strides.indexOf(1);
    if (axis >= 0) axes.add(axis);
  }
  const [axis, other] = axes;
  return axis !== undefined && other === undefined && shape[axis] >= elements.width && shape[last] >= elements.width ? axis : null;
}

/**
 * What is read across rows of at most so many bytes stays in the second cache while blocks go along the axes between, so that results are written one
 * after another. Rows of nine numbers (filters of 3 × 3) are written twice as fast as if blocks went along `axis` first.
 */
const NEAR = 2 ** 20;

/** Loops over a space in square blocks of the axes `axis` and the last one; what the blocks leave over of a row goes with them. */
export function emitBlocks(code: Code, elements: Elements, shape: readonly number[], axis: number): void {
  const { f } = code,
    { width } = elements,
    last = shape.length - 1,
    index: Index = shape.map(() => null);
  const crossing = [...elements.reads].filter(([, a]) => a.strides[axis] === 1 && a.strides[last] !== 0);
  const even = (n: number): Run[] => (n < width ? [] : [{ from: 0, to: n - (n % width), by: width }]),
    rest = (n: number, by: number): Run[] => [{ from: n - (n % width), to: n, by }].filter(r => r.to > r.from);
  const block = () => {
    const { pointers, release } = elements.pointAt(index);
    const blocks = crossing.map(([key, a]) => [key, readBlock(f, elements, a, { pointers, vector: axis, delta: [] }, last)] as const);
    for (let i = 0; i < width; i++) {
      const delta = shape.map((_, k) => (k === axis ? i : 0));
      elements.evaluate({ pointers, delta, vector: last }, width, new Map(blocks.map(([key, rows]) => [key, rows[i]]))).release();
    }
    for (const [, rows] of blocks) f.release(...rows);
    release();
  };
  const row = (count: number) => {
    const { pointers, release } = elements.pointAt(index);
    elements.evaluate({ pointers, delta: [], vector: last }, count, new Map()).release();
    release();
  };
  const isNear = crossing.reduce((sum, [, a]) => sum + sizeOf(shape) * storedBytes[a.dtype], 0) <= NEAR,
    between = isNear ? range(last).slice(axis + 1) : [],
    rows = [even(shape[last]), rest(shape[last], shape[last] % width)] as const;
  nest(
    f,
    range(last).filter(i => i !== axis && !between.includes(i)),
    shape,
    index,
    () => {
      overRuns(f, even(shape[axis]), index, axis, () => {
        nest(f, between, shape, index, () => {
          overRuns(f, rows[0], index, last, block);
          overRuns(f, rows[1], index, last, count => {
            overRunsFrom(f, index[axis], [{ from: 0, to: width, by: 1 }], index, axis, () => {
              row(count);
            });
          });
        });
      });
      overRuns(f, rest(shape[axis], 1), index, axis, () => {
        nest(f, between, shape, index, () => {
          for (const runs of rows) overRuns(f, runs, index, last, row);
        });
      });
    },
  );
}

/** Reads a square block along an axis, one vector for each step along `last`, and exchanges rows and columns. */
function readBlock(f: FunctionBuilder, elements: Elements, a: Access, position: Position, last: number): Local[] {
  const lines = range(elements.width).map(i => {
    elements.read(a, { ...position, delta: a.strides.map((_, k) => (k === last ? i : 0)) }, elements.width);
    const l = f.local("v128");
    f.set(l);
    return l;
  });
  exchange(f, lines, elements.width, a.dtype === "float64" || a.dtype === "bool");
  return lines;
}

/** Transposes a square of lanes; `wide` lanes are those that have 64 bits where a vector holds two. */
function exchange(f: FunctionBuilder, lines: readonly Local[], width: Width, wide: boolean): void {
  const pairs = (i: number, j: number, low: readonly [number, number, number, number], high: readonly [number, number, number, number]) => {
    const t = f.local("v128");
    f.get(lines[i]).get(lines[j]);
    shuffle(f, low).set(t).get(lines[i]).get(lines[j]);
    shuffle(f, high).set(lines[j]).get(t).set(lines[i]).release(t);
  };
  if (width === 2) {
    if (wide) pairs(0, 1, [0, 1, 4, 5], [2, 3, 6, 7]);
    else pairs(0, 1, [0, 4, 0, 4], [1, 5, 1, 5]);
    return;
  }
  // Rows a b c d: interleave a c and b d, then the results.
  pairs(0, 2, [0, 4, 1, 5], [2, 6, 3, 7]);
  pairs(1, 3, [0, 4, 1, 5], [2, 6, 3, 7]);
  pairs(0, 1, [0, 4, 1, 5], [2, 6, 3, 7]);
  pairs(2, 3, [0, 4, 1, 5], [2, 6, 3, 7]);
}
