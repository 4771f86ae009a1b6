import { describe, expect, test } from "vitest";
import { evaluateProgram } from "../../src/executors/reference/index.js";
import { createWasmExecutor } from "../../src/executors/wasm/index.js";
import * as np from "../../src/tensor/np/index.js";
import { trace } from "../../src/tensor/trace.js";
import { allocate, sizeOf } from "../../src/tensor/types.js";
import type { FloatType, HostArray, Shape } from "../../src/tensor/types.js";
import type { Value } from "../../src/tensor/value.js";

/** Numbers in [−1, 1) that repeat from run to run. */
function numbers(shape: Shape, dtype: FloatType, seed: number): HostArray {
  const data = allocate({ shape, dtype });
  let state = seed;
  for (let i = 0; i < data.length; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) | 0;
    data[i] = state / 2 ** 31;
  }
  return { shape, dtype, data };
}

/** Runs on wasm and compares with the reference: sums of `depth` products of numbers below 1, each rounded. */
function check(f: (...operands: Value[]) => Value, shapes: readonly Shape[], dtype: FloatType, depth: number): void {
  const operands = shapes.map((shape, i) => numbers(shape, dtype, 17 + i)),
    { program } = trace(f, operands, dtype);
  const executor = createWasmExecutor(),
    outputs = executor.compile(program).run(operands.map(x => executor.upload(x)));
  const values = evaluateProgram(program, operands),
    epsilon = dtype === "float32" ? 2 ** -24 : 2 ** -53;
  outputs.forEach((b, k) => {
    const { data } = executor.read(b),
      expected = values[program.outputs[k]].data;
    let worst = 0;
    data.forEach((x, i) => {
      worst = Math.max(worst, Math.abs(x - expected[i]));
    });
    expect(data.length).toBe(sizeOf(b.shape));
    expect(worst).toBeLessThan(4 * depth * epsilon);
  });
  executor.dispose();
}

const product = (transposeA: boolean, transposeB: boolean) => (a: Value, b: Value) =>
  np.matmul(transposeA ? np.transpose(a) : a, transposeB ? np.transpose(b) : b);

describe.each(["float32", "float64"] as FloatType[])("%s products", dtype => {
  const sizes = [
    [1, 7, 1],
    [10, 40, 40],
    [3, 1, 5],
    [13, 9, 11],
    [4, 260, 258],
    [33, 300, 515],
    [270, 520, 300],
    [300, 257, 10],
    [129, 600, 3],
    [2, 1000, 1],
    [600, 33, 1],
  ] as const;
  test.each(sizes)("[%i, %i] · [.., %i], either operand transposed", (m, k, n) => {
    for (const ta of [false, true]) {
      for (const tb of [false, true]) check(product(ta, tb), [ta ? [k, m] : [m, k], tb ? [n, k] : [k, n]], dtype, k);
    }
  });

  test("in batches, shared or not, with what comes before and after", () => {
    check(
      (a, b) => np.matmul(a, b),
      [
        [3, 40, 300],
        [3, 300, 290],
      ],
      dtype,
      300,
    );
    check(
      (a, b) => np.matmul(a, b).sum(0),
      [
        [5, 8, 13],
        [13, 6],
      ],
      dtype,
      5 * 13,
    );
    check((a, b, c) => np.matmul(a.mul(2), b).add(c).neg(), [[37, 270], [270, 300], [300]], dtype, 2 * 270);
    check(
      (a, b, c) => np.matmul(a, b).add(np.matmul(a.neg(), c)),
      [
        [11, 40],
        [40, 30],
        [40, 30],
      ],
      dtype,
      80,
    );
  });
});
