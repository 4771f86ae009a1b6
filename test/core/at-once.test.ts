// Gradients that are asked for before earlier ones are there.
import { expect, test } from "vitest";
import { createReferenceExecutor, createWasmExecutor, hypergradient, solve, sgd, type Executor } from "../../src/index.js";
import { countingExecutor } from "../support/counting-executor.js";
import { bitsOf } from "../support/gradients.js";
import { everywhere } from "../support/problems.js";

const executors: readonly (readonly [string, () => Executor])[] = [
  ["wasm", createWasmExecutor],
  ["reference", createReferenceExecutor],
  ["one that links no calls", () => countingExecutor(createWasmExecutor())],
  ["one that answers later", () => countingExecutor(createWasmExecutor(), { later: true })],
];

test.each(executors)("on %s: each at its own θ and task, with the bits of one after another", async (_, make) => {
  const executor = make(),
    { problem } = everywhere;
  for (const estimator of ["exact", "exact:recompute", "ufom:0.5"]) {
    const at = await Promise.all(
      [1, 2, 3, 4, 5].map(async seed => ({ executor, estimator, theta: problem.theta(seed), task: await problem.task(seed, 1, 0), seed })),
    );
    const alone: string[] = [];
    for (const options of at) alone.push(bitsOf((await hypergradient(problem, options)).gradient));
    expect(new Set(alone).size).toBe(at.length);
    const together = await Promise.all(at.map(options => hypergradient(problem, options)));
    expect(together.map(({ gradient }) => bitsOf(gradient))).toEqual(alone);
  }
});

test.each(executors)("on %s: one that fails leaves those after it alone", async (_, make) => {
  const executor = make(),
    { problem } = everywhere,
    right = { executor, theta: problem.theta(2) };
  const alone = bitsOf((await hypergradient(problem, right)).gradient);
  const [first, wrong, last] = await Promise.allSettled([
    hypergradient(problem, right),
    hypergradient(problem, { ...right, estimator: "exact", theta: { odd: problem.theta(1) } }),
    hypergradient(problem, right),
  ]);
  expect(wrong.status).toBe("rejected");
  for (const one of [first, last]) expect(one.status === "fulfilled" && bitsOf(one.value.gradient)).toBe(alone);
});

test.each(executors)("on %s: a run and gradients beside it do not disturb each other", async (_, make) => {
  const executor = make(),
    { problem } = everywhere,
    run = () => solve(problem, { executor, estimator: "exact", outer: sgd(0.1), outerSteps: 4, metaBatch: 2 }).result(),
    gradient = (seed: number) => hypergradient(problem, { executor, seed });
  const alone = [bitsOf((await run()).theta), bitsOf((await gradient(3)).gradient)];
  const [{ theta }, beside] = await Promise.all([run(), gradient(3)]);
  expect([bitsOf(theta), bitsOf(beside.gradient)]).toEqual(alone);
});
