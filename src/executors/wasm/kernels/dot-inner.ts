import type { Code } from "../emit/code.js";
import { collapse, pointerTo } from "../emit/access.js";
import { Elements } from "../emit/elements.js";
import { floats } from "../emit/instructions.js";
import { blocks, nest, overRuns } from "../emit/loops.js";
import type { Index } from "../emit/loops.js";
import { constant, load, permute } from "../emit/vector.js";
import { range } from "../graph/view.js";
import type { DotKernel } from "../schedule/kernel.js";
import { termsOf } from "./dot-outer.js";

/** A matrix times a vector with both rows in memory order: vectors along k, folded at the end. */
export function emitInnerDot(code: Code, kernel: DotKernel): void {
  const { f } = code,
    { root } = kernel,
    elements = new Elements(code, kernel.body, [root]),
    terms = termsOf(code, kernel),
    { width } = elements;
  const { shape } = collapse(kernel.shape, [...elements.accesses(), ...terms.flatMap(t => [t.a, t.b])]),
    k = shape.length;
  const index: Index = shape.map(() => null),
    { multiply, add } = floats[root.dtype as "float32"];
  nest(f, range(k), shape, index, () => {
    const sum = f.local("v128");
    constant(f, root.dtype, 0);
    f.set(sum);
    for (const { a, b, depth } of terms) {
      const whole = Math.floor(depth / width),
        along: Index = [...index, null];
      const step = (count: number) => {
        const pa = pointerTo(f, a, along),
          pb = pointerTo(f, b, along);
        f.get(sum);
        load(f, width, root.dtype, pa.pointer, pa.offset, 1, count, true);
        load(f, width, root.dtype, pb.pointer, pb.offset, 1, count, true);
        f.simd(multiply).simd(add).set(sum).release(pa.pointer, pb.pointer);
      };
      overRuns(f, blocks(whole * width, width), along, k, () => {
        step(width);
      });
      for (let j = whole * width; j < depth; j++)
        overRuns(f, [{ from: j, to: j + 1, by: 1 }], along, k, () => {
          step(1);
        });
    }
    f.get(sum).get(sum);
    permute(f, [2, 3, 0, 1]);
    f.simd(add).set(sum);
    if (root.dtype === "float32") {
      f.get(sum).get(sum);
      permute(f, [1, 0, 3, 2]);
      f.simd(add).set(sum);
    }
    const { pointers, release } = elements.pointAt(index);
    elements.evaluate({ pointers, delta: [], vector: null }, 1, new Map([[root, sum]])).release();
    release();
    f.release(sum);
  });
}
