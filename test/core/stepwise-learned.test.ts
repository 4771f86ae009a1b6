// Probabilities that learn: from past draws alone, above the guard, and still unbiased.
import { describe, expect, test } from "vitest";
import { adaptiveSteps, exact, optimalSteps, parseEstimator, sgd, solve, stepwise, stream, type SolveStep } from "../../src/index.js";
import type { StepwiseMoments } from "../../src/core/estimators/step-moments.js";
import { blockOf } from "../../src/core/estimators/step-moments.js";
import { estimateAt, gradientAt, meanAt, pointOf, weighted, type Point } from "../support/estimates.js";
import { distance } from "../support/gradients.js";
import { everywhere, ridge, sampleWeights } from "../support/problems.js";

type Learned = ReturnType<typeof stepwise>;

/** The state after so many draws at one point. */
async function taught(point: Point, estimator: Learned, draws: number) {
  let state = estimator.init(point.theta, point.compiled.steps);
  for (let i = 0; i < draws; i++) {
    const choice = estimator.draw(state, stream(2, "draw", i));
    state = estimator.observe!(state, { ...(await estimateAt(point, estimator, choice)), choice });
  }
  return state;
}

describe("adaptive probabilities", () => {
  test("the mean of the next draw is exact, whatever was seen before", async () => {
    for (const { problem } of [everywhere, sampleWeights]) {
      const point = await pointOf(problem),
        estimator = stepwise(adaptiveSteps({ pilot: 2, pMin: 0.02 })),
        state = await taught(point, estimator, 4),
        outcomes = estimator.outcomes!(state),
        terms: (readonly [number, number[]])[] = [];
      expect(outcomes.length).toBeGreaterThan(1);
      expect(outcomes.reduce((sum, { probability }) => sum + probability, 0)).toBeCloseTo(1, 12);
      for (const choice of outcomes) terms.push([choice.probability, await gradientAt(point, estimator, choice)]);
      expect(distance(weighted(terms), await gradientAt(point, exact()))).toBeLessThan(1e-12);
    }
  });

  test("do not depend on the draw: what is known before fixes them, and only observing changes them", async () => {
    const point = await pointOf(ridge.problem),
      chance = adaptiveSteps({ pilot: 1 }),
      estimator = stepwise(chance),
      state = await taught(point, estimator, 3),
      before = chance.next(state.chance as StepwiseMoments, 12),
      frozen = structuredClone(state),
      draws = Array.from({ length: 20 }, (_, i) => estimator.draw(state, stream(5, "draw", i)));
    expect(new Set(draws.map(({ plan }) => plan.visited.length)).size).toBeGreaterThan(1);
    for (const { plan, chances } of draws) expect(chances).toEqual(plan.visited.map(j => before[j - 1]));
    expect(state).toEqual(frozen);
    const after = estimator.observe!(state, { ...(await estimateAt(point, estimator, draws[0])), choice: draws[0] });
    expect(state).toEqual(frozen);
    expect(chance.next(state.chance as StepwiseMoments, 12)).toEqual(before);
    expect(chance.next(after.chance as StepwiseMoments, 12)).not.toEqual(before);
  });

  test("stay above κ times the growth that was seen, which is α λ_max: the power iteration beside an eigenvalue", async () => {
    const point = await pointOf(ridge.problem, { innerSteps: 12 }),
      kappa = 1.5,
      chance = adaptiveSteps({ kappa, pilot: 1, blocks: 3 }),
      { chance: known } = await taught(point, stepwise(chance), 1),
      { blocks, measured } = known as StepwiseMoments,
      p = chance.next(known as StepwiseMoments, 12);
    expect(measured).toBe(3);
    p.forEach((x, i) => expect(x).toBeGreaterThanOrEqual(Math.min(1, kappa * blocks[blockOf(i + 1, 3, 12)].growth)));
    // The loss is (2/9)‖…‖² with its penalty: its Hessian 2/9 XᵀX + 2 diag(e^θ) is the same everywhere.
    const { x } = point.task as unknown as { readonly x: { readonly data: ArrayLike<number> } },
      penalty = (point.theta as unknown as { readonly logPenalty: { readonly data: ArrayLike<number> } }).logPenalty.data,
      hessian = (v: readonly number[]): number[] =>
        v.map((vi, i) => {
          let sum = 2 * Math.exp(penalty[i]) * vi;
          for (let n = 0; n < 9; n++) for (let k = 0; k < 4; k++) sum += (2 / 9) * x.data[4 * n + i] * x.data[4 * n + k] * v[k];
          return sum;
        });
    let v = [1, 1, 1, 1],
      largest = 0;
    for (let i = 0; i < 500; i++) {
      const next = hessian(v);
      largest = Math.hypot(...next) / Math.hypot(...v);
      v = next.map(z => z / largest);
    }
    const seen = Math.max(...blocks.map(({ growth }) => growth)) / (0.05 * largest);
    expect(seen).toBeGreaterThan(0.8);
    expect(seen).toBeLessThanOrEqual(1 + 1e-12);
  });
});

