// Programs of any length: parameters, locals and bytes of one function used to be walls, and some stages took quadratic time.
import { describe, expect, test } from "vitest";
import { shapes } from "../../bench/long-shapes.js";
import type { Target } from "../../src/compiler/target.js";
import { computedBy } from "../../src/compiler/schedule/kernel.js";
import { MOST_TENSORS } from "../../src/compiler/schedule/open-kernels.js";
import { schedule } from "../../src/compiler/schedule/schedule.js";
import { encode } from "../../src/executors/wasm/compile.js";
import { DeclinedError } from "../../src/executors/executor.js";
import { createWasmExecutor } from "../../src/executors/wasm/index.js";
import { WasmExecutable } from "../../src/executors/wasm/executable.js";
import { FunctionTable } from "../../src/executors/wasm/function-table.js";
import { Heap } from "../../src/executors/wasm/heap.js";
import { wasmTarget } from "../../src/executors/wasm/target.js";
import { evaluateProgram } from "../../src/program/evaluate.js";
import { optimize } from "../../src/program/passes/index.js";
import type { Program } from "../../src/program/program.js";
import * as np from "../../src/tensor/np/index.js";
import { trace } from "../../src/tensor/trace.js";
import { grad } from "../../src/tensor/transform.js";
import type { HostArray, Shape } from "../../src/tensor/types.js";
import type { Value } from "../../src/tensor/value.js";
import { expectClose, magnitude, numbers, runOnWasm } from "../support/wasm-reference.js";

const listOf = <T>(n: number, make: (i: number) => T): T[] => Array.from({ length: n }, (_, i) => make(i));
const sum = (terms: readonly Value[]): Value => terms.reduce((a, b) => a.add(b));
const scalar = (x: number): HostArray => ({ shape: [], dtype: "float64", data: Float64Array.of(x) });

/** Compares what wasm computes with the operations' own rules, which evaluate the program as it was traced. */
function holds(traced: Program, relative = 1e-5): void {
  const inputs = traced.inputs.map(({ shape, dtype }, i) => numbers(shape, dtype, i + 1)),
    values = evaluateProgram(traced, inputs);
  expectClose(
    runOnWasm(optimize(traced), inputs),
    traced.outputs.map(o => values[o]),
    relative * magnitude(values),
  );
}

describe("what used to be walls", () => {
  test.each([520, 1_100, 10_000])("%d leaves of θ: each has its own gradient, cos(θ) times its weight", n => {
    // Twenty products beside them cut the code into functions: weights are (i + 1) · Σ A²¹, where all of A is 0.3.
    const theta = listOf(n, i => scalar(i / n)),
      a: HostArray = { shape: [3, 3], dtype: "float64", data: new Float64Array(9).fill(0.3) },
      total = 9 * 0.3 * Math.exp(20 * Math.log(0.9));
    const loss = (w: Value[], m: Value): Value => {
      let power = m;
      for (let k = 0; k < 20; k++) power = np.matmul(power, m);
      return sum(w.map((v, i) => np.sin(v).mul(i + 1))).mul(power.sum());
    };
    const gradient = runOnWasm(optimize(trace(grad(loss), [theta, a], "float64").program), [...theta, a]);
    expect(gradient).toHaveLength(n);
    const wrong = gradient.filter(({ data }, i) => !(Math.abs(data[0] - (i + 1) * Math.cos(i / n) * total) <= 1e-12 * (i + 1)));
    expect(wrong).toEqual([]);
  });

  test("1,500 Euler steps written as a loop in a loss, and their gradient", () => {
    // ẋ = θ x: x_n = x₀ (1 + hθ)ⁿ, and its derivative n h x₀ (1 + hθ)ⁿ⁻¹.
    const n = 1_500,
      h = 1 / n,
      euler = (theta: Value, x: Value) => {
        let at = x;
        for (let i = 0; i < n; i++) at = at.add(at.mul(theta).mul(h));
        return at;
      },
      inputs = [scalar(0.7), scalar(1.25)];
    const [value] = runOnWasm(optimize(trace(euler, inputs, "float64").program), inputs),
      [slope] = runOnWasm(optimize(trace(grad(euler), inputs, "float64").program), inputs);
    const growth = Math.exp((n - 1) * Math.log1p(h * 0.7));
    expect(Math.abs(value.data[0] / (1.25 * growth * (1 + h * 0.7)) - 1)).toBeLessThan(1e-12);
    expect(Math.abs(slope.data[0] / (n * h * 1.25 * growth) - 1)).toBeLessThan(1e-12);
  });

  test("60,000 inputs in one array: more than a function has locals", () => {
    const n = 60_000,
      inputs = listOf(n, scalar),
      [stacked] = runOnWasm(optimize(trace((xs: Value[]) => np.stack(xs), [inputs], "float64").program), inputs);
    expect(stacked.shape).toEqual([n]);
    expect(stacked.data.every((x, i) => x === i)).toBe(true);
  });

  test("outputs that are inputs as they are, thousands of them, beside one number as all", () => {
    const inputs = listOf(3_000, scalar),
      { program } = trace((xs: Value[]) => [...xs, ...xs.map(() => np.full([], 7))], [inputs], "float64"),
      results = runOnWasm(optimize(program), inputs);
    expect(results.map(({ data }) => data[0])).toEqual([...inputs.map(({ data }) => data[0]), ...inputs.map(() => 7)]);
  });

  test("a chain of 100,000 operations overflows no stack", () => {
    const { program } = trace(
      (x: Value) => {
        let at = x;
        for (let i = 0; i < 50_000; i++) at = at.mul(0.5).add(1);
        return at;
      },
      [scalar(1)],
      "float64",
    );
    expect(program.nodes.length).toBeGreaterThan(100_000);
    const [{ data }] = runOnWasm(program, [scalar(1)]);
    expect(data[0]).toBe(2);
  });
});

