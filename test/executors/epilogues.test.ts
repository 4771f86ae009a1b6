import { describe, expect, test } from "vitest";
import type { DotKernel } from "../../src/compiler/schedule/kernel.js";
import { schedule } from "../../src/compiler/schedule/schedule.js";
import { compile } from "../../src/executors/wasm/compile.js";
import { floats } from "../../src/executors/wasm/emit/instructions.js";
import { wasmTarget } from "../../src/executors/wasm/target.js";
import * as nn from "../../src/tensor/nn.js";
import * as np from "../../src/tensor/np/index.js";
import { trace } from "../../src/tensor/trace.js";
import { grad } from "../../src/tensor/transform.js";
import type { FloatType, HostArray, Shape } from "../../src/tensor/types.js";
import type { Value } from "../../src/tensor/value.js";
import { agrees, numbers, runOnWasm } from "../support/wasm-reference.js";

const product = (f: (x: Value) => Value, rows: number, columns: number): DotKernel => {
  const types = [[rows, 8] as Shape, [8, columns] as Shape].map(shape => ({ shape, dtype: "float32" as const }));
  const { kernels } = schedule(trace((a: Value, b: Value) => f(np.matmul(a, b)), types).program, wasmTarget);
  return kernels.find(kernel => kernel.kind === "dot")!;
};

describe("what follows a product", () => {
  test("runs over the stored result if it has elementary functions and the result is still in the cache", () => {
    expect(product(x => np.tanh(x.add(1)), 40, 30).bodyAfterwards).toBe(true);
    expect(product(x => x.add(1).mul(2), 40, 30).bodyAfterwards).toBe(false);
    expect(product(x => np.tanh(x.add(1)), 600, 500).bodyAfterwards).toBe(false);
  });

  test.each(["float32", "float64"] as FloatType[])("is right in both forms, %s", dtype => {
    for (const [rows, columns] of [
      [1, 1],
      [3, 5],
      [10, 40],
      [600, 500],
    ])
      agrees(
        (a, b, c) => {
          const z = np.matmul(a, b).add(c);
          return [np.tanh(z), nn.sigmoid(z).mul(nn.sigmoid(z.neg())), nn.gelu(z), z.mul(2)];
        },
        [numbers([rows, 6], dtype, 1), numbers([6, columns], dtype, 2), numbers([columns], dtype, 3)],
        dtype,
      );
  });
});

/** Every kind of number, rare ones too. */
const kinds = [0, -0, 1e-40, -1e-40, 0.3, -0.3, 5, -5, 88, -88, 104, -104, 1000, -1000, Infinity, -Infinity, NaN];

describe.each(["float32", "float64"] as FloatType[])("σ(x) and σ(−x), %s", dtype => {
  const data = Array.from({ length: 130 }, (_, i) => (i < kinds.length ? kinds[i] : Math.sin(i) * 2 ** (i % 9)));
  const x: HostArray =
    dtype === "float32" ? { shape: [130], dtype, data: Float32Array.from(data) } : { shape: [130], dtype, data: Float64Array.from(data) };
  const run = (f: (x: Value) => unknown) => runOnWasm(trace(f, [x], dtype).program, [x]);

  test("have together the bits that each has alone", () => {
    const apart = [run(v => nn.sigmoid(v))[0], run(v => nn.sigmoid(v.neg()))[0]];
    const orders: ((v: Value) => Value[])[] = [
      v => [nn.sigmoid(v), nn.sigmoid(v.neg())],
      v => [nn.sigmoid(v.neg()), nn.sigmoid(v)].reverse(),
      v => {
        const m = v.neg();
        return [nn.sigmoid(m.neg()), nn.sigmoid(m)];
      },
    ];
    for (const order of orders) run(order).forEach(({ data }, i) => expect(data).toEqual(apart[i].data));
    // Called, where an elementary function is not written in place.
    const [sum] = run(v => nn.sigmoid(v).mul(nn.sigmoid(v.neg())).slice([17, null]).sum()),
      [products] = run(v => nn.sigmoid(v).mul(nn.sigmoid(v.neg())));
    const expected = [...products.data].slice(17).reduce((a, b) => a + b, 0);
    expect(Math.abs(sum.data[0] - expected)).toBeLessThan((dtype === "float32" ? 1e-6 : 1e-14) * expected);
  });

  test("are made of one quotient", () => {
    const { divide } = floats[dtype];
    const quotients = (f: (x: Value) => unknown) => {
      const { bytes } = compile(trace(f, [{ shape: [64], dtype }], dtype).program);
      // The instruction is 0xfd and its number, which has two bytes.
      const code = [0xfd, (divide & 127) | 128, divide >> 7];
      return bytes.reduce((n, _, i) => n + (code.every((byte, k) => bytes[i + k] === byte) ? 1 : 0), 0);
    };
    expect(quotients(v => nn.sigmoid(v))).toBe(1);
    expect(quotients(grad((v: Value) => nn.sigmoid(v).sum()))).toBe(1);
    expect(quotients(grad((v: Value) => nn.silu(v).sum()))).toBe(1);
    expect(quotients(v => nn.sigmoid(v).mul(nn.sigmoid(v.add(1))))).toBe(2);
  });
});
