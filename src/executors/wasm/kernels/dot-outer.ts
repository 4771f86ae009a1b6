import type { FunctionBuilder, Local } from "../assembler.js";
import { pointerTo } from "../emit/access.js";
import type { Pointer } from "../emit/access.js";
import type { Code } from "../emit/code.js";
import { floats, storedBytes } from "../emit/instructions.js";
import { overRuns } from "../emit/loops.js";
import { load } from "../emit/vector.js";
import { range } from "../../../compiler/graph/view.js";
import { sizeOf } from "../../../tensor/types.js";
import type { DotKernel } from "../../../compiler/schedule/kernel.js";
import { DotNest } from "./dot.js";
import type { Term } from "./dot.js";
import { LONG_PRODUCT, LongTotals, PRODUCT_BLOCK } from "./long-sums.js";
import { outerTile, tiles } from "./tiles.js";

/**
 * A matrix product with vectors along the last axis of the result: a tile of rows × vectors stays in registers while k runs;
 * each step multiplies vectors of b by repeated elements of a.
 */
export function emitOuterDot(code: Code, kernel: DotKernel): void {
  const { f } = code,
    product = new DotNest(code, kernel),
    {
      shape,
      last,
      elements: { width },
    } = product;
  const tile = outerTile(product.rows, Math.ceil(shape[last] / width), product.depth);
  const compute = (high: number, wide: number, count: number) => {
    const sums = product.accumulators(high, wide);
    for (const term of product.terms) multiplyAdd(product, term, sums, count);
    product.finish(sums, count);
    f.release(...sums.flat());
  };
  product.overRows(tile.high, high => {
    overColumns(product, tile.wide, (wide, count) => {
      compute(high, wide, count);
    });
  });
}

/** Runs over columns in tiles of vectors; the last vector may be partial, and then its tile is written apart. */
export function overColumns(
  { code: { f }, shape, last, index, elements: { width } }: DotNest,
  wide: number,
  body: (wide: number, count: number) => void,
): void {
  const n = shape[last],
    partial = n % width;
  const runs = tiles(Math.ceil(n / width), wide).map(r => ({ from: r.from * width, to: r.to * width, by: r.by * width }));
  const final = runs[runs.length - 1],
    end = partial === 0 ? final.to : final.to - final.by;
  const full = [...runs.slice(0, -1), { ...final, to: end }].filter(r => r.to > r.from);
  overRuns(f, full, index, last, by => {
    body(by / width, width);
  });
  if (end < final.to)
    overRuns(f, [{ from: end, to: final.to, by: final.by }], index, last, by => {
      body(by / width, partial);
    });
}

/** An operand within the loop over k: where it begins, and bytes from one step to the next and between what a step reads. */
export interface Stream extends Pointer {
  readonly step: number;
  readonly apart: number;
}

/** The contracted axis that is cut into blocks, and the steps along it of a block. */
function cutOf(contracted: readonly number[]): { readonly axis: number; readonly steps: number } {
  let inside = 1;
  for (let axis = contracted.length - 1; axis > 0; axis--) {
    if (inside * contracted[axis] > PRODUCT_BLOCK) return { axis, steps: Math.max(1, Math.floor(PRODUCT_BLOCK / inside)) };
    inside *= contracted[axis];
  }
  return { axis: 0, steps: Math.max(1, Math.floor(PRODUCT_BLOCK / inside)) };
}

/** Adds the products of a term to the sums of a tile. */
export function multiplyAdd(product: DotNest, { a, b, contracted }: Term, sums: readonly (readonly Local[])[], count: number): void {
  const {
      code: { f },
      index,
      last,
      row,
      elements: { width },
    } = product,
    size = storedBytes[a.dtype],
    k = contracted.length - 1;
  const pa = pointerTo(f, a, index),
    pb = pointerTo(f, b, index),
    unit = b.strides[last];
  const [strideA, strideB] = [a, b].map(x => (axis: number) => x.strides[last + 1 + axis] * size);
  const elements = { ...pa, step: strideA(k), apart: row === null ? 0 : a.strides[row] * size },
    vectors = { ...pb, step: strideB(k), apart: width * size * unit };
  const isLong = sizeOf(contracted) > LONG_PRODUCT,
    cut = isLong ? cutOf(contracted) : null,
    totals = isLong ? new LongTotals(f, floats[a.dtype as "float32"], sums.flat()) : null,
    partial = isLong ? sums.map(line => line.map(() => f.local("v128"))) : sums;
  /** All contracted axes from this one on; the pointers end behind them, which is an addition from where the next steps begin. */
  const over = (axis: number) => {
    if (totals && cut?.axis === axis)
      totals.inBlocks(contracted[axis], cut.steps, partial.flat(), steps => {
        along(axis, steps);
      });
    else along(axis, contracted[axis]);
  };
  const along = (axis: number, steps: number) => {
    if (axis === k) {
      outerSteps(product, partial, elements, vectors, unit, steps, count);
      return;
    }
    const i = f.local("i32"),
      next = (stride: (axis: number) => number) => stride(axis) - contracted[axis + 1] * stride(axis + 1);
    f.loop(i, 0, steps, 1, () => {
      over(axis + 1);
      f.increment(pa.pointer, next(strideA)).increment(pb.pointer, next(strideB));
    });
    f.release(i);
  };
  over(0);
  totals?.finish();
  if (isLong) f.release(...partial.flat());
  f.release(pa.pointer, pb.pointer);
}

/** The loop over k: each step adds products of a's elements, one for each row, and b's vectors. Moves the pointers on. */
export function outerSteps(
  { code: { f }, kernel: { root }, elements: { width } }: DotNest,
  sums: readonly (readonly Local[])[],
  a: Stream,
  b: Stream,
  unit: number,
  depth: number | Local,
  count: number,
): void {
  const { dtype } = root,
    { multiply, add } = floats[dtype as "float32"],
    wide = sums[0].length;
  const vectors = range(wide).map(() => f.local("v128")),
    element = f.local("v128");
  // One step a trip: of an unrolled loop V8 hoists all loads, and spills.
  whileMoving(f, [b, a], depth, () => {
    vectors.forEach((v, j) => {
      load(f, width, dtype, b.pointer, b.offset + j * b.apart, unit, j === wide - 1 ? count : width);
      f.set(v);
    });
    sums.forEach((line, i) => {
      load(f, width, dtype, a.pointer, a.offset + i * a.apart, 0, width);
      f.set(element);
      line.forEach((sum, j) => {
        f.get(sum).get(element).get(vectors[j]).simd(multiply).simd(add).set(sum);
      });
    });
  });
  f.release(element, ...vectors);
}

/** Runs a body `depth` times and moves streams on after each: until one that moves has reached its end, which saves a counter. */
function whileMoving(f: FunctionBuilder, streams: readonly [Stream, Stream], depth: number | Local, body: () => void): void {
  const moving = streams.find(s => s.step !== 0),
    others = streams.filter(s => s !== moving),
    move = (s: Stream) => {
      if (s.step !== 0) f.increment(s.pointer, s.step);
    };
  const end = f.local("i32");
  if (moving) {
    f.get(moving.pointer);
    if (typeof depth === "number") f.i32(depth * moving.step);
    else f.get(depth).i32(moving.step).mul();
    f.add().set(end);
    f.loopUntil(moving.pointer, end, moving.step, () => {
      body();
      others.forEach(move);
    });
  } else f.loop(end, 0, depth, 1, body);
  f.release(end);
}
