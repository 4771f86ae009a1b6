import type { FunctionBuilder, Local } from "../assembler.js";
import { pointerTo } from "../emit/access.js";
import type { Pointer } from "../emit/access.js";
import type { Code } from "../emit/code.js";
import { floats, storedBytes } from "../emit/instructions.js";
import { nest, overRuns } from "../emit/loops.js";
import { load, shuffle } from "../emit/vector.js";
import type { Width } from "../emit/vector.js";
import { range } from "../graph/view.js";
import type { DotKernel } from "../schedule/kernel.js";
import { DotNest } from "./dot.js";
import type { Term } from "./dot.js";
import { innerTile, tiles } from "./tiles.js";

/** A matrix product with vectors along k, on which both operands have stride 1: each result is the sum of a vector's lanes. */
export function emitInnerDot(code: Code, kernel: DotKernel): void {
  const { f } = code,
    product = new DotNest(code, kernel),
    {
      shape,
      last,
      row,
      index,
      elements: { width },
    } = product;
  const tile = innerTile(product.rows, shape[last], product.depth, width);
  const compute = (high: number, wide: number) => {
    const sums = product.accumulators(high, wide);
    for (const term of product.terms) multiplyAdd(product, term, sums);
    const results = sums.map(line =>
      range(Math.ceil(wide / width)).map(j => fold(f, width, kernel.root.dtype as "float32", line.slice(j * width, (j + 1) * width))),
    );
    product.finish(results, wide % width || width);
    f.release(...sums.flat());
  };
  nest(f, product.others, shape, index, () => {
    const across = (high: number) => {
      overRuns(f, tiles(shape[last], tile.wide), index, last, wide => {
        compute(high, wide);
      });
    };
    if (row === null) across(1);
    else overRuns(f, tiles(shape[row], tile.high), index, row, across);
  });
}

function multiplyAdd(
  { code: { f }, index, last, row, elements: { width } }: DotNest,
  { a, b, depth }: Term,
  sums: readonly (readonly Local[])[],
): void {
  const { dtype } = a,
    { multiply, add } = floats[dtype as "float32"],
    size = storedBytes[dtype],
    whole = Math.floor(depth / width);
  const pa = pointerTo(f, a, index),
    pb = pointerTo(f, b, index),
    step = f.local("i32"),
    rows = sums[0].map(() => f.local("v128")),
    vector = f.local("v128");
  const read = ({ pointer, offset }: Pointer, distance: number, count: number, into: Local) => {
    load(f, width, dtype, pointer, offset + distance * size, 1, count, true);
    f.set(into);
  };
  const multiplyRows = (count: number) => {
    rows.forEach((v, j) => {
      read(pb, j * b.strides[last], count, v);
    });
    sums.forEach((line, i) => {
      read(pa, row === null ? 0 : i * a.strides[row], count, vector);
      line.forEach((sum, j) => {
        f.get(sum).get(vector).get(rows[j]).simd(multiply).simd(add).set(sum);
      });
    });
  };
  if (whole > 0) {
    f.loop(step, 0, whole, 1, () => {
      multiplyRows(width);
      f.increment(pa.pointer, width * size).increment(pb.pointer, width * size);
    });
  }
  if (depth % width) multiplyRows(depth % width);
  f.release(pa.pointer, pb.pointer, step, vector, ...rows);
}

/** The sums of up to `width` vectors' lanes as one vector, in the first of them; four lanes are added as (0 + 2) + (1 + 3). */
function fold(f: FunctionBuilder, width: Width, dtype: "float32" | "float64", vectors: readonly Local[]): Local {
  const { add } = floats[dtype],
    [first, second = first, third = first, fourth = third] = vectors;
  const addLanes = (x: Local, y: Local, some: Lanes, others: Lanes) => {
    shuffle(f.get(x).get(y), some);
    shuffle(f.get(x).get(y), others).simd(add);
  };
  if (dtype === "float32" && width === 2) {
    addLanes(first, second, [0, 4, 0, 4], [1, 5, 1, 5]);
    f.set(first);
    return first;
  }
  addLanes(first, second, [0, 1, 4, 5], [2, 3, 6, 7]);
  f.set(first);
  if (width === 2) return first;
  const other = f.local("v128");
  addLanes(third, fourth, [0, 1, 4, 5], [2, 3, 6, 7]);
  f.set(other);
  addLanes(first, other, [0, 2, 4, 6], [1, 3, 5, 7]);
  f.set(first).release(other);
  return first;
}

type Lanes = Parameters<typeof shuffle>[1];
