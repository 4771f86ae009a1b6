import type { Code } from "../emit/code.js";
import { fold } from "../emit/fold.js";
import { pointAt } from "../emit/access.js";
import { along, nest, overRuns } from "../emit/loops.js";
import { range } from "../../../compiler/graph/view.js";
import type { ReduceKernel } from "../../../compiler/schedule/kernel.js";
import { Accumulation, combineOf } from "./accumulation.js";
import type { Sums } from "./accumulation.js";
import { emitVertical, vectorRuns } from "./reduce-vertical.js";

/** Accumulates over axes, then computes what depends on the results. Vectors lie along a kept axis if most reading has stride 1 there. */
export function emitReduce(code: Code, kernel: ReduceKernel): void {
  const accumulation = new Accumulation(code, kernel),
    { boundary, shape } = accumulation;
  if (boundary > 0 && accumulation.contiguous(boundary - 1) >= accumulation.contiguous(shape.length - 1)) emitVertical(code, accumulation);
  else emitHorizontal(accumulation);
}

/** Vectors along the last reduced axis: the lanes are parts of one sum. As many rows as a vector has lanes give a vector of sums. */
function emitHorizontal(accumulation: Accumulation): void {
  const { f, shape, boundary, width, index, kernel, inner } = accumulation,
    axis = shape.length - 1,
    row = boundary - 1;
  const rows = (height: number) => {
    const chains = height === 1 && shape[axis] >= 8 * width && kernel.roots.length <= 2 ? 4 : 1;
    const totals = range(height * chains).map(() => accumulation.accumulators());
    accumulation.reduce(totals, vectorRuns(shape[axis], width, chains), (sums, by) => {
      const { pointers, release } = pointAt(f, inner, index),
        count = by % width || width;
      for (let v = 0; v < Math.ceil(by / width); v++) {
        for (let r = 0; r < height; r++) {
          const delta = along(shape, axis, v * width);
          if (r > 0) delta[row] = r;
          accumulation.accumulate(sums[r * chains + v], { pointers, delta, vector: axis }, count, count < width);
        }
      }
      release();
    });
    for (const other of totals.slice(height)) accumulation.combine(totals[0], other);
    const folded = foldRows(accumulation, totals.slice(0, height));
    accumulation.finish(folded, [], height === 1 ? null : row, height);
    for (const s of totals) f.release(...s.values());
  };
  const height = boundary > 0 && shape[row] >= width && kernel.roots.length === 1 ? width : 1;
  nest(f, range(Math.max(0, row)), shape, index, () => {
    if (boundary === 0) rows(1);
    else {
      const even = shape[row] - (shape[row] % height);
      overRuns(
        f,
        [
          { from: 0, to: even, by: height },
          { from: even, to: shape[row], by: 1 },
        ].filter(r => r.to > r.from),
        index,
        row,
        rows,
      );
    }
  });
}

/** The sums of rows as one vector for each root. */
const foldRows = ({ f, width, kernel }: Accumulation, rows: readonly Sums[]): Sums =>
  new Map(
    kernel.roots.map(root => [
      root,
      fold(
        f,
        width,
        root.dtype,
        combineOf(root),
        rows.map(s => s.get(root)!),
      ),
    ]),
  );
