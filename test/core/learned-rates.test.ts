// Learned step sizes, one an array and one an array and step (Meta-SGD's, by array): against plain numbers and central differences.
import { describe, expect, test } from "vitest";
import { defineProblem, f64, hypergradient, np, solve, sgd, type HostTree, type Problem, type Value } from "../../src/index.js";
import { recording } from "../../src/core/batch/recordings.js";
import { parseEstimator } from "../../src/core/estimators/index.js";
import { mixed, pullback } from "../../src/core/problem/definitions.js";
import { outcomesOf, pointOf } from "../support/estimates.js";
import { centralDifferences, distance, numbersOf } from "../support/gradients.js";
import { initialization, net, netAt, normal64, regressionTask, squares } from "../support/problems.js";
import { A, c } from "../support/quadratic.js";

const r = 4;

describe("by hand, on a quadratic of two arrays: p of two numbers, q of one", () => {
  const logRates = { p: [-1, -1.2, -1.4, -0.8], q: [-2, -0.5, -1, -1.5] },
    start = { p: [1, -2], q: [0.5] },
    times = (v: readonly number[]) => A.map(row => row.reduce((sum, x, j) => sum + x * v[j], 0));
  type Arrays = { readonly p: Value; readonly q: Value };
  const flat = ({ p, q }: Arrays) => np.concatenate([p, q]);
  const problem = defineProblem({
    theta: () => ({ start: { p: f64(start.p), q: f64(start.q) }, logRates: { p: f64(logRates.p), q: f64(logRates.q) } }),
    task: () => ({ A: f64(A.flat(), 3, 3), c: f64(c) }),
    init: theta => theta.start,
    inner: {
      loss: (_, phi, task) => np.dot(flat(phi), np.dot(task.A, flat(phi))).div(2),
      rate: (theta, step) => ({ p: np.exp(np.take(theta.logRates.p, step)), q: np.exp(np.take(theta.logRates.q, step)) }),
      steps: r,
    },
    outer: (_, phi, task) => np.square(flat(phi).sub(task.c)).sum().div(2),
  }) as unknown as Problem;

  /** Gradients of the start of p and q, and of their log rates; `mixed` keeps u as it is at the end. */
  function byHand(mixed: boolean): number[] {
    const rates = (j: number) => [logRates.p[j], logRates.p[j], logRates.q[j]].map(Math.exp),
      phis = [[...start.p, ...start.q]];
    for (let j = 0; j < r; j++) phis.push(phis[j].map((x, i) => x - rates(j)[i] * times(phis[j])[i]));
    let u = phis[r].map((x, i) => x - c[i]);
    const gP: number[] = [],
      gQ: number[] = [];
    for (let j = r - 1; j >= 0; j--) {
      const g = times(phis[j]),
        a = rates(j);
      gP[j] = -a[0] * (g[0] * u[0] + g[1] * u[1]);
      gQ[j] = -a[2] * g[2] * u[2];
      const through = times(u.map((x, i) => a[i] * x));
      if (!mixed) u = u.map((x, i) => x - through[i]);
    }
    return [...u, ...gP, ...gQ];
  }

  test.each([
    ["exact", false],
    ["exact:recompute", false],
    ["first-order:mixed", true],
  ])("%s", async (estimator, mixed) => {
    for (const executor of ["reference", "wasm"] as const) {
      const { gradient } = await hypergradient(problem, { estimator, dtype: "float64", executor });
      expect(distance(numbersOf(gradient), byHand(mixed))).toBeLessThan(1e-14);
    }
  });
});

/** θ is a network's start and log rates of some shape; `rate` is one array's. */
const learning = (shape: readonly number[], rate: (logRate: Value, step: Value) => Value | number) =>
  defineProblem({
    theta: random => ({
      start: netAt(random),
      logRates: { w: normal64(random, shape, 0.3, -2), b: normal64(random, shape, 0.3, -2), out: normal64(random, shape, 0.3, -2) },
    }),
    task: regressionTask,
    init: theta => theta.start,
    inner: {
      loss: (_, phi, task) => squares(net(phi, task.x), task.y),
      rate: ({ logRates: { w, b, out } }, step) => ({ w: rate(w, step), b: rate(b, step), out: rate(out, step) }),
      steps: r,
    },
    outer: (_, phi, task) => squares(net(phi, task.xOut), task.yOut),
  }) as unknown as Problem;

describe.each([
  ["one rate an array", learning([], log => np.exp(log))],
  ["one rate an array and step", learning([r], (log, step) => np.exp(np.take(log, step)))],
])("of a network: %s", (_, problem) => {
  test("the exact gradient is that of central differences in float64", async () => {
    const theta = problem.theta(2),
      at = { dtype: "float64", seed: 2 } as const;
    const loss = async (t: HostTree) => (await hypergradient(problem, { ...at, theta: t, estimator: "truncated:0" })).loss,
      { gradient } = await hypergradient(problem, at);
    expect(distance(numbersOf(gradient), await centralDifferences(loss, theta))).toBeLessThan(1e-7);
  });

  test.each(["exact", "first-order:mixed", "ufom:0.5"])("%s is recorded for a meta-batch, and a run learns by it", async spelling => {
    const point = await pointOf(problem),
      estimator = parseEstimator(spelling),
      [choice] = outcomesOf(estimator, point.theta);
    expect(await recording(point.compiled, estimator, [choice, choice, choice])).toBeDefined();
    point.compiled.dispose();
    const losses: number[] = [];
    for await (const { loss } of solve(problem, { estimator: spelling, outer: sgd(0.3), outerSteps: 40, metaBatch: 3, dtype: "float64" }))
      losses.push(loss);
    const mean = (part: readonly number[]) => part.reduce((sum, x) => sum + x, 0) / part.length;
    expect(mean(losses.slice(-10))).toBeLessThan(mean(losses.slice(0, 10)));
  });
});

test("of operations a rate for each array and step takes what the gradient by array does, in the exact product only", async () => {
  const { compiled: one } = await pointOf(initialization.problem),
    { compiled: many } = await pointOf(learning([r], (log, step) => np.exp(np.take(log, step))));
  // A product with u takes about two steps; the step's own gradient, which tells of its rates, less than one more.
  expect(many.work(pullback)).toBeGreaterThan(one.work(pullback));
  expect(many.work(pullback)).toBeLessThan(one.work(pullback) + 0.75);
  expect(many.work(mixed)).toBeLessThan(1.25);
});

test("numbers stand beside what is learned", async () => {
  const rates = (fixed: () => Value | number) =>
    defineProblem({
      theta: () => ({ logRate: f64([-1]) }),
      task: () => ({}),
      init: () => ({ a: np.array([1, 2]), b: np.array([3]) }),
      inner: {
        loss: (_: unknown, { a, b }: Record<"a" | "b", Value>) => np.square(a).sum().mul(b.sum()),
        rate: ({ logRate }: { logRate: Value }) => ({ a: np.exp(logRate), b: fixed() }),
        steps: 3,
      },
      outer: (_: unknown, { a, b }: Record<"a" | "b", Value>) => a.sum().add(np.square(b).sum()),
    } as never) as unknown as Problem;
  const [number, value] = await Promise.all([() => 0.25, () => np.array(0.25)].map(b => hypergradient(rates(b), { dtype: "float64" })));
  expect(numbersOf(number.gradient)).toEqual(numbersOf(value.gradient));
  expect(Math.abs(numbersOf(number.gradient)[0])).toBeGreaterThan(0.01);
});
