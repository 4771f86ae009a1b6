import { describe, expect, test } from "vitest";
import {
  adam,
  chain,
  clipByGlobalNorm,
  cosine,
  defineProblem,
  f64,
  full,
  linear,
  np,
  perLeaf,
  random,
  sampled,
  sgd,
  solve,
  type Budget,
  type HostTree,
  type Problem,
  type Schedule,
  type SolveOptions,
  type SolveStep,
} from "../../src/index.js";
import { Limits } from "../../src/core/solve/limits.js";
import { bitsOf, numbersOf } from "../support/gradients.js";
import { initialization } from "../support/problems.js";

// Where a run ends by itself, and schedules that end with it.

/** M(θ) = θ: every gradient is 1, exact or not, so that θ falls by the rate of each step. */
const slope = defineProblem({
  theta: () => f64([0]),
  task: () => f64([0]),
  init: theta => theta,
  inner: { loss: (_, phi) => phi.mul(0).sum(), rate: 1, steps: 3 },
  outer: (_, phi) => phi.sum(),
}) as unknown as Problem;

/** Tasks that a program draws, so that steps can be run in rows. */
const drawn = defineProblem({
  theta: () => ({ w: full(0.5, 3), b: full(0.1, 3) }),
  task: sampled(key => random.normal(key, [3])),
  init: theta => theta,
  inner: { loss: (_, { w, b }, x) => np.square(np.sin(w).add(b).sub(x)).sum(), rate: 0.05, steps: 2 },
  outer: (_, { w, b }, x) => np.square(np.sin(w).add(b).sub(x)).sum(),
}) as unknown as Problem;

const forever = Number.MAX_SAFE_INTEGER,
  options = { estimator: "exact", outer: sgd(linear(1, 0, "end")), outerSteps: forever, dtype: "float64" } as const satisfies SolveOptions;

/** The steps of a run, and θ after each. */
async function watched(
  problem: Problem,
  given: SolveOptions,
): Promise<{ steps: SolveStep[]; thetas: HostTree[]; notes: readonly string[] }> {
  const run = solve(problem, given),
    steps: SolveStep[] = [],
    thetas: HostTree[] = [];
  for await (const step of run) {
    steps.push(step);
    thetas.push(run.theta);
  }
  return { steps, thetas, notes: (await run.result()).notes };
}

/** The rates of a run on the slope. */
const ratesOf = (thetas: readonly HostTree[]): number[] => {
  const all = [0, ...thetas.flatMap(numbersOf)];
  return all.slice(1).map((x, i) => all[i] - x);
};
const evaluated = ({ counts: { step, product, outer } }: SolveStep): number => step + product + outer;

