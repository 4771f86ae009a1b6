import { describe, expect, test } from "vitest";
import {
  createReferenceExecutor,
  createWasmExecutor,
  defineProblem,
  exact,
  f64,
  implicit,
  np,
  parseEstimator,
  sgd,
  solve,
  type Estimate,
  type Problem,
} from "../../src/index.js";
import { countingExecutor } from "../support/counting-executor.js";
import { estimateAt, gradientAt, pointOf, type PointOptions } from "../support/estimates.js";
import { logistic, logisticMomentum, logisticRates, quadratic } from "../support/fixed-points.js";
import { bitsOf, distance, norm, numbersOf } from "../support/gradients.js";
import { arrayRates, everywhere, initialization, momentumInside, noSteps, ridge, samples } from "../support/problems.js";
import { ridgeInTheLimit, type RidgeData } from "../support/ridge.js";

const told = ({ carry }: Estimate): Record<string, number> =>
  Object.fromEntries(Object.entries(carry).map(([name, [array]]) => [name, Number(array.data[0])]));
const at = async (problem: Problem, spelling: string, options?: PointOptions) =>
  estimateAt(await pointOf(problem, options), parseEstimator(spelling));

describe("at a fixed point implicit differentiation is exact", () => {
  test("ridge regression: the normal equations' implicit derivative, by cg in 4 iterations for 4 weights", async () => {
    for (const seed of [1, 2, 3]) {
      const point = await pointOf(ridge.problem, { innerSteps: 4000, seed }),
        expected = ridgeInTheLimit(point.task as unknown as RidgeData, numbersOf(point.theta)).gradient,
        after = async (spelling: string) => distance(await gradientAt(point, parseEstimator(spelling)), expected);
      expect(await after("implicit:cg=4")).toBeLessThan(1e-12);
      expect(await after("implicit:cg=2")).toBeGreaterThan(1e-6);
      expect(await after("implicit:neumann=1000")).toBeLessThan(1e-9);
      expect(distance(await gradientAt(point, exact()), expected)).toBeLessThan(1e-9);
    }
  });

  test.each([
    // Iterations for n numbers of x: n by symmetric systems; rounding takes some more on the normal equations.
    ["one rate", logistic, 4, 4],
    ["a rate an array, not symmetric", logisticRates, 8, 8],
    ["momentum, not symmetric, with a state", logisticMomentum, 12, 24],
  ] as const)("logistic regression, %s", async (_, problem, iterations, products) => {
    for (const seed of [1, 2, 3]) {
      const point = await pointOf(problem, { seed }),
        expected = await gradientAt(point, exact()),
        cg = await estimateAt(point, implicit({ solver: "cg", iterations })),
        neumann = await gradientAt(point, implicit({ solver: "neumann", iterations: 2000 }));
      expect(distance(numbersOf(cg.gradient), expected)).toBeLessThan(1e-9);
      expect(distance(neumann, expected)).toBeLessThan(1e-9);
      expect(cg.counts.product).toBe(point.compiled.programs.symmetricStep ? products : 2 * iterations);
      expect(cg.counts).toMatchObject({ step: 2000, outer: 1 });
      expect(cg.peakStates).toBe(1);
    }
  });

  test("the step's form says whether its Jacobian is symmetric", async () => {
    const symmetric = async (problem: Problem) => (await pointOf(problem)).compiled.programs.symmetricStep;
    for (const { name, problem } of samples)
      expect(await symmetric(problem), name).toBe(![arrayRates, momentumInside].some(s => s.problem === problem) && name !== "Adam inside");
  });

  test("the start has no part in it: a leaf of θ that only V sees has no gradient", async () => {
    const { gradient } = await at(everywhere.problem, "implicit:cg=5"),
      { start, weight } = gradient as { start: object; weight: object };
    expect(norm(numbersOf(start as never))).toBe(0);
    expect(norm(numbersOf(weight as never))).toBeGreaterThan(0);
  });
});

