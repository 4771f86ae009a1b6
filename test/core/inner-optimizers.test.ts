import { describe, expect, test } from "vitest";
import {
  adam,
  defineProblem,
  exact,
  f64,
  grad,
  hypergradient,
  np,
  optimizers,
  tree,
  type HostTree,
  type InnerOptimizer,
  type Value,
} from "../../src/index.js";
import { centralDifferences, distance, norm, numbersOf } from "../support/gradients.js";
import { define } from "../support/bad-problems.js";
import { said } from "../support/said.js";
import { numbers } from "../tensor/evaluate.js";

/** Gradients that an optimizer gets one after another; the second element has none at first, the third never. */
const gradients = [
  [1, 0, 0],
  [-0.5, 2, 0],
  [0.25, -1, 0],
  [3, 0.125, 0],
  [0, 0.5, 0],
];
const start = [0.5, -1, 2];

/** φ after all of them. */
const path = (optimizer: InnerOptimizer): number[] =>
  numbers(
    (phi: Value) => {
      let state = optimizer.init(phi),
        at = phi;
      gradients.forEach((g, i) => {
        const { updates, state: next } = optimizer.update(np.array(g), state, at, np.array(i + 1).astype("int32"));
        [at, state] = [at.add(updates as Value), next];
      });
      return at;
    },
    [f64(start)],
  );

/** The same in plain loops, one element after another, with PyTorch's order of operations. */
const loops = (make: () => (g: number, p: number, k: number) => number): number[] =>
  start.map((p0, i) => {
    const next = make();
    return gradients.reduce((p, g, k) => next(g[i], p, k + 1), p0);
  });
const adamLoops = (lr: number, b1: number, b2: number, eps: number, decay = 0) =>
  loops(() => {
    let [m, v] = [0, 0];
    return (g, p, k) => {
      m = b1 * m + (1 - b1) * g;
      v = b2 * v + (1 - b2) * g * g;
      return p * (1 - lr * decay) - ((lr / (1 - b1 ** k)) * m) / (Math.sqrt(v) / Math.sqrt(1 - b2 ** k) + eps);
    };
  });
const momentumLoops = (lr: number, beta: number, ahead: boolean) =>
  loops(() => {
    let m = 0;
    return (g, p) => {
      m = beta * m + g;
      return p - lr * (ahead ? g + beta * m : m);
    };
  });
const rmspropLoops = (lr: number, alpha: number, eps: number, beta: number) =>
  loops(() => {
    let [m, v] = [0, 0];
    return (g, p) => {
      v = alpha * v + (1 - alpha) * g * g;
      m = beta * m + g / (Math.sqrt(v) + eps);
      return p - lr * m;
    };
  });

describe("values are those of PyTorch's rules in plain loops", () => {
  const { adam: inner, adamw, momentum, nesterov, rmsprop, sgd } = optimizers;
  test.each<[string, InnerOptimizer, number[]]>([
    ["sgd", sgd({ rate: 0.1 }), loops(() => (g, p) => p - 0.1 * g)],
    ["sgd with a schedule", sgd({ rate: k => np.divide(0.1, k) }), loops(() => (g, p, k) => p - (0.1 / k) * g)],
    ["momentum", momentum({ rate: 0.1, momentum: 0.8 }), momentumLoops(0.1, 0.8, false)],
    ["nesterov", nesterov({ rate: 0.1 }), momentumLoops(0.1, 0.9, true)],
    ["adam", inner({ rate: 0.1 }), adamLoops(0.1, 0.9, 0.999, 1e-8)],
    ["adam with everything told", inner({ rate: 0.2, beta1: 0.5, beta2: 0.8, epsilon: 1e-3 }), adamLoops(0.2, 0.5, 0.8, 1e-3)],
    ["adam without averages", inner({ rate: 0.2, beta1: 0, beta2: 0 }), adamLoops(0.2, 0, 0, 1e-8)],
    ["adamw", adamw({ rate: 0.1, weightDecay: 0.3 }), adamLoops(0.1, 0.9, 0.999, 1e-8, 0.3)],
    ["rmsprop", rmsprop({ rate: 0.1 }), rmspropLoops(0.1, 0.99, 1e-8, 0)],
    ["rmsprop with everything told", rmsprop({ rate: 0.1, decay: 0.9, momentum: 0.5, epsilon: 1e-2 }), rmspropLoops(0.1, 0.9, 1e-2, 0.5)],
  ])("%s", (_, optimizer, expected) => {
    const got = path(optimizer);
    got.forEach((x, i) => expect(Math.abs(x - expected[i]), `element ${i}`).toBeLessThan(1e-14));
  });

  test("a rate for each array, of numbers and values, and what a schedule of trees gives", () => {
    const step = (rate: Parameters<typeof sgd>[0]["rate"]) =>
      numbers(
        (a: Value) => {
          const phi = { a, b: [a, a] },
            { updates } = sgd({ rate }).update(phi, [], phi, np.array(2).astype("int32"));
          return np.concatenate(tree.leaves(updates));
        },
        [f64([1, 10])],
      );
    expect(step({ a: 0.5, b: [2, 4] })).toEqual([-0.5, -5, -2, -20, -4, -40]);
    expect(step(k => ({ a: 0.5, b: [np.array([1, 2]), k.mul(4)] }))).toEqual([-0.5, -5, -1, -20, -8, -80]);
  });
});

