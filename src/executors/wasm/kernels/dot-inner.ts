import type { Local } from "../assembler.js";
import { pointerTo } from "../emit/access.js";
import type { Pointer } from "../emit/access.js";
import type { Code } from "../emit/code.js";
import { floats, storedBytes } from "../emit/instructions.js";
import { overRuns } from "../emit/loops.js";
import { fold } from "../emit/fold.js";
import { load } from "../emit/vector.js";
import { range } from "../../../compiler/graph/view.js";
import type { DotKernel } from "../../../compiler/schedule/kernel.js";
import { DotNest } from "./dot.js";
import type { Term } from "./dot.js";
import { LONG_PRODUCT, LongTotals, PRODUCT_BLOCK } from "./long-sums.js";
import { innerTile, tiles } from "./tiles.js";

/** A matrix product with vectors along k, on which both operands have stride 1: each result is the sum of a vector's lanes. */
export function emitInnerDot(code: Code, kernel: DotKernel): void {
  const { f } = code,
    product = new DotNest(code, kernel),
    {
      shape,
      last,
      index,
      elements: { width },
    } = product;
  const tile = innerTile(product.rows, shape[last], product.depth, width);
  const compute = (high: number, wide: number) => {
    const sums = product.accumulators(high, wide);
    for (const term of product.terms) multiplyAdd(product, term, sums);
    const results = sums.map(line =>
      range(Math.ceil(wide / width)).map(j =>
        fold(f, width, kernel.root.dtype, floats[kernel.root.dtype as "float32"].add, line.slice(j * width, (j + 1) * width)),
      ),
    );
    product.finish(results, wide % width || width);
    f.release(...sums.flat());
  };
  product.overRows(tile.high, high => {
    overRuns(f, tiles(shape[last], tile.wide), index, last, wide => {
      compute(high, wide);
    });
  });
}

function multiplyAdd(
  { code: { f }, index, last, row, elements: { width } }: DotNest,
  { a, b, contracted: [depth] }: Term,
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
  const multiplyRows = (count: number, into = sums) => {
    rows.forEach((v, j) => {
      read(pb, j * b.strides[last], count, v);
    });
    into.forEach((line, i) => {
      read(pa, row === null ? 0 : i * a.strides[row], count, vector);
      line.forEach((sum, j) => {
        f.get(sum).get(vector).get(rows[j]).simd(multiply).simd(add).set(sum);
      });
    });
  };
  const steps = (trips: number, into: typeof sums) => {
    f.loop(step, 0, trips, 1, () => {
      multiplyRows(width, into);
      f.increment(pa.pointer, width * size).increment(pb.pointer, width * size);
    });
  };
  if (whole > LONG_PRODUCT) {
    const totals = new LongTotals(f, floats[dtype as "float32"], sums.flat()),
      partial = sums.map(line => line.map(() => f.local("v128")));
    totals.inBlocks(whole, PRODUCT_BLOCK, partial.flat(), trips => {
      steps(trips, partial);
    });
    totals.finish();
    f.release(...partial.flat());
  } else if (whole > 0) steps(whole, sums);
  if (depth % width) multiplyRows(depth % width);
  f.release(pa.pointer, pb.pointer, step, vector, ...rows);
}
