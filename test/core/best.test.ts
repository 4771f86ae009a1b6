import { describe, expect, test } from "vitest";
import {
  adam,
  createReferenceExecutor,
  createWasmExecutor,
  defineProblem,
  f32,
  full,
  np,
  random,
  sampled,
  sgd,
  solve,
  zeros,
  type HostTree,
  type Problem,
  type SolveOptions,
  type Value,
} from "../../src/index.js";
import { bitsOf, numbersOf } from "../support/gradients.js";
import { initialization } from "../support/problems.js";

/** L(θ) = ½ (θ₀² + 9 θ₁²): an outer step of more than 2/9 makes θ₁ grow, one of more than 2 both. */
const bowl = (task: Parameters<typeof defineProblem>[0]["task"] = () => ({ at: f32([0, 0]) })) =>
  defineProblem({
    theta: () => f32([3, 0.02]),
    task: task as () => { at: ReturnType<typeof f32> },
    init: theta => theta,
    inner: { loss: (_, phi) => phi.mul(0).sum(), rate: 0.1, steps: 1 },
    outer: (_, phi, { at }) => {
      const d = np.square(phi.sub(at));
      return d.slice(0).add(d.slice(1).mul(9)).mul(0.5);
    },
  }) as unknown as Problem;

/** The θ before every step, and the losses there. */
async function walk(problem: Problem, options: SolveOptions) {
  const run = solve(problem, options),
    thetas: HostTree[] = [run.theta],
    losses: number[] = [];
  for await (const { loss } of run) {
    thetas.push(run.theta);
    losses.push(loss);
  }
  return { thetas, losses, result: await run.result() };
}

/** The best of losses, in plain words of JavaScript: the mean of the last `window`, of all while there are fewer, which a whole window's replaces. */
function bestOfLosses(losses: readonly number[], window: number): { index: number; value: number } {
  let best = { index: 0, value: Infinity };
  losses.forEach((_, i) => {
    const last = losses.slice(Math.max(0, i + 1 - window), i + 1),
      value = last.reduce((a, b) => a + b, 0) / last.length;
    if (value < best.value || (window > 1 && i + 1 === window)) best = { index: i, value };
  });
  return best;
}

const drawn = sampled(key => ({ at: random.normal(key, [2]).mul(0.3) }));
const executors = { wasm: createWasmExecutor, reference: createReferenceExecutor };

