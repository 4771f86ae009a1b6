import { describe, expect, test } from "vitest";
import { partsOf } from "../../src/compiler/schedule/kernel.js";
import type { Kernel } from "../../src/compiler/schedule/kernel.js";
import { schedule } from "../../src/compiler/schedule/schedule.js";
import { wasmTarget } from "../../src/executors/wasm/target.js";
import type { Target } from "../../src/compiler/target.js";
import { evaluateProgram } from "../../src/program/evaluate.js";
import * as nn from "../../src/tensor/nn.js";
import * as np from "../../src/tensor/np/index.js";
import { trace } from "../../src/tensor/trace.js";
import { grad, jvp } from "../../src/tensor/transform.js";
import { sizeOf } from "../../src/tensor/types.js";
import type { FloatType, Shape } from "../../src/tensor/types.js";
import type { Value } from "../../src/tensor/value.js";
import { runScheduled } from "../support/scheduled.js";
import { expectClose, magnitude, numbers } from "../support/wasm-reference.js";

/** Arrays of some kilobytes are large here, and go in blocks of few rows, or of as many as sums in memory are made of at a time. */
const targetFor = (bytes: number): Target => ({ ...wasmTarget, rowBlocks: { from: 2 ** 12, block: bytes / 4, rows: 8 } }),
  never: Target = { ...wasmTarget, rowBlocks: null };

type Loss = (w: readonly Value[], x: Value) => Value;

/** n rows of d numbers, classes that x itself names, and a weight for each row. */
const regression =
  (classes: number): Loss =>
  ([w, b, weights], x) => {
    const labels = np.argmax(x.slice(null, [0, classes]), -1);
    return nn
      .sigmoid(weights)
      .mul(nn.crossEntropy(np.matmul(x, w).add(b), labels))
      .mean();
  };

const gradient =
  (loss: Loss) =>
  (...given: Value[]) =>
    grad((w: Value[]) => loss(w, given[given.length - 1]))(given.slice(0, -1));

/** The gradient along which the loss changes, and both products of the exact sweep. */
const products =
  (loss: Loss) =>
  (...given: Value[]) => {
    const [x, ...w] = [given[given.length - 1], ...given.slice(0, -1)],
      u = w.map((v, i) => np.sin(v.add(i)));
    return grad((v: Value[]) => jvp((z: Value[]) => loss(z, x), v, u)[1])(w);
  };

/** Two layers, of which the first reads x: its gradient is a sum over rows, too. */
const layers: Loss = ([w, b, v], x) => np.square(np.matmul(nn.sigmoid(np.matmul(x, w).add(b)), v)).mean();

interface Example {
  readonly name: string;
  readonly shapes: readonly Shape[];
  f(...given: Value[]): unknown;
  /** Products with the large array that take turns, in each group. */
  readonly groups: readonly number[];
}

const example = (name: string, n: number, d: number, c: number, f: Example["f"], groups: readonly number[]): Example => ({
  name: `${name} of ${n} rows`,
  shapes: [[d, c], [c], [n], [n, d]],
  f,
  groups,
});

/** d is large enough that a row of x is far from the next one, and n that gradients are added up in memory. */
const examples: readonly Example[] = [
  ...[1280, 1283, 517].map(n => example("softmax regression, gradient", n, 260, 10, gradient(regression(10)), [2])),
  example("softmax regression, products", 1030, 260, 10, products(regression(10)), [3]),
  ...[1280, 649].map(n => ({
    name: `two layers of ${n} rows`,
    shapes: [[260, 10], [10], [10, 3], [n, 260]],
    f: gradient(layers),
    groups: [2],
  })),
  {
    name: "two products, nothing summed",
    shapes: [
      [24, 6],
      [24, 5],
      [203, 24],
    ],
    f: (v, w, x) => [np.matmul(x, v), np.tanh(np.matmul(x, w))],
    groups: [2],
  },
  {
    name: "steps of a gradient descent, each in its turn",
    shapes: [
      [260, 10],
      [600, 260],
    ],
    f: (w, x) => {
      let at = w;
      for (let j = 0; j < 3; j++) at = at.sub(grad((v: Value) => np.square(np.matmul(x, v)).sum())(at).mul(1e-5));
      return at;
    },
    groups: [2, 2, 2],
  },
  {
    name: "rows of an array with another shape",
    shapes: [
      [24, 6],
      [24, 6],
      [203, 4, 6],
    ],
    f: (v, w, x) => {
      const rows = x.reshape([203, 24]);
      return np.matmul(np.matmul(rows, v), np.matmul(rows, w).transpose());
    },
    groups: [2],
  },
  {
    name: "an array that is read row by row and as a whole",
    shapes: [
      [24, 6],
      [203, 24],
    ],
    f: (w, x) => [np.matmul(x, x.transpose()), np.matmul(x, w)],
    groups: [],
  },
  {
    name: "a product that needs all rows of another",
    shapes: [
      [24, 6],
      [203, 24],
    ],
    f: (w, x) => {
      const y = np.matmul(x, w);
      return np.matmul(x, w.mul(y.sum(0)));
    },
    groups: [],
  },
];

const groupsOf = (kernels: readonly Kernel[]): number[] =>
  kernels.flatMap(kernel => {
    if (kernel.kind !== "rows") return [];
    const arrays = [...kernel.axes.keys()].filter(t => t.kind === "input" || t.kind === "alias");
    const reads = (t: (typeof arrays)[number]) =>
      partsOf(kernel).filter(part => part.kind === "dot" && part.root.operands.some(v => v.tensor === t)).length;
    return [Math.max(...arrays.map(reads))];
  });

describe.each(["float32", "float64"] as FloatType[])("kernels in turns on blocks of rows, %s", dtype => {
  test.each(examples)("$name", ({ shapes, f, groups }) => {
    const small = targetFor(4 * sizeOf(shapes[shapes.length - 1])),
      inputs = shapes.map((shape, i) => numbers(shape, dtype, i + 1)),
      { program } = trace(f, inputs, dtype);
    expect(groupsOf(schedule(program, never).kernels)).toEqual([]);
    expect(groupsOf(schedule(program, small).kernels)).toEqual(groups);
    const values = evaluateProgram(program, inputs),
      found = runScheduled(program, inputs, small);
    expectClose(
      found,
      program.outputs.map(o => values[o]),
      (dtype === "float32" ? 1e-5 : 1e-13) * magnitude(values),
    );
    // To the last bit what kernels one after another give.
    expectClose(found, runScheduled(program, inputs, never), 0);
  });
});

test("an array of a few megabytes is gone through in blocks, a smaller one is not", () => {
  const of = (n: number) => {
    const shapes: Shape[] = [[260, 10], [10], [n], [n, 260]];
    return groupsOf(
      schedule(
        trace(
          gradient(regression(10)),
          shapes.map(shape => ({ shape, dtype: "float32" as const })),
        ).program,
        wasmTarget,
      ).kernels,
    );
  };
  expect(of(4000)).toEqual([2]);
  expect(of(1000)).toEqual([]);
});
