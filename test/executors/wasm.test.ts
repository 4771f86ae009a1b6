import * as fc from "../support/fast-check.js";
import { describe, expect, test } from "vitest";
import { sinusoidPrograms } from "../../bench/sinusoid-programs.js";
import { outer, pullback, step } from "../../src/core/problem/definitions.js";
import { evaluateProgram } from "../../src/program/evaluate.js";
import { describeProgram } from "../../src/executors/wasm/describe.js";
import { optimize } from "../../src/program/passes/index.js";
import type { Node, Program } from "../../src/program/program.js";
import * as np from "../../src/tensor/np/index.js";
import { trace } from "../../src/tensor/trace.js";
import type { FloatType, HostArray, Shape } from "../../src/tensor/types.js";
import type { Value } from "../../src/tensor/value.js";
import { randomProgram } from "../support/random-program.js";
import { agrees, expectClose, magnitude, numbers, runOnWasm } from "../support/wasm-reference.js";

const RUNS = Number(process.env.UFOM_RANDOM_PROGRAMS ?? 300);

const input = (index: number, shape: Shape, dtype: HostArray["dtype"]): Node => ({
  op: "input",
  inputs: [],
  params: { index },
  shape,
  dtype,
});
const f32 = (...data: number[]): HostArray => ({ shape: [data.length], dtype: "float32", data: Float32Array.from(data) });
const i32 = (...data: number[]): HostArray => ({ shape: [data.length], dtype: "int32", data: Int32Array.from(data) });

/** The numbers of a function's only result. */
const valuesOf = (f: (...operands: Value[]) => Value, ...operands: HostArray[]): number[] =>
  Array.from(runOnWasm(trace(f as never, operands).program, operands)[0].data);

describe("random programs agree with the reference", () => {
  test.each([
    ["as they are", (p: Program) => p],
    ["after all passes", (p: Program) => optimize(p)],
  ])("%s", (_, prepare) => {
    const property = fc.property(randomProgram(), ({ program, inputs }) => {
      const values = evaluateProgram(program, inputs);
      const relative = program.nodes.some(n => n.dtype === "float32") ? 1e-5 : 1e-12;
      expectClose(
        runOnWasm(prepare(program), inputs),
        program.outputs.map(o => values[o]),
        relative * magnitude(values),
      );
    });
    fc.assert(property, { numRuns: RUNS, endOnFailure: false });
  });
});