describe("charged evaluations", () => {
  const choice = (exact: boolean, probability: number) => ({ probability, exact, plan: null, arrays: {} });
  /** Outer steps of a total, counted one by one. */
  const steps = (total: number, always: number, tasks: number): number => {
    const limits = new Limits(forever, { charged: { total, always } }),
      choices = Array.from({ length: tasks }, () => choice(true, 1)),
      charge = limits.chargeOf(choices),
      spent = { counts: { step: 0, product: 0, outer: 0 }, charged: 0, seconds: 0 };
    let n = 0;
    for (; !limits.isSpent(spent, tasks, 1); n++) spent.charged += charge;
    return n;
  };

  // Outer steps that were published: 280 charged evaluations for each of 200,000, 40,000, and 370 for each of 100,000, at 10 tasks.
  test.each([
    ["Omniglot, exact", 56_000_000, 55, 5, 203_636],
    ["Omniglot, first-order", 56_000_000, 11, 5, 1_018_182],
    ["Omniglot, Reptile", 56_000_000, 10, 5, 1_120_000],
    ["CIFAR-100, exact", 11_200_000, 55, 5, 40_727],
    ["CIFAR-100, first-order", 11_200_000, 11, 5, 203_636],
    ["CIFAR-100, Reptile", 11_200_000, 10, 5, 224_000],
    ["Mini-ImageNet, exact", 18_500_000, 36, 5, 102_778],
    ["Mini-ImageNet, first-order", 18_500_000, 9, 5, 411_111],
    ["Mini-ImageNet, Reptile", 18_500_000, 8, 5, 462_500],
  ])("%s: as many outer steps as were published", (_, total, always, tasks, published) =>
    expect(steps(total, always, tasks)).toBe(published),
  );

  test("the target is charged where its coin fell", () => {
    const limits = new Limits(forever, { charged: { total: 100, always: 11, exact: 55 } });
    expect(limits.chargeOf([choice(false, 0.2), choice(true, 0.2), choice(true, 0.2)])).toBe(3 * 11 + 2 * 55);
    expect(new Limits(forever, {}).chargeOf([choice(true, 1)])).toBe(0);
  });

  test("whether a run ends depends on the probability of the next step's coins, not on how they fall", () => {
    // A step of two tasks is expected to cost 2·(11 + 0.2·55) = 44.
    const limits = new Limits(forever, { charged: { total: 100, always: 11, exact: 55 } }),
      at = (charged: number) => limits.isSpent({ counts: { step: 0, product: 0, outer: 0 }, charged, seconds: 0 }, 2, 0.2);
    expect([at(0), at(78), at(79), at(200)]).toEqual([false, false, true, true]);
  });

  test.each(["exact", "ufom:0.3", "ufom:adaptive"])("%s: steps and the result tell the sum, and where it ends", async estimator => {
    const charged = { total: 3000, always: 5, exact: estimator === "exact" ? 0 : 7 },
      given = { ...options, estimator, outer: adam(0.01), metaBatch: 3, budget: { charged } },
      { steps: all } = await watched(initialization.problem, given),
      result = await solve(initialization.problem, given).result();
    let sum = 0;
    for (const step of all) expect(step.charged).toBe((sum += 3 * charged.always + step.exactDraws * charged.exact));
    expect(result).toMatchObject({ outcome: "budget", outerSteps: all.length, charged: sum });
    // As near to the total as its steps allow.
    expect(Math.abs(sum - charged.total)).toBeLessThanOrEqual(1.5 * (charged.always + charged.exact));
    expect(sum - charged.total).toBeGreaterThanOrEqual(-1.5 * (charged.always + charged.exact));
  });

  test("a run that goes on charges on", async () => {
    const given = {
        ...options,
        estimator: "ufom:0.4",
        outer: adam(0.01),
        metaBatch: 2,
        budget: { charged: { total: 800, always: 3, exact: 4 } },
      },
      whole = await solve(initialization.problem, given).result(),
      run = solve(initialization.problem, given);
    for await (const { index } of run) if (index === 20) break;
    const again = await solve(initialization.problem, { ...given, resume: run.checkpoint() }).result();
    expect([again.outerSteps, again.charged, bitsOf(again.theta)]).toEqual([whole.outerSteps, whole.charged, bitsOf(whole.theta)]);
  });

  test("a checkpoint of a run that was not charged is refused", async () => {
    const run = solve(slope, { ...options, outerSteps: 4 });
    for await (const { index } of run) if (index === 2) break;
    const given = { ...options, budget: { charged: { total: 9, always: 1 } }, resume: run.checkpoint() };
    expect(() => solve(slope, given)).toThrow(
      "ufom: resume takes a checkpoint of a run that was charged, as budget.charged goes on with its sum; received one of a run that was not.",
    );
  });

  test.each<[unknown, string]>([
    [{ total: -1, always: 1 }, "solve's budget.charged.total must be a number of at least 0; received -1."],
    [{ total: 5, always: 0.5 }, "solve's budget.charged.always must be a whole number of at least 0; received 0.5."],
    [{ total: 5 }, "solve's budget.charged.always must be a whole number of at least 0; received undefined."],
    [{ total: 5, always: 1, exact: -3 }, "solve's budget.charged.exact must be a whole number of at least 0; received -3."],
    [{ total: 5, always: 0 }, "solve's budget.charged must charge something for a task; received 0 always, and 0 for its target."],
    [{ total: 5, allways: 1 }, "solve's budget.charged takes the numbers total, always, exact (did you mean always?); received allways."],
    [7, "solve's budget.charged takes an object of the numbers total, always, exact; received 7."],
  ])("refuses %j", (charged, sentence) => {
    expect(() => solve(slope, { ...options, budget: { charged } as Budget })).toThrow(`ufom: ${sentence}`);
  });
});

