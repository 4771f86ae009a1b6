// c of a scaled baseline: of the past alone, so that the mean stays exact; and harmless where the baseline is worse than zero.
import { describe, expect, test } from "vitest";
import type { Estimator, HostArray, HostTree, SolveStep } from "../../src/index.js";
import { exact, firstOrder, head, parseEstimator, sgd, solve, stream, ufom, zero } from "../../src/index.js";
import type { Data } from "../../src/core/estimators/estimator.js";
import { leavesWithPaths } from "../../src/core/trees/host-tree.js";
import { estimateAt, gradientAt, outcomeOf, outcomesOf, pointOf, weighted } from "../support/estimates.js";
import { distance } from "../support/gradients.js";
import { adamInside, everywhere, initialization, sampleWeights } from "../support/problems.js";
import { maml } from "../support/scalar.js";
import { curves, rate, start, twoParabolas } from "../support/two-parabolas.js";

const dot = (a: readonly number[], b: readonly number[]) => a.reduce((sum, x, i) => sum + x * b[i], 0);

/** c after such ⟨t, b⟩ and ‖b‖², the oldest first. */
function scaleAfter(seen: readonly (readonly [inner: number, square: number])[]): number {
  let [weight, inners, squares] = [0, 0, 0];
  seen.forEach(([tb, bb], i) => {
    const age = 0.99 ** (seen.length - 1 - i);
    weight += age;
    inners += age * tb;
    squares += age * bb;
  });
  return seen.length ? ((weight / (weight + 1)) * inners) / squares : 0;
}

describe.each(["global", "leaf"] as const)("scale=%s", scale => {
  test.each([everywhere, initialization, sampleWeights, adamInside])(
    "$name: whatever was seen, the mean is the exact gradient, and both outcomes have the c of the state",
    async ({ problem }) => {
      const point = await pointOf(problem, { innerSteps: 5 }),
        expected = await gradientAt(point, exact());
      for (const baseline of [undefined, head(2), zero()]) {
        const estimator: Estimator = ufom(0.3, { scale, baseline });
        let state: Data = estimator.init(point.theta, point.compiled.steps);
        for (let k = 0; k < 3; k++) {
          const choices = estimator.outcomes!(state),
            terms: [number, number[]][] = [];
          for (const choice of choices) terms.push([choice.probability, await gradientAt(point, estimator, choice)]);
          expect(choices).toHaveLength(2);
          expect(choices[0].arrays.scale).toEqual(choices[1].arrays.scale);
          expect(choices[0].arrays.scale.map(({ data }) => data[0])).toEqual((state as { scale: { scale: number[] } }).scale.scale);
          expect(distance(weighted(terms), expected), `${estimator.name} after ${k}`).toBeLessThan(1e-12);
          const draw = choices.find(choice => choice.exact)!;
          state = estimator.observe!(state, await estimateAt(point, estimator, draw));
        }
      }
    },
  );
});

test("c is that of moving averages, of all or leaf by leaf; a draw without the target changes nothing", async () => {
  const point = await pointOf(everywhere.problem),
    [t, b] = [(await estimateAt(point, exact())).gradient, (await estimateAt(point, firstOrder())).gradient] as const;
  const leavesOf = (tree: HostTree) => leavesWithPaths(tree).map(([, { data }]) => [...data]);
  const [ts, bs] = [leavesOf(t), leavesOf(b)];
  for (const scale of ["global", "leaf"] as const) {
    const estimator: Estimator = ufom(0.4, { scale }),
      first = estimator.init(point.theta, point.compiled.steps);
    const cheap = await estimateAt(point, estimator, outcomeOf(estimator, point.theta, false));
    expect(estimator.observe!(first, cheap)).toEqual(first);
    let state = first;
    for (let n = 1; n <= 3; n++) {
      const draw = estimator.outcomes!(state).find(choice => choice.exact)!,
        seen = await estimateAt(point, estimator, draw);
      state = estimator.observe!(state, seen);
      const { scale: c } = (state as unknown as { scale: { scale: number[] } }).scale,
        pairs = scale === "leaf" ? ts.map((x, i) => [x, bs[i]]) : [[ts.flat(), bs.flat()]];
      expect(c).toHaveLength(pairs.length);
      for (const [i, [x, y]] of pairs.entries()) {
        const one = [dot(x, y), dot(y, y)] as const;
        expect(c[i]).toBeCloseTo(one[1] === 0 ? 0 : scaleAfter(new Array(n).fill(one)), 10);
      }
      expect(seen.moments!.scale).toEqual(scale === "leaf" ? draw.arrays.scale.map(({ data }) => data[0]) : draw.arrays.scale[0].data[0]);
    }
  }
});

