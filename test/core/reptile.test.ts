// Reptile against closed forms, against the gradients that its direction is a sum of, and where it must refuse.
import { describe, expect, test } from "vitest";
import {
  adam,
  createReferenceExecutor,
  createWasmExecutor,
  defineProblem,
  f64,
  grad,
  hypergradient,
  listed,
  np,
  optimizers,
  reptile,
  sgd,
  solve,
  tree,
  zeros,
  type HostArray,
  type InnerOptimizer,
  type Problem,
} from "../../src/index.js";
import { adapt } from "../../src/api.js";
import { CompiledProblem } from "../../src/core/evaluation/compiled-problem.js";
import { recording } from "../../src/core/batch/recordings.js";
import { certain } from "../../src/core/estimators/estimator.js";
import { gradientAt, pointOf } from "../support/estimates.js";
import { distance, numbersOf } from "../support/gradients.js";
import { everywhere, initialization, minibatches, net, netAt, regressionTask, sampleWeights, squares } from "../support/problems.js";
import { said } from "../support/said.js";

/** L_in = L_out = ½ a (φ − b)², task by task: φ_r = b + (1 − αa)ʳ (θ − b). */
const [alpha, r, start] = [0.2, 4, 1.5],
  curves = [
    { a: 1, b: 2 },
    { a: 3, b: -1 },
  ];
const parabolas = defineProblem({
  name: "parabolas",
  theta: () => f64([start]),
  task: listed(curves.map(({ a, b }) => ({ a: f64([a]), b: f64([b]) }))),
  init: theta => theta,
  inner: { loss: (_, phi, { a, b }) => np.square(phi.sub(b)).mul(a).sum().div(2), rate: alpha, steps: r },
  outer: (_, phi, { a, b }) => np.square(phi.sub(b)).mul(a).sum().div(2),
}) as unknown as Problem;
const left = curves.map(({ a }) => (1 - alpha * a) ** r);

const float64 = { dtype: "float64", estimator: reptile() } as const;

describe("closed forms on parabolas", () => {
  test("the direction is (1 − (1 − αa)ʳ)(θ − b), the mean of it over tasks; the loss that of φ_r; r steps, no product", async () => {
    const each = curves.map(({ b }, i) => (1 - left[i]) * (start - b)),
      losses = curves.map(({ a, b }, i) => (a * (left[i] * (start - b)) ** 2) / 2);
    for (const [i, { a, b }] of curves.entries()) {
      const found = await hypergradient(parabolas, { ...float64, task: { a: f64([a]), b: f64([b]) } });
      expect(numbersOf(found.gradient)[0]).toBeCloseTo(each[i], 14);
      expect(found.loss).toBeCloseTo(losses[i], 14);
      expect([found.counts, found.peakStates]).toEqual([{ step: r, product: 0, outer: 1 }, 1]);
    }
    const { gradient, loss } = await hypergradient(parabolas, { ...float64, metaBatch: 2 });
    expect(numbersOf(gradient)[0]).toBeCloseTo((each[0] + each[1]) / 2, 14);
    expect(loss).toBeCloseTo((losses[0] + losses[1]) / 2, 14);
  });

  test("sgd(ε) is θ ← θ + ε (mean φ_r − θ), and rests where tasks pull equally, which is no stationary point of M", async () => {
    const run = (outerSteps: number) => solve(parabolas, { ...float64, outer: sgd(0.5), outerSteps, metaBatch: 2 }).result(),
      ends = curves.map(({ b }, i) => b + left[i] * (start - b));
    expect(numbersOf((await run(1)).theta)[0]).toBeCloseTo(start + 0.5 * ((ends[0] + ends[1]) / 2 - start), 14);
    const rests = curves.reduce((sum, { b }, i) => sum + (1 - left[i]) * b, 0) / left.reduce((sum, l) => sum + 1 - l, 0),
      theta = numbersOf((await run(200)).theta)[0];
    expect(theta).toBeCloseTo(rests, 12);
    const slope = curves.reduce((sum, { a, b }, i) => sum + a * left[i] ** 2 * (theta - b), 0) / 2;
    expect(Math.abs(slope)).toBeGreaterThan(0.01);
  });
});

