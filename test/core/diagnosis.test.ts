// What `diagnose` measures, beside dense algebra on a quadratic in float64, and what it refuses.
import { describe, expect, test } from "vitest";
import { median } from "../../src/core/diagnosis/clock.js";
import { innerProducts, kind } from "../../src/core/diagnosis/inner-products.js";
import { bestProbability } from "../../src/core/diagnosis/predict.js";
import { leastProducts, sampledSteps } from "../../src/core/diagnosis/along-loop.js";
import { tailOf } from "../../src/core/diagnosis/bootstrap.js";
import { stepsOfPoints } from "../../src/core/diagnosis/points.js";
import { Tasks } from "../../src/core/diagnosis/tasks.js";
import { defineProblem, diagnose, f64, np, optimalProbability, type DiagnoseOptions } from "../../src/index.js";
import { normal64 } from "../support/problems.js";

const rate = 0.15,
  steps = 6,
  curvatures = [0.3, 1.1, 2.4, 3.9],
  start = { a: [1.5, -0.7], b: [0.4, 2.1] };

/** φ₀ = θ, L_in = Σ h_i (φ_i − t_i)²/2 on task t, L_out = Σ (φ_i − s_i)²/2: everything is a product of numbers, coordinate by coordinate. */
const quadratic = defineProblem({
  theta: () => ({ a: f64(start.a), b: f64(start.b) }),
  task: random => ({ inner: normal64(random, [4]), outer: normal64(random, [4], 0.5, 1) }),
  init: theta => theta,
  inner: {
    loss: (_, phi, task) =>
      np
        .square(np.concatenate([phi.a, phi.b]).sub(task.inner))
        .mul(curvatures)
        .sum()
        .div(2),
    rate,
    steps,
  },
  outer: (_, phi, task) =>
    np
      .square(np.concatenate([phi.a, phi.b]).sub(task.outer))
      .sum()
      .div(2),
});

const sum = (xs: readonly number[]): number => xs.reduce((a, b) => a + b, 0);
const dot = (x: readonly number[], y: readonly number[]): number => sum(x.map((a, i) => a * y[i]));
const minus = (x: readonly number[], y: readonly number[]): number[] => x.map((a, i) => a - y[i]);
const mean = (xs: readonly number[]): number => sum(xs) / xs.length;
/** The mean of inner products over all pairs of different vectors. */
const pairs = (x: readonly (readonly number[])[], y: readonly (readonly number[])[]): number => {
  const n = x.length;
  let total = 0;
  for (let i = 0; i < n; i++) for (let k = 0; k < n; k++) if (i !== k) total += dot(x[i], y[k]);
  return total / (n * (n - 1));
};

/** The gradients of a task: exact, first-order, and truncated to the last K steps. */
function gradients({ inner, outer }: { inner: ArrayLike<number>; outer: ArrayLike<number> }, K: number) {
  const theta = [...start.a, ...start.b],
    decay = curvatures.map(h => 1 - rate * h),
    phi = theta.map((x, i) => inner[i] + decay[i] ** steps * (x - inner[i])),
    u = phi.map((x, i) => x - outer[i]);
  const after = (n: number) => u.map((x, i) => decay[i] ** n * x);
  return { exact: after(steps), firstOrder: u, truncated: after(K) };
}

const quick: DiagnoseOptions = { dtype: "float64", clock: false, seed: 3, resamples: 100, loopSteps: 0 };

