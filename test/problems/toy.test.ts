import { describe, expect, test } from "vitest";
import { createWasmExecutor, parseOuter, solve } from "../../src/index.js";
import { objective } from "../../cli/src/problems/toy/family.js";
import toy from "../../cli/src/problems/toy/index.js";
import type { ToyOptions } from "../../cli/src/problems/toy/variants.js";
import { stationaryPoint, variantOf } from "../../cli/src/problems/toy/variants.js";
import type { EvaluateContext, RunRecord } from "../../cli/src/problems/problem-entry.js";

const executor = createWasmExecutor();
const context = (innerSteps = 10): EvaluateContext => ({ seed: 1, dtype: "float64", innerSteps, executor, progress: () => undefined });
const options = (given: Partial<ToyOptions> = {}): ToyOptions => ({ variant: "divergence", gap: 0.06, rate: 0.01, ...given });
const create = (given: Partial<ToyOptions> = {}) => toy.create(options(given), { seed: 1, progress: () => undefined });

/** |∇M| at the end of a run with the problem's own outer transform. */
async function ends(estimator: string, seed: number, outerSteps: number, given: Partial<ToyOptions> = {}) {
  const { problem, defaults, evaluate } = await create(given);
  const outer = parseOuter(defaults.outer as string);
  const { outcome, theta } = await solve(problem, { estimator, outer, outerSteps, seed, dtype: defaults.dtype, executor }).result();
  expect(outcome).toBe("finished");
  return (await evaluate?.(theta, context()))!.gradientNorm;
}

describe("the divergence problem", () => {
  test("first-order descent settles where |∇M| = √(2·0.06), exact where it is 0, from every start", async () => {
    for (const seed of [1, 2, 3]) {
      expect(Math.abs((await ends("first-order", seed, 2000)) - Math.sqrt(0.12))).toBeLessThan(0.05);
      expect(await ends("exact", seed, 2000)).toBeLessThan(0.05);
    }
  });

  test("ufom's |∇M| falls: its root mean square over starts, thirty times as late, is less than half", async () => {
    const after = async (steps: number) => {
      let squares = 0;
      for (let seed = 1; seed <= 5; seed++) squares += (await ends("ufom:0.1", seed, steps)) ** 2;
      return Math.sqrt(squares / 5);
    };
    const [early, late] = [await after(100), await after(3000)];
    expect(late).toBeLessThan(early / 2);
    expect(late).toBeLessThan(0.2);
  });

  test("another gap is another level", async () => {
    expect((await create({ gap: 0.5 })).headline?.levels).toEqual([{ label: "√(2·0.5)", y: 1 }]);
  });
});

test("the trade-off problem: exact descent reaches the stationary point that bisection finds", async () => {
  const { scalar, starts } = variantOf(options({ variant: "trade-off" }));
  const point = stationaryPoint(scalar, scalar.loop, "exact", starts)!;
  expect(Math.abs(objective(scalar.tasks, point, scalar.loop).exact)).toBeLessThan(1e-12);
  expect(await ends("exact", 1, 3000, { variant: "trade-off" })).toBeLessThan(0.3);
  expect((await create({ variant: "trade-off" })).headline?.levels).toBeUndefined();
});

test("a range without a stationary point has none", () => {
  const { scalar } = variantOf(options());
  expect(stationaryPoint(scalar, scalar.loop, "exact", { low: 20, high: 30 })).toBeUndefined();
});

test("metrics and tables take the run's number of inner steps", async () => {
  const { evaluate, tables, figures } = await create();
  const theta = { x: { shape: [], dtype: "float64", data: Float64Array.of(4) } } as const;
  const { scalar } = variantOf(options());
  for (const innerSteps of [0, 3, 10]) {
    const metrics = (await evaluate?.(theta, context(innerSteps)))!;
    expect(metrics).toEqual({ theta: 4, gradientNorm: Math.abs(objective(scalar.tasks, 4, { rate: 0.1, steps: innerSteps }).exact) });
    const record = { estimator: "exact", metrics, innerSteps } as RunRecord;
    expect(tables?.(record)[0].rows.map(([name]) => name)).toEqual([
      "exact, at the end",
      "where ∇M is zero",
      "where the first-order gradient is zero",
    ]);
    // Without inner steps nothing is dropped, and both gradients are the same.
    const [, exact, firstOrder] = tables!(record)[0].rows;
    expect(exact[1] === firstOrder[1]).toBe(innerSteps === 0);
    expect(figures?.(record)).toHaveLength(1);
  }
});
