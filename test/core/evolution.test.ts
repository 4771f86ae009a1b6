import { describe, expect, test } from "vitest";
import {
  createReferenceExecutor,
  createWasmExecutor,
  defineProblem,
  evolutionStrategies,
  exact,
  f64,
  np,
  parseEstimator,
  random,
  stream,
  type Estimator,
  type Problem,
} from "../../src/index.js";
import { recording } from "../../src/core/batch/recordings.js";
import { trace } from "../../src/tensor/trace.js";
import type { HostArray } from "../../src/tensor/types.js";
import type { Value } from "../../src/tensor/value.js";
import { batchAt, meanOfEstimates } from "../support/batches.js";
import { countingExecutor } from "../support/counting-executor.js";
import { estimateAt, gradientAt, pointOf } from "../support/estimates.js";
import { bitsOf, distance, norm, numbersOf } from "../support/gradients.js";
import { everywhere } from "../support/problems.js";
import { said } from "../support/said.js";

/** θ starts a linear inner loop, so M is quadratic: two arrays, five numbers. */
const quadratic = defineProblem({
  name: "quadratic",
  theta: () => ({ a: f64([0.7, -1.2, 0.4]), b: f64([1.5, -0.3]) }),
  task: () => ({ curvature: f64([0.5, 1, 2]), target: f64([1, -1, 2]) }),
  init: theta => theta,
  inner: {
    loss: (_, { a, b }, task) => task.curvature.mul(np.square(a)).sum().add(np.square(b).sum()).add(a.sum().mul(b.sum()).mul(0.2)),
    rate: 0.1,
    steps: 4,
  },
  outer: (_, { a, b }, task) =>
    np
      .square(a.sub(task.target))
      .sum()
      .add(np.square(b.sub(1)).sum()),
}) as unknown as Problem;

const rate = 0.3,
  steps = 5;
/** θ starts a loop down 1 − cos φ. */
const waves = defineProblem({
  name: "waves",
  theta: () => f64([0.8]),
  task: () => ({}),
  init: theta => theta,
  inner: { loss: (_, phi) => np.cos(phi).sum().neg(), rate, steps },
  outer: (_, phi) => np.sin(phi.mul(3)).sum(),
}) as unknown as Problem;
function wavesAt(theta: number): number {
  let phi = theta;
  for (let j = 0; j < steps; j++) phi -= rate * Math.sin(phi);
  return Math.sin(3 * phi);
}

/** Gradients of independent draws. */
async function draws(problem: Problem, estimator: Estimator, n: number): Promise<number[][]> {
  const point = await pointOf(problem),
    state = estimator.init(point.theta, point.compiled.steps),
    found: number[][] = [];
  for (let i = 0; i < n; i++) found.push(await gradientAt(point, estimator, estimator.draw(state, stream(3, "draw", i))));
  return found;
}

/** How far the mean of samples is from a number, in standard errors. */
function standardErrors(samples: readonly number[], expected: number): number {
  const n = samples.length,
    mean = samples.reduce((sum, x) => sum + x, 0) / n,
    variance = samples.reduce((sum, x) => sum + (x - mean) ** 2, 0) / (n - 1);
  return Math.abs(mean - expected) / Math.sqrt(variance / n);
}

/** The direction of a leaf in a pair, by the tensor language. */
async function directionOf(key: HostArray, pair: number, leaf: number, shape: readonly number[]): Promise<number[]> {
  const executor = createReferenceExecutor(),
    { program } = trace((k: Value) => random.normal(random.foldIn(random.foldIn(k, pair), leaf), shape), [key], "float64"),
    [found] = await (await executor.compile(program)).run([executor.upload(key)]);
  return [...(await executor.read(found)).data];
}

