import { describe, expect, test } from "vitest";
import {
  createReferenceExecutor,
  createWasmExecutor,
  defineProblem,
  f32,
  np,
  nn,
  random,
  sampled,
  sgd,
  solve,
  type Executor,
  type Problem,
  type Value,
} from "../../src/index.js";

// Where a run stopped being finite: the leaf, the inner step, the operation and the line.

/** The line of this file that holds a text. */
async function lineOf(text: string): Promise<number> {
  const { readFile } = await import("node:fs/promises");
  const lines = (await readFile(new URL(import.meta.url), "utf8")).split("\n");
  return lines.findIndex(line => line.includes(text) && !line.includes("lineOf(")) + 1;
}

interface Parts {
  readonly theta?: () => ReturnType<typeof f32>;
  readonly init?: (theta: Value) => Value;
  readonly inner?: (theta: Value, w: Value) => Value;
  readonly rate?: number;
  readonly outer?: (w: Value) => Value;
  readonly task?: unknown;
}

const problemOf = ({
  theta = () => f32([1, 2]),
  init = t => t,
  inner = (t, w) => np.square(w.sub(t)).sum(),
  rate = 0.1,
  outer = w => np.square(w).sum(),
  task,
}: Parts) =>
  defineProblem({
    theta,
    task: (task ?? (() => ({ x: f32([1, 2]) }))) as () => { x: ReturnType<typeof f32> },
    init: t => ({ w: init(t), other: t.mul(0) }),
    inner: { loss: (t, { w, other }) => inner(t, w).add(other.sum()), rate, steps: 4 },
    outer: (_, { w }) => outer(w),
  }) as unknown as Problem;

const message = async (problem: Problem, make: () => Executor) => {
  const executor = make();
  const { outcome, message: said } = await solve(problem, { estimator: "exact", outer: sgd(0.1), outerSteps: 3, executor }).result();
  executor.dispose();
  expect(outcome).toBe("diverged");
  return said;
};

describe.each([
  ["wasm", createWasmExecutor],
  ["reference", createReferenceExecutor],
] as const)("%s says where", (_, make) => {
  test("in the outer loss", async () => {
    const problem = problemOf({
      outer: w => {
        const shifted = w.sub(5);
        const roots = np.sqrt(shifted); // a root
        return roots.sum();
      },
    });
    expect(await message(problem, make)).toBe(
      `Outer step 1 diverged (the outer loss is NaN: sqrt gave NaN, divergence.test.ts:${await lineOf("// a root")}); θ is that of step 0.`,
    );
  });

  test("in an inner step, by the derivative of what the inner loss asks for", async () => {
    // w shrinks: 1 → … → below zero, where the logarithm's derivative still is finite, but not at zero itself.
    const problem = problemOf({
      theta: () => f32([0, 2]),
      inner: (_t, w) => {
        const logs = np.log(w); // a logarithm
        return logs.sum();
      },
    });
    expect(await message(problem, make)).toBe(
      `Outer step 1 diverged (the outer loss is Infinity: phi.w stops being finite in inner step 1 of 4 (divide gave Infinity, divergence.test.ts:${await lineOf("// a logarithm")})); θ is that of step 0.`,
    );
  });

  test("in a later inner step, where numbers overflow", async () => {
    const problem = problemOf({ rate: 1e15, inner: (_t, w) => w.pow(2).sum().neg() });
    expect(await message(problem, make)).toMatch(
      /^Outer step 1 diverged \(the outer loss is (NaN|Infinity): phi\.w stops being finite in inner step 3 of 4 \((multiply|subtract|add) gave -?Infinity.*\)\); θ is that of step 0\.$/,
    );
  });

  test("in the start", async () => {
    const problem = problemOf({ init: t => t.div(t.sub(1)) }); // a quotient
    expect(await message(problem, make)).toBe(
      `Outer step 1 diverged (the outer loss is NaN: the start phi.w is not finite (divide gave Infinity, divergence.test.ts:${await lineOf("// a quotient")})); θ is that of step 0.`,
    );
  });

  test("in a derivative, where all values are finite", async () => {
    const problem = problemOf({
      theta: () => f32([0, 0]),
      inner: (_t, w) => w.mul(0).sum(),
      outer: w => np.sqrt(np.square(w).sum()), // a norm
    });
    expect(await message(problem, make)).toMatch(
      new RegExp(
        `^Outer step 1 diverged \\(the gradient is not finite: the derivative of the outer loss with respect to phi\\.w \\(\\w+ gave (NaN|Infinity), divergence\\.test\\.ts:${await lineOf("// a norm")}\\)\\); θ is that of step 0\\.$`,
      ),
    );
  });

  test("in the derivative of an inner step", async () => {
    const problem = problemOf({
      theta: () => f32([0, 4]),
      init: () => np.ones([2]),
      inner: (t, w) => np.sqrt(t).mul(w).sum(), // a root of θ
    });
    expect(await message(problem, make)).toMatch(
      new RegExp(
        `^Outer step 1 diverged \\(the gradient is not finite: the derivative of inner step 4 of 4 with respect to θ \\(\\w+ gave -?Infinity, divergence\\.test\\.ts:${await lineOf("// a root of θ")}\\)\\); θ is that of step 0\\.$`,
      ),
    );
  });

  test("for tasks that a program draws", async () => {
    const problem = problemOf({ task: sampled(key => ({ x: random.normal(key, [2]) })), outer: w => nn.relu(w).sub(9).pow(0.5).sum() });
    expect(await message(problem, make)).toMatch(/the outer loss is NaN: \w+ gave NaN, divergence\.test\.ts:\d+\)/);
  });
});

test("an update that overflows has no such place", async () => {
  const { message: said } = await solve(problemOf({}), { estimator: "exact", outer: sgd(3e38), outerSteps: 3 }).result();
  expect(said).toMatch(/^Outer step \d diverged \((θ is not finite|the outer loss is .*)/);
});
