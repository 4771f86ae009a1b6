import { describe, expect, test } from "vitest";
import { array, defineProblem, f32, f64, hypergradient, i32, np, sgd, solve, stopGradient, zeros } from "../../src/index.js";
import type { HostArray, HostTree, Problem, Value } from "../../src/index.js";

// What a definition does that may not be meant is told, and floating point data stand for the precision of the run.

const square = (x: Value) => np.square(x).sum();
const idle = (names: string) => [`The outer loss has no derivative with respect to ${names}: the gradient there is zero.`];

describe("leaves of θ that reach nothing", () => {
  const leaves = () => ({ start: zeros(2), rate: zeros(), weight: zeros(2), out: zeros(2), unused: zeros(3) });
  const task = () => ({ y: zeros(2) });

  test("are told, and no others: gradient descent", () => {
    const problem = defineProblem({
      theta: leaves,
      task,
      init: theta => ({ w: theta.start, b: np.zeros([2]) }),
      inner: {
        loss: (theta, { w, b }, { y }) => square(w.sub(y).mul(theta.weight)).add(square(b)),
        rate: theta => np.exp(theta.rate),
        steps: 2,
      },
      outer: (theta, { w }) => square(w).add(theta.out.sum()),
    });
    expect(problem.notes()).toEqual(idle("theta.unused"));
    expect(problem.notes("float64")).toEqual(idle("theta.unused"));
  });

  test("are told, and no others: a step of one's own, whose state reaches φ a step later", () => {
    const problem = defineProblem({
      theta: () => ({ ...leaves(), momentum: zeros() }),
      task,
      init: () => ({ w: np.zeros([2]) }),
      inner: {
        steps: 1,
        state: theta => ({ m: theta.start, count: theta.unused }),
        step: (theta, { phi, state }, { y }) => ({
          phi: { w: phi.w.sub(state.m) },
          state: { m: state.m.mul(theta.momentum).add(phi.w.sub(y)), count: state.count.add(1) },
        }),
      },
      outer: (theta, { w }) => square(w.mul(theta.out)),
    });
    expect(problem.notes()).toEqual(idle("theta.rate, theta.weight, theta.unused"));
  });

  test("also where nothing but constants passes on, and of a θ that is one array", () => {
    const problem = defineProblem({
      theta: () => zeros(2),
      task,
      init: theta => stopGradient(theta),
      inner: { loss: (theta, phi) => square(phi).mul(theta.greater(0).sum()), rate: 0.1, steps: 1 },
      outer: (_, phi) => square(phi),
    });
    expect(problem.notes()).toEqual(idle("theta"));
  });

  test("agree with the gradient, leaf by leaf", async () => {
    const problem = defineProblem({
      theta: () => ({ a: f32([1, 2]), b: f32([3]), c: f32([4]) }),
      task: () => Promise.resolve(task()),
      init: theta => ({ w: theta.a, v: theta.c }),
      inner: { loss: (_, { w, v }) => square(w).add(square(v)), rate: 0.1, steps: 1 },
      outer: (_, { w }) => square(w),
    });
    const { gradient } = await hypergradient(problem);
    expect(Object.entries(gradient).map(([name, { data }]) => [name, data.every(x => x === 0)])).toEqual([["a", false], ["b", true], ["c", true]]); // prettier-ignore
    // `c` is in the same inner loss as `w`: the graph cannot tell that nothing comes of it.
    expect(problem.notes()).toEqual(idle("theta.b"));
  });
});

