import { describe, expect, test } from "vitest";
import {
  createReferenceExecutor,
  createWasmExecutor,
  defineProblem,
  exact,
  f64,
  hypergradient,
  np,
  parseEstimator,
  random,
  sampled,
  sgd,
  soba,
  solve,
  stream,
  zeros,
  type Checkpoint,
  type Problem,
} from "../../src/index.js";
import type { Arrays, Choice, Estimator } from "../../src/core/estimators/estimator.js";
import { init, outer, pullback } from "../../src/core/problem/definitions.js";
import { readState, writeState } from "../../src/files/saved-state.js";
import type { HostTree } from "../../src/tensor/types.js";
import { countingExecutor } from "../support/counting-executor.js";
import { estimateAt, gradientAt, outcomesOf, pointOf, weighted, type Point } from "../support/estimates.js";
import { bitsOf, distance, norm, numbersOf } from "../support/gradients.js";
import { everywhere, initialization, noSteps, ridge } from "../support/problems.js";
import {
  A,
  B,
  b,
  c,
  iteration,
  lambda,
  next,
  phi0,
  plus,
  rate,
  solution,
  spectralRadius,
  theta0,
  type Iterate,
} from "../support/quadratic.js";
import { said } from "../support/said.js";

/** The problem of test/support/quadratic.ts. */
const quadratic = defineProblem({
  name: "quadratic",
  theta: () => f64(theta0),
  task: () => ({ A: f64(A.flat(), 3, 3), B: f64(B.flat(), 3, 2), b: f64(b), c: f64(c) }),
  init: () => np.array(phi0),
  inner: {
    loss: (theta, phi, task) =>
      np
        .dot(phi, np.dot(task.A, phi))
        .div(2)
        .sub(np.dot(phi, np.dot(task.B, theta).add(task.b))),
    rate,
    steps: 3,
  },
  outer: (theta, phi, task) =>
    np
      .square(phi.sub(task.c))
      .sum()
      .div(2)
      .add(
        np
          .square(theta)
          .sum()
          .mul(lambda / 2),
      ),
}) as unknown as Problem;

const options = { outer: sgd(0.1), outerSteps: 50, dtype: "float64" as const };
const stateOf = (checkpoint: Checkpoint) => checkpoint.estimator as unknown as Record<"x" | "v" | "step", { data: Float64Array }[]>;

describe("soba on a quadratic problem", () => {
  test.each([1, 3])("K = %i: θ, φ and v are the linear recursion's over 50 outer steps", async K => {
    let at: Iterate = { theta: theta0, phi: phi0, w: [0, 0, 0] };
    const run = solve(quadratic, { ...options, estimator: soba(K) });
    for await (const { index } of run) {
      at = next(at, 0.1, K);
      const { x, v, step } = stateOf(run.checkpoint());
      expect(distance(numbersOf(run.theta), at.theta)).toBeLessThan(1e-12);
      expect(distance([...x[0].data], at.phi)).toBeLessThan(1e-12);
      // v = w/α: it goes with the step's own Jacobian.
      expect(
        distance(
          [...v[0].data].map(y => y * rate),
          at.w,
        ),
      ).toBeLessThan(1e-12);
      expect(step[0].data[0]).toBe((index * K) % 3);
    }
    const { counts, peakStates } = await run.result();
    // The first v is zero and has no product.
    expect(counts).toEqual({ step: 50 * K, outer: 50 * K, product: 50 * K - 1 });
    expect(peakStates).toBe(1);
  });

  test("it converges to the closed form's θ, as fast as the recursion's spectral radius says, and not beyond its bounds", async () => {
    const radius = spectralRadius(iteration(0.1)),
      distances: number[] = [],
      run = solve(quadratic, { ...options, estimator: "soba", outerSteps: 700 });
    expect(radius).toBeLessThan(1);
    for await (const _ of run) distances.push(norm(plus(numbersOf(run.theta), solution(), -1)));
    expect(distances[699]).toBeLessThan(1e-11);
    expect(Math.abs((distances[300] / distances[100]) ** (1 / 200) - radius)).toBeLessThan(0.01);
    // The truncated inner loop has another stationary point: what soba finds is that of the solved inner problem.
    const ended = numbersOf((await solve(quadratic, { ...options, estimator: "exact", outerSteps: 400 }).result()).theta);
    expect(norm(plus(ended, solution(), -1))).toBeGreaterThan(1e-2);
    const tooLong = 1;
    expect(spectralRadius(iteration(tooLong))).toBeGreaterThan(1);
    const wild = await solve(quadratic, { ...options, estimator: "soba", outer: sgd(tooLong), outerSteps: 200 }).result();
    expect(norm(plus(numbersOf(wild.theta), solution(), -1))).toBeGreaterThan(1e3);
  });

  test("hypergradient is one evaluation from V(θ, T) and v = 0: ∂_θL_out(θ, φ₀)", async () => {
    const { gradient, loss } = await hypergradient(quadratic, { estimator: "soba", dtype: "float64" });
    expect(numbersOf(gradient)).toEqual(theta0.map(x => x * lambda));
    expect(loss).toBeCloseTo(norm(plus(phi0, c, -1)) ** 2 / 2 + (norm(theta0) ** 2 * lambda) / 2, 12);
  });
});