describe("evolution strategies", () => {
  test.each([1, 3])("N = %i: the formula, number by number, and the mean of the 2N losses", async pairs => {
    const sigma = 0.2,
      estimator = evolutionStrategies(pairs, { sigma }),
      point = await pointOf(waves),
      choice = estimator.draw(null, stream(5, "draw")),
      { gradient, loss, counts, peakStates } = await estimateAt(point, estimator, choice);
    let [g, l] = [0, 0];
    for (let i = 0; i < pairs; i++) {
      const [e] = await directionOf(choice.arrays.key[0], i, 0, [1]),
        [plus, minus] = [wavesAt(0.8 + sigma * e), wavesAt(0.8 - sigma * e)];
      g += ((plus - minus) * e) / (2 * sigma * pairs);
      l += (plus + minus) / (2 * pairs);
    }
    expect(distance(numbersOf(gradient), [g])).toBeLessThan(1e-12);
    expect(Math.abs(loss - l)).toBeLessThan(1e-14);
    expect({ counts, peakStates }).toEqual({ counts: { step: 2 * pairs * steps, product: 0, outer: 2 * pairs }, peakStates: 1 });
  });

  test("every array of θ and every pair has numbers of its own", async () => {
    const [one] = await draws(quadratic, evolutionStrategies(1), 1),
      [two] = await draws(quadratic, evolutionStrategies(2), 1);
    // One direction for both pairs would give the same gradient again, and one for both arrays proportional parts.
    expect(distance(two, one)).toBeGreaterThan(0.1);
    expect(Math.abs(one[0] / one[3] - one[1] / one[4])).toBeGreaterThan(1e-3);
  });

  test.each([1, 3])("N = %i, a quadratic M: the exact gradient in the mean, with the variance (‖g‖² + g_i²)/N", async pairs => {
    const g = await gradientAt(await pointOf(quadratic), exact()),
      samples = await draws(quadratic, evolutionStrategies(pairs, { sigma: 0.5 }), 3000);
    for (const [k, x] of g.entries()) {
      const variance = (norm(g) ** 2 + x ** 2) / pairs;
      const mean = samples.reduce((sum, sample) => sum + sample[k], 0) / samples.length;
      expect(Math.abs(mean - x) / Math.sqrt(variance / samples.length)).toBeLessThan(4);
      expect(
        standardErrors(
          samples.map(sample => (sample[k] - x) ** 2),
          variance,
        ),
      ).toBeLessThan(4);
    }
    // All coordinates together: (dim θ + 1) ‖g‖²/N.
    const squares = samples.map(sample => norm(sample.map((x, k) => x - g[k])) ** 2);
    expect(standardErrors(squares, ((g.length + 1) * norm(g) ** 2) / pairs)).toBeLessThan(4);
  });

  test("another M: the gradient of the smoothed objective in the mean, which is not its own", async () => {
    const sigma = 0.5,
      samples = (await draws(waves, evolutionStrategies(8, { sigma }), 4000)).map(([x]) => x);
    // ∫ M(θ + σε) ε/σ φ(ε) dε by the trapezoidal rule, whose error is beyond double precision for a smooth integrand that dies out.
    const h = 1 / 64;
    let smoothed = 0;
    for (let e = -10; e <= 10; e += h)
      smoothed += (((wavesAt(0.8 + sigma * e) * e) / sigma) * Math.exp((-e * e) / 2) * h) / Math.sqrt(2 * Math.PI);
    expect(standardErrors(samples, smoothed)).toBeLessThan(4);
    const [own] = await gradientAt(await pointOf(waves), exact());
    expect(standardErrors(samples, own)).toBeGreaterThan(10);
  });

  test("a meta-batch is one routine: the bits of the mean of single estimates, each with its draw", async () => {
    const { problem } = everywhere,
      estimator = evolutionStrategies(2) as Estimator;
    for (const dtype of ["float32", "float64"] as const) {
      const linked = await pointOf(problem, { dtype }),
        single = await pointOf(problem, { dtype, executor: countingExecutor(createWasmExecutor()) }),
        jobs = [];
      for (let i = 0; i < 3; i++) jobs.push({ task: await problem.task(1, 1, i), choice: estimator.draw(null, stream(1, "draw", 1, i)) });
      const estimates = [];
      for (const { task, choice } of jobs) estimates.push(await estimateAt({ ...linked, task }, estimator, choice));
      const expected = meanOfEstimates(estimates),
        choices = jobs.map(({ choice }) => choice);
      expect(await recording(linked.compiled, estimator, choices)).toBeDefined();
      expect(await recording(single.compiled, estimator, choices)).toBeUndefined();
      for (const { compiled, theta } of [linked, single]) {
        const mean = await batchAt(compiled, estimator, theta, jobs);
        expect(bitsOf(mean.gradient)).toBe(bitsOf(expected.gradient));
        expect([mean.loss, mean.counts]).toEqual([expected.loss, expected.counts]);
      }
    }
  });

  test("memory does not grow with N", async () => {
    const executor = countingExecutor(createWasmExecutor()),
      point = await pointOf(everywhere.problem, { executor }),
      peaks: number[] = [];
    for (const pairs of [2, 9]) {
      const estimator = evolutionStrategies(pairs);
      await estimateAt(point, estimator);
      executor.restart();
      await estimateAt(point, estimator);
      peaks.push(executor.peak() - executor.usage().buffers);
    }
    expect(peaks[1]).toBe(peaks[0]);
  });

  test("σ is in the name unless it is the usual one, and what makes no sense is refused", async () => {
    expect(
      [evolutionStrategies(8), evolutionStrategies(8, { sigma: 0.01 }), evolutionStrategies(2, { sigma: 1 })].map(e => e.name),
    ).toEqual(["es:8", "es:8", "es:2:sigma=1"]);
    expect(
      await said({
        "no pairs": () => evolutionStrategies(0),
        "half a pair": () => parseEstimator("es:0.5"),
        "no number": () => parseEstimator("es"),
        "sigma 0": () => parseEstimator("es:2:sigma=0"),
        "sigma no number": () => parseEstimator("es:2:sigma=x"),
        "another option": () => parseEstimator("es:2:store"),
        "sigma beyond all": () => evolutionStrategies(1, { sigma: Infinity }),
      }),
    ).toMatchInlineSnapshot(`
      {
        "another option": "ufom: es takes the option sigma; received "store".",
        "half a pair": "ufom: es takes a whole number of pairs of at least 1; received "0.5".",
        "no number": "ufom: es takes a whole number of pairs of at least 1; received nothing.",
        "no pairs": "ufom: es takes a whole number of pairs of at least 1; received 0.",
        "sigma 0": "ufom: es takes a sigma above 0; received 0.",
        "sigma beyond all": "ufom: es takes a sigma above 0; received Infinity.",
        "sigma no number": "ufom: es takes a sigma above 0; received NaN.",
      }
    `);
  });
});
