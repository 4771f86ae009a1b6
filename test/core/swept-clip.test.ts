// inner.sweptClip against sweeps that are written by hand in plain numbers.
import { describe, expect, test } from "vitest";
import {
  createReferenceExecutor,
  createWasmExecutor,
  defineProblem,
  exact,
  f64,
  firstOrder,
  grad,
  hypergradient,
  np,
  optimizers,
  parseEstimator,
  reptile,
  sgd,
  solve,
  truncated,
  ufom,
  type Estimator,
  type Executor,
  type Problem,
} from "../../src/index.js";
import { countingExecutor } from "../support/counting-executor.js";
import { gradientAt, meanAt, pointOf } from "../support/estimates.js";
import { bitsOf, distance, numbersOf } from "../support/gradients.js";
import { namedMomentum } from "../support/named-optimizers.js";
import { everywhere, initialization, momentumInside, type Sample } from "../support/problems.js";
import { A, c } from "../support/quadratic.js";
import { inner } from "../support/bad-problems.js";
import { said } from "../support/said.js";

// So small that what comes back to a velocity is above it too.
const [rate, r, clip, beta] = [0.3, 7, 0.12, 0.6],
  start = [1, -2, 0.5],
  bias = [0.3, -0.1, 0.2];
const times = (v: readonly number[]) => A.map(row => row.reduce((sum, x, j) => sum + x * v[j], 0)),
  within = (v: readonly number[], bound: number) => v.map(x => Math.max(-bound, Math.min(bound, x)));

/** L_in = ½ φᵀAφ − φᵀ bias and L_out = ½ ‖φ − c‖², with heavy ball (β = 0: gradient descent); the sweep goes back `depth` steps. */
function byHand(momentum: number, bound: number, depth = r): number[] {
  let [phi, m] = [start, [0, 0, 0]];
  for (let j = 0; j < r; j++) {
    const g = times(phi).map((x, i) => x - bias[i]);
    m = m.map((x, i) => momentum * x + g[i]);
    phi = phi.map((x, i) => x - rate * m[i]);
  }
  let [u, v, gBias] = [phi.map((x, i) => x - c[i]), [0, 0, 0], [0, 0, 0]];
  for (let j = r; j > r - depth; j--) {
    // What reaches the velocity of this step: from φ_j, and from the velocity of the next.
    const w = v.map((x, i) => x - rate * u[i]),
      through = times(w);
    gBias = gBias.map((x, i) => x - w[i]);
    u = within(
      u.map((x, i) => x + through[i]),
      bound,
    );
    v = w.map(x => momentum * x);
  }
  return [...gBias, ...u];
}

const quadratic = (innerLoop: object, sweptClip: number | undefined = clip) =>
  defineProblem({
    theta: () => ({ bias: f64(bias), start: f64(start) }),
    task: () => ({ A: f64(A.flat(), 3, 3), c: f64(c) }),
    init: (theta: { start: unknown }) => theta.start,
    inner: { steps: r, ...(sweptClip === undefined ? {} : { sweptClip }), ...innerLoop },
    outer: (_: unknown, phi: never, task: { c: never }) => np.square(np.subtract(phi, task.c)).sum().div(2),
  } as never) as unknown as Problem;
const loss = (theta: { bias: never }, phi: ReturnType<typeof np.zeros>, task: { A: never }) =>
  np.dot(phi, np.dot(task.A, phi)).div(2).sub(np.dot(theta.bias, phi));
const gradientIn = (theta: never, phi: never, task: never) => grad((p: never) => loss(theta, p, task))(phi) as ReturnType<typeof np.zeros>;

type Step = { phi: ReturnType<typeof np.zeros>; state: { m: ReturnType<typeof np.zeros> } };
const loops: readonly (readonly [name: string, momentum: number, loop: object])[] = [
  ["gradient descent", 0, { loss, rate }],
  ["gradient descent with a rate for each number", 0, { loss, rate: () => np.full([3], rate) }],
  ["sgd by its name", 0, { loss, optimizer: optimizers.sgd({ rate }) }],
  ["momentum by its name", beta, { loss, optimizer: optimizers.momentum({ rate, momentum: beta }) }],
  [
    "a step of one's own, whose state is not clipped",
    beta,
    {
      state: (_: never, phi: never) => ({ m: np.multiply(phi, 0) }),
      step: (theta: never, { phi, state }: Step, task: never) => {
        const m = state.m.mul(beta).add(gradientIn(theta, phi as never, task));
        return { phi: phi.sub(m.mul(rate)), state: { m } };
      },
    },
  ],
];