/** What `n` evaluations at one place learn. */
async function after(point: Point, estimator: Estimator, n: number) {
  let state = estimator.init(point.theta, point.compiled.steps);
  for (let i = 0; i < n; i++) {
    const seen = await estimateAt(point, estimator, estimator.draw(state, stream(1, "draw", i)));
    state = estimator.observe!(state, seen);
  }
  return state;
}

/** Heavy-ball momentum as the inner step: x has a velocity, and v one for it. */
const momentum = defineProblem({
  name: "momentum on a quadratic",
  theta: () => f64(theta0),
  task: () => ({ A: f64(A.flat(), 3, 3), B: f64(B.flat(), 3, 2), b: f64(b), c: f64(c) }),
  init: () => np.array(phi0),
  inner: {
    steps: 2000,
    state: (_, phi) => phi.mul(0),
    step: (theta, { phi, state }, task) => {
      const gradient = np.dot(task.A, phi).sub(np.dot(task.B, theta)).sub(task.b),
        velocity = state.mul(0.5).add(gradient.astype(np.float32));
      return { phi: phi.sub(velocity.mul(0.3)), state: velocity };
    },
  },
  outer: (_, phi, task) => np.square(phi.sub(task.c)).sum(),
}) as unknown as Problem;

describe("soba", () => {
  test("a step of one's own, with a state: at a fixed θ it comes to the exact gradient of the solved inner problem", async () => {
    const point = await pointOf(momentum),
      estimator = soba() as Estimator,
      state = await after(point, estimator, 300);
    expect(
      distance(await gradientAt(point, estimator, estimator.draw(state, stream(1, "draw"))), await gradientAt(point, exact())),
    ).toBeLessThan(1e-12);
  });

  test.each(["soba", "soba:3"])(
    "%s going on: the same numbers on all executors, recorded or not, and the work that is counted",
    async name => {
      const estimator = parseEstimator(name),
        K = name === "soba" ? 1 : 3,
        counting = countingExecutor(createWasmExecutor()),
        { problem } = everywhere,
        carried: Arrays[] = [];
      const gradients: HostTree[] = [];
      for (const executor of [
        createWasmExecutor(),
        counting,
        countingExecutor(createWasmExecutor(), { later: true }),
        createReferenceExecutor(),
      ]) {
        const point = await pointOf(problem, { executor }),
          choice = estimator.draw(await after(point, estimator, 4), stream(1, "draw"));
        counting.restart();
        const { gradient, carry, work, counts } = await estimateAt(point, estimator, choice),
          { compiled } = point;
        expect(counts).toEqual({ step: K, outer: K, product: K });
        if (executor === counting) expect(counting.runs.has(init.name)).toBe(false);
        expect(Math.abs(work.deterministic - K * (1 + compiled.work(outer) + compiled.work(pullback)))).toBeLessThan(1e-12);
        gradients.push(gradient);
        carried.push(carry);
      }
      for (const k of [1, 2]) {
        expect(bitsOf(gradients[k])).toBe(bitsOf(gradients[0]));
        expect(carried[k]).toEqual(carried[0]);
      }
      expect(distance(numbersOf(gradients[3]), numbersOf(gradients[0]))).toBeLessThan(1e-11);
    },
  );

  test("memory does not grow with K", async () => {
    const executor = countingExecutor(createWasmExecutor()),
      point = await pointOf(everywhere.problem, { executor }),
      peaks: number[][] = [];
    for (const K of [3, 8]) {
      const estimator = soba(K),
        found: number[] = [];
      for (const going of [0, 1]) {
        const choice = estimator.draw((await after(point, estimator, going)) as never, stream(1, "draw"));
        executor.restart();
        await estimateAt(point, estimator, choice);
        found.push(executor.peak() - executor.usage().buffers);
      }
      peaks.push(found);
    }
    expect(peaks[1]).toEqual(peaks[0]);
  });

  test("as UFOM's baseline it has gone on from earlier draws, and the mean is still the exact gradient", async () => {
    const point = await pointOf(everywhere.problem),
      estimator = parseEstimator("ufom:0.4:baseline=soba"),
      state = await after(point, estimator, 5),
      choices: readonly Choice[] = estimator.outcomes!(state),
      terms: [number, number[]][] = [];
    expect(choices.map(({ plan }) => (plan as { baseline: string }).baseline)).toEqual(["on", "on"]);
    for (const choice of choices) terms.push([choice.probability, await gradientAt(point, estimator, choice)]);
    expect(distance(weighted(terms), await gradientAt(point, exact()))).toBeLessThan(1e-12);
    expect(distance(terms[0][1], terms[1][1])).toBeGreaterThan(0.1);
  });

  test.each(["soba", "soba:2", "ufom:0.5:baseline=soba"])(
    "%s: stopped, saved in a file and resumed, a run has the same bits",
    async estimator => {
      for (const dtype of ["float32", "float64"] as const) {
        const settings = { ...options, dtype, estimator, outerSteps: 9 },
          thetas: string[] = [],
          saved: Checkpoint[] = [],
          run = solve(quadratic, settings);
        for await (const _ of run) {
          thetas.push(bitsOf(run.theta));
          saved.push(readState(writeState(run.checkpoint() as never), "a test") as unknown as Checkpoint);
        }
        expect(new Set(thetas).size).toBe(9);
        for (const at of [1, 5, 8]) {
          const again = solve(quadratic, { ...settings, resume: saved[at - 1] });
          for await (const { index } of again) expect(bitsOf(again.theta), `from ${at}, step ${index}`).toBe(thetas[index - 1]);
        }
      }
    },
  );

  test("where it makes no sense it says so", async () => {
    const drawn = defineProblem({
      theta: () => zeros(2),
      task: sampled(key => random.normal(key, [2])),
      init: () => np.zeros([2]),
      inner: { loss: (theta, phi, task) => np.square(phi.sub(task).sub(theta)).sum(), rate: 0.1, steps: 2 },
      outer: (_, phi) => np.square(phi).sum(),
    }) as unknown as Problem;
    const run = (problem: Problem, more = {}) => solve(problem, { ...options, estimator: "soba", ...more }).result();
    expect(
      await said({
        "several tasks at once": () => run(quadratic, { metaBatch: 2 }),
        "a task that changes": () => run(ridge.problem),
        "tasks that a program draws": () => run(drawn),
        "inside UFOM": () => run(ridge.problem, { estimator: "ufom:0.5:baseline=soba", metaBatch: 3 }),
        "θ in the start only": () => hypergradient(initialization.problem, { estimator: "soba" }),
        "no inner steps": () => hypergradient(noSteps.problem, { estimator: "soba" }),
        "no updates": () => soba(0),
        "half an update": () => parseEstimator("soba:0.5"),
        "updates left out": () => parseEstimator("soba:"),
        "the same task again, as another object": () => run(quadratic),
        "others mind neither": () => run(ridge.problem, { metaBatch: 2, estimator: "exact", outerSteps: 2 }),
      }),
    ).toMatchInlineSnapshot(`
      {
        "a task that changes": "ufom: soba goes on from where it left its one inner problem, so it needs the same task at every outer step; received a task with other numbers than the first.",
        "half an update": "ufom: soba takes a whole number of updates of at least 1; received "0.5".",
        "inside UFOM": "ufom: ufom:0.5:baseline=soba goes on from where it left its one inner problem, so it needs the same task at every outer step; received a meta-batch of 3.",
        "no inner steps": "ufom: soba needs at least one inner step; received 0.",
        "no updates": "ufom: soba takes a whole number of updates of at least 1; received 0.",
        "others mind neither": "accepted",
        "several tasks at once": "ufom: soba goes on from where it left its one inner problem, so it needs the same task at every outer step; received a meta-batch of 2.",
        "tasks that a program draws": "ufom: soba goes on from where it left its one inner problem, so it needs the same task at every outer step; received tasks that a program draws.",
        "the same task again, as another object": "accepted",
        "updates left out": "ufom: soba takes a whole number of updates of at least 1; received nothing.",
        "θ in the start only": "ufom: soba needs θ in the inner loss or step, through which it moves the solution of the inner problem; received a problem whose inner steps do not see θ (defineProblem, problems.ts:…).",
      }
    `);
  });

  test("the first outcome is the start, with nothing from the host; later ones bring φ, v and the step", () => {
    const estimator = soba() as Estimator;
    expect(outcomesOf(estimator, f64([1]))).toEqual([{ probability: 1, exact: true, plan: "start", arrays: {} }]);
  });
});
