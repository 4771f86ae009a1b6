import type { Local } from "../assembler.js";
import { accessOf, collapse, pointerTo } from "../emit/access.js";
import type { Access } from "../emit/access.js";
import type { Code } from "../emit/code.js";
import { Elements } from "../emit/elements.js";
import { floats, storedBytes } from "../emit/instructions.js";
import { nest, overRuns } from "../emit/loops.js";
import type { Index } from "../emit/loops.js";
import { constant, load } from "../emit/vector.js";
import type { Width } from "../emit/vector.js";
import { range } from "../graph/view.js";
import type { DotKernel } from "../schedule/kernel.js";
import { chooseTile, tiles } from "./tiles.js";

/** One product a·b, and the length of its contracted axis; the accesses' last stride is along it. */
export interface Term {
  readonly a: Access;
  readonly b: Access;
  readonly depth: number;
}

/** The operands of a sum of products. */
export const termsOf = (code: Code, { root }: DotKernel): Term[] =>
  root.contracted.map((depth, t) => ({ a: accessOf(code, root.operands[2 * t]), b: accessOf(code, root.operands[2 * t + 1]), depth }));

/**
 * A matrix product with vectors along the last axis of the result: a tile of rows × vectors stays in registers while k runs;
 * each step multiplies vectors of b by repeated elements of a.
 */
export function emitOuterDot(code: Code, kernel: DotKernel): void {
  const { f } = code,
    elements = new Elements(code, kernel.body, [kernel.root]),
    terms = termsOf(code, kernel),
    { width } = elements;
  const { shape } = collapse(kernel.shape, [...elements.accesses(), ...terms.flatMap(t => [t.a, t.b])]),
    rank = shape.length,
    last = rank - 1;
  const index: Index = shape.map(() => null),
    n = shape[last];
  // Rows share the vectors of b.
  const row =
    range(last)
      .reverse()
      .find(i => terms.every(t => t.b.strides[i] === 0)) ?? null;
  const depth = terms.reduce((sum, t) => sum + t.depth, 0),
    tile = chooseTile(row === null ? 1 : shape[row], Math.ceil(n / width), depth);

  const compute = (high: number, wide: number, count: number) => {
    const sums = range(high).map(() => range(wide).map(() => f.local("v128")));
    for (const l of sums.flat()) {
      constant(f, kernel.root.dtype, 0);
      f.set(l);
    }
    for (const term of terms) multiplyAdd(code, term, sums, index, rank, row, width, count);
    const { pointers, release } = elements.pointAt(index);
    sums.forEach((line, i) => {
      line.forEach((sum, j) => {
        const delta = shape.map((_, axis) => (axis === row ? i : axis === last ? j * width : 0)),
          partial = j === wide - 1 ? count : width;
        elements.evaluate({ pointers, delta, vector: last }, partial, new Map([[kernel.root, sum]])).release();
      });
    });
    release();
    f.release(...sums.flat());
  };
  nest(
    f,
    range(last).filter(i => i !== row),
    shape,
    index,
    () => {
      const across = (high: number) => {
        overColumns(code, n, width, tile.wide, index, last, (wide, count) => {
          compute(high, wide, count);
        });
      };
      if (row === null) across(1);
      else overRuns(f, tiles(shape[row], tile.high), index, row, across);
    },
  );
}

/** Runs over n columns in tiles of vectors; the last vector may be partial. */
function overColumns(
  code: Code,
  n: number,
  width: Width,
  wide: number,
  index: Index,
  axis: number,
  body: (wide: number, count: number) => void,
): void {
  const vectors = Math.ceil(n / width),
    partial = n % width,
    { f } = code;
  const scaled = tiles(vectors, wide).map(r => ({ from: r.from * width, to: r.to * width, by: r.by * width }));
  if (partial === 0) {
    overRuns(f, scaled, index, axis, by => {
      body(by / width, width);
    });
    return;
  }
  // The tile with the partial vector is written apart.
  const final = scaled[scaled.length - 1],
    full = { ...final, to: final.to - final.by };
  overRuns(
    f,
    [...scaled.slice(0, -1), full].filter(r => r.to > r.from),
    index,
    axis,
    by => {
      body(by / width, width);
    },
  );
  overRuns(f, [{ from: full.to, to: final.to, by: final.by }], index, axis, by => {
    body(by / width, partial);
  });
}

function multiplyAdd(
  code: Code,
  { a, b, depth }: Term,
  sums: readonly (readonly Local[])[],
  index: Index,
  k: number,
  row: number | null,
  width: Width,
  count: number,
): void {
  const { f } = code,
    { dtype } = a,
    { multiply, add } = floats[dtype as "float32"],
    size = storedBytes[dtype],
    wide = sums[0].length,
    last = k - 1;
  const pa = pointerTo(f, a, index),
    pb = pointerTo(f, b, index),
    step = f.local("i32"),
    vectors = range(wide).map(() => f.local("v128")),
    element = f.local("v128");
  // One step a trip: of an unrolled loop V8 hoists all loads, and spills.
  f.loop(step, 0, depth, 1, () => {
    vectors.forEach((v, j) => {
      load(f, width, dtype, pb.pointer, pb.offset + j * width * size * b.strides[last], b.strides[last], j === wide - 1 ? count : width);
      f.set(v);
    });
    sums.forEach((line, i) => {
      load(f, width, dtype, pa.pointer, pa.offset + (row === null ? 0 : i * a.strides[row] * size), 0, width);
      f.set(element);
      line.forEach((sum, j) => {
        f.get(sum).get(element).get(vectors[j]).simd(multiply).simd(add).set(sum);
      });
    });
    f.increment(pa.pointer, a.strides[k] * size).increment(pb.pointer, b.strides[k] * size);
  });
  f.release(pa.pointer, pb.pointer, step, element, ...vectors);
}