const found = async (problem: Problem, options: { readonly executor: Executor; readonly estimator?: Estimator }) =>
  numbersOf((await hypergradient(problem, { dtype: "float64", ...options })).gradient);

describe("u is kept within ±c after every product of the sweep, as by hand in float64", () => {
  test.each(loops)("%s", async (_, momentum, loop) => {
    expect(distance(byHand(momentum, clip), byHand(momentum, Infinity))).toBeGreaterThan(0.1);
    for (const executor of [createReferenceExecutor(), createWasmExecutor()]) {
      expect(distance(await found(quadratic(loop), { executor }), byHand(momentum, clip))).toBeLessThan(1e-14);
      for (const depth of [1, 3])
        expect(
          distance(await found(quadratic(loop), { executor, estimator: truncated(depth) }), byHand(momentum, clip, depth)),
        ).toBeLessThan(1e-14);
    }
  });

  test("a number that is none stays none", async () => {
    const nowhere = defineProblem({
      theta: () => f64([-1]),
      task: () => ({}),
      init: theta => theta,
      inner: { loss: (_, phi) => np.square(phi).sum(), rate: 0.1, steps: 2, sweptClip: 1 },
      outer: (_, phi) => np.sqrt(phi).sum(),
    }) as unknown as Problem;
    for (const executor of [createReferenceExecutor(), createWasmExecutor()]) expect((await found(nowhere, { executor }))[0]).toBeNaN();
  });
});

/** A sample whose sweep is clipped, at less than some numbers of u are. */
const clipped = ({ spec }: Sample, sweptClip: number): Problem => defineProblem({ ...spec, inner: { ...spec.inner, sweptClip } } as never);
const samples = [
  [everywhere, "float64"],
  [momentumInside, "float32"],
  [namedMomentum, "float64"],
] as const;

describe.each(samples.map(([sample, dtype]) => ({ name: sample.name, sample, dtype })))("$name, $dtype", ({ sample, dtype }) => {
  const problem = clipped(sample, 0.02),
    seed = { seed: 2, innerSteps: 6, dtype };

  test("all memory strategies give the same bits, recorded or not; residuals the same to rounding", async () => {
    const first = await hypergradient(problem, seed),
      free = await hypergradient(sample.problem, seed);
    expect(distance(numbersOf(first.gradient), numbersOf(free.gradient))).toBeGreaterThan(1e-3);
    for (const name of ["recompute", "checkpoint=1", "checkpoint=3"]) {
      const { gradient } = await hypergradient(problem, { ...seed, estimator: `exact:${name}` });
      expect(bitsOf(gradient), name).toBe(bitsOf(first.gradient));
    }
    const later = countingExecutor(createWasmExecutor(), { later: true });
    expect(bitsOf((await hypergradient(problem, { ...seed, executor: later })).gradient)).toBe(bitsOf(first.gradient));
    const { gradient } = await hypergradient(problem, { ...seed, estimator: "exact:residuals" });
    expect(distance(numbersOf(gradient), numbersOf(first.gradient))).toBeLessThan(dtype === "float32" ? 1e-5 : 1e-13);
  });

  test("UFOM's mean is that of the clipped sweep, with first-order left as it is", async () => {
    const point = await pointOf(problem),
      free = await pointOf(sample.problem);
    for (const estimator of [ufom(0.3), ufom(0.3, { target: truncated(2), baseline: truncated(1) })]) {
      const target = estimator.name.includes("target") ? truncated(2) : exact();
      expect(distance(await meanAt(point, estimator), await gradientAt(point, target))).toBeLessThan(1e-13);
    }
    for (const estimator of [firstOrder(), firstOrder({ mixed: true }), reptile()]) {
      try {
        estimator.check?.(point.compiled);
      } catch {
        continue;
      }
      expect(await gradientAt(point, estimator)).toEqual(await gradientAt(free, estimator));
    }
  });

  test("a bound that nothing reaches changes no bit", async () => {
    const { gradient } = await hypergradient(clipped(sample, 1e6), seed);
    expect(bitsOf(gradient)).toBe(bitsOf((await hypergradient(sample.problem, seed)).gradient));
  });
});

