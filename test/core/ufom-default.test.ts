// What UFOM takes where nothing is said: a target with ten states, no baseline where q is 1, and a word where q stays near it.
import { describe, expect, test } from "vitest";
import type { Probability, SolveStep } from "../../src/index.js";
import {
  adaptive,
  checkpoint,
  exact,
  firstOrder,
  head,
  parseEstimator,
  reptile,
  sgd,
  solve,
  store,
  stream,
  truncated,
  ufom,
} from "../../src/index.js";
import { bitsOf } from "../support/gradients.js";
import { estimateAt, outcomeOf, outcomesOf, pointOf } from "../support/estimates.js";
import { everywhere, initialization, sampleWeights } from "../support/problems.js";
import { twoParabolas } from "../support/two-parabolas.js";

describe("the target's memory", () => {
  test.each([everywhere, initialization, sampleWeights])(
    "$name: ten states, the steps that it counts, and exact's bits",
    async ({ problem }) => {
      const r = 50,
        point = await pointOf(problem, { innerSteps: r }),
        certain = await estimateAt(point, ufom(1)),
        stored = await estimateAt(point, exact());
      expect(bitsOf(certain.gradient)).toBe(bitsOf(stored.gradient));
      const draws = await Promise.all(
        ["ufom:0.3", "ufom:0.3:store", "ufom:0.3:recompute"].map(name => estimateAt(point, parseEstimator(name))),
      );
      for (const { gradient } of draws) expect(bitsOf(gradient)).toBe(bitsOf(draws[0].gradient));
      // The fewest for ten states: t = 2 runs of a step, 2·50 − C(12, 11) − 49.
      expect(draws.map(({ counts }) => counts.step)).toEqual([r + 39, r, r + (r * (r - 1)) / 2]);
      expect(draws.map(({ peakStates }) => peakStates)).toEqual([10, r, 1]);
      // What is charged for a draw is what was run: a step is the unit of work.
      const [ten, all, one] = draws.map(({ work }) => work.random);
      expect(ten - all).toBeCloseTo(39, 9);
      expect(one - all).toBeCloseTo((r * (r - 1)) / 2, 9);
      expect((await estimateAt(point, ufom(0.3), outcomeOf(ufom(0.3), point.theta, false))).peakStates).toBe(1);
    },
  );

  test("does not grow with r, and is there by its name", () => {
    expect([1, 10, 100, 1e6].map(r => ufom(0.1).facts.states(r))).toEqual([1, 10, 10, 10]);
    expect(ufom(0.1, { target: exact(checkpoint(10)) }).name).toBe("ufom:0.1");
    expect(parseEstimator("ufom:0.1:recompute").name).toBe("ufom:0.1:recompute");
    expect(parseEstimator("ufom:0.1:recompute").facts.states(1e6)).toBe(1);
  });
});

