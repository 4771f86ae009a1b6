import type { Code } from "../emit/code.js";
import { blocks, overRuns } from "../emit/loops.js";
import { sizeOf } from "../../../tensor/types.js";
import type { Slices } from "./blocking.js";
import type { DotKernel } from "../../../compiler/schedule/kernel.js";
import { DotNest } from "./dot.js";
import { multiplyAdd, overColumns } from "./dot-outer.js";
import { outerTile } from "./tiles.js";

/**
 * A product that is summed over several axes, as the adjoint of a convolution in its kernel: some steps along the outermost of them
 * at a time, whose operands then stay in the caches while all of the result is gone through. Long sums are more accurate so, too.
 */
export function emitSlicedDot(code: Code, kernel: DotKernel, { depth }: Slices): void {
  const { f } = code,
    product = new DotNest(code, kernel),
    {
      shape,
      last,
      index,
      terms: [term],
      elements: { width },
    } = product;
  const [first, ...inner] = term.contracted,
    pieces = blocks(first, Math.max(1, Math.floor(depth / sizeOf(inner)))),
    axis = shape.length;
  const tile = outerTile(product.rows, Math.ceil(shape[last] / width), pieces[0].by * sizeOf(inner));
  const compute = (steps: number, high: number, wide: number, count: number) => {
    const sums = product.accumulators(high, wide);
    multiplyAdd(product, { ...term, contracted: [steps, ...inner] }, sums, count);
    product.addToResult(sums, count);
    f.release(...sums.flat());
  };
  product.begin();
  overRuns(f, pieces, index, axis, steps => {
    product.overRows(tile.high, high => {
      overColumns(product, tile.wide, (wide, count) => {
        compute(steps, high, wide, count);
      });
    });
  });
  product.end();
}