describe("what is told and refused", () => {
  test("problem.notes says that it is on", () => {
    expect(clipped(initialization, 20).notes()[0]).toBe(
      "inner.sweptClip keeps each number of u within ±20 on the way back: exact gradients, and what UFOM is unbiased for, are those of the clipped sweep, no gradient of M.",
    );
    expect(initialization.problem.notes("float64")).toEqual([]);
  });

  test("a bound that is none, and estimators that sweep nothing back", async () => {
    const at = (estimator: string, sample = everywhere) => {
      const problem = clipped(sample, 0.5);
      return () => hypergradient(problem, { estimator });
    };
    expect(
      await said({
        zero: () => inner({ sweptClip: 0 }),
        negative: () => inner({ sweptClip: -1 }),
        infinite: () => inner({ sweptClip: Infinity }),
        "no number": () => inner({ sweptClip: NaN }),
        "a text": () => inner({ sweptClip: "0.1" }),
        forward: at("forward"),
        implicit: at("implicit:cg=3"),
        "implicit, by a series": at("implicit:neumann=3"),
        "evolution strategies": at("es:2"),
        "a single loop": at("soba"),
        "a part of UFOM": at("ufom:0.5:target=forward"),
      }),
    ).toMatchInlineSnapshot(`
      {
        "a part of UFOM": "ufom: forward has no sweep whose u could be clipped, and would estimate another gradient than exact does here (exact, truncated and ufom of these clip); received a problem with inner.sweptClip: 0.5 (defineProblem, swept-clip.test.ts:…).",
        "a single loop": "ufom: soba has no sweep whose u could be clipped, and would estimate another gradient than exact does here (exact, truncated and ufom of these clip); received a problem with inner.sweptClip: 0.5 (defineProblem, swept-clip.test.ts:…).",
        "a text": "ufom: defineProblem needs inner.sweptClip to be a finite number above 0; received "0.1" (defineProblem, bad-problems.ts:…).",
        "evolution strategies": "ufom: es has no sweep whose u could be clipped, and would estimate another gradient than exact does here (exact, truncated and ufom of these clip); received a problem with inner.sweptClip: 0.5 (defineProblem, swept-clip.test.ts:…).",
        "forward": "ufom: forward has no sweep whose u could be clipped, and would estimate another gradient than exact does here (exact, truncated and ufom of these clip); received a problem with inner.sweptClip: 0.5 (defineProblem, swept-clip.test.ts:…).",
        "implicit": "ufom: implicit has no sweep whose u could be clipped, and would estimate another gradient than exact does here (exact, truncated and ufom of these clip); received a problem with inner.sweptClip: 0.5 (defineProblem, swept-clip.test.ts:…).",
        "implicit, by a series": "ufom: implicit has no sweep whose u could be clipped, and would estimate another gradient than exact does here (exact, truncated and ufom of these clip); received a problem with inner.sweptClip: 0.5 (defineProblem, swept-clip.test.ts:…).",
        "infinite": "ufom: defineProblem needs inner.sweptClip to be a finite number above 0; received Infinity (defineProblem, bad-problems.ts:…).",
        "negative": "ufom: defineProblem needs inner.sweptClip to be a finite number above 0; received -1 (defineProblem, bad-problems.ts:…).",
        "no number": "ufom: defineProblem needs inner.sweptClip to be a finite number above 0; received NaN (defineProblem, bad-problems.ts:…).",
        "zero": "ufom: defineProblem needs inner.sweptClip to be a finite number above 0; received 0 (defineProblem, bad-problems.ts:…).",
      }
    `);
  });

  test("a run does not go on with another bound, or without", async () => {
    const options = { estimator: parseEstimator("exact"), outer: sgd(0.1), outerSteps: 2 },
      run = solve(clipped(initialization, 0.5), options);
    await run.result();
    const resume = run.checkpoint();
    for (const other of [initialization.problem, clipped(initialization, 0.25)])
      await expect(solve(other, { ...options, outerSteps: 3, resume }).result()).rejects.toThrow(/^ufom: /);
    expect((await solve(clipped(initialization, 0.5), { ...options, outerSteps: 3, resume }).result()).outerSteps).toBe(3);
  });
});