describe("on a quadratic, by dense algebra", () => {
  const K = 2,
    tasks = 8;
  const options = { ...quick, tasks, precision: 1e-9, candidates: ["zero", "first-order", `truncated:${K}`] };
  const known = async () => {
    const drawn = new Tasks(quadratic, { sample: () => undefined } as never, 3),
      all = [];
    for (let i = 0; i < tasks; i++) {
      const task = (await drawn.at(0, i)) as unknown as { inner: { data: Float64Array }; outer: { data: Float64Array } };
      all.push(gradients({ inner: task.inner.data, outer: task.outer.data }, K));
    }
    return all;
  };

  test.each([
    ["first-order", "firstOrder", 1],
    ["truncated:2", "truncated", 2],
  ] as const)("%s: moments, bias, cosine, ρ and c*, in total and in each leaf", async (name, key, at) => {
    const found = await diagnose(quadratic, options),
      all = await known();
    expect(found.tasks).toBe(tasks);
    for (const [scope, from, to] of [
      ["", 0, 4],
      ["a", 0, 2],
      ["b", 2, 4],
    ] as const) {
      const t = all.map(g => g.exact.slice(from, to)),
        b = all.map(g => g[key].slice(from, to)),
        d = t.map((x, i) => minus(b[i], x)),
        square = (xs: number[][]) => mean(xs.map(x => dot(x, x))),
        inner = mean(t.map((x, i) => dot(x, b[i])));
      const seen = scope === "" ? found.candidates[at] : found.candidates[at].leaves.find(({ path }) => path === scope)!;
      const expected = {
        d2: square(d),
        ratio: square(d) / square(t),
        bias: Math.sqrt(Math.max(0, pairs(d, d))),
        // Without bias, it may come out longer than it can be.
        cosine: Math.min(1, pairs(t, b) / Math.sqrt(pairs(t, t) * pairs(b, b))),
        rho: inner / Math.sqrt(square(t) * square(b)),
        scale: inner / square(b),
        scaledD2: square(t) - inner ** 2 / square(b),
      };
      for (const [what, x] of Object.entries(expected)) {
        const { value, low, high } = seen[what as keyof typeof expected];
        expect(value, `${what} of ${name} in ${scope || "θ"}`).toBeCloseTo(x, 12);
        expect(low).toBeLessThanOrEqual(value);
        expect(high).toBeGreaterThanOrEqual(value);
      }
      if (scope === "") {
        expect(found.v2.value).toBeCloseTo(square(t), 12);
        expect(found.gradient.value).toBeCloseTo(Math.sqrt(Math.max(0, pairs(t, t))), 12);
      }
    }
  });

  test("zero is V² away without being evaluated, and its bias is ∇M", async () => {
    const { candidates, v2, gradient, predictions } = await diagnose(quadratic, options);
    const [{ name, d2, bias, rho, scale }] = candidates;
    expect([name, d2, bias, rho.value, scale.value]).toEqual(["zero", v2, gradient, 0, 0]);
    expect(predictions.map(({ baseline }) => baseline)).not.toContain("zero");
  });

  test("q* is that of the theory, with V² + (m − 1)‖∇M‖² in the place of V² for m tasks", async () => {
    for (const metaBatch of [1, 5]) {
      const { q, v2, gradient, d2, costs } = await diagnose(quadratic, { ...options, candidates: ["first-order"], metaBatch }),
        rnd = Math.min(...Object.values(costs.rnd)),
        moment = v2.value + (metaBatch - 1) * gradient.value ** 2;
      for (const p of ["0.5", "1", "2"] as const)
        expect(q[p].value).toBeCloseTo(optimalProbability({ v2: moment, d2: d2.value, det: costs.det, rnd, p: Number(p) })!, 12);
    }
  });

  test("predicted times are C(q)(V² + (1/q − 1)D²)^p over those of exact, and the costs those that are counted", async () => {
    const { predictions, v2, d2, costs, candidates } = await diagnose(quadratic, { ...options, candidates: ["first-order"] }),
      exact = predictions.find(({ estimator }) => estimator === "exact")!,
      over = predictions.find(({ baseline }) => baseline === "first-order")!;
    expect(exact.time["1"].value).toBe(1);
    expect(exact.costs.det).toBeCloseTo(costs.det + costs.rnd.store, 12);
    for (const p of ["0.5", "1", "2"] as const) {
      const q = over.q![p].value,
        time = ((over.costs.det + q * over.costs.rnd) / exact.costs.det) * ((v2.value + (1 / q - 1) * d2.value) / v2.value) ** Number(p);
      expect(over.time[p].value).toBeCloseTo(time, 12);
    }
    expect(candidates).toHaveLength(1);
  });
});

describe("along the loop", () => {
  test("α λ_max is that of the quadratic, and a_j what the gradient loses without step j's factor", async () => {
    const { loop, v2 } = await diagnose(quadratic, { ...quick, tasks: 4, loopSteps: 3, candidates: ["first-order"], precision: 1e-9 }),
      drawn = new Tasks(quadratic, { sample: () => undefined } as never, 3);
    const decay = curvatures.map(h => 1 - rate * h),
      lost: number[] = [];
    for (let i = 0; i < 4; i++) {
      const task = (await drawn.at(0, i)) as unknown as { inner: { data: Float64Array }; outer: { data: Float64Array } },
        { exact } = gradients({ inner: task.inner.data, outer: task.outer.data }, 2);
      // Without the factor 1 − αh of one step, which step it is does not matter here.
      const moved = exact.map((x, k) => x - x / decay[k]);
      lost.push(dot(moved, moved));
    }
    expect(loop.map(({ step }) => step)).toEqual([1, 4, 6]);
    for (const { curvature, dropped } of loop) {
      expect(curvature.value).toBeCloseTo(rate * 3.9, 3);
      expect(dropped.value).toBeCloseTo(mean(lost) / v2.value, 12);
    }
  });

  test("is not looked at where half of a budget does not pay for it, which is told", async () => {
    const { loop, notes } = await diagnose(quadratic, {
      ...quick,
      tasks: 4,
      loopSteps: 2,
      candidates: ["first-order"],
      budget: { evaluations: 100 },
      metasmoothness: false,
    });
    expect([loop, notes.length]).toEqual([[], 1]);
    expect(notes[0]).toMatch(/^Curvature along the inner loop was not looked at/);
  });

  test("one coin a step needs the mean of min(1, α λ_max) of the products", () => {
    const at = (step: number, high: number) => ({
      step,
      curvature: { value: high, low: high, high },
      dropped: { value: 0, low: 0, high: 0 },
    });
    expect(leastProducts([at(1, 2), at(3, 0.5), at(5, 0.5)])).toBeCloseTo((2 * 0.75 + 2 * 0.5) / 4, 12);
    expect([leastProducts([at(1, 0.3)]), leastProducts([])]).toEqual([0.3, 0]);
    expect([sampledSteps(10, 3), sampledSteps(2, 6), sampledSteps(1, 6), sampledSteps(5, 1)]).toEqual([[1, 6, 10], [1, 2], [1], [1]]);
  });
});

