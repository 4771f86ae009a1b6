import * as fc from "../support/fast-check.js";
import { describe, expect, test } from "vitest";
import {
  createReferenceExecutor,
  createWasmExecutor,
  customGradient,
  defineProblem,
  f32,
  grad,
  hypergradient,
  jvp,
  np,
  solve,
  sgd,
  tree,
  vjp,
} from "../../src/index.js";
import type { HostArray, HostTree, Problem, Value } from "../../src/index.js";
import { numbersOf } from "../support/gradients.js";

const executors = [createWasmExecutor(), createReferenceExecutor()];

/** The same object with its keys in another order. */
const reordered = <T extends object>(object: T, order: readonly (keyof T)[]): T =>
  Object.fromEntries(order.map(key => [key, object[key]])) as unknown as T;

describe("keys in another order than they were given in", () => {
  test.each(executors)("an own step's φ: 1000 (1 + 1) + (10 + 2) on $name", async executor => {
    const problem = defineProblem({
      theta: () => ({ a: f32([1]), b: f32([10]) }),
      task: () => ({}),
      init: theta => theta,
      inner: { steps: 1, state: () => ({}), step: (_, { phi, state }) => ({ phi: { b: phi.b.add(2), a: phi.a.add(1) }, state }) },
      outer: (_, phi) => phi.a.mul(1000).add(phi.b).sum(),
    });
    const { loss, gradient } = await hypergradient(problem, { executor });
    expect(loss).toBe(2012);
    expect([...gradient.a.data, ...gradient.b.data]).toEqual([1000, 1]);
  });

  const names = ["a", "b", "c", "d"] as const;
  type Four<T> = Record<(typeof names)[number], T>;
  const orders = fc.shuffledSubarray([...names], { minLength: 4, maxLength: 4 });
  // Every leaf has a shape of its own, so that a swap of places is a wrong read, and a factor of its own, so that one of equals is a wrong number.
  const shapes: Four<number[]> = { a: [2], b: [3, 2], c: [], d: [4] };
  const leaf = (key: keyof Four<unknown>, i: number): HostArray => ({
    shape: shapes[key],
    dtype: "float32",
    data: Float32Array.from({ length: shapes[key].reduce((n, d) => n * d, 1) }, (_, k) => 0.1 * (i + 1) + 0.01 * k),
  });
  const four = <T>(f: (key: (typeof names)[number], i: number) => T): Four<T> =>
    Object.fromEntries(names.map((key, i) => [key, f(key, i)])) as Four<T>;

  /** A problem whose functions return their trees in the given orders. */
  const problemIn = (
    phi: readonly (typeof names)[number][],
    state: readonly (typeof names)[number][],
    rates: readonly (typeof names)[number][],
  ) => ({
    own: defineProblem({
      theta: () => four(leaf),
      task: () => four(leaf),
      init: theta =>
        reordered(
          tree.map((v: Value) => v.mul(1), theta),
          phi,
        ),
      inner: {
        steps: 3,
        state: (_, p) => reordered(tree.zerosLike(p), state),
        step: (_, at, task) => ({
          state: reordered(
            four(key => at.state[key].add(at.phi[key])),
            rates,
          ),
          phi: reordered(
            four((key, i) => at.phi[key].sub(at.state[key].mul(0.1 * (i + 1))).add(task[key])),
            state,
          ),
        }),
      },
      outer: (_, p) => names.map((key, i) => p[key].mul(i + 1).sum()).reduce((x, y) => x.add(y)),
    }),
    byLoss: defineProblem({
      theta: () => four(leaf),
      task: () => four(leaf),
      init: theta =>
        reordered(
          tree.map((v: Value) => v.mul(1), theta),
          phi,
        ),
      inner: {
        loss: (_, p, task) => names.map(key => np.square(p[key].sub(task[key].mul(2))).sum()).reduce((x, y) => x.add(y)),
        rate: () =>
          reordered(
            four((_, i) => np.array(0.1 * (i + 1))),
            rates,
          ),
        steps: 3,
      },
      outer: (_, p) => names.map((key, i) => p[key].mul(i + 1).sum()).reduce((x, y) => x.add(y)),
    }),
  });

  test("of φ, the state and rates change nothing", async () => {
    const run = async ({ own, byLoss }: ReturnType<typeof problemIn>) => {
      const out: number[] = [];
      for (const problem of [own, byLoss] as unknown as Problem[])
        for (const estimator of ["exact", "first-order"]) {
          const { loss, gradient } = await hypergradient(problem, { estimator });
          out.push(loss, ...numbersOf(gradient));
        }
      return out;
    };
    const expected = await run(problemIn(names, names, names));
    await fc.assert(
      fc.asyncProperty(orders, orders, orders, async (phi, state, rates) => {
        expect(await run(problemIn(phi, state, rates))).toEqual(expected);
      }),
      { numRuns: 12, seed: 11 },
    );
  });

  test("of θ, tasks and tangents change nothing", async () => {
    const { own } = problemIn(names, names, names),
      problem = own as unknown as Problem;
    const theta = four(leaf),
      task = four((key, i) => leaf(key, i + 1)),
      expected = await hypergradient(problem, { theta, task }),
      steps = async (options: { theta: HostTree }) => {
        const run = solve(problem, { estimator: "exact", outer: sgd(0.1), outerSteps: 2, ...options });
        const solved = (await run.result()).theta as Four<HostArray>;
        return names.map(key => solved[key]);
      },
      solved = await steps({ theta });
    await fc.assert(
      fc.asyncProperty(orders, orders, async (first, second) => {
        const found = await hypergradient(problem, { theta: reordered(theta, first), task: reordered(task, second) });
        for (const key of names) expect((found.gradient as Four<HostArray>)[key]).toEqual((expected.gradient as Four<HostArray>)[key]);
        expect(await steps({ theta: reordered(theta, first) })).toEqual(solved);
      }),
      { numRuns: 10, seed: 12 },
    );
  });

  test("of what transforms are given", async () => {
    const weights = (p: { a: Value; b: Value }) => p.a.mul(3).add(p.b.mul(5)).sum();
    const twice = customGradient(
      (p: { a: Value; b: Value }) => p.a.mul(3).add(p.b.mul(5)),
      (y, p) => reordered({ a: y.mul(3), b: y.mul(5), c: p.a }, ["b", "a"]),
    );
    const problem = defineProblem({
      theta: () => ({ a: f32([1]), b: f32([2]) }),
      task: () => ({}),
      init: theta => {
        const [, along] = jvp(weights, theta, { b: np.ones([1]), a: np.zeros([1]) });
        const [, pull] = vjp((p: typeof theta) => ({ x: p.a.mul(2), y: p.b.mul(7) }), theta);
        const { a, b } = pull({ y: np.ones([1]), x: np.zeros([1]) });
        const { a: ga, b: gb } = grad((p: typeof theta) => twice(p).sum())(theta);
        return { along, pulled: b.sub(a.mul(100)), own: gb.sub(ga) };
      },
      inner: { steps: 0, state: () => ({}), step: (_, x) => x },
      outer: (theta, phi) => phi.along.add(phi.pulled.mul(10)).add(phi.own.mul(100)).add(theta.a.mul(0)).sum(),
    });
    // 5 along b; 7 pulled from y; 5 − 3.
    expect((await hypergradient(problem)).loss).toBe(5 + 70 + 200);
  });

  test("a list in place of an object is none", () => {
    expect(() =>
      defineProblem({
        theta: () => ({ a: f32([1]) }),
        task: () => ({}),
        init: theta => [theta.a],
        inner: { steps: 1, state: () => [], step: (_, { phi, state }) => ({ phi: { 0: phi[0] } as unknown as Value[], state }) },
        outer: (_, phi) => phi[0].sum(),
      }),
    ).toThrow(/^ufom: inner.step's phi needs trees of one structure/);
  });
});