describe("the best θ", () => {
  test("of a run that explodes is the one before: losses are those of the closed form", async () => {
    // θ₀ shrinks by 0.6 a step and θ₁ grows by −2.6.
    const { thetas, losses, result } = await walk(bowl(), { estimator: "exact", outer: sgd(0.4), outerSteps: 30, dtype: "float64" });
    const loss = (k: number) => 0.5 * ((3 * 0.6 ** k) ** 2 + 9 * (0.02 * 2.6 ** k) ** 2);
    for (const k of [0, 1, 5, 29]) expect(Math.abs(losses[k] / loss(k) - 1)).toBeLessThan(1e-6);
    const index = losses.indexOf(Math.min(...losses));
    expect(index).toBeGreaterThan(1);
    expect(index).toBeLessThan(6);
    expect(result.best).toMatchObject({ index, criterion: "outer loss", value: losses[index] });
    expect(bitsOf(result.best.theta)).toBe(bitsOf(thetas[index]));
    expect(bitsOf(result.theta)).toBe(bitsOf(thetas[30]));
    expect(result.outcome).toBe("finished");
    expect(result.warning).toMatch(
      new RegExp(
        `^The outer loss ended at \\S+, far above its best, \\S+\\. The θ after ${index} outer steps is kept as the best \\(outer loss .*\\)\\. .*clipped`,
      ),
    );
  });

  test("tasks that are hard or easy by chance are no explosion", async () => {
    const chance = defineProblem({
      theta: () => zeros(1),
      task: random => full(random.normal([]).data[0] < 0 ? 0.3 : 2),
      init: theta => theta,
      inner: { loss: (_, phi, task) => np.square(phi.sub(task)).sum(), rate: 0.1, steps: 1 },
      outer: (_, phi, task) => np.square(phi.sub(task)).sum(),
    });
    for (let seed = 1; seed <= 20; seed++) {
      const { warning, best } = await solve(chance, { estimator: "exact", outer: sgd(0), outerSteps: 100, seed });
      expect(warning, `seed ${seed}`).toBeUndefined();
      expect(best.criterion).toContain("mean");
    }
  });

  test("where it explodes at once it is θ₀", async () => {
    const { result } = await walk(bowl(), { estimator: "exact", outer: sgd(40), outerSteps: 5 });
    expect(result.best.index).toBe(0);
    expect(numbersOf(result.best.theta)).toEqual([...f32([3, 0.02]).data]);
  });

  test("a spike on the way is told, and one that ends well has no other warning", async () => {
    // The rate is too large at steps 20 to 22 only.
    const rate = (k: Value) => np.where(np.logicalAnd(k.greaterEqual(20), k.less(23)), 30, 0.1);
    const { losses, result } = await walk(bowl(), { estimator: "exact", outer: sgd(rate), outerSteps: 200, dtype: "float64" });
    const largest = Math.max(...losses);
    expect(largest).toBeGreaterThan(1000 * losses[0]);
    expect(result.warning).toMatch(
      new RegExp(`^The outer loss was \\S+ at outer step ${losses.indexOf(largest) + 1}, far above the others\\.`),
    );
    const calm = await walk(bowl(), { estimator: "exact", outer: sgd(0.1), outerSteps: 200 });
    expect(calm.result.warning).toBeUndefined();
    expect(calm.result.best.index).toBeGreaterThan(20);
  });

  const cases = {
    "the same task at every step": [bowl(), 1],
    "the same numbers, made anew at every step": [bowl(() => ({ at: f32([0.1, 0.2]) })), 1],
    "tasks that differ": [bowl(r => ({ at: r.normal([2]) })), 10],
    "tasks that a program draws": [bowl(drawn), 10],
    "tasks of a network": [initialization.problem, 10],
  } as const;

  describe.each(Object.entries(cases))("%s", (_, [problem, window]) => {
    test.each([3, 9, 10, 60])("in %i steps: as computed from the losses, in steps and in rows, on every executor", async outerSteps => {
      for (const [name, make] of Object.entries(executors)) {
        const executor = make();
        const options = { estimator: "ufom:0.5", outer: adam(0.3), outerSteps, metaBatch: 2, dtype: "float64", executor } as const;
        const { thetas, losses, result } = await walk(problem, options);
        const { index, value } = bestOfLosses(losses, window);
        expect(result.best.index, name).toBe(index);
        expect(Math.abs(result.best.value - value)).toBeLessThanOrEqual(1e-14 * Math.abs(value));
        expect(result.best.criterion).toBe(window === 1 ? "outer loss" : "mean outer loss of the last 10 outer steps");
        expect(bitsOf(result.best.theta)).toBe(bitsOf(thetas[index]));
        const rows = await solve(problem, options).result();
        expect([rows.best.index, rows.best.value, rows.warning]).toEqual([result.best.index, result.best.value, result.warning]);
        expect(bitsOf(rows.best.theta)).toBe(bitsOf(result.best.theta));
        executor.dispose();
      }
    });

    test("goes on from a checkpoint as if it had never stopped", async () => {
      const options: SolveOptions = { estimator: "exact", outer: adam(0.3), outerSteps: 40 };
      const whole = await solve(problem, options).result();
      for (const stop of [1, 9, 25]) {
        const part = solve(problem, { ...options, outerSteps: stop });
        await part.result();
        const { best } = await solve(problem, { ...options, resume: structuredClone(part.checkpoint()) }).result();
        expect([best.index, best.value, best.criterion]).toEqual([whole.best.index, whole.best.value, whole.best.criterion]);
        expect(bitsOf(best.theta)).toBe(bitsOf(whole.best.theta));
      }
    });
  });

  test("before the first step: θ₀, with no value", async () => {
    const { best, warning } = await solve(bowl(), { estimator: "exact", outer: sgd(0.1), outerSteps: 0 }).result();
    expect([best.index, best.value, warning]).toEqual([0, NaN, undefined]);
    expect(numbersOf(best.theta)).toEqual([...f32([3, 0.02]).data]);
  });

  test("of a run that diverges has a finite loss", async () => {
    const { outcome, best } = await solve(bowl(), { estimator: "exact", outer: sgd(1e12), outerSteps: 90 }).result();
    expect(outcome).toBe("diverged");
    expect(best.index).toBe(0);
    expect(Number.isFinite(best.value)).toBe(true);
  });
});

describe("stopAfter", () => {
  test("ends the run so many steps after the best, in steps and in rows", async () => {
    const options: SolveOptions = { estimator: "exact", outer: sgd(0.4), outerSteps: 100_000, stopAfter: 7, dtype: "float64" };
    const { losses, result } = await walk(bowl(), options);
    const index = losses.indexOf(Math.min(...losses));
    expect(result).toMatchObject({ outcome: "finished", outerSteps: index + 1 + 7, best: { index } });
    expect(result.message).toBe(
      `Nothing became better in the last 7 outer steps, so it ended after ${index + 8}; the best θ is that after ${index}.`,
    );
    const rows = await solve(bowl(), options).result();
    expect([rows.outerSteps, rows.message]).toEqual([result.outerSteps, result.message]);
  });

  test("in rows of many steps", async () => {
    // Falls for hundreds of steps, to where float32 ends.
    const options: SolveOptions = { estimator: "exact", outer: sgd(0.05), outerSteps: 100_000, stopAfter: 50 };
    const { losses, result } = await walk(bowl(), options);
    const { index } = bestOfLosses(losses, 1);
    expect(index).toBeGreaterThan(200);
    expect(result.outerSteps).toBe(index + 51);
    expect((await solve(bowl(), options).result()).outerSteps).toBe(index + 51);
  });

  test("says nothing as long as it becomes better", async () => {
    const { result } = await walk(bowl(), { estimator: "exact", outer: sgd(0.05), outerSteps: 60, stopAfter: 2 });
    expect([result.outcome, result.outerSteps, result.message]).toEqual(["finished", 60, "All 60 outer steps are done."]);
  });

  test.each([0, -1, 1.5, NaN])("must be a whole number of at least 1, not %d", stopAfter => {
    expect(() => solve(bowl(), { estimator: "exact", outer: sgd(0.1), outerSteps: 5, stopAfter })).toThrow(
      `ufom: solve's stopAfter must be a whole number of at least 1; received ${stopAfter}.`,
    );
  });
});