describe("long programs agree with the reference", () => {
  test.each(Object.keys(shapes).filter(name => name !== "MLP of n layers"))("%s", name => {
    holds(shapes[name](270), 1e-4);
  });

  test("a deep network of linear layers", () => {
    holds(shapes["MLP of n layers"](30), 1e-4);
  });

  const of = (shape: Shape, f: (x: Value) => Value): Program => trace(grad(f), [{ shape, dtype: "float64" }], "float64").program;

  test.each<[string, Program]>([
    [
      "windows that overlap",
      of([40], x =>
        sum(
          listOf(30, i =>
            np
              .sin(x.slice([i, i + 7]))
              .mul(i + 1)
              .sum(),
          ),
        ),
      ),
    ],
    [
      "rows, some of them twice",
      of([9, 3], x =>
        sum(
          listOf(30, i =>
            np
              .sin(x.slice((i * i) % 9))
              .mul(i + 1)
              .sum(),
          ),
        ),
      ),
    ],
    [
      "columns",
      of([4, 20], x =>
        sum(
          listOf(20, i =>
            np
              .sin(x.slice(null, i))
              .mul(i + 1)
              .sum(),
          ),
        ),
      ),
    ],
    ["single elements", of([5, 6], x => sum(listOf(29, i => np.sin(x.slice(Math.floor(i / 6), i % 6)).mul(i + 1))))],
    [
      "blocks of two axes",
      of([12, 12], x =>
        sum(
          listOf(9, i =>
            np
              .sin(x.slice([i, i + 3], [2, 5]))
              .mul(i + 1)
              .sum(),
          ),
        ),
      ),
    ],
    [
      "every second row",
      of([20, 2], x =>
        sum(
          listOf(10, i =>
            np
              .sin(x.slice([i, null, 2]))
              .mul(i + 1)
              .sum(),
          ),
        ),
      ),
    ],
    ["rows beside other uses", of([12, 2], x => sum(listOf(12, i => np.sin(x.slice(i)).sum().add(np.square(x).mul(i).sum()))))],
    [
      "takes of one row, and of several",
      of([12, 2], x =>
        sum(
          listOf(12, i =>
            np
              .sin(np.take(x, i % 2 ? i : [i, 3], 0))
              .mul(i + 1)
              .sum(),
          ),
        ),
      ),
    ],
    [
      "takes along the last axis",
      of([2, 12], x =>
        sum(
          listOf(12, i =>
            np
              .sin(np.take(x, i, 1))
              .mul(i + 1)
              .sum(),
          ),
        ),
      ),
    ],
  ])("the gradient of an array that is used part by part: %s", (_, program) => {
    holds(program, 1e-14);
  });

  test("and n parts are not n arrays", () => {
    const { nodes } = optimize(shapes["gradient of n rows of one array"](100));
    expect(nodes.filter(({ op, shape }) => op !== "input" && shape.length === 2 && shape[0] === 100)).toHaveLength(1);
  });

  test("positions that are computed are joined as well", () => {
    const { program } = trace(
      grad((x: Value, k: Value) =>
        sum(
          listOf(12, i =>
            np
              .sin(np.take(x, k.add(i), 0))
              .mul(i + 1)
              .sum(),
          ),
        ),
      ),
      [
        { shape: [20, 2], dtype: "float64" },
        { shape: [3], dtype: "int32" },
      ],
      "float64",
    );
    holds(program, 1e-14);
    expect(optimize(program).nodes.filter(({ op }) => op === "scatterAdd")).toHaveLength(1);
  });
});