describe("q = 1", () => {
  const baselines = [firstOrder({ mixed: true }), truncated(3), head(2), head(2, { tail: 1 }), reptile()];
  test("costs what the target costs, bit for bit, whatever the baseline", async () => {
    const point = await pointOf(initialization.problem, { innerSteps: 6 }),
      alone = await estimateAt(point, exact(store));
    for (const baseline of [undefined, ...baselines]) {
      const estimator = ufom(1, { baseline, target: exact(store) }),
        found = await estimateAt(point, estimator);
      expect(found.counts, estimator.name).toEqual(alone.counts);
      expect(found.work, estimator.name).toEqual(alone.work);
      expect(found.peakStates).toBe(alone.peakStates);
      expect(bitsOf(found.gradient)).toBe(bitsOf(alone.gradient));
      expect(found.moments).toBeUndefined();
    }
  });

  test("a probability of one's own that learns sees every draw, unless it says how often it looks", async () => {
    const point = await pointOf(initialization.problem),
      own = (looks?: Probability["looks"]): Probability => ({ name: "1", init: () => null, next: () => 1, observe: () => null, looks }),
      compared = (looks?: Probability["looks"]) =>
        outcomesOf(ufom(own(looks)), point.theta).map(({ plan, probability }) => [(plan as { compared: boolean }).compared, probability]);
    expect(compared()).toEqual([[true, 1]]);
    expect(compared(() => 0)).toEqual([[false, 1]]);
    expect(compared(() => 0.25)).toEqual([
      [true, 0.25],
      [false, 0.75],
    ]);
  });

  // Near the bottom of both parabolas: first-order is 1/p − 1 times too long, p = (1 − αa)ʳ, D²/V² above 1, and q* = 1.
  const [innerSteps, outerSteps] = [30, 400],
    run = async (estimator: string) => {
      const all: SolveStep[] = [],
        solved = solve(twoParabolas, { estimator, outer: sgd(0), outerSteps, innerSteps, dtype: "float64" });
      for await (const step of solved) all.push(step);
      return { all, result: await solved.result() };
    };

  test("adaptive: a run costs what exact's does, but for a look at the baseline now and then", async () => {
    const { all, result } = await run("ufom:adaptive:store:baseline=truncated:3"),
      first = all.findIndex(({ probability }) => probability === 1);
    expect(first).toBeGreaterThan(0);
    let looks = 0;
    for (let i = first; i < outerSteps; i++) {
      expect(all[i].probability).toBe(1);
      const looked = all[i].moments !== undefined,
        before = i ? all[i - 1].counts : { step: 0, product: 0, outer: 0 };
      looks += Number(looked);
      expect(all[i].counts).toEqual({
        step: before.step + innerSteps,
        product: before.product + innerSteps + (looked ? 3 : 0),
        outer: before.outer + 1,
      });
      // Whether it looks is drawn, of a draw's own stream: with qMin = 0.05.
      const random = stream(1, "draw", i + 1, 0);
      random.next();
      expect(looked).toBe(random.next() < 0.05);
    }
    expect(looks).toBeGreaterThan(5);
    expect(looks).toBeLessThan(40);
    const said = result.notes.filter(note => note.includes("probability"));
    expect(said).toEqual([
      `ufom:adaptive:store:baseline=truncated:3 drew its target with a probability of at least 0.9 in the last ${outerSteps - first} of 400 outer steps, where it spares next to nothing: exact has the same mean for the same price, and no variance of a coin.`,
    ]);
  });

  test("with ten states the note names them; a run whose q is not near 1 says nothing, nor does a short one", async () => {
    const note = async (estimator: string, steps = 40) =>
      (await solve(twoParabolas, { estimator, outer: sgd(0), outerSteps: steps })).notes.filter(text => text.includes("probability"));
    expect(await note("ufom:0.95")).toEqual([
      "ufom:0.95 drew its target with a probability of at least 0.9 in all 40 outer steps, where it spares next to nothing: exact, or exact:checkpoint=10 in as few states, has the same mean for the same price, and no variance of a coin.",
    ]);
    expect(await note("ufom:0.95", 19)).toEqual([]);
    expect(await note("ufom:0.8")).toEqual([]);
    expect(await note("exact")).toEqual([]);
  });

  test("optimal: both gradients in the pilot, then the target alone", async () => {
    const { all } = await run("ufom:optimal:pilot=4:store:baseline=truncated:3");
    expect(all.map(({ moments }) => moments !== undefined)).toEqual(all.map((_, i) => i < 4));
    expect(all[outerSteps - 1].counts.product).toBe(outerSteps * innerSteps + 4 * 3);
  });

  test("adaptive weighs q = 1 by what the target costs alone", () => {
    const moments = { difference: 2, target: 5, inner: 0, baseline: 0 },
      seen = (alone?: number) => {
        const chance = adaptive(),
          costs = { deterministic: 3, random: 4, alone };
        return chance.next(chance.observe!(chance.init(), { probability: 0.05, steps: 5, moments, work: costs, seconds: costs }));
      };
    // (3 + 4q)(5 + 2(1/q − 1)) has its least, 6 + 12 + 2√72 at q = √½; alone for 4 it is 20.
    expect(seen()).toBeCloseTo(Math.SQRT1_2, 12);
    expect(seen(6.9)).toBeCloseTo(Math.SQRT1_2, 12);
    expect(seen(4)).toBe(1);
  });
});
