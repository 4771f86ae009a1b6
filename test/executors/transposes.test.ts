import { describe, expect, test } from "vitest";
import * as np from "../../src/tensor/np/index.js";
import type { FloatType, HostArray, Shape } from "../../src/tensor/types.js";
import type { Value } from "../../src/tensor/value.js";
import { trace } from "../../src/tensor/trace.js";
import { numbers, runOnWasm } from "../support/wasm-reference.js";

/** An array with its axes exchanged, made index by index. */
function exchanged({ shape, dtype, data }: HostArray, axes: readonly number[]): number[] {
  const strides = shape.map((_, i) => shape.slice(i + 1).reduce((a, b) => a * b, 1)),
    to = axes.map(a => shape[a]);
  const out: number[] = [];
  const walk = (axis: number, at: number): void => {
    if (axis === to.length) out.push(Number(data[at]));
    else for (let i = 0; i < to[axis]; i++) walk(axis + 1, at + i * strides[axes[axis]]);
  };
  walk(0, 0);
  expect(dtype.startsWith("float")).toBe(true);
  return out;
}

// Squares of vectors are transposed in registers; what is left over of rows and of the axis across goes with them. Small arrays and those that leave
// the second cache are gone through in different orders, and so are the two axes of a matrix.
const works: (readonly [shape: Shape, axes: readonly number[]])[] = [
  [
    [3, 3, 8, 16],
    [3, 2, 0, 1],
  ],
  [
    [3, 3, 5, 7],
    [3, 2, 0, 1],
  ],
  [
    [16, 8, 3, 3],
    [2, 3, 1, 0],
  ],
  [
    [7, 5, 3, 3],
    [2, 3, 1, 0],
  ],
  [
    [4, 6, 9],
    [0, 2, 1],
  ],
  [
    [5, 9, 6, 7],
    [0, 3, 2, 1],
  ],
  [
    [2, 5, 13],
    [2, 0, 1],
  ],
  [
    [19, 23],
    [1, 0],
  ],
  [
    [9, 210, 150],
    [2, 1, 0],
  ],
  [
    [6, 210, 251],
    [0, 2, 1],
  ],
];

describe.each(["float32", "float64"] as FloatType[])("transposes, %s", dtype => {
  test.each(works.map(([shape, axes]) => ({ shape, axes })))("of $shape to $axes, alone and among other reading", ({ shape, axes }) => {
    const x = numbers(shape, dtype, 1),
      y = numbers(
        axes.map(a => shape[a]),
        dtype,
        2,
      ),
      f = (a: Value, b: Value): Value[] => [a.transpose(axes), np.subtract(b, a.transpose(axes))],
      [moved, difference] = runOnWasm(trace(f, [x, y], dtype).program, [x, y]),
      expected = exchanged(x, axes),
      round = dtype === "float32" ? Math.fround : (v: number) => v;
    expect([...moved.data].map(Number)).toEqual(expected);
    expect([...difference.data].map(Number)).toEqual(expected.map((v, i) => round(Number(y.data[i]) - v)));
  });
});
