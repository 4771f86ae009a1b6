// Memory that was used before holds numbers: whoever adds to it must begin from zero.
import { expect, test } from "vitest";
import { createWasmExecutor } from "../../src/executors/wasm/index.js";
import { optimize } from "../../src/program/passes/index.js";
import * as lax from "../../src/tensor/lax.js";
import * as np from "../../src/tensor/np/index.js";
import { trace } from "../../src/tensor/trace.js";
import { grad } from "../../src/tensor/transform.js";
import type { Shape } from "../../src/tensor/types.js";
import type { Value } from "../../src/tensor/value.js";
import { numbers } from "../support/wasm-reference.js";

const programs: readonly (readonly [string, (...xs: Value[]) => Value, readonly Shape[]])[] = [
  [
    "products in panels",
    (a, b) => np.matmul(a, b),
    [
      [40, 520],
      [520, 300],
    ],
  ],
  [
    "sums over several axes in slices",
    (x, w) => grad((k: Value) => np.square(lax.conv(x, k, [1, 1], "SAME")).sum())(w),
    [
      [5, 16, 18, 18],
      [16, 16, 3, 3],
    ],
  ],
  [
    "scattered sums",
    x => grad((v: Value) => np.square(np.take(v, np.array({ shape: [3], dtype: "int32", data: Int32Array.of(1, 1, 4) }), 0)).sum())(x),
    [[9, 5]],
  ],
  [
    "joined parts with gaps",
    x =>
      np.pad(x, [
        [2, 1],
        [1, 3],
      ]),
    [[5, 7]],
  ],
  [
    "solutions",
    (a, b) => np.matmul(np.transpose(a), a).add(np.matmul(b, np.transpose(b))),
    [
      [6, 6],
      [6, 6],
    ],
  ],
];

test.each(programs)("%s: the same numbers in fresh memory and in used memory", (_, f, shapes) => {
  const inputs = shapes.map((shape, i) => numbers(shape, "float32", 5 + i)),
    program = optimize(trace(f, inputs).program);
  const run = (used: boolean) => {
    const executor = createWasmExecutor();
    if (used) {
      // More than everything takes, so that all of it lies where something was.
      const other = executor.upload({ shape: [2 ** 20], dtype: "float32", data: new Float32Array(2 ** 20).fill(7) });
      executor.free(other);
    }
    const executable = executor.compile(program),
      outputs = executable.run(inputs.map(array => executor.upload(array)));
    return Array.from(executor.read(outputs[0]).data);
  };
  const fresh = run(false);
  expect(fresh.some(x => x !== 0)).toBe(true);
  expect(run(true)).toEqual(fresh);
});
