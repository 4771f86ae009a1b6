// Metasmoothness: by hand, on an inner loop that is linear in θ, and on one that turns back; and that of `diagnose` from the end of the inner loop itself.
import { expect, test } from "vitest";
import { directionOf, moved, signAgreement } from "../../src/core/diagnosis/metasmoothness.js";
import { Tasks } from "../../src/core/diagnosis/tasks.js";
import {
  adapt,
  defineProblem,
  diagnose,
  f64,
  np,
  stream,
  type DiagnoseOptions,
  type HostArray,
  type Problem,
  type Value,
} from "../../src/index.js";
import { normal64 } from "../support/problems.js";

const quick: DiagnoseOptions = { dtype: "float64", clock: false, seed: 3, resamples: 100, loopSteps: 0, tasks: 2, candidates: ["zero"] };

test("is the agreement of signs, weighted by how far each number moves in all", () => {
  // The first goes on by 1 and 2, the second turns back: weights 3 and 1; the third does not move.
  expect(signAgreement({ a: f64([0, 0]), b: f64([5]) }, { a: f64([1, 2]), b: f64([5]) }, { a: f64([3, 1]), b: f64([5]) })).toBe(0.5);
  expect(signAgreement(f64([0]), f64([-1]), f64([-3]))).toBe(1);
  expect(signAgreement(f64([1]), f64([1]), f64([1]))).toBeNaN();
});

/** φ₀ = s(θ), then steps towards the task. */
const from = (start: (theta: Value) => Value) =>
  defineProblem({
    theta: () => f64([1.5, -0.7, 0.4]),
    task: random => normal64(random, [3]),
    init: theta => start(theta),
    inner: { loss: (_, phi, task) => np.square(phi.sub(task)).sum(), rate: 0.1, steps: 4 },
    outer: (_, phi, task) => np.square(phi.sub(task)).sum(),
  });

test("is 1 of an inner loop that is linear in θ, with an interval of no width", async () => {
  const { metasmoothness, counts } = await diagnose(
      from(theta => theta),
      quick,
    ),
    without = await diagnose(
      from(theta => theta),
      { ...quick, metasmoothness: false },
    );
  expect(metasmoothness).toEqual({ value: 1, low: 1, high: 1, h: 0.01, draws: 4 });
  expect(without.metasmoothness).toBeUndefined();
  expect([counts.step - without.counts.step, counts.outer - without.counts.outer]).toEqual([3 * 4 * 4, 3 * 4]);
});

test("falls where φ_r oscillates on the scale of h, and is what the ends of the inner loops say", async () => {
  const problem = from(theta => np.sin(theta.mul(400))),
    { metasmoothness: found } = await diagnose(problem, quick),
    drawn = new Tasks(problem, { sample: () => undefined } as never, 3),
    theta = f64([1.5, -0.7, 0.4]),
    seen: number[] = [];
  for (let i = 0; i < 4; i++) {
    const task = await drawn.at(0, i),
      v = directionOf(theta, stream(3, "diagnosis's directions", 0, i)),
      // 0.8⁴ of the way from the task to the start, whatever the task is.
      end = (h: number) => {
        const { data } = moved(theta, v, h) as HostArray;
        return [...data].map((x, k) => (task as HostArray).data[k] + 0.8 ** 4 * (Math.sin(400 * x) - (task as HostArray).data[k]));
      },
      [a, b, c] = [0, 0.01, 0.02].map(end);
    const sum = a.reduce((all, x, k) => all + Math.abs(c[k] - x) * Math.sign(b[k] - x) * Math.sign(c[k] - b[k]), 0);
    seen.push(sum / a.reduce((all, x, k) => all + Math.abs(c[k] - x), 0));
    const { phi } = await adapt(problem as Problem, { theta, task, dtype: "float64" });
    (phi as unknown as HostArray).data.forEach((x, k) => expect(x).toBeCloseTo(a[k], 12));
  }
  const mean = seen.reduce((x, y) => x + y) / 4,
    deviation = Math.sqrt(seen.reduce((sum, x) => sum + (x - mean) ** 2, 0) / 3 / 4);
  expect(found!.value).toBeCloseTo(mean, 10);
  expect(found!.value).toBeLessThan(0.9);
  expect(found!.low).toBeCloseTo(Math.max(-1, mean - 3.1824 * deviation), 10);
  expect(found!.high).toBeCloseTo(Math.min(1, mean + 3.1824 * deviation), 10);
});

test("is left out, which is told, where the budget is too small or θ does not move φ_r", async () => {
  const small = await diagnose(
    from(theta => theta),
    { ...quick, budget: { evaluations: 60 } },
  );
  expect([small.metasmoothness, small.notes]).toEqual([
    undefined,
    ["Metasmoothness was not measured: its inner loops are many beside what the diagnosis may take."],
  ]);
  const apart = defineProblem({
    theta: () => f64([1]),
    task: random => normal64(random, [1]),
    init: (_, task) => task,
    inner: { loss: (_, phi) => np.square(phi).sum(), rate: 0.1, steps: 2 },
    outer: (theta, phi) => np.square(phi.sub(theta)).sum(),
  });
  const { metasmoothness, notes } = await diagnose(apart as unknown as Problem, quick);
  expect([metasmoothness, notes]).toEqual([undefined, ["Metasmoothness was not measured: φ_r is not finite, or θ does not move it."]]);
});