describe("of gradient descent with one rate it is the rate times a sum of gradients", () => {
  /** The problem whose outer loss is its inner loss. */
  const same = defineProblem({
    theta: netAt,
    task: regressionTask,
    init: theta => theta,
    inner: { loss: (_, phi, { x, y }) => squares(net(phi, x), y), rate: 0.2, steps: 6 },
    outer: (_, phi, { x, y }) => squares(net(phi, x), y),
  }) as unknown as Problem;
  const firstOrderAfter = async (innerSteps: number) =>
    numbersOf((await hypergradient(same, { dtype: "float64", estimator: "first-order", innerSteps })).gradient);

  test("one step: α times the gradient at θ, which is first-order's of no step", async () => {
    const one = numbersOf((await hypergradient(same, { ...float64, innerSteps: 1 })).gradient),
      gradient = await firstOrderAfter(0);
    expect(
      distance(
        one,
        gradient.map(x => 0.2 * x),
      ),
    ).toBeLessThan(1e-14);
  });

  test("r steps: α times the first-order gradients of 0 … r − 1 steps", async () => {
    const all = numbersOf((await hypergradient(same, float64)).gradient),
      sum = all.map(() => 0);
    for (let j = 0; j < 6; j++) (await firstOrderAfter(j)).forEach((x, k) => (sum[k] += 0.2 * x));
    expect(distance(all, sum)).toBeLessThan(1e-14);
  });
});

describe("whatever the inner step is, θ − φ_r of φ alone", () => {
  const inside = (name: string, inner: object) =>
    [
      name,
      defineProblem({
        name,
        theta: netAt,
        task: regressionTask,
        init: (theta: unknown) => theta,
        inner: { steps: 5, ...inner },
        outer: (_: unknown, phi: never, { x, y }: never) => squares(net(phi, x), y),
      } as never) as unknown as Problem,
    ] as const;
  const loss = (_: unknown, phi: never, { x, y }: never) => squares(net(phi, x), y),
    by = (optimizer: InnerOptimizer) => inside(optimizer.name, { loss, optimizer });
  test.each<readonly [string, Problem]>([
    by(optimizers.adam({ rate: 0.05 })),
    by(optimizers.momentum({ rate: 0.1 })),
    inside("a rate for each array", { loss, rate: () => ({ w: 0.1, b: np.array(0.3), out: 0.2 }) }),
    inside("a step of one's own with a state", {
      state: (_: unknown, phi: never) => ({ before: tree.zerosLike(phi) }),
      step: (_: unknown, { phi, state }: { phi: never; state: { before: never } }, task: never) => {
        const before = tree.map((v, g) => v.mul(0.5).add(g), state.before, grad((p: never) => loss(undefined, p, task))(phi));
        return { phi: tree.map((p, v) => p.sub(v.mul(0.1)), phi, before), state: { before } };
      },
    }),
    ["a minibatch and a mask a step", minibatches.problem],
  ])("%s", async (_, problem) => {
    const point = await pointOf(problem),
      direction = await gradientAt(point, reptile()),
      { phi, outer } = await adapt(problem, { dtype: "float64", theta: point.theta, task: point.task, losses: false }),
      ends = numbersOf(phi);
    expect(direction).toEqual(numbersOf(point.theta).map((x, i) => x - ends[i]));
    const { loss: told } = await hypergradient(problem, { ...float64, theta: point.theta, task: point.task });
    expect(told).toBe(outer);
  });

  test("θ may be named otherwise than φ, and its leaves be in another order", async () => {
    const renamed = defineProblem({
      theta: () => ({ net: { z: f64([3]), a: f64([1, 2]) } }),
      task: () => ({}),
      init: ({ net: { a, z } }) => [a, z],
      inner: { loss: (_, [a, z]) => np.square(a).sum().add(z.sum()), rate: 0.25, steps: 1 },
      outer: (_, [a]) => a.sum(),
    });
    const { gradient } = await hypergradient(renamed, float64);
    expect([...gradient.net.a.data]).toEqual([0.5, 1]);
    expect([...gradient.net.z.data]).toEqual([0.25]);
  });
});

test("a meta-batch is one routine, with the bits of single calls on the other executor's arithmetic", async () => {
  const { problem } = initialization,
    [wasm, reference] = [createWasmExecutor(), createReferenceExecutor()],
    theta = problem.theta(1),
    compiled = new CompiledProblem(problem, { theta, task: await problem.task(1, 1, 0) }, { executor: wasm });
  expect(await recording(compiled, reptile(), [certain, certain, certain])).toBeDefined();
  compiled.dispose();
  const runs = [wasm, reference].map(executor =>
    solve(problem, { estimator: "reptile", outer: adam(0.01), outerSteps: 5, metaBatch: 3, dtype: "float64", executor }).result(),
  );
  const [a, b] = (await Promise.all(runs)).map(({ theta: t }) => numbersOf(t));
  expect(distance(a, b)).toBeLessThan(1e-12);
});