test("one seed gives one diagnosis, and another another", async () => {
  const at = async (seed: number) => {
    const {
      seconds: _,
      memory: __,
      ...rest
    } = await diagnose(quadratic, { ...quick, seed, tasks: 8, outer: "sgd:0.1", outerSteps: 3, points: 2 });
    return JSON.stringify(rest);
  };
  const first = await at(5);
  expect(await at(5)).toBe(first);
  expect(await at(6)).not.toBe(first);
});

test("a problem with one task: θ along the run are resampled, and each is looked at once", async () => {
  const one = { x: f64([1, 2, 3]) };
  const problem = defineProblem({
    theta: () => f64([0.1, 0.2, 0.3]),
    task: () => one,
    init: () => np.zeros([3]),
    inner: { loss: (theta, w, { x }) => np.square(w.sub(x)).mul(np.exp(theta)).sum(), rate: 0.05, steps: 4 },
    outer: (_, w, { x }) => np.square(w.sub(x.mul(0.5))).sum(),
  });
  const found = await diagnose(problem, { ...quick, outer: "sgd:0.1", outerSteps: 7 });
  expect([found.resampled, found.tasks, found.points.length]).toEqual(["points", 1, 8]);
  expect(found.candidates.map(({ name }) => name)).not.toContain("first-order");
  expect(found.baseline).toBe("first-order:mixed");
  // At one θ nothing is random: the bias is the distance itself.
  for (const { candidates } of found.points) for (const { d2, bias } of candidates) expect(bias.value).toBeCloseTo(Math.sqrt(d2.value), 12);
  expect(found.v2.low).toBeLessThan(found.v2.high);
  expect(found.points.map(({ step }) => step)).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
});

test("memory rules strategies in and out, by the bytes of their states", async () => {
  const { memory, predictions, target } = await diagnose(quadratic, { ...quick, tasks: 4, memory: 1300 }),
    fits = new Map(memory.strategies.map(({ estimator, fits: yes }) => [estimator, yes]));
  expect(fits.get("exact")).toBe(false);
  expect(fits.get("exact:recompute")).toBe(true);
  expect(target).toMatch(/^exact:checkpoint=/);
  for (const { estimator, fits: yes, bytes } of predictions) expect(yes, estimator).toBe(bytes <= 1300);
});

describe("its parts", () => {
  test("inner products of two tasks are symmetric, and what is missing is zero", () => {
    const a = [[[1, 2]], [[3, 4]]],
      b = [[[5, 6]], [undefined]];
    const products = innerProducts(a, b, 1, false);
    expect(products[kind.target]).toBe(17);
    expect(products[kind.inner]).toBe((0 + 5 * 3 + 6 * 4) / 2);
    expect(products[kind.baseline]).toBe(0);
    expect(products[kind.difference]).toBe(-2 * 5 + -2 * 6);
    expect([...innerProducts(b, a, 1, false)]).toEqual([...products]);
  });

  test("the tails of intervals grow to 2.5 % from below", () => {
    // Hesterberg 2015, table 3: Φ(−√(n/(n−1)) t) for n = 5, 10, 20, 30, 100.
    const known = [0.001, 0.0086, 0.0159, 0.0187, 0.0231];
    [5, 10, 20, 30, 100].forEach((n, i) => expect(tailOf(n)).toBeCloseTo(known[i], 3));
    expect(tailOf(1e6)).toBeCloseTo(0.025, 5);
  });

  test("points lie evenly from the first step to the last", () => {
    expect(stepsOfPoints(48, 4)).toEqual([0, 16, 32, 48]);
    expect(stepsOfPoints(2, 8)).toEqual([0, 1, 2]);
    expect([stepsOfPoints(0, 4), stepsOfPoints(10, 1)]).toEqual([[0], [0]]);
  });

  test("a baseline that is the target needs no exact draws; one that costs nothing is no baseline", () => {
    expect(bestProbability({ det: 1, rnd: 1 }, 1, 0, 1)).toBe(0);
    expect(bestProbability({ det: 0, rnd: 1 }, 1, 1, 1)).toBe(1);
  });

  test("a median lies between the numbers that hold it in 95 of 100 cases", () => {
    expect(median([6, 1, 5, 2, 4, 3])).toEqual({ value: 3.5, low: 1, high: 6 });
    expect(median([9, 1, 5, 2, 4, 3, 8, 7, 6])).toEqual({ value: 5, low: 2, high: 8 });
  });
});