describe("derivatives where gradients are zero", () => {
  const makers: [string, (rate: number) => InnerOptimizer][] = [
    ["momentum", rate => optimizers.momentum({ rate })],
    ["nesterov", rate => optimizers.nesterov({ rate })],
    ["adam", rate => optimizers.adam({ rate, epsilon: 0.1 })],
    ["adamw", rate => optimizers.adamw({ rate, epsilon: 0.1 })],
    ["rmsprop", rate => optimizers.rmsprop({ rate, epsilon: 0.1 })],
  ];
  // The first step is taken at the minimum for θ = φ₀: g = φ₀ − θ = 0 there, and moves with θ. The second array never has a gradient.
  const problemOf = (optimizer: InnerOptimizer) =>
    defineProblem({
      theta: () => ({ goal: f64([1, -2]), idle: f64([0.5]) }),
      task: () => ({ start: f64([1, -2]), scale: f64([3, 0.5]) }),
      init: (theta, task) => ({ p: task.start, q: theta.idle }),
      inner: {
        loss: ({ goal }, { p, q }, { scale }) => np.square(p.sub(goal)).mul(scale).sum().add(q.mul(0).sum()),
        optimizer,
        steps: 3,
      },
      outer: (_, { p, q }) => p.sum().add(np.square(q).sum()),
    });

  test.each(makers)("%s: the exact hypergradient is finite and that of central differences", async (_, make) => {
    const problem = problemOf(make(0.05)),
      at = { dtype: "float64" } as const,
      theta = problem.theta(1),
      { gradient } = await hypergradient(problem, { ...at, estimator: exact() });
    const loss = async (t: HostTree) => (await hypergradient(problem, { ...at, theta: t as typeof theta, estimator: "truncated:0" })).loss,
      // Adam's quotient bends at 0, over a distance of ε.
      differences = await centralDifferences(loss, theta, 1e-7),
      got = numbersOf(gradient);
    expect(got.every(Number.isFinite)).toBe(true);
    expect(norm(got.slice(0, 2))).toBeGreaterThan(0.01);
    expect(distance(got, differences)).toBeLessThan(1e-4);
  });

  test.each(makers)("%s: finite in float32 too, on both executors and in estimators of every kind", async (_, make) => {
    const problem = problemOf(make(0.05));
    for (const executor of ["wasm", "reference"] as const)
      for (const estimator of ["exact", "first-order:mixed", "truncated:1", "forward", "ufom:0.5", "soba"]) {
        const { gradient } = await hypergradient(problem, { executor, estimator });
        expect(numbersOf(gradient).every(Number.isFinite), estimator).toBe(true);
      }
  });
});