describe.each(["float32", "float64"] as FloatType[])("loops over %s", dtype => {
  const sizes = [1, 2, 3, 4, 5, 7, 8, 16, 21, 33, 130];
  test("element by element, whatever the length", () => {
    for (const n of sizes) {
      agrees(
        (x, y) => [x.mul(y).add(1), np.less(x, y), np.where(np.less(x, y), x, y.mul(2)), x.neg()],
        [numbers([n], dtype, 1), numbers([n], dtype, 2)],
        dtype,
      );
    }
  });

  test("with rows, columns and numbers repeated", () => {
    for (const n of sizes) {
      for (const m of [1, 3, 4, 9]) {
        const operands = [numbers([m, n], dtype, 1), numbers([n], dtype, 2), numbers([m, 1], dtype, 3), numbers([], dtype, 4)];
        agrees((x, row, column, one) => [x.add(row).mul(column).sub(one), row.mul(column)], operands, dtype);
      }
    }
  });

  test("across rows: transposed, sliced, turned, with masks", () => {
    for (const n of [3, 4, 9, 34]) {
      for (const m of [2, 5, 8, 31]) {
        const x = numbers([m, n], dtype, 5),
          y = numbers([n, m], dtype, 6);
        agrees((a, b) => [a.T, a.T.add(b), np.less(a.T, b), np.where(np.less(a.T, b), a.T.mul(3), b)], [x, y], dtype);
        agrees(a => [np.flip(a, 0), np.flip(a.T), np.slice(a, [1, null, 2]), np.slice(a, null, [0, null, 2]).T.mul(2)], [x], dtype);
      }
    }
    agrees(a => [np.transpose(a, [2, 0, 1]).mul(2), np.transpose(a, [1, 2, 0]).sum(1)], [numbers([6, 5, 9], dtype, 7)], dtype);
  });

  test("sums and extrema over any axes, with what is fused before and after", () => {
    for (const shape of [[5], [300], [4, 7], [9, 4], [33, 10], [10, 33], [3, 5, 6], [17, 2, 9], [600, 3]]) {
      const x = numbers(shape, dtype, 8),
        axes = [
          undefined,
          ...shape.map((_, i) => i),
          ...(shape.length > 2
            ? [
                [0, 2],
                [1, 2],
              ]
            : []),
        ];
      for (const axis of axes) {
        const relative = dtype === "float32" ? 2e-6 : 1e-14;
        agrees(
          a => [np.sum(a.mul(a).add(1), axis).mul(0.5), np.max(a, axis), np.min(a.neg(), axis).add(1), a.mul(a)],
          [x],
          dtype,
          relative,
        );
      }
    }
    agrees(
      a => np.log(np.exp(a.sub(np.max(a, 1, { keepdims: true }))).sum(1)),
      [numbers([23, 10], dtype, 9)],
      dtype,
      dtype === "float32" ? 1e-6 : 1e-13,
    );
  });

  test("long sums stay accurate", () => {
    const x = numbers([200_000], dtype, 3);
    // Blocks of blocks, in float64.
    const squares = Array.from(x.data, v => v * v),
      sum = (v: readonly number[]) => v.reduce((s, w) => s + w, 0);
    const exact = sum(Array.from({ length: 400 }, (_, i) => sum(squares.slice(500 * i, 500 * (i + 1)))));
    const [total] = runOnWasm(trace((a: never) => (a as Value).mul(a).sum(), [x], dtype).program, [x]);
    expect(Math.abs(total.data[0] - exact) / exact).toBeLessThan(dtype === "float32" ? 5e-7 : 1e-14);
  });

  test("gathers, scatters, parts", () => {
    for (const inner of [1, 3, 4, 10]) {
      const x = numbers([6, inner], dtype, 11);
      agrees((a, i) => [np.take(a, i, 0), np.take(a.T, i, 1)], [x, i32(0, 5, 2, 2)], dtype);
      agrees(
        a => [
          np.concatenate([a, a.mul(2), np.slice(a, [0, 1])], 0),
          np.concatenate([a.T, a.T], 1),
          np.pad(a, [
            [1, 2],
            [0, 3],
          ]),
        ],
        [x],
        dtype,
      );
    }
  });
});