describe("a schedule to the end", () => {
  test("of outer steps alone falls on a line over all of them", async () => {
    const { thetas, notes } = await watched(slope, { ...options, outerSteps: 8 });
    expect(ratesOf(thetas)).toEqual([8, 7, 6, 5, 4, 3, 2, 1].map(n => n / 8));
    expect(notes).toEqual([]);
    const to = (until: "end" | 40) => ({ ...options, dtype: "float32", outer: adam(cosine(0.1, 0, until)), outerSteps: 40 }) as const,
      [ends, over] = [await solve(initialization.problem, to("end")).result(), await solve(initialization.problem, to(40)).result()];
    expect(bitsOf(ends.theta)).toBe(bitsOf(over.theta));
  });

  test.each<[string, Budget, (step: SolveStep) => number, number]>([
    ["exact", { evaluations: 300 }, evaluated, 300],
    ["ufom:0.3", { evaluations: 300 }, evaluated, 300],
    ["exact", { charged: { total: 500, always: 4 } }, step => step.charged!, 500],
    ["ufom:0.3", { charged: { total: 500, always: 4, exact: 9 } }, step => step.charged!, 500],
    ["ufom:adaptive", { charged: { total: 500, always: 4, exact: 9 } }, step => step.charged!, 500],
  ])("%s of %j follows what was spent before each step", async (estimator, budget, spent, total) => {
    const { steps, thetas } = await watched(slope, { ...options, estimator, budget, metaBatch: 2 }),
      before = [0, ...steps.slice(0, -1).map(spent)];
    expect(steps.length).toBeGreaterThan(10);
    ratesOf(thetas).forEach((rate, k) => expect(rate).toBeCloseTo(1 - before[k] / total, 12));
  });

  test("of several limits is that of the one that is nearest to its end", async () => {
    const given = { ...options, outerSteps: 20, budget: { evaluations: 7 * 16, charged: { total: 1000, always: 1 } } },
      { steps, thetas } = await watched(slope, given);
    expect(steps.map(evaluated)).toEqual(Array.from({ length: 16 }, (_, i) => 7 * (i + 1)));
    ratesOf(thetas).forEach((rate, k) => expect(rate).toBeCloseTo(1 - k / 16, 14));
  });

  test.each<[string, Budget]>([
    ["exact", {}],
    ["exact", { evaluations: 900 }],
    ["exact", { charged: { total: 500, always: 3 } }],
    ["ufom:0.3", { charged: { total: 900, always: 4, exact: 9 } }],
    ["first-order", { evaluations: 900, charged: { total: 5000, always: 9 } }],
  ])("%s of %j: rows have the bits of single steps, and a run that goes on those of one that never stopped", async (estimator, budget) => {
    const transform = chain(clipByGlobalNorm(10), perLeaf({ w: adam(linear(0.02, 0, "end")), b: sgd(cosine(0.02, 0, "end")) })),
      given = { ...options, dtype: "float32", estimator, outer: transform, outerSteps: 120, metaBatch: 2, budget } as const;
    const { steps, thetas } = await watched(drawn, given),
      row = await solve(drawn, given).result(),
      last = bitsOf(thetas[thetas.length - 1]);
    expect([row.outerSteps, bitsOf(row.theta)]).toEqual([steps.length, last]);
    const run = solve(drawn, given);
    for await (const { index } of run) if (index === 37) break;
    const again = await solve(drawn, { ...given, resume: run.checkpoint() }).result();
    expect([again.outerSteps, bitsOf(again.theta)]).toEqual([steps.length, last]);
  });

  test("needs a run that has an end", async () => {
    await expect(solve(slope, options).result()).rejects.toThrow(
      "ufom: sgd(linear:1..0@end) ends with the run, so outerSteps or the budget must say where that is; received a run without a limit.",
    );
    // Others do not.
    const stops = { ...options, outer: sgd(0), stopAfter: 3 };
    expect((await solve(slope, stops).result()).outcome).toBe("finished");
  });

  test("by the clock alone is told; beside other limits the clock does not count", async () => {
    const clock = await solve(slope, { ...options, budget: { seconds: 0.05 } }).result();
    expect(clock.notes).toEqual([
      "sgd(linear:1..0@end) ends with the run, which only seconds limit: how far it is the clock says, so the same seed gives other numbers.",
    ]);
    const both = await watched(slope, { ...options, outerSteps: 8, budget: { seconds: 1e6 } });
    expect(ratesOf(both.thetas)).toEqual([8, 7, 6, 5, 4, 3, 2, 1].map(n => n / 8));
    expect(both.notes).toEqual([]);
  });

  test("a rate of one's own may use the share; one that is out of range is told with its step", async () => {
    const own: Schedule = (_, share) => np.subtract(0.25, share),
      run = solve(slope, { ...options, outer: sgd(own), outerSteps: 8 }).result();
    await expect(run).rejects.toThrow("ufom: the rate of sgd must be a finite number ≥ 0 at step 4; received -0.125.");
  });
});

test("rows are cut where a budget of evaluations ends", async () => {
  const task = full(1, 2),
    one = defineProblem({
      theta: () => full(0.5, 2),
      task: () => task,
      init: theta => theta,
      inner: { loss: (_, phi, t) => np.square(phi.sub(t)).sum(), rate: 0.1, steps: 2 },
      outer: (_, phi, t) => np.square(phi.sub(t)).sum(),
    }) as unknown as Problem;
  for (const evaluations of [1, 5, 499, 500, 501]) {
    const given = { ...options, estimator: "exact", outer: sgd(0.01), budget: { evaluations } },
      { steps, thetas } = await watched(one, given),
      row = await solve(one, given).result();
    expect([row.outcome, row.outerSteps]).toEqual(["budget", Math.ceil(evaluations / 5)]);
    expect(steps).toHaveLength(row.outerSteps);
    expect(bitsOf(row.theta)).toBe(bitsOf(thetas[thetas.length - 1]));
  }
});
