import { describe, expect, test } from "vitest";
import { createWasmExecutor, np, type Value } from "../../src/index.js";
import { nativeTarget } from "../../src/executors/native/target.js";
import { librarySignature } from "../../src/executors/wasm/kernels/library-signature.js";
import { wasmTarget } from "../../src/executors/wasm/target.js";
import { schedule } from "../../src/compiler/schedule/schedule.js";
import { optimize } from "../../src/program/passes/index.js";
import { trace } from "../../src/tensor/trace.js";
import type { FloatType, HostArray } from "../../src/tensor/types.js";
import { runOnce } from "../conformance/run.js";
import { nativeExecutor, withoutLibrary } from "./available.js";

type Function = (...x: Value[]) => Value | Value[];

/** Whole numbers whose products are exact in either precision, so that no order of sums matters. */
const numbers = (shape: readonly number[], seed: number, dtype: FloatType = "float32"): HostArray => {
  const n = shape.reduce((a, b) => a * b, 1),
    data = dtype === "float32" ? new Float32Array(n) : new Float64Array(n);
  data.forEach((_, i) => (data[i] = ((i * 7919 + seed * 104729) % 13) - 6));
  return { shape, dtype, data };
};

const programOf = (f: Function, inputs: readonly HostArray[]) => optimize(trace(f, [...inputs], inputs[0].dtype as FloatType).program);
/** Forms of the products that a program becomes. */
const forms = (f: Function, inputs: readonly HostArray[], threshold: number) =>
  schedule(programOf(f, inputs), nativeTarget(threshold)).kernels.flatMap(k => (k.kind === "dot" ? [k.root.form] : []));