describe("optimal probabilities", () => {
  test("are measured in the pilot, and stay", async () => {
    const point = await pointOf(ridge.problem),
      chance = optimalSteps({ pilot: 3 }),
      estimator = stepwise(chance),
      [two, three, five] = [await taught(point, estimator, 2), await taught(point, estimator, 3), await taught(point, estimator, 5)],
      at = ({ chance: known }: typeof two) => chance.next(known as StepwiseMoments, 12);
    expect(at(two)).toEqual(new Array(12).fill(1));
    expect(at(three).some(p => p < 1)).toBe(true);
    expect(at(five)).toEqual(at(three));
    expect(await meanAt(point, estimator)).toEqual(await gradientAt(point, exact()));
  });
});

test("solve tells the share of products and the tail, with the same numbers after a checkpoint", async () => {
  const options = { estimator: "ufom:steps:adaptive:pilot=2", outer: sgd(0.05), metaBatch: 2, seed: 4, dtype: "float64" as const },
    steps: SolveStep[] = [],
    run = solve(ridge.problem, { ...options, outerSteps: 6 });
  for await (const step of run) steps.push(step);
  expect(steps[0].probability).toBe(1);
  expect(steps[5].probability).toBeLessThan(1);
  expect(steps[5].tail).toMatchObject({ promised: 1 });
  const first = solve(ridge.problem, { ...options, outerSteps: 3 });
  await first.result();
  const rest: SolveStep[] = [];
  for await (const step of solve(ridge.problem, { ...options, outerSteps: 6, resume: first.checkpoint() })) rest.push(step);
  expect(rest.map(({ loss, gradientNorm, probability, tail }) => ({ loss, gradientNorm, probability, tail }))).toEqual(
    steps.slice(3).map(({ loss, gradientNorm, probability, tail }) => ({ loss, gradientNorm, probability, tail })),
  );
});

describe("spelling", () => {
  test("names say what differs from what is taken where nothing is said", () => {
    for (const name of [
      "ufom:steps=3",
      "ufom:steps=2.5:first=2",
      "ufom:steps:adaptive",
      "ufom:steps:adaptive:kappa=2:p-min=0.1:blocks=4:pilot=1:decay=0.9",
      "ufom:steps:optimal:pilot=3",
      "ufom:steps:p=1,0.5,0.25",
    ])
      expect(parseEstimator(name).name).toBe(name);
    expect(parseEstimator("ufom:steps=3:first=0").name).toBe("ufom:steps=3");
    expect(parseEstimator("ufom:steps:adaptive:kappa=1").name).toBe("ufom:steps:adaptive");
  });

  test("what cannot be meant is refused", () => {
    const said = (spelling: string) => {
      try {
        return parseEstimator(spelling).name;
      } catch (error) {
        return (error as Error).message;
      }
    };
    const odd = [
      "",
      "=",
      "=0",
      "=many",
      "=3:last=1",
      "=3:first=3",
      "=3:first=1.5",
      ":",
      ":adaptive:q-min=0.1",
      ":adaptive:kappa=0.4",
      ":adaptive:decay=1",
      ":optimal:decay=0.9",
      ":optimal:pilot=0",
      ":adaptive:blocks=x",
      ":p=",
      ":p=1,0",
      ":adaptive:p-min",
      ":adaptive:kappa=1:kappa=2",
    ];
    expect(odd.map(text => said(`ufom:steps${text}`))).toMatchInlineSnapshot(`
      [
        "ufom: ufom:steps takes expected products behind an equals sign (ufom:steps=10), adaptive, optimal, or a list p=P1,P2,…; received nothing.",
        "ufom: ufom:steps takes a number of expected products above 0; received nothing.",
        "ufom: ufom:steps takes a number of expected products above 0; received 0.",
        "ufom: ufom:steps takes a number of expected products above 0; received "many".",
        "ufom: ufom:steps takes the option first; received "last=1".",
        "ufom: ufom:steps takes more expected products than first steps, as each of the others has a probability above 0; received 3 products and first=3.",
        "ufom: ufom:steps takes a whole number of first steps of at least 0; received first=1.5.",
        "ufom: ufom:steps takes expected products behind an equals sign (ufom:steps=10), adaptive, optimal, or a list p=P1,P2,…; received ":".",
        "ufom: ufom:steps:adaptive takes the options kappa, p-min, blocks, pilot, decay; received q-min=0.1.",
        "ufom: ufom:steps takes a kappa of at least 0.5, below which positive curvature expands; received 0.4.",
        "ufom: ufom:steps takes a decay in (0, 1); received 1.",
        "ufom: ufom:steps:optimal takes the options kappa, p-min, blocks, pilot; received decay=0.9.",
        "ufom: ufom:steps takes a whole number of pilot draws of at least 1; received 0.",
        "ufom: ufom:steps takes a whole number of blocks of at least 1; received NaN.",
        "ufom: ufom:steps takes probabilities in (0, 1]; received NaN.",
        "ufom: ufom:steps takes probabilities in (0, 1]; received 0.",
        "ufom: ufom:steps takes a p-min in (0, 1]; received NaN.",
        "ufom: ufom:steps:adaptive takes each option once; received kappa=1:kappa=2.",
      ]
    `);
    expect(said("ufom:stepsize")).toMatch(/^ufom: ufom takes a probability/);
  });
});