describe("rates of convergence", () => {
  const curvatures = [0.02, 0.1, 0.3, 0.5, 0.7, 1, 1.3, 1.9],
    slopes = curvatures.map((_, i) => Math.cos(3 * i)),
    problem = quadratic({ curvatures, rate: 0.5, slopes });

  test("cg: the residual stays below 2√κ ((√κ − 1)/(√κ + 1))^k, and n iterations are exact", async () => {
    const kappa = 1.9 / 0.02,
      factor = (Math.sqrt(kappa) - 1) / (Math.sqrt(kappa) + 1);
    for (let k = 1; k <= 8; k++) {
      const { residual, iterations, curvature, stopped } = told(await at(problem, `implicit:cg=${k}`));
      expect(residual).toBeLessThan(k < 8 ? 2 * Math.sqrt(kappa) * factor ** k : 1e-9);
      if (k < 8) expect([residual > 1e-9, stopped]).toEqual([true, 0]);
      expect(iterations).toBe(k);
      expect(curvature).toBeGreaterThanOrEqual(0.5 * 0.02 * (1 - 1e-12));
      expect(curvature).toBeLessThan(0.5 * 1.9);
    }
    expect(distance(await gradientAt(await pointOf(problem), parseEstimator("implicit:cg=8")), slopes)).toBeLessThan(1e-11);
  });

  test("cg: as many iterations as there are different curvatures, however many numbers", async () => {
    const few = quadratic({
        curvatures: Array.from({ length: 60 }, (_, i) => [0.1, 0.5, 1][i % 3]),
        rate: 1,
        slopes: Array(60).fill(1) as number[],
      }),
      { iterations, residual, stopped } = told(await at(few, "implicit:cg=40"));
    expect([iterations, stopped]).toEqual([3, 1]);
    expect(residual).toBeLessThan(1e-15);
  });

  test("neumann: terms and gradient in closed form, the error falls by 1 − αd an iteration", async () => {
    for (const k of [1, 2, 7, 40]) {
      const estimate = await at(problem, `implicit:neumann=${k}`),
        factors = curvatures.map(d => 1 - 0.5 * d),
        terms = (power: number) => norm(factors.map((f, i) => f ** power * slopes[i])),
        { residual, contraction, iterations } = told(estimate);
      expect(
        distance(
          numbersOf(estimate.gradient),
          factors.map((f, i) => slopes[i] * (1 - f ** k)),
        ),
      ).toBeLessThan(1e-13);
      expect(residual).toBeCloseTo(terms(k) / norm(slopes), 13);
      expect(contraction).toBeCloseTo(terms(k) / terms(k - 1), 12);
      expect(iterations).toBe(k);
    }
  });
});

