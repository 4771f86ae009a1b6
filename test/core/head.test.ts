// head:K and head:K:tail:M against Jacobians that are written down as matrices, and what they hold and count for every memory strategy.
import { describe, expect, test } from "vitest";
import type { MemoryStrategy } from "../../src/index.js";
import {
  checkpoint,
  defineProblem,
  exact,
  f64,
  head,
  hypergradient,
  np,
  optimizers,
  parseEstimator,
  recompute,
  residuals,
  solve,
  store,
  truncated,
  ufom,
  zero,
} from "../../src/index.js";
import { extraStepsOf, statesOf, strategiesOf } from "../../src/core/unroll/stretches.js";
import type { Walk } from "../../src/core/memory/strategy.js";
import { estimateAt, gradientAt, outcomeOf, outcomes, pointOf } from "../support/estimates.js";
import { bitsOf, distance, numbersOf } from "../support/gradients.js";
import { namedMomentum } from "../support/named-optimizers.js";
import { everywhere, initialization, sampleWeights } from "../support/problems.js";

const rows = [
    [0.9, -0.4, 0.3],
    [-0.2, 1.1, 0.5],
    [0.4, 0.6, -1.2],
    [1.3, 0.1, 0.2],
  ],
  y = [0.3, -0.8, 0.5, 1.1],
  aim = [0.2, -0.1, 0.4],
  start = [1.5, -0.7, 0.9],
  weight = [0.4, 0.1, 0.8],
  [rate, beta, steps] = [0.2, 0.6, 7];

/** L_in = Σ log cosh(Wφ − y) + ½ Σ w φ², θ = the start and the weights w; by gradient descent, or with momentum. */
const problem = (withMomentum: boolean) =>
  defineProblem({
    theta: () => ({ start: f64(start), weight: f64(weight) }),
    task: () => ({ w: f64(rows.flat(), 4, 3), y: f64(y), aim: f64(aim) }),
    init: theta => theta.start,
    inner: {
      loss: (theta, phi, task) =>
        np
          .log(np.cosh(np.dot(task.w, phi).sub(task.y)))
          .sum()
          .add(np.square(phi).mul(theta.weight).sum().div(2)),
      steps,
      optimizer: () => (withMomentum ? optimizers.momentum({ rate, momentum: beta }) : optimizers.sgd({ rate })),
    },
    outer: (_, phi, task) => np.square(phi.sub(task.aim)).sum().div(2),
  });

/** The same gradient by plain loops: (u, v) are the cotangents of φ and of the momentum m. */
function byMatrices(visited: (j: number) => boolean, momentum: number): number[] {
  const at: number[][] = [start];
  let m = [0, 0, 0];
  const slopes = (phi: readonly number[]) => rows.map((row, i) => Math.tanh(row.reduce((sum, x, k) => sum + x * phi[k], -y[i])));
  for (let j = 1; j <= steps; j++) {
    const phi = at[j - 1],
      s = slopes(phi);
    m = m.map((x, k) => momentum * x + rows.reduce((sum, row, i) => sum + row[k] * s[i], weight[k] * phi[k]));
    at.push(phi.map((x, k) => x - rate * m[k]));
  }
  let [u, v, g] = [at[steps].map((x, k) => x - aim[k]), [0, 0, 0], [0, 0, 0]];
  for (let j = steps; j >= 1; j--) {
    if (!visited(j)) continue;
    const phi = at[j - 1],
      bend = slopes(phi).map(s => 1 - s * s),
      c = u.map((x, k) => v[k] - rate * x);
    const hessian = (k: number, l: number) => rows.reduce((sum, row, i) => sum + bend[i] * row[k] * row[l], k === l ? weight[k] : 0);
    g = g.map((x, k) => x + phi[k] * c[k]);
    u = u.map((x, k) => x + c.reduce((sum, z, l) => sum + hessian(k, l) * z, 0));
    v = c.map(x => momentum * x);
  }
  return [...u, ...g];
}

describe.each([false, true])("r = 7, momentum %s", withMomentum => {
  const cases = [1, 2, 3, 6, 7, 9].flatMap(first => [0, 1, 2, 4, 6].map(last => [first, last] as const));
  test("the first K and the last M steps as matrices have them, the identity between", async () => {
    const own = problem(withMomentum);
    for (const [first, last] of cases) {
      const { gradient, counts } = await hypergradient(own, { estimator: head(first, last ? { tail: last } : {}), dtype: "float64" }),
        expected = byMatrices(j => j <= first || j > steps - last, withMomentum ? beta : 0);
      expect(distance(numbersOf(gradient), expected), `K = ${first}, M = ${last}`).toBeLessThan(1e-14);
      expect(counts).toEqual({ step: steps, product: Math.min(steps, first + last), outer: 1 });
    }
  });
});