describe("on two parabolas, whose first-order gradient is worse than zero", () => {
  const [q, innerSteps, outerSteps] = [0.4, 80, 150],
    gradients = curves.map(curve => maml(curve, start, rate, innerSteps));
  const run = async (estimator: string): Promise<SolveStep[]> => {
    const all: SolveStep[] = [];
    for await (const step of solve(twoParabolas, { estimator, outer: sgd(0), outerSteps, innerSteps, dtype: "float64", moments: true }))
      all.push(step);
    return all;
  };
  test("each step tells its c, which is that of the steps before it; D² is no more than zero's V²", async () => {
    const steps = await run(`ufom:${q}:scale=global`),
      seen: [number, number][] = [];
    let [ours, plain, zeros, draws] = [0, 0, 0, 0];
    for (const { index, moments } of steps) {
      expect(moments !== undefined).toBe(stream(1, "draw", index, 0).next() < q);
      const task = (await twoParabolas.task(1, index, 0)) as { readonly a: HostArray },
        { exact: t, firstOrder: b } = gradients[curves.findIndex(({ a }) => a === task.a.data[0])];
      if (!moments) continue;
      const c = scaleAfter(seen);
      expect(moments.scale).toBeCloseTo(c, 10);
      expect(moments.difference / (t - c * b) ** 2).toBeCloseTo(1, 8);
      seen.push([t * b, b * b]);
      // Of the draws before this one c knows nothing about the task that comes: the mean over both tasks.
      for (const g of gradients) {
        ours += (g.exact - c * g.firstOrder) ** 2;
        plain += (g.exact - g.firstOrder) ** 2;
        zeros += g.exact ** 2;
        draws++;
      }
    }
    expect(draws).toBeGreaterThan(60);
    expect(plain / zeros).toBeGreaterThan(5);
    expect(ours / zeros).toBeLessThanOrEqual(1);
  });

  test("adaptive settles below 1 with it, and at 1 without", async () => {
    const last = async (estimator: string) => (await run(estimator)).at(-1)!.probability;
    expect(await last("ufom:adaptive:recompute")).toBe(1);
    expect(await last("ufom:adaptive:scale=global:recompute")).toBeLessThan(1);
  });
});

test("spellings, and what they refuse", () => {
  for (const name of [
    "ufom:0.2:scale=global",
    "ufom:adaptive:p=2:scale=leaf:recompute:baseline=head:5:tail:2",
    "ufom:0.2:scale=leaf:target=truncated:9:baseline=zero",
    "ufom:0.2:target=(ufom:0.5:baseline=zero)",
    "ufom:0.2:target=(ufom:0.5:target=(ufom:0.5:baseline=zero):baseline=head:2):baseline=zero",
    "ufom:0.2:baseline=ufom:0.5:target=forward:baseline=head:2",
  ])
    expect(parseEstimator(name).name).toBe(name);
  // Of two baselines without brackets the second is the one around.
  expect(parseEstimator("ufom:0.2:target=ufom:0.5:baseline=zero").name).toBe("ufom:0.2:target=ufom:0.5:baseline=zero");
  expect(
    outcomesOf(parseEstimator("ufom:0.2:target=(ufom:0.5:baseline=zero)"), { shape: [], dtype: "float64", data: new Float64Array(1) }),
  ).toHaveLength(3);
  expect(() => parseEstimator("ufom:0.2:scale=x")).toThrow(
    "ufom: ufom scales its baseline by one number, global, or by one a leaf; received x.",
  );
  expect(() => parseEstimator("ufom:0.2:scale=leaf:scale=leaf")).toThrow(
    /takes one scale of its baseline; received scale=leaf and scale=leaf\.$/,
  );
  expect(() => ufom(0.2, { scale: 2 as never })).toThrow(/by one a leaf; received 2\.$/);
});