describe("what the solve meets", () => {
  test("solved from the start: no iteration, no NaN", async () => {
    const still = quadratic({ curvatures: [1, 2], rate: 0.1, slopes: [0, 0] });
    for (const spelling of ["implicit:cg=3", "implicit:neumann=3", "implicit:cg=3:tolerance=0"]) {
      const estimate = await at(still, spelling);
      expect(numbersOf(estimate.gradient)).toEqual([0, 0]);
      expect(told(estimate)).toMatchObject({ iterations: 0, residual: 0, stopped: 1 });
    }
  });

  test.each(["float32", "float64"] as const)("iterations after the solution change no bit (%s)", async dtype => {
    for (const problem of [ridge.problem, logisticMomentum]) {
      const [some, many] = [
        await at(problem, "implicit:cg=40", { dtype, innerSteps: 300 }),
        await at(problem, "implicit:cg=400", { dtype, innerSteps: 300 }),
      ];
      expect(bitsOf(many.gradient)).toBe(bitsOf(some.gradient));
      expect(told(many)).toEqual(told(some));
      expect(told(many).stopped).toBe(1);
      expect(numbersOf(many.gradient).every(Number.isFinite)).toBe(true);
    }
  });

  test("cg stops at a direction of negative curvature, or of none, keeps what it has and tells", async () => {
    // u is such a direction itself: nothing was solved.
    const first = await at(quadratic({ curvatures: [1, -2], rate: 0.1, slopes: [1, 1] }), "implicit:cg=9");
    expect(numbersOf(first.gradient)).toEqual([0, 0]);
    expect(told(first)).toMatchObject({ iterations: 1, residual: 1, stopped: 1 });
    expect(told(first).curvature).toBeCloseTo(-0.05, 15);
    // The second direction is: what the first gave stays.
    const second = await at(quadratic({ curvatures: [1, -2], rate: 0.1, slopes: [3, 1] }), "implicit:cg=9"),
      one = await at(quadratic({ curvatures: [1, -2], rate: 0.1, slopes: [3, 1] }), "implicit:cg=1");
    expect(bitsOf(second.gradient)).toBe(bitsOf(one.gradient));
    expect(told(second).iterations).toBe(2);
    expect(told(second).curvature).toBeLessThan(0);
    expect(told(one).curvature).toBeGreaterThan(0);
    // Flat: L_in does not see φ₂, u does.
    const flat = await at(quadratic({ curvatures: [1, 0], rate: 0.1, slopes: [1, 1] }), "implicit:cg=9");
    expect(numbersOf(flat.gradient).every(Number.isFinite)).toBe(true);
    expect(told(flat).stopped).toBe(1);
    expect(told(flat).curvature).toBeLessThan(1e-15);
    expect(told(flat).residual).toBeGreaterThan(0.5);
    // Where L_out does not see it either, it does no harm.
    const unseen = await at(quadratic({ curvatures: [1, 0], rate: 0.1, slopes: [1, 0] }), "implicit:cg=9");
    expect(numbersOf(unseen.gradient)).toEqual([1, 0]);
    expect(told(unseen)).toMatchObject({ iterations: 1, residual: 0, curvature: 0.1 });
  });

  test("a Neumann series that diverges tells its contraction and its residual", async () => {
    const { contraction, residual } = told(await at(quadratic({ curvatures: [1, -2], rate: 0.1, slopes: [1, 1] }), "implicit:neumann=60"));
    expect(contraction).toBeCloseTo(1.2, 6);
    expect(residual).toBeGreaterThan(1e4);
  });

  test("a number that is none is not hidden", async () => {
    const broken = defineProblem({
      theta: () => f64([1, 2]),
      task: () => ({}),
      init: () => np.zeros([2]),
      inner: { loss: (theta, phi) => np.square(phi.sub(theta)).sum(), rate: 0.1, steps: 3 },
      // √0 at the start of a slope of ∞ · 0.
      outer: (_, phi) => np.sqrt(np.square(phi.mul(0)).sum()),
    }) as unknown as Problem;
    for (const spelling of ["implicit:cg=3", "implicit:neumann=3", "implicit:cg=3:tolerance=0.1"])
      expect(numbersOf((await at(broken, spelling)).gradient).every(Number.isNaN), spelling).toBe(true);
  });

  test("what makes no sense is refused", async () => {
    for (const spelling of ["implicit:cg=3", "implicit:neumann=3"]) {
      const check = async (problem: Problem) => {
        const { compiled } = await pointOf(problem);
        parseEstimator(spelling).check!(compiled);
      };
      await expect(check(noSteps.problem)).rejects.toThrow(
        "ufom: implicit needs at least one inner step, which is what has a fixed point; received 0 inner steps.",
      );
      await expect(check(initialization.problem)).rejects.toThrow(
        /^ufom: implicit needs θ in the inner steps, as a fixed point does not depend on the start; received a problem whose inner steps do not see θ/,
      );
    }
    expect(() => implicit({ solver: "lu" as never, iterations: 1 })).toThrow('takes cg or neumann as its solver; received "lu".');
    expect(() => implicit({ solver: "cg", iterations: 0 })).toThrow("takes a whole number of iterations of at least 1; received 0.");
    expect(() => implicit({ solver: "cg", iterations: 1, tolerance: 1 })).toThrow("takes a tolerance in [0, 1); received 1.");
    expect(() => parseEstimator("implicit:5")).toThrow(
      "is spelled implicit:cg=K or implicit:neumann=K, and :tolerance=T after it if wanted",
    );
  });
});