describe("code that is too long for one module", () => {
  const program = optimize(shapes["gradient of n products with one matrix"](200)),
    plan = schedule(program, wasmTarget),
    inputs = program.inputs.map(({ shape, dtype }, i) => numbers(shape, dtype, i + 1));

  function run(cut: Parameters<typeof encode>[2]) {
    const heap = new Heap(),
      compiled = encode(program, plan, cut),
      module = new WebAssembly.Module(compiled.bytes),
      pieces = compiled.pieces.map(bytes => new WebAssembly.Module(bytes));
    const scratch = new WebAssembly.Global({ value: "i32", mutable: true }, heap.allocator.take(compiled.scratchBytes)),
      code = { compiled, module, pieces };
    const executable = new WasmExecutable(program, "program", code, heap, new FunctionTable(), scratch, () => undefined);
    const results = heap.read(executable.run(inputs.map(x => heap.upload(x))) as never);
    return { pieces: pieces.length, results };
  }

  test("is several, with the same numbers", () => {
    const one = run({ exported: false }),
      several = run({ kernels: 1, exported: false });
    expect([one.pieces, several.pieces > 1]).toEqual([0, true]);
    expect(several.results).toEqual(one.results);
    expect(one.results.some(({ data }) => data.some(x => x !== 0))).toBe(true);
  });
});

test("code that the engine does not take is declined in a sentence, with the engine's own words", () => {
  const { Module } = WebAssembly,
    executor = createWasmExecutor();
  WebAssembly.Module = class {
    constructor() {
      throw new RangeError("out of code space");
    }
  } as unknown as typeof Module;
  try {
    const { program } = trace((x: Value) => x.add(0.123456789), [scalar(1)], "float64");
    expect(() => executor.compile(program)).toThrow(DeclinedError);
    expect(() => executor.compile(program)).toThrow(
      /^ufom: the code of a program must be taken by the WebAssembly engine; received .* of code, to which it says "out of code space"\.$/,
    );
  } finally {
    WebAssembly.Module = Module;
    executor.dispose();
  }
});

describe("what is looked at grows with the length, no faster", () => {
  test.each(Object.keys(shapes))("%s", name => {
    const [small, large] = [200, 600].map(n => {
      let asked = 0;
      const mayJoin: Target["mayJoin"] = (kernel, t) => (asked++, wasmTarget.mayJoin(kernel, t)),
        { kernels } = schedule(optimize(shapes[name](n)), { ...wasmTarget, mayJoin });
      return { asked: asked / n, most: Math.max(...kernels.map(kernel => computedBy(kernel).length)) };
    });
    expect(large.asked).toBeLessThanOrEqual(1.2 * small.asked + 1);
    // Whoever plans or writes a kernel may look at all pairs of its tensors; a reduction has a result for what it accumulates beside them.
    expect(large.most).toBeLessThanOrEqual(2 * MOST_TENSORS);
  });
});
