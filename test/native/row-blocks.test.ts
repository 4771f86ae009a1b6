// Products of a library take turns on blocks of rows with what is made of each row.
import { describe, expect, test } from "vitest";
import { grad, np, type Value } from "../../src/index.js";
import { partsOf } from "../../src/compiler/schedule/kernel.js";
import { schedule } from "../../src/compiler/schedule/schedule.js";
import type { Target } from "../../src/compiler/target.js";
import { describeKernels } from "../../src/compiler/describe.js";
import { nativeTarget } from "../../src/executors/native/target.js";
import { WasmExecutor } from "../../src/executors/wasm/executor.js";
import { optimize } from "../../src/program/passes/index.js";
import { evaluateProgram } from "../../src/program/evaluate.js";
import { trace } from "../../src/tensor/trace.js";
import type { FloatType, HostArray, Shape } from "../../src/tensor/types.js";
import { runOnce } from "../conformance/run.js";
import { nativeExecutor, withoutLibrary } from "./available.js";

/** −1, 0 and 1, of which all sums here are exact: no order of them matters. */
function signs(shape: Shape, seed: number, dtype: FloatType): HostArray {
  const n = shape.reduce((a, b) => a * b, 1),
    data = dtype === "float32" ? new Float32Array(n) : new Float64Array(n);
  data.forEach((_, i) => (data[i] = ((i * 7919 + seed * 104729) % 13) % 3) - 1);
  return { shape, dtype, data };
}

const D = 24,
  squared = (w: Value, x: Value) => np.square(np.matmul(x, w)).sum();
interface Example {
  readonly shapes: readonly Shape[];
  readonly f: (...given: Value[]) => Value | Value[];
  /** Parts that take turns which the library computes. */
  readonly products: number;
}
const examples: Record<string, Example> = {
  "a product, and the gradient that sums over rows": {
    shapes: [
      [D, 10],
      [203, D],
    ],
    f: (w, x) => grad((v: Value) => squared(v, x))(w),
    products: 2,
  },
  "what is made of each row between": {
    shapes: [[D, 10], [203], [203, D]],
    f: (w, weights, x) =>
      grad((v: Value) => {
        const y = np.maximum(np.matmul(x, v).add(1), 0);
        return np.square(y.sum(-1)).mul(weights).sum();
      })(w),
    products: 2,
  },
  "the same, transposed": {
    shapes: [
      [10, D],
      [203, D],
    ],
    f: (w, x) => grad((v: Value) => np.square(np.matmul(v, x.transpose()).sub(1)).sum())(w),
    products: 2,
  },
  "two products of rows with work behind each": {
    shapes: [
      [D, 6],
      [D, 5],
      [203, D],
    ],
    f: (v, w, x) => [np.matmul(x, v).add(2), np.maximum(np.matmul(x, w), 0).mul(3)],
    products: 2,
  },
  "several sums over rows, with work behind them": {
    shapes: [
      [D, 6],
      [D, 5],
      [203, D],
    ],
    f: (v, w, x) => {
      const [a, b] = [v, w].map(u => grad((z: Value) => squared(z, x))(u));
      return [a.add(1), np.abs(b)];
    },
    products: 4,
  },
};

const blocks = { from: 2 ** 12, block: 2 ** 12, rows: 8 },
  inBlocks: Target = { ...nativeTarget(0), name: "native in small blocks", rowBlocks: blocks };

const productsIn = (f: Example["f"], inputs: readonly HostArray[], target: Target): number =>
  schedule(programOf(f, inputs), target).kernels.flatMap(kernel =>
    kernel.kind === "rows" ? partsOf(kernel).filter(part => part.kind === "dot" && part.root.form === "library") : [],
  ).length;
const programOf = (f: Example["f"], inputs: readonly HostArray[]) => optimize(trace(f, [...inputs], inputs[0].dtype as FloatType).program);

describe.each(["float32", "float64"] as FloatType[])("%s", dtype => {
  describe.each(Object.entries(examples))("%s", (_, { shapes, f, products }) => {
    const inputs = shapes.map((shape, i) => signs(shape, i + 1, dtype));

    test("is gone through in blocks of rows", () => {
      expect(productsIn(f, inputs, { ...inBlocks, rowBlocks: null })).toBe(0);
      expect(productsIn(f, inputs, inBlocks)).toBe(products);
    });

    test.skipIf(withoutLibrary !== undefined)("with the numbers of the definition", async () => {
      const program = programOf(f, inputs),
        { products: library } = nativeExecutor(0) as WasmExecutor,
        executor = new WasmExecutor(undefined, { ...library!, target: inBlocks }),
        values = evaluateProgram(program, inputs),
        // Twice: what lay in memory must not matter.
        found = [await runOnce(executor, program, inputs), await runOnce(executor, program, inputs)];
      for (const results of found)
        program.outputs.forEach((o, i) => {
          expect(Array.from(results[i].data)).toEqual(Array.from(values[o].data));
        });
      executor.dispose();
    });
  });
});

test("an array that does not stay in the cache is gone through so by itself, and told as a library's", () => {
  const { shapes, f } = examples["a product, and the gradient that sums over rows"],
    of = (n: number) => {
      const types = [shapes[0], [n, D]].map(shape => ({ shape, dtype: "float32" as const, data: new Float32Array(0) })),
        target = nativeTarget(0);
      return describeKernels(schedule(programOf(f, types), target), target).map(({ kind, library }) => [kind, library]);
    };
  expect(of(40_000)).toEqual([["rows", true]]);
  expect(of(10_000).map(([kind]) => kind)).not.toContain("rows");
});