describe("θ in the optimizer's first state only", () => {
  const problem = defineProblem({
    theta: () => zeros(2),
    task: () => ({}),
    init: () => np.ones([2]),
    inner: {
      steps: 3,
      state: theta => theta,
      step: (_, { phi, state }) => ({ phi: phi.sub(state.add(phi).mul(0.1)), state: state.mul(0.9) }),
    },
    outer: (_, phi) => square(phi),
  });

  test("is refused by first-order, whose gradient is zero there, and kept by the mixed form and UFOM", async () => {
    await expect(hypergradient(problem, { estimator: "first-order" })).rejects.toThrow(
      /^ufom: first-order needs θ in the start or in the outer loss/,
    );
    const of = async (estimator: string) => [...(await hypergradient(problem, { estimator, dtype: "float64" })).gradient.data];
    const exact = await of("exact");
    expect(Math.abs(exact[0])).toBeGreaterThan(0.1);
    // The baseline of a draw without the target is not zero either: it is not that of plain first-order.
    expect(await of("ufom:1")).toEqual(exact);
  });
});

describe("float64 data", () => {
  const data = [1 / 3, 0.1, -0.7];
  type Made = (x: number[]) => HostArray;
  const spec = (make: Made) => ({
    theta: () => ({ w: make(data) }),
    task: () => ({ x: make(data), label: i32([1]) }),
    init: (theta: { w: Value }) => theta.w,
    outer: (theta: { w: Value }, phi: Value, { x }: { x: Value }) => square(phi.sub(theta.w).add(x)),
  });
  const byLoss = (make: Made) =>
    defineProblem({
      ...spec(make),
      inner: { loss: (_, phi, { x }) => square(phi.sub(x).mul(np.array(make(data)))), rate: 0.1, steps: 2 },
    });
  const byStep = (make: Made) =>
    defineProblem({
      ...spec(make),
      inner: {
        steps: 2,
        state: () => ({}),
        step: (_, { phi, state }, { x }) => ({ phi: phi.sub(phi.sub(x).mul(np.array(make(data)))), state }),
      },
    });
  const withData = (make: Made, own = false) => (own ? byStep : byLoss)(make) as unknown as Problem;

  test.each([false, true])("in θ, tasks and constants are computed with in the run's precision (own step: %s)", async own => {
    const problem = withData(f64, own),
      rounded = withData(f32, own),
      kept = withData(array, own);
    const at = async (p: Problem, dtype: "float32" | "float64") => {
      const { gradient, loss } = await hypergradient(p, { dtype });
      return { gradient: (gradient as Record<string, { data: Float32Array }>).w, loss };
    };
    const programs = problem.programs({ theta: problem.theta(1), task: await problem.task(1, 1, 0) }, "float32");
    expect([...programs.thetaTypes, ...programs.state].map(({ dtype }) => dtype)).toEqual(["float32", "float32"]);
    expect(await at(problem, "float32")).toEqual(await at(rounded, "float32"));
    expect(await at(problem, "float64")).toEqual(await at(kept, "float64"));
    expect(await at(kept, "float32")).toEqual(await at(rounded, "float32"));
    expect((await at(kept, "float64")).loss).not.toBe((await at(rounded, "float64")).loss);
  });

  test("are told of where they were asked for, but not in a run in float64", () => {
    const said = "float64 data are rounded to float32, the precision of the run: theta.w, task.x, a constant float64[3].";
    expect(withData(f64).notes()).toEqual([said]);
    expect(withData(f64).notes("float64")).toEqual([]);
    expect(withData(array).notes()).toEqual([]);
    expect(withData(f32).notes()).toEqual([]);
  });

  test("that float32 cannot hold are refused, with their place", async () => {
    const problem = withData(f32);
    const theta: HostTree = { w: f64([1, 1e300, 2]) };
    await expect(hypergradient(problem, { theta })).rejects.toThrow(
      "ufom: a run in float32 takes numbers that float32 can hold, up to 3.4e38; received 1e+300 at [1] of w.",
    );
    await expect(hypergradient(problem, { task: { x: f64([1, 2, -1e300]), label: i32([1]) } })).rejects.toThrow(
      /received -1e\+300 at \[2\] of x/,
    );
    expect(() => solve(problem, { estimator: "exact", outer: sgd(1), outerSteps: 1, theta })).toThrow(/received 1e\+300 at \[1\] of w/);
    expect((await hypergradient(problem, { theta, dtype: "float64" })).loss).toBe(Infinity);
  });
});