describe.skipIf(withoutLibrary !== undefined)("products of a library", () => {
  const wasm = createWasmExecutor();

  /** The same numbers as WebAssembly's, of products that went to the library. */
  async function expectSame(f: Function, ...inputs: HostArray[]): Promise<void> {
    expect(forms(f, inputs, 0)).toContain("library");
    const program = programOf(f, inputs),
      executor = nativeExecutor(0),
      found = await runOnce(executor, program, inputs),
      expected = await runOnce(wasm, program, inputs);
    executor.dispose();
    found.forEach(({ data }, i) => {
      expect(Array.from(data)).toEqual(Array.from(expected[i].data));
    });
  }

  const odd = (s: number) => [numbers([7, 13], s), numbers([13, 5], s + 1)] as const;
  const cases: Readonly<Record<string, () => Promise<void>>> = {
    "as they lie": () => expectSame((a, b) => np.matmul(a, b), ...odd(1)),
    "a transposed": () => expectSame((a, b) => np.matmul(a.T, b), numbers([13, 7], 1), numbers([13, 5], 2)),
    "b transposed": () => expectSame((a, b) => np.matmul(a, b.T), numbers([7, 13], 1), numbers([5, 13], 2)),
    "both transposed": () => expectSame((a, b) => np.matmul(a.T, b.T), numbers([13, 7], 1), numbers([5, 13], 2)),
    "the result transposed": () => expectSame((a, b) => np.matmul(a, b).T, ...odd(3)),
    "a part of an array, whose rows lie further apart": () =>
      expectSame((a, b) => np.matmul(a.slice([1, 8], [2, 15]), b.slice([2, 15], [1, 6])), numbers([9, 17], 1), numbers([17, 9], 2)),
    "every second column, which must be copied": () =>
      expectSame(
        (a, b) => np.matmul(a.slice(null, [0, 26, 2]), b.slice([0, 26, 2], [0, 10, 2])),
        numbers([7, 26], 1),
        numbers([26, 10], 2),
      ),
    "rows backwards": () => expectSame((a, b) => np.matmul(np.flip(a, 0), np.flip(b, 1)), ...odd(5)),
    "a batch": () => expectSame((a, b) => np.matmul(a, b), numbers([3, 7, 13], 1), numbers([3, 13, 5], 2)),
    "a batch of a only": () => expectSame((a, b) => np.matmul(a, b), numbers([3, 7, 13], 1), numbers([13, 5], 2)),
    "a batch of b only": () => expectSame((a, b) => np.matmul(a, b), numbers([7, 13], 1), numbers([3, 13, 5], 2)),
    "a batch whose axes are exchanged": () =>
      expectSame((a, b) => np.matmul(a.transpose([1, 0, 2]), b), numbers([7, 3, 13], 1), numbers([3, 13, 5], 2)),
    "a vector and a matrix": () => expectSame((a, b) => np.matmul(a, b), numbers([13], 1), numbers([13, 5], 2)),
    "a matrix and a vector": () => expectSame((a, b) => np.matmul(a, b), numbers([7, 13], 1), numbers([13], 2)),
    "with work in its epilogue, and a reader elsewhere": () =>
      expectSame(
        (a, b) => {
          const c = np.matmul(a, b);
          return [np.maximum(c.add(1), 0), c.mul(2), c.sum(0)];
        },
        ...odd(7),
      ),
    "an operand that is repeated along the sum": () =>
      expectSame((a, b) => np.matmul(a, np.broadcastTo(b, [13, 5])), numbers([7, 13], 1), numbers([5], 2)),
    "two products added": () => expectSame((a, b) => np.matmul(a, b).add(np.matmul(a.mul(2), b.add(1))), ...odd(9)),
    float64: () => expectSame((a, b) => np.matmul(a, b), numbers([7, 13], 1, "float64"), numbers([13, 5], 2, "float64")),
  };
  for (const [name, run] of Object.entries(cases)) test(name, run);

  test("NaN and ∞ of one factor reach the result though the other is zero there", async () => {
    const a = { shape: [4, 6], dtype: "float32", data: new Float32Array(24) } as const,
      b = numbers([6, 5], 1);
    b.data[7] = NaN;
    b.data[13] = Infinity;
    const executor = nativeExecutor(0),
      [{ data }] = await runOnce(
        executor,
        programOf((x, y) => np.matmul(x, y), [a, b]),
        [a, b],
      );
    const columns = Array.from({ length: 5 }, (_, j) => Array.from({ length: 4 }, (_, i) => data[5 * i + j]));
    expect(columns.map(column => column.every(Number.isNaN))).toEqual([false, false, true, true, false]);
    expect(columns[0]).toEqual([0, 0, 0, 0]);
  });

  test("arrays without elements have products as elsewhere", async () => {
    const a = numbers([3, 0], 1),
      b = numbers([0, 4], 1),
      executor = nativeExecutor(0);
    const [sums, none] = await runOnce(
      executor,
      programOf((x, y) => [np.matmul(x, y), np.matmul(y, np.zeros([4, 2]))], [a, b]),
      [a, b],
    );
    expect(Array.from(sums.data)).toEqual(new Array(12).fill(0));
    expect(none.shape).toEqual([0, 2]);
  });

  test("memory that has grown, and pointers above 2 GiB", async () => {
    const executor = nativeExecutor(0),
      [a, b] = [numbers([64, 33], 1), numbers([33, 48], 2)],
      executable = executor.compile(programOf((x, y) => np.matmul(x, y), [a, b])),
      multiply = () => {
        const buffers = [a, b].map(x => executor.upload(x)),
          [result] = executable.run(buffers);
        return executor.read(result).data;
      };
    const before = multiply();
    expect(before[0]).toBe(Array.from({ length: 33 }, (_, l) => a.data[l] * b.data[48 * l]).reduce((x, y) => x + y, 0));
    // A result that nobody writes: the memory grows, and none of it is touched.
    const large = executor.link!({ places: [{ shape: [2 ** 29 + 2 ** 20], dtype: "float32" }], inputs: 0, parts: [[]], outputs: [0] });
    expect(executor.usage().bytes).toBeGreaterThan(2 ** 31);
    expect(multiply()).toEqual(before);
    large.dispose();
    executor.dispose();
  });

  test("a routine calls them", () => {
    const executor = nativeExecutor(0),
      [a, b] = [numbers([16, 16], 1), numbers([16, 16], 2)],
      executable = executor.compile(programOf((x, y) => np.matmul(x, y), [a, b])),
      routine = executor.link!({
        places: [a, b, a, a],
        inputs: 2,
        parts: [
          [
            { executable, inputs: [0, 1], outputs: [2] },
            { executable, inputs: [2, 1], outputs: [3] },
          ],
        ],
        outputs: [3],
      });
    const [result] = routine.run([executor.upload(a), executor.upload(b)]);
    const [once] = executable.run([executor.upload(a), executor.upload(b)]),
      [twice] = executable.run([once, executor.upload(b)]);
    expect(executor.read(result).data).toEqual(executor.read(twice).data);
    expect(executor.read(twice).data.some(x => x !== 0)).toBe(true);
    executor.dispose();
  });
});

describe("what is handed to a library", () => {
  const [a, b] = [numbers([20, 30], 1), numbers([30, 10], 2)],
    product: Function = (x, y) => np.matmul(x, y);

  test("is every product of at least the threshold's multiplications, and no other", () => {
    expect(forms(product, [a, b], 6000)).toEqual(["library"]);
    expect(forms(product, [a, b], 6001)).not.toContain("library");
  });

  test("is nothing without a library", () => {
    const kernels = schedule(programOf(product, [a, b]), wasmTarget).kernels;
    expect(kernels.map(k => (k.kind === "dot" ? k.root.form : k.kind))).not.toContain("library");
    expect(librarySignature.parameterKinds).toHaveLength(10);
  });
});
