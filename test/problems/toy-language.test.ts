import { describe, expect, test } from "vitest";
import { createReferenceExecutor, createWasmExecutor, hypergradient } from "../../src/index.js";
import { stream } from "../../src/core/random/index.js";
import type { ScalarProblem, ScalarTask } from "../../cli/src/problems/toy/family.js";
import { adapted, curvature, divergenceProblem, slope, tradeOffProblem, value } from "../../cli/src/problems/toy/family.js";
import { loss, scalarProblem } from "../../cli/src/problems/toy/problem.js";
import { grad } from "../../src/tensor/transform.js";
import { trace } from "../../src/tensor/trace.js";
import type { HostArray } from "../../src/tensor/types.js";
import type { Value } from "../../src/tensor/value.js";

const random = stream(11, "toy");
const between = (low: number, high: number): number => low + (high - low) * random.next();
const close = (x: number, y: number): void => expect(Math.abs(x - y)).toBeLessThanOrEqual(1e-12 * Math.max(1, Math.abs(y)));
const scalar = (x: number): HostArray => ({ shape: [], dtype: "float64", data: Float64Array.of(x) });

/** Offsets from b/a at which something may go wrong: the bottom, both kinks from all sides, far away. */
const offsets = (width: number): number[] =>
  [0, width / 2, width - 1e-9, width, width + 1e-9, width + 0.5, width + 1 - 1e-9, width + 1, width + 1 + 1e-9, width + 30].flatMap(z => [
    z,
    -z,
  ]);

const tasks: readonly ScalarTask[] = [
  ...divergenceProblem().tasks,
  ...tradeOffProblem(0.01).tasks,
  // b/a and the kinks are exact in binary: z = A and z = A + 1 are hit to the last bit.
  { a: 0.5, b: 1, width: 2 },
  ...Array.from({ length: 20 }, () => ({ a: between(0.1, 3), b: between(-5, 5), width: between(0.1, 5) })),
];

describe.each([
  ["reference", createReferenceExecutor()],
  ["wasm", createWasmExecutor()],
])("the family in the language of problems, in float64 on %s", (_, executor) => {
  test("f, f′ and f″ equal the closed forms, at the kinks too", async () => {
    const f = (x: Value, a: Value, b: Value, width: Value) => loss(x, { a, b, width });
    const first = (x: Value, ...task: [Value, Value, Value]) => grad((at: Value) => f(at, ...task))(x);
    const all = (x: Value, a: Value, b: Value, width: Value) => [
      f(x, a, b, width),
      first(x, a, b, width),
      grad((at: Value) => first(at, a, b, width))(x),
    ];
    const { program } = trace(all, [scalar(0), scalar(1), scalar(0), scalar(1)], "float64");
    const executable = await executor.compile(program, "family");
    for (const task of tasks) {
      for (const offset of offsets(task.width)) {
        const x = task.b / task.a + offset;
        const inputs = [x, task.a, task.b, task.width].map(n => executor.upload(scalar(n)));
        const outputs = await executable.run(inputs);
        const [f0, f1, f2] = await Promise.all(outputs.map(async output => (await executor.read(output)).data[0]));
        close(f0, value(task, x));
        close(f1, slope(task, x));
        close(f2, curvature(task, x));
        for (const buffer of [...inputs, ...outputs]) executor.free(buffer);
      }
    }
  });

  test("loss, exact and first-order gradient after r steps equal the closed forms", async () => {
    const problems: [ScalarProblem, number[]][] = [
      [divergenceProblem(), [-10, -3, 0, 5.758, 30]],
      [tradeOffProblem(0.01), [-50, 0, 20 / 3, 50]],
      // Starts on the kinks of the first task, b/a = 2 and A = 2.
      [
        {
          tasks: [
            { a: 0.5, b: 1, width: 2 },
            { a: 1.5, b: 3, width: 1 },
          ],
          loop: { rate: 0.25, steps: 7 },
        },
        [0, 1, 2, 4, 5, -1],
      ],
    ];
    for (const [problem, starts] of problems) {
      const defined = scalarProblem("test", problem, { low: 0, high: 1 });
      for (const task of problem.tasks) {
        const placed = { a: scalar(task.a), b: scalar(task.b), width: scalar(task.width) };
        for (const start of starts) {
          const at = { theta: { x: scalar(start) }, task: placed, dtype: "float64", executor } as const;
          const expected = adapted(task, start, problem.loop);
          const exact = await hypergradient(defined, { ...at, estimator: "exact" });
          const firstOrder = await hypergradient(defined, { ...at, estimator: "first-order" });
          close(exact.loss, expected.loss);
          close(exact.gradient.x.data[0], expected.exact);
          close(firstOrder.gradient.x.data[0], expected.firstOrder);
        }
      }
    }
  });
});

test("starts are uniform in their range, tasks are equally likely, both drawn by seed", async () => {
  const problem = scalarProblem("test", divergenceProblem(), { low: -10, high: 30 });
  const starts = Array.from({ length: 2000 }, (_, seed) => problem.theta(seed).x.data[0]);
  expect(Math.min(...starts)).toBeGreaterThanOrEqual(-10);
  expect(Math.max(...starts)).toBeLessThan(30);
  const mean = starts.reduce((sum, x) => sum + x, 0) / starts.length;
  // Four standard errors of a uniform mean: 4·40/√(12·2000).
  expect(Math.abs(mean - 10)).toBeLessThan(1.04);
  expect(problem.theta(5)).toEqual(problem.theta(5));
  let second = 0;
  for (let k = 1; k <= 2000; k++) second += (await problem.task(3, k, 0)).a.data[0] === 1.5 ? 1 : 0;
  expect(Math.abs(second - 1000)).toBeLessThan(4 * Math.sqrt(500));
});
