import { describe, expect, test } from "vitest";
import { schedule } from "../../src/compiler/schedule/schedule.js";
import { wasmTarget } from "../../src/executors/wasm/target.js";
import * as np from "../../src/tensor/np/index.js";
import { trace } from "../../src/tensor/trace.js";
import type { FloatType, HostArray, Shape } from "../../src/tensor/types.js";
import type { Value } from "../../src/tensor/value.js";
import { agrees, numbers, runOnWasm } from "../support/wasm-reference.js";

/** Several sums of each channel, and an extremum. */
const sums = (x: Value): Value[] => {
  const axes = x.shape.slice(0, -1).map((_, i) => i),
    y = x.mul(0.3).add(2.1);
  return [y.sum(axes), y.mul(x).sum(axes), np.max(y.mul(y), axes)];
};

/** The first channels of an array. */
function firstChannels({ shape, dtype, data }: HostArray, count: number): HostArray {
  const n = shape[shape.length - 1],
    some = data.filter((_: number, i: number) => i % n < count);
  return { shape: [...shape.slice(0, -1), count], dtype, data: some };
}

const totals = (shape: Shape, dtype: FloatType): number => {
  const { kernels } = schedule(trace(sums, [{ shape, dtype }]).program, wasmTarget);
  return Math.max(...kernels.map(kernel => (kernel.kind === "reduce" ? wasmTarget.workspaceBytes(kernel) : 0)));
};

// Sums of up to 128, of up to 4,096 and of more rows are made in three ways.
describe.each(["float32", "float64"] as FloatType[])("sums over rows, %s", dtype => {
  const shapes: Shape[] = [
    [700, 64],
    [700, 63],
    [20, 14, 14, 64],
    [4500, 33],
    [3, 150, 96],
  ];

  test.each(shapes.map(shape => ({ shape })))("of $shape are right", ({ shape }) => {
    expect(totals(shape, dtype)).toBeGreaterThan(0);
    agrees(sums, [numbers(shape, dtype, 5)], dtype);
  });

  test.each(shapes.map(shape => ({ shape })))("of $shape have the bits that a tile of channels has alone", ({ shape }) => {
    const x = numbers(shape, dtype, 5),
      width = dtype === "float32" ? 8 : 4,
      few = firstChannels(x, width);
    const run = (given: HostArray) => runOnWasm(trace(sums, [given], dtype).program, [given]);
    const all = run(x);
    run(few).forEach(({ data }, i) => expect(data).toEqual(all[i].data.slice(0, width)));
  });

  test("of few numbers, or with large results, are made in registers", () => {
    expect(totals([20, 64], dtype)).toBe(0);
    expect(totals([30, 20000], dtype)).toBe(0);
  });
});