test.each(["float32", "float64"] as const)("the second derivatives of an update at a zero gradient are finite in %s", precision => {
  const all: readonly InnerOptimizer[] = [
    optimizers.adam({ rate: 0.1 }),
    optimizers.adamw({ rate: 0.1 }),
    optimizers.rmsprop({ rate: 0.1 }),
  ];
  for (const optimizer of all) {
    const update = (g: Value): Value => optimizer.update(g, optimizer.init(g), g, np.array(1).astype("int32")).updates as Value,
      first = grad((g: Value) => update(g).sum()),
      second = (g: Value) => np.concatenate([first(g), grad((x: Value) => first(x).sum())(g)]),
      [atZero, atOne, secondAtZero, secondAtOne] = numbers(second, [f64([0, 1])], precision);
    // −γ·g/(|g| + ε) for Adam, and its slope at 0.
    expect(Math.abs(atZero / -1e7 - 1), optimizer.name).toBeLessThan(1e-5);
    expect([atOne, secondAtZero, secondAtOne].every(Number.isFinite), optimizer.name).toBe(true);
  }
});

test("the derivative by a momentum and by Adam's decays is finite at 0, and that of one-sided differences", async () => {
  const problem = defineProblem({
    theta: () => ({ beta: f64([0, 0, 0]) }),
    task: () => f64([1, 2]),
    init: (_, task) => ({ p: task, q: task }),
    inner: {
      loss: (_, { p, q }) =>
        np
          .square(p)
          .sum()
          .add(np.square(np.square(q)).sum()),
      optimizer: ({ beta }) =>
        optimizers.adam({ rate: 0.1, beta1: beta.slice(0), beta2: beta.slice(1), epsilon: np.add(0.1, beta.slice(2)) }),
      steps: 3,
    },
    outer: (_, { p, q }) => p.sum().add(np.square(q).sum()),
  });
  const at = { dtype: "float64" } as const,
    { gradient, loss } = await hypergradient(problem, at),
    h = 1e-6;
  const moved = [0, 1, 2].map(async i => {
    const { loss: there } = await hypergradient(problem, { ...at, theta: { beta: f64([0, 0, 0].with(i, h)) } });
    return (there - loss) / h;
  });
  expect(distance(numbersOf(gradient), await Promise.all(moved))).toBeLessThan(1e-4);
});

test("first-order:mixed sees what a gradient does to φ at once, and not what it does later through a momentum", async () => {
  // L_in = θφ: there is no second derivative by φ, and the gradient is θ at every step.
  const [rate, beta, r] = [0.1, 0.9, 8],
    problem = defineProblem({
      theta: () => f64([2]),
      task: () => f64([1]),
      init: (_, task) => task,
      inner: { loss: (theta, phi) => theta.mul(phi).sum(), optimizer: optimizers.momentum({ rate, momentum: beta }), steps: r },
      outer: (_, phi) => phi.sum(),
    }),
    of = async (estimator: string) => numbersOf((await hypergradient(problem, { dtype: "float64", estimator })).gradient)[0];
  const all = Array.from({ length: r }, (_, i) => (1 - beta ** (i + 1)) / (1 - beta)).reduce((a, b) => a + b, 0);
  expect(await of("exact")).toBeCloseTo(-rate * all, 13);
  expect(await of("first-order:mixed")).toBeCloseTo(-rate * r, 13);
});

