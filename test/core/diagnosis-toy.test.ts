// The intervals of `diagnose` hold what is known in closed form: D², V² and q* of the scalar family, over many seeds.
import { expect, test } from "vitest";
import { adapted, divergenceProblem, type ScalarProblem } from "../../cli/src/problems/toy/family.js";
import { scalarProblem } from "../../cli/src/problems/toy/problem.js";
import { diagnose, optimalProbability, type Diagnosis, type Quantity } from "../../src/index.js";

const seeds = 100;
const holds = ({ low, high }: Quantity, x: number): boolean => low - 1e-12 * Math.abs(x) <= x && x <= high + 1e-12 * Math.abs(x);

/** V² and D² at the θ that were looked at: both tasks with probability ½, by the closed forms. */
function closedForm({ tasks, loop }: ScalarProblem, { points }: Diagnosis) {
  const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length,
    thetas = points.map(({ theta }) => (theta as unknown as { x: { data: Float64Array } }).x.data[0]),
    over = (f: (outcome: { exact: number; firstOrder: number }) => number): number =>
      mean(thetas.map(theta => mean(tasks.map(task => f(adapted(task, theta, loop))))));
  return { v2: over(({ exact }) => exact ** 2), d2: over(({ exact, firstOrder }) => (exact - firstOrder) ** 2) };
}

test("V², D² and q* for p = ½, 1 and 2 lie in their intervals in 93 of 100 seeds and more", async () => {
  const scalar = divergenceProblem(),
    problem = scalarProblem("toy", scalar, { low: -10, high: 30 }),
    held: Record<string, number> = { v2: 0, d2: 0, "0.5": 0, "1": 0, "2": 0 };
  for (let seed = 1; seed <= seeds; seed++) {
    const found = await diagnose(problem, {
        tasks: 32,
        resamples: 200,
        candidates: ["first-order"],
        dtype: "float64",
        clock: false,
        loopSteps: 0,
        seed,
      }),
      { v2, d2 } = closedForm(scalar, found),
      { det, rnd } = found.costs;
    if (holds(found.v2, v2)) held.v2++;
    if (holds(found.d2, d2)) held.d2++;
    for (const p of ["0.5", "1", "2"] as const)
      if (holds(found.q[p], optimalProbability({ v2, d2, det, rnd: rnd.store, p: Number(p) })!)) held[p]++;
  }
  for (const [what, n] of Object.entries(held)) expect(n, `${what} of ${seeds}`).toBeGreaterThanOrEqual(93);
});