describe.each([everywhere, initialization, sampleWeights, namedMomentum])("on $name", ({ problem: own }) => {
  test("K ≥ r, or K + M ≥ r: the exact gradient, bit for bit", async () => {
    const bits = async (estimator: ReturnType<typeof exact>) =>
      bitsOf((await hypergradient(own, { estimator, dtype: "float64" })).gradient);
    for (const estimator of [head(own.steps), head(99), head(own.steps - 1, { tail: 1 }), head(2, { tail: own.steps })])
      expect(await bits(estimator), estimator.name).toBe(await bits(exact()));
  });

  test("UFOM's mean over them is the exact gradient", async () => {
    const point = await pointOf(own, { innerSteps: 8 }),
      expected = await gradientAt(point, exact());
    for (const baseline of [head(2), head(2, { tail: 2 }), zero()]) {
      const { mean, cheap } = await outcomes(point, ufom(0.3, { baseline }));
      expect(distance(mean, expected), baseline.name).toBeLessThan(1e-12);
      expect(cheap).toEqual(await gradientAt(point, baseline));
    }
  });
});

describe("memory strategies", () => {
  const [r, first, last] = [12, 5, 4],
    extra = (s: number, n: number) => checkpoint(s).extraSteps(n);

  test("all give the same bits, and hold and run again what they say", async () => {
    const point = await pointOf(everywhere.problem, { innerSteps: r });
    for (const options of [{}, { tail: last }]) {
      const stored = await estimateAt(point, head(first, options)),
        visits = first + (options.tail ?? 0);
      expect(stored.peakStates).toBe(visits);
      for (const memory of [recompute, residuals(), residuals(3000), ...[1, 2, 3, 4, 5, 6, 8, 9, 20].map(checkpoint)]) {
        const estimator = head(first, { ...options, memory }),
          { gradient, counts, peakStates, work } = await estimateAt(point, estimator);
        if (memory.residualSteps) expect(distance(numbersOf(gradient), numbersOf(stored.gradient)), memory.name).toBeLessThan(1e-13);
        else expect(bitsOf(gradient), memory.name).toBe(bitsOf(stored.gradient));
        expect(counts.product).toBe(visits);
        expect(peakStates, memory.name).toBeLessThanOrEqual(estimator.facts.states(r));
        if (!memory.residualSteps) expect(work.deterministic - stored.work.deterministic).toBeCloseTo(counts.step - r, 9);
      }
    }
    const runs = async (memory: MemoryStrategy, tail?: number) => (await estimateAt(point, head(first, { tail, memory }))).counts.step - r;
    expect(await runs(recompute)).toBe(10);
    expect(await runs(recompute, last)).toBe(10 + 6);
    // Of 6 states one is φ₄, from which the fifth step was run: while the loop goes on it is held as well.
    expect(await runs(checkpoint(5))).toBe(0);
    expect(await runs(checkpoint(4))).toBe(extra(3, 5));
    expect(await runs(checkpoint(8), last)).toBe(Math.min(extra(3, 5), extra(3, 4), extra(4, 5)));
  });

  // What is held is counted here, the states that a walk still has while the loop goes on among them.
  test.each([1, 2, 3, 4, 5, 7, 9, 16])("checkpoint=%i: no more states at once than it says, in both stretches together", async s => {
    for (const [a, b] of [
      [1, 1],
      [5, 4],
      [9, 2],
      [3, 12],
      [6, 0],
      [1, 0],
    ]) {
      const stretches = b
          ? [
              { from: 0, to: a },
              { from: 40, to: 40 + b },
            ]
          : [{ from: 0, to: a }],
        total = b ? 40 + b : 30,
        strategies = strategiesOf(checkpoint(s), stretches, total),
        live = new Set<object>();
      let [ran, most] = [0, 0];
      const make = () => {
        const state = [] as never[];
        live.add(state);
        return state;
      };
      const walk = async (i: number, start: ReturnType<typeof make>): Promise<void> => {
        const { from, to } = stretches[i],
          given: Walk = {
            from,
            to,
            start,
            forward: () => {
              // Beside the step's in- and output.
              most = Math.max(most, live.size - 1);
              ran++;
              return make();
            },
            atEnd: async x => {
              live.delete(x);
              // What the last step was run from is its input, unless the loop goes on meanwhile.
              most = Math.max(most, live.size - Number(to === total));
              if (i + 1 < stretches.length) await walk(i + 1, make());
            },
            visit: () => undefined,
            release: state => void live.delete(state),
          };
        await strategies[i].walk(given);
      };
      await walk(0, make());
      expect(live.size).toBe(0);
      expect(ran - a - b).toBe(extraStepsOf(checkpoint(s), stretches, total));
      const said = statesOf(checkpoint(s), stretches, total);
      expect(said).toBeLessThanOrEqual(Math.max(s, stretches.length));
      expect(most, `${a} and ${b}`).toBeLessThanOrEqual(said);
    }
  });

  test("in a pass that others share, all steps between are walked too", async () => {
    const point = await pointOf(everywhere.problem, { innerSteps: r }),
      estimator = ufom(0.5, { target: truncated(3), baseline: head(2, { tail: 1 }) }),
      draw = await estimateAt(point, estimator, outcomeOf(estimator, point.theta));
    expect(draw.counts).toEqual({ step: r, product: 3 + 3, outer: 1 });
    expect(draw.peakStates).toBe(2 + 3);
    expect(estimator.facts.states(r)).toBe(5);
  });
});

