// What an outer step tells of UFOM's two gradients, against each gradient computed by itself.
import { describe, expect, test } from "vitest";
import {
  createReferenceExecutor,
  createWasmExecutor,
  defineProblem,
  exact,
  firstOrder,
  listed,
  sgd,
  solve,
  stream,
  type Executor,
  type HostArray,
  type Problem,
  type SolveStep,
} from "../../src/index.js";
import { momentsOf } from "../../src/core/solve/step-report.js";
import { countingExecutor } from "../support/counting-executor.js";
import { gradientAt, pointOf } from "../support/estimates.js";
import { norm } from "../support/gradients.js";
import { everywhere } from "../support/problems.js";
import { maml } from "../support/scalar.js";
import { curves, rate, start, steps as inner, twoParabolas } from "../support/two-parabolas.js";

const steps = async (problem: Problem, options: Omit<Parameters<typeof solve>[1], "outer">): Promise<SolveStep[]> => {
  const all: SolveStep[] = [];
  for await (const step of solve(problem, { outer: sgd(0), dtype: "float64", moments: true, ...options })) all.push(step);
  return all;
};

describe("what a step tells of the baseline and the target", () => {
  const [seed, q] = [3, 0.3];
  const executors: [string, () => Executor][] = [
    ["wasm, whose steps are one routine", createWasmExecutor],
    ["reference", createReferenceExecutor],
    ["one that answers later", () => countingExecutor(createReferenceExecutor(), { later: true })],
  ];
  test.each(executors)("closed form, the means over the tasks whose coin fell so: %s", async (_, executor) => {
    const options = { estimator: `ufom:${q}`, metaBatch: 3, seed, outerSteps: 24, executor: executor() };
    let without = 0;
    for (const { index, moments, exactDraws } of await steps(twoParabolas, options)) {
      let [difference, target, cosine, n] = [0, 0, 0, 0];
      for (let i = 0; i < 3; i++) {
        if (stream(seed, "draw", index, i).next() >= q) continue;
        const task = (await twoParabolas.task(seed, index, i)) as { a: HostArray },
          e = maml(
            curves.find(({ a }) => a === task.a.data[0])!,
            start,
            rate,
            inner,
          );
        difference += (e.exact - e.firstOrder) ** 2;
        target += e.exact ** 2;
        cosine += Math.sign(e.exact * e.firstOrder);
        n++;
      }
      expect(exactDraws).toBe(n);
      without += Number(n === 0);
      if (n === 0) expect(moments).toBeUndefined();
      else {
        expect(moments!.difference).toBeCloseTo(difference / n, 11);
        expect(moments!.target).toBeCloseTo(target / n, 11);
        expect(moments!.cosine).toBeCloseTo(cosine / n, 13);
      }
    }
    expect(without).toBeGreaterThan(0);
  });

  test("of many numbers: the norms and the cosine of the two gradients, each computed alone; a probability that learns tells it too", async () => {
    const point = await pointOf(everywhere.problem),
      [t, b] = [await gradientAt(point, exact()), await gradientAt(point, firstOrder())];
    for (const estimator of ["ufom:0.9999", "ufom:optimal"]) {
      const [{ moments }] = await steps(everywhere.problem, { estimator, outerSteps: 1 });
      expect(moments!.difference).toBeCloseTo(norm(t.map((x, i) => x - b[i])) ** 2, 13);
      expect(moments!.target).toBeCloseTo(norm(t) ** 2, 13);
      expect(moments!.cosine).toBeCloseTo(t.reduce((sum, x, i) => sum + x * b[i], 0) / norm(t) / norm(b), 13);
    }
  });

  test("where φ is carried too", async () => {
    const task = everywhere.problem.task(1, 1, 0),
      problem = async (carry: boolean) => {
        const { spec } = everywhere;
        return defineProblem({ ...spec, task: listed([await task]), inner: { ...spec.inner, carry } } as never) as unknown as Problem;
      };
    const [alone, carried] = [false, true].map(async carry => steps(await problem(carry), { estimator: "ufom:0.9999", outerSteps: 2 }));
    expect((await carried)[0].moments).toEqual((await alone)[0].moments);
    expect((await carried)[1].moments!.difference).not.toBe((await alone)[1].moments!.difference);
  });

  test("of a probability that learns nothing they are read where they are asked for; one that learns tells them anyway", async () => {
    const told = async (estimator: string, options: { readonly moments?: boolean }) =>
      (await steps(everywhere.problem, { estimator, outerSteps: 1, moments: undefined, ...options }))[0].moments !== undefined;
    expect(await told("ufom:0.9999", {})).toBe(false);
    expect(await told("ufom:0.9999", { moments: false })).toBe(false);
    expect(await told("ufom:0.9999", { moments: true })).toBe(true);
    // At q = 1 there is no baseline to be compared with.
    expect(await told("ufom:1", { moments: true })).toBe(false);
    expect(await told("ufom:optimal", {})).toBe(true);
    expect(() => solve(everywhere.problem, { estimator: "ufom:1", outer: sgd(0), outerSteps: 1, moments: 1 as never })).toThrow(
      "ufom: solve's moments must be true or false; received 1.",
    );
  });

  test("an estimator that compares nothing tells nothing", async () => {
    for (const estimator of ["exact", "first-order", "truncated:2"])
      for (const step of await steps(everywhere.problem, { estimator, outerSteps: 2 })) expect(step).not.toHaveProperty("moments");
  });
});

test("a gradient that is zero has no cosine with another; norms whose squares' product would overflow do", () => {
  const only = (target: number, baseline: number, inner: number) => momentsOf([{ moments: { difference: 0, target, baseline, inner } }])!;
  expect(only(4, 0, 0).cosine).toBe(0);
  expect(only(1e200, 4e200, 1e200).cosine).toBeCloseTo(0.5, 14);
  expect(momentsOf([{}, {}])).toBeUndefined();
});