describe("what is refused", () => {
  const withOptimizer = (optimizer: unknown) => define({ inner: { loss: () => np.zeros([]), optimizer, steps: 2 } });
  test("each in one sentence", async () => {
    expect(
      await said({
        "an outer transform": () => withOptimizer(adam(0.1)),
        "a name": () => withOptimizer("adam"),
        "a function of θ that gives an outer transform": () => withOptimizer(() => adam(0.1)),
        "a rate beside it": () =>
          define({ inner: { loss: () => np.zeros([]), optimizer: optimizers.sgd({ rate: 1 }), rate: 1, steps: 2 } }),
        "a step beside it": () =>
          define({ inner: { optimizer: optimizers.sgd({ rate: 1 }), step: () => ({}), state: () => ({}), steps: 2 } }),
        "a negative rate": () => optimizers.sgd({ rate: -1 }),
        "no rate": () => optimizers.adam({} as never),
        "an unknown option": () => optimizers.adam({ rate: 1, beta: 0.9 } as never),
        "a negative rate from a schedule": () => withOptimizer(optimizers.sgd({ rate: () => -1 })),
        "a momentum of one": () => optimizers.momentum({ rate: 1, momentum: 1 }),
        "a decay by array": () => optimizers.adam({ rate: 1, beta1: [0.9, 0.8] as never }),
        "no epsilon": () => optimizers.rmsprop({ rate: 1, epsilon: 0 }),
        "a rate for arrays that are not there": () => withOptimizer(optimizers.sgd({ rate: { w: 0.1, c: 0.2 } })),
        "a rate of another shape": () => withOptimizer(() => optimizers.sgd({ rate: { w: np.zeros([7]), b: 0.2 } })),
        "an own one without a name": () => optimizers.define({} as never),
        "an own one that loses an array": () =>
          withOptimizer(optimizers.define({ name: "mine", init: () => [], update: ({ w }: never, state) => ({ updates: { w }, state }) })),
        "an own one that returns updates alone": () =>
          withOptimizer(optimizers.define({ name: "mine", init: () => [], update: g => g as never })),
      }),
    ).toMatchInlineSnapshot(`
      {
        "a decay by array": "ufom: optimizers.adam's beta1 must be a number in [0, 1), a scalar value, or a schedule; received a list of 2.",
        "a function of θ that gives an outer transform": "ufom: inner.optimizer must return an optimizer of the inner loop (optimizers.adam({ rate: 0.01 })); received the outer transform adam(0.1) (inner.optimizer, bad-problems.ts:…).",
        "a momentum of one": "ufom: optimizers.momentum's momentum must be a number in [0, 1), a value, a tree of these like φ, or a schedule; received 1.",
        "a name": "ufom: inner.optimizer must be an optimizer of the inner loop (optimizers.adam({ rate: 0.01 })); received "adam" (defineProblem, bad-problems.ts:…).",
        "a negative rate": "ufom: optimizers.sgd's rate must be a finite number ≥ 0, a value, a tree of these like φ, or a schedule; received -1.",
        "a negative rate from a schedule": "ufom: optimizers.sgd's rate must be a finite number ≥ 0; received -1 (inner.optimizer, bad-problems.ts:…).",
        "a rate beside it": "ufom: defineProblem takes inner.rate or inner.optimizer, which has a rate of its own, not both; received { loss, optimizer, rate, steps } (defineProblem, bad-problems.ts:…).",
        "a rate for arrays that are not there": "ufom: optimizers.sgd's rate needs trees of one structure ({ w, b }); received { w, c } (inner.optimizer, bad-problems.ts:…).",
        "a rate of another shape": "ufom: optimizers.sgd's rate must broadcast to float32[3] at w; received float32[7] (inner.optimizer, bad-problems.ts:…).",
        "a step beside it": "ufom: defineProblem takes inner.loss with inner.rate or inner.optimizer, or inner.step with inner.state, not both; received { optimizer, step, state, steps } (defineProblem, bad-problems.ts:…).",
        "an outer transform": "ufom: inner.optimizer must be an optimizer of the inner loop (optimizers.adam({ rate: 0.01 })); received the outer transform adam(0.1) (defineProblem, bad-problems.ts:…).",
        "an own one that loses an array": "ufom: mine must return updates as it was given, with updates.b: float32[]; received { w } (inner.optimizer, bad-problems.ts:…).",
        "an own one that returns updates alone": "ufom: mine must return { updates, state } from update; received { w, b } (inner.optimizer, bad-problems.ts:…).",
        "an own one without a name": "ufom: optimizers.define takes { name, init, update }; received {  }.",
        "an unknown option": "ufom: optimizers.adam takes the options rate, beta1, beta2, epsilon (did you mean beta1?); received beta.",
        "no epsilon": "ufom: optimizers.rmsprop's epsilon must be a finite number > 0, a scalar value, or a schedule; received 0.",
        "no rate": "ufom: optimizers.adam's rate must be a finite number ≥ 0, a value, a tree of these like φ, or a schedule; received undefined.",
      }
    `);
  });
});
