import { describe, expect, test } from "vitest";
import { createWasmExecutor, hypergradient } from "../../src/index.js";
import { descend, gradientsByTask, objectiveOf } from "../../cli/src/figures/descents.js";
import type { Batch } from "../../cli/src/figures/many-starts.js";
import { manyStarts } from "../../cli/src/figures/many-starts.js";
import { adapted, divergenceProblem, objective, tradeOffProblem } from "../../cli/src/problems/toy/family.js";
import { scalarProblem } from "../../cli/src/problems/toy/problem.js";

const executor = createWasmExecutor();
const rates = [0.003, 0.1, 0.4];
/** From far on the straight parts over both bends to the bottoms. */
const batch: Batch = { scalar: divergenceProblem(), rates, extents: [3, 2, 40], starts: { low: -30, high: 50 } };
const problem = manyStarts(batch);
const { x } = problem.theta(7);
const each = Array.from(x.data, (theta, i) => ({ theta, rate: rates[Math.floor(i / 80)], i }));
const close = (found: number, wanted: number): void => expect(Math.abs(found - wanted)).toBeLessThan(1e-11 * Math.max(1, Math.abs(wanted)));

describe("a batch of starts", () => {
  test("has in each number of its gradients that of the number's own start, by the closed forms", async () => {
    const found = await gradientsByTask(batch, problem, x, { executor });
    for (const [t, task] of batch.scalar.tasks.entries())
      for (const { theta, rate, i } of each) {
        const wanted = adapted(task, theta, { rate, steps: 10 });
        close(found[t].exact[i], wanted.exact);
        close(found[t].firstOrder[i], wanted.firstOrder);
      }
  });

  test("and that of the problem of one number", async () => {
    const found = await gradientsByTask(batch, problem, x, { executor, innerSteps: 4 });
    for (const { theta, rate, i } of [each[0], each[97], each[201]])
      for (const [t, task] of batch.scalar.tasks.entries()) {
        const one = scalarProblem("one", { tasks: [task, task], loop: { rate, steps: 10 } }, batch.starts),
          at = { theta: { x: { shape: [], dtype: "float64" as const, data: Float64Array.of(theta) } }, innerSteps: 4, executor },
          of = async (estimator: string) => (await hypergradient(one, { ...at, estimator, dtype: "float64" })).gradient.x.data[0];
        close(found[t].exact[i], await of("exact"));
        close(found[t].firstOrder[i], await of("first-order"));
      }
  });

  test("has M(θ) of each", async () => {
    const found = await objectiveOf(batch, problem, x, { executor });
    for (const { theta, rate, i } of each) close(found[i], objective(batch.scalar.tasks, theta, { rate, steps: 10 }).loss);
  });

  test("starts at the same points at every rate and probability, in their range", () => {
    const of = (cell: number) => Array.from(x.data.slice(cell * 40, (cell + 1) * 40));
    for (let cell = 1; cell < 6; cell++) expect(of(cell)).toEqual(of(0));
    expect(new Set(of(0)).size).toBe(40);
    for (const theta of of(0)) expect(theta >= -30 && theta < 50).toBe(true);
  });
});

describe("descents", () => {
  test("are those of UFOM with a coin for each start, step by step in plain numbers", async () => {
    const scalar = tradeOffProblem(0.05),
      probabilities = [0, 0.3, 1],
      n = 25,
      descents = { batch: { scalar, starts: { low: -50, high: 50 }, extents: [1, 3, n] as const }, probabilities, at: [1, 4] },
      same = manyStarts(descents.batch),
      thetas = Array.from(same.theta(3).x.data);
    const reached = new Map<number, { readonly x: ArrayLike<number>; readonly gradient: Float64Array }>();
    for await (const { k, x: at, gradient } of descend(descents, { seed: 3, executor })) reached.set(k, { x: at.data, gradient });
    expect([...reached.keys()]).toEqual([1, 4]);
    let fallen = 0;
    for (let k = 1; k <= 4; k++) {
      const { task, coin } = (await same.task(3, k, 0)) as { task: { data: ArrayLike<number> }; coin: { data: ArrayLike<number> } };
      for (const [i, theta] of thetas.entries()) {
        const [start, q] = [i % n, probabilities[Math.floor(i / n)]],
          { exact, firstOrder } = adapted(scalar.tasks[task.data[start] < 0.5 ? 0 : 1], theta, scalar.loop),
          xi = coin.data[start] < q;
        if (q === 0.3 && xi) fallen++;
        thetas[i] = theta - (10 / k) * (xi ? firstOrder + (exact - firstOrder) / q : firstOrder);
      }
      const at = reached.get(k);
      if (at === undefined) continue;
      for (const [i, theta] of thetas.entries()) {
        close(at.x[i], theta);
        close(at.gradient[i], objective(scalar.tasks, theta, scalar.loop).exact);
      }
    }
    // Both sides of the coin were seen: 30 of 100 are expected.
    expect(fallen).toBeGreaterThan(10);
    expect(fallen).toBeLessThan(55);
  });
});