test("what it does not make sense for is refused in a sentence", async () => {
  const base = {
    task: () => ({ y: zeros(2) }),
    inner: { loss: () => np.zeros([]), rate: 0.1, steps: 2 },
    outer: () => np.zeros([]),
  };
  const at =
    (theta: () => unknown, init: (theta: Record<string, HostArray & ReturnType<typeof np.zeros>>) => unknown, more: object = {}) =>
    () =>
      hypergradient(defineProblem({ ...base, theta, init, ...more } as never) as unknown as Problem, { estimator: "reptile" });
  const two = () => ({ w: zeros(2), b: zeros() });
  expect(
    await said({
      "learned rates beside the start": at(
        () => ({ start: two(), logRate: zeros() }),
        ({ start: s }) => s,
      ),
      "a part that is not adapted": at(two, ({ w }) => ({ w })),
      "a start that computes": at(two, ({ w, b }) => ({ w: w.mul(2), b })),
      "a start of its own": at(two, ({ w }) => ({ w, head: np.zeros([3]) })),
      "one leaf twice": at(two, ({ w }) => ({ w, again: w })),
      "a start from the task": () => hypergradient(sampleWeights.problem, { estimator: "reptile" }),
      "weights in the inner loss": () => hypergradient(everywhere.problem, { estimator: "reptile" }),
      "no inner steps": at(two, t => t, { inner: { ...base.inner, steps: 0 } }),
      "what is carried": () =>
        solve(
          defineProblem({
            ...base,
            theta: two,
            init: (t: never) => t,
            inner: { ...base.inner, carry: true },
          }) as unknown as Problem,
          { estimator: "reptile", outer: sgd(1), outerSteps: 1 },
        ).result(),
    }),
  ).toMatchInlineSnapshot(`
    {
      "a part that is not adapted": "ufom: reptile needs inner loops that begin at θ itself, V(θ, T) = θ, leaf for leaf, as it moves θ towards where they end; received a problem whose theta.b is not in φ, and so would never be learned (defineProblem, reptile.test.ts:…).",
      "a start from the task": "ufom: reptile needs inner loops that begin at θ itself, V(θ, T) = θ, leaf for leaf, as it moves θ towards where they end; received a problem whose phi.w begins at something else than a leaf of θ of its own (defineProblem, problems.ts:…).",
      "a start of its own": "ufom: reptile needs inner loops that begin at θ itself, V(θ, T) = θ, leaf for leaf, as it moves θ towards where they end; received a problem whose phi.head begins at something else than a leaf of θ of its own (defineProblem, reptile.test.ts:…).",
      "a start that computes": "ufom: reptile needs inner loops that begin at θ itself, V(θ, T) = θ, leaf for leaf, as it moves θ towards where they end; received a problem whose phi.w begins at something else than a leaf of θ of its own (defineProblem, reptile.test.ts:…).",
      "learned rates beside the start": "ufom: reptile needs inner loops that begin at θ itself, V(θ, T) = θ, leaf for leaf, as it moves θ towards where they end; received a problem whose theta.logRate is not in φ, and so would never be learned (defineProblem, reptile.test.ts:…).",
      "no inner steps": "ufom: reptile needs at least one inner step, as θ moves towards where they lead; received 0 inner steps.",
      "one leaf twice": "ufom: reptile needs inner loops that begin at θ itself, V(θ, T) = θ, leaf for leaf, as it moves θ towards where they end; received a problem whose phi.again begins at something else than a leaf of θ of its own (defineProblem, reptile.test.ts:…).",
      "weights in the inner loss": "ufom: reptile needs inner loops that begin at θ itself, V(θ, T) = θ, leaf for leaf, as it moves θ towards where they end; received a problem whose theta.weight is not in φ, and so would never be learned (defineProblem, problems.ts:…).",
      "what is carried": "ufom: inner.carry goes with estimators of sweeps over the inner loop (exact, truncated, first-order, ufom of these); received reptile.",
    }
  `);
});
