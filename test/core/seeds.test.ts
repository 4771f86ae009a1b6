// What a seed decides: θ₀, every task of every meta-batch, and every draw; each has numbers of its own.
import { describe, expect, test } from "vitest";
import { defineProblem, f64, hypergradient, np, sgd, solve, type SolveStep } from "../../src/index.js";
import { bitsOf } from "../support/gradients.js";

/** θ₀ and the tasks are one random number each; every task that is asked for is written down. */
function drawn() {
  const tasks: number[] = [];
  const problem = defineProblem({
    theta: random => f64([random.next()]),
    task: random => {
      tasks.push(random.next());
      return f64(tasks.slice(-1));
    },
    init: theta => theta,
    inner: { loss: (_, phi, task) => np.square(phi.sub(task)).sum(), rate: 0.1, steps: 2 },
    outer: (_, phi, task) => np.square(phi.sub(task)).sum(),
  });
  tasks.length = 0;
  return { problem, tasks };
}
const options = { estimator: "exact", outer: sgd(0.01), dtype: "float64" } as const;

describe("the seed", () => {
  test("decides θ₀: of the problem, of a run and of a single gradient", async () => {
    const { problem } = drawn(),
      thetas = [1, 2, 3].map(seed => bitsOf(problem.theta(seed)));
    expect(new Set(thetas).size).toBe(3);
    expect([1, 2, 3].map(seed => bitsOf(problem.theta(seed)))).toEqual(thetas);
    for (const seed of [1, 2, 3])
      expect(bitsOf((await solve(problem, { ...options, outerSteps: 0, seed }).result()).theta)).toBe(thetas[seed - 1]);

    // With one task for all, gradients differ by θ₀ alone.
    const task = f64([5]),
      gradients = await Promise.all([1, 2, 1].map(async seed => bitsOf((await hypergradient(problem, { task, seed })).gradient)));
    expect(new Set(gradients).size).toBe(2);
    expect(gradients[2]).toBe(gradients[0]);
  });

  test("decides the tasks, and the place in the meta-batch and the step do too", async () => {
    const { problem, tasks } = drawn(),
      names = [1, 2].flatMap(seed => [1, 2, 3].flatMap(step => [0, 1, 2].map(index => [seed, step, index] as const)));
    const bits: string[] = [];
    for (const name of names) bits.push(bitsOf(await problem.task(...name)));
    expect(new Set(bits).size).toBe(names.length);
    for (const [i, name] of names.entries()) expect(bitsOf(await problem.task(...name))).toBe(bits[i]);
    expect(tasks).toHaveLength(2 * names.length);
  });
});

describe("a meta-batch", () => {
  test.each(["exact", "first-order", "ufom:0.5"])("of a run of %s has a task of its own in each place and step", async estimator => {
    const { problem, tasks } = drawn();
    await solve(problem, { ...options, estimator, outerSteps: 5, metaBatch: 4, seed: 7 }).result();
    const expected: number[] = [];
    for (let k = 1; k <= 5; k++) for (let i = 0; i < 4; i++) expected.push((await problem.task(7, k, i)).data[0]);
    expect(new Set(expected).size).toBe(20);
    // One more may be drawn to see the shapes.
    expect(new Set(tasks.slice(0, -20))).toEqual(new Set(expected));
  });

  test.each(["exact", "ufom:1"])("of %s has a mean that is that of its tasks, not of one of them", async estimator => {
    const { problem } = drawn(),
      [theta] = [problem.theta(7)] as ReturnType<typeof f64>[];
    // φ₂ − t = 0.8²(θ − t), so that ∇L = 2·0.8⁴(θ − t), whose mean needs the tasks' mean alone.
    const run = await solve(problem, { ...options, estimator, outerSteps: 1, metaBatch: 4, seed: 7 }).result();
    let mean = 0;
    for (let i = 0; i < 4; i++) mean += (await problem.task(7, 1, i)).data[0] / 4;
    const moved = theta.data[0] - 0.01 * 2 * 0.8 ** 4 * (theta.data[0] - mean);
    expect(Math.abs(run.theta.data[0] - moved)).toBeLessThan(1e-15);
  });

  test("has a coin of its own in each place: 8 tasks with q = ½ are rarely all of one kind", async () => {
    const { problem } = drawn(),
      steps: SolveStep[] = [];
    for await (const step of solve(problem, { ...options, estimator: "ufom:0.5", outerSteps: 200, metaBatch: 8 })) steps.push(step);
    const heads = steps.map(step => step.exactDraws),
      mean = heads.reduce((a, b) => a + b) / 200,
      variance = heads.reduce((sum, n) => sum + (n - 4) ** 2, 0) / 200;
    // Binomial: mean 4 ± 0.1, variance 2 ± 0.2 (one deviation); one coin for all would have 16.
    expect(Math.abs(mean - 4)).toBeLessThan(0.5);
    expect(variance).toBeGreaterThan(1);
    expect(variance).toBeLessThan(3);
    expect(heads.filter(n => n === 0 || n === 8).length).toBeLessThan(10);
  });
});