describe("a tolerance", () => {
  test("stops when two iterations in a row changed the hypergradient by no more, whatever there was room for", async () => {
    const point = await pointOf(ridge.problem, { innerSteps: 1000 }),
      expected = await gradientAt(point, parseEstimator("implicit:cg=8"));
    for (const solver of ["cg", "neumann"]) {
      let before = 0;
      for (const tolerance of [1e-1, 1e-3, 1e-5]) {
        const spelled = (k: number) => parseEstimator(`implicit:${solver}=${k}:tolerance=${tolerance}`),
          estimate = await estimateAt(point, spelled(400)),
          { iterations, stopped } = told(estimate);
        expect(stopped).toBe(1);
        expect(iterations).toBeGreaterThanOrEqual(before);
        // What is left is the change times c/(1 − c) at most: the contraction is 0.94 here.
        expect(distance(numbersOf(estimate.gradient), expected)).toBeLessThan(20 * tolerance);
        // The same bits with just enough iterations, and one fewer does not stop.
        expect(bitsOf((await estimateAt(point, spelled(iterations))).gradient)).toBe(bitsOf(estimate.gradient));
        expect(told(await estimateAt(point, spelled(iterations - 1))).stopped).toBe(0);
        if (told(estimate).residual > 1e-12) {
          // Not by a solution: each of the last two iterations changed it by no more than that.
          const gradients = [];
          for (const k of [iterations - 2, iterations - 1, iterations])
            gradients.push(await gradientAt(point, parseEstimator(`implicit:${solver}=${k}`)));
          for (const i of [1, 2]) expect(distance(gradients[i - 1], gradients[i])).toBeLessThan(tolerance * (1 + 1e-9));
        }
        before = iterations;
      }
      expect(before).toBeGreaterThan(3);
    }
  });

  test("half the iterations after 20 evaluations that needed no more; twice as many when they run out", () => {
    const estimator = implicit({ solver: "cg", iterations: 10, tolerance: 1e-3 }),
      seen = (state: ReturnType<typeof estimator.init>, used: number, stopped = 1) => {
        const one = (x: number) => [{ shape: [], dtype: "int32", data: Int32Array.of(x) }] as const;
        return estimator.observe!(state, {
          choice: estimator.draw(state, undefined as never),
          carry: { iterations: one(used), stopped: one(stopped) },
          work: { deterministic: 1, random: 0 },
          seconds: { deterministic: 1, random: 0 },
          steps: 1,
        });
      },
      planned = (state: ReturnType<typeof estimator.init>) => estimator.draw(state, undefined as never).plan.iterations;
    let state = estimator.init({ shape: [], dtype: "float64", data: Float64Array.of(0) }, 1);
    expect(planned(state)).toBe(10);
    for (let i = 0; i < 19; i++) state = seen(state, 2);
    expect(planned(state)).toBe(10);
    expect(planned(seen(state, 6))).toBe(10);
    expect(seen(state, 6)).toEqual({ halvings: 0, enough: 0 });
    const halved = seen(state, 2);
    expect(planned(halved)).toBe(5);
    expect(planned(seen(halved, 5, 0))).toBe(10);
    expect(planned(seen(halved, 5))).toBe(5);
    // A task of the same batch, drawn when there were ten, needed eight.
    expect(planned(seen(halved, 8))).toBe(10);
    let least = halved;
    for (let i = 0; i < 200; i++) least = seen(least, 1);
    expect(planned(least)).toBe(1);
    expect(seen(least, 1)).toEqual(least);
    expect(planned(seen(least, 1, 0))).toBe(2);
  });

  test("a run comes to need fewer products, and a resumed one goes on with as many", async () => {
    const options = { estimator: "implicit:cg=32:tolerance=1e-3", outer: sgd(0.05), innerSteps: 60, dtype: "float64" } as const,
      products = async (outerSteps: number) => (await solve(ridge.problem, { ...options, outerSteps }).result()).counts.product;
    // 20 steps with 32, 20 with 16, 20 with 8: four numbers need four, and one more to see it.
    expect(await products(20)).toBe(20 * 32);
    expect(await products(40)).toBe(20 * 32 + 20 * 16);
    expect(await products(60)).toBe(20 * (32 + 16 + 8));
    // Resumed in the midst of it, it has the same numbers and counts.
    const first = solve(ridge.problem, { ...options, outerSteps: 30 }),
      whole = await solve(ridge.problem, { ...options, outerSteps: 45 }).result();
    await first.result();
    const rest = await solve(ridge.problem, { ...options, outerSteps: 45, resume: first.checkpoint() }).result();
    expect(bitsOf(rest.theta)).toBe(bitsOf(whole.theta));
    expect(rest.counts).toEqual(whole.counts);
  });
});

test("a loop too long for a routine is run call by call; at the fixed point, after 1,700 steps as after 17,000, the reference executor agrees", async () => {
  const innerSteps = 17_000,
    [a, b, c] = [
      await at(ridge.problem, "implicit:cg=6", { innerSteps }),
      await at(ridge.problem, "implicit:cg=6", { innerSteps, executor: countingExecutor(createWasmExecutor()) }),
      await at(ridge.problem, "implicit:cg=6", { innerSteps: 1700, executor: createReferenceExecutor() }),
    ];
  expect(bitsOf(a.gradient)).toBe(bitsOf(b.gradient));
  expect(distance(numbersOf(c.gradient), numbersOf(a.gradient))).toBeLessThan(1e-11);
});