test("zero: the outer loss of r steps, one state and no product; a run by it alone is refused", async () => {
  const { problem: own } = initialization,
    { loss } = await hypergradient(own, { dtype: "float64" }),
    found = await hypergradient(own, { estimator: zero(), dtype: "float64" });
  expect(found.loss).toBeCloseTo(loss, 14);
  expect(numbersOf(found.gradient).every(x => x === 0)).toBe(true);
  expect(found.counts).toEqual({ step: own.steps, product: 0, outer: 1 });
  expect(found.peakStates).toBe(1);
  const run = (estimator: string) => solve(own, { estimator, outer: "sgd:0.1", outerSteps: 1 });
  expect(() => run("zero")).toThrow(
    "ufom: solve's estimator must move θ, which this one is no gradient for: it is a part of others, as in ufom:0.2:baseline=zero; received zero.",
  );
  expect(() => run("ufom:0.5:target=zero")).toThrow(/received ufom:0.5:target=zero\.$/);
  // An exact draw shares its pass, so the baseline costs nothing.
  const point = await pointOf(own),
    over = ufom(0.5, { baseline: zero(), target: exact(store) }),
    { counts } = await estimateAt(point, over, outcomeOf(over, point.theta));
  expect(counts).toEqual({ step: own.steps, product: own.steps, outer: 1 });
});

test("spellings, and what they refuse", () => {
  for (const name of ["head:5", "head:5:recompute", "head:5:tail:2", "head:5:tail:2:checkpoint=4", "zero"])
    for (const spelled of [name, `ufom:0.2:baseline=${name}`, `ufom:0.2:target=truncated:3:baseline=${name}`])
      expect(parseEstimator(spelled).name).toBe(spelled);
  expect(parseEstimator("head:5:store").name).toBe("head:5");
  const refused = (spelling: string) => {
    try {
      return parseEstimator(spelling).name;
    } catch (error) {
      return (error as Error).message;
    }
  };
  expect(refused("head")).toBe("ufom: head takes a whole number of first steps of at least 1; received nothing.");
  expect(refused("head:0")).toBe("ufom: head takes a whole number of first steps of at least 1; received 0.");
  expect(refused("head:1.5")).toBe('ufom: head takes a whole number of first steps of at least 1; received "1.5".');
  expect(refused("head:5:tail")).toBe("ufom: head's tail takes a whole number of last steps of at least 1; received nothing.");
  expect(refused("head:5:tail:0")).toBe("ufom: head's tail takes a whole number of last steps of at least 1; received 0.");
  expect(refused("head:5:tail:x")).toBe('ufom: head\'s tail takes a whole number of last steps of at least 1; received "x".');
  expect(refused("head:5:2")).toMatch(/^ufom: a memory strategy is one of store, .*; received "2"\.$/);
  expect(refused("zero:1")).toMatch(/^ufom: an estimator must be one of .*; received "zero:1"\.$/);
});