describe("special numbers", () => {
  test("indices are clamped to the axis", () => {
    expect(valuesOf((x, i) => np.take(x, i, 0), f32(1, 2, 3), i32(-7, 0, 2, 9))).toEqual([1, 1, 3, 3]);
  });
  test("extrema let NaN through, also beside a number and in reductions", () => {
    const x = f32(NaN, 1, -2, 5);
    expect(valuesOf(a => np.maximum(a, 0), x)).toEqual([NaN, 1, 0, 5]);
    expect(valuesOf(a => np.minimum(0, a), x)).toEqual([NaN, 0, -2, 0]);
    expect(valuesOf((a, b) => np.maximum(a, b), x, f32(1, NaN, 7, -1))).toEqual([NaN, NaN, 7, 5]);
    expect(valuesOf(a => np.max(a), x)).toEqual([NaN]);
    expect(valuesOf(a => np.min(a, 0), { ...f32(1, NaN, 2, 3, 4, 5), shape: [2, 3] })).toEqual(
      [1, NaN, 2].map((v, i) => (i === 1 ? NaN : v)),
    );
  });
  test("where takes the branch as it is", () => {
    expect(valuesOf(a => np.where(np.less(a, 1), 0, a), f32(-Infinity, 0, 3, NaN))).toEqual([0, 0, 3, NaN]);
    expect(valuesOf(a => np.where(np.less(a, 1), a, 0), f32(-Infinity, 0, 3, NaN))).toEqual([-Infinity, 0, 0, 0]);
  });
  test("comparisons with NaN are false, sign keeps it", () => {
    expect(valuesOf((a, b) => np.less(a, b), f32(NaN, 1), f32(1, NaN))).toEqual([0, 0]);
    expect(valuesOf((a, b) => np.equal(a, b), f32(NaN, 1), f32(NaN, 1))).toEqual([0, 1]);
    expect(valuesOf(a => np.sign(a), f32(-3, -0, 0, 2, NaN, -Infinity))).toEqual([-1, 0, 0, 1, NaN, -1]);
  });
  test("floats become integers by truncation, within their range", () => {
    expect(valuesOf(a => np.astype(a, "int32"), f32(1.9, -1.9, NaN, 1e20, -1e20))).toEqual([1, -1, 0, 2147483647, -2147483648]);
    expect(valuesOf(a => np.astype(a, "bool"), f32(0, -0, NaN, 0.1))).toEqual([0, 0, 1, 1]);
  });
  test("integers wrap; a division by 0 is 0", () => {
    expect(valuesOf((a, b) => np.multiply(a, b), i32(65536, -3, 7), i32(65536, 5, -1))).toEqual([0, -15, -7]);
    const nodes: Node[] = [
      input(0, [5], "int32"),
      input(1, [5], "int32"),
      { op: "divide", inputs: [0, 1], params: {}, shape: [5], dtype: "int32" },
    ];
    const program: Program = { inputs: [nodes[0], nodes[1]], constants: [], nodes, outputs: [2] };
    expect([...runOnWasm(program, [i32(7, -7, 1, 0, 9), i32(2, 2, 0, 0, -4)])[0].data]).toEqual([3, -3, 0, 0, -2]);
  });
  test("reductions of nothing, and arrays without elements", () => {
    const none: HostArray = { shape: [0, 3], dtype: "float32", data: new Float32Array(0) };
    expect(valuesOf(a => np.sum(a, 0), none)).toEqual([0, 0, 0]);
    const nodes: Node[] = [input(0, [0, 3], "float32"), { op: "max", inputs: [0], params: { axes: [0] }, shape: [3], dtype: "float32" }];
    expect([...runOnWasm({ inputs: [nodes[0]], constants: [], nodes, outputs: [1] }, [none])[0].data]).toEqual([
      -Infinity,
      -Infinity,
      -Infinity,
    ]);
    expect(valuesOf(a => np.matmul(a.T, a), none)).toEqual(new Array(9).fill(0));
    expect(valuesOf(a => a.mul(2), none)).toEqual([]);
  });
});

describe("programs", () => {
  test("with more inputs and outputs than a function has parameters", () => {
    const many = 1200,
      arrays = Array.from({ length: many }, (_, i) => f32(i, -i));
    const results = runOnWasm(trace((...xs: Value[]) => xs.map(x => x.mul(2)), arrays).program, arrays);
    results.forEach(({ data }, i) => {
      expect([...data]).toEqual([2 * i, -2 * i || 0].map((v, k) => (k && i === 0 ? -0 : v)));
    });
  });

  test("of two precisions, with casts between them", () => {
    const a = numbers([7, 9], "float32", 1),
      b = numbers([7, 9], "float64", 2);
    const program = trace(
      (x: never, y: never) => {
        const wide = np.astype(x, "float64").add(y);
        return [wide, np.astype(wide, "float32"), np.where(np.less(wide, 0), np.astype(wide, "int32"), 3), np.less(x, 0).T];
      },
      [a, b],
      "float32",
    ).program;
    const inputs = [a, b].map((x, i) => ({ ...x, dtype: program.inputs[i].dtype }));
    const values = evaluateProgram(program, inputs);
    expectClose(
      runOnWasm(program, inputs),
      program.outputs.map(o => values[o]),
      1e-7,
    );
  });

  test("give the same bits again and again", () => {
    const x = numbers([40, 300], "float32", 4),
      y = numbers([300, 50], "float32", 5);
    const { program } = trace((a: never, b: never) => np.tanh(np.matmul(a, b)).sum(0), [x, y]);
    const [first, second] = [1, 2].map(() => runOnWasm(program, [x, y])[0].data);
    expect(first).toEqual(second);
  });

  test("of the sinusoid problem take few loops", () => {
    const programs = sinusoidPrograms("float32");
    expect(describeProgram(programs.of(step).program).kernels.length).toBeLessThanOrEqual(11);
    expect(describeProgram(programs.of(pullback).program).kernels.length).toBeLessThanOrEqual(14);
    expect(describeProgram(programs.of(outer).program).kernels.length).toBeLessThanOrEqual(12);
  });
});
