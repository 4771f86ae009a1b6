import type { HostArray, HostTree } from "ufom";
import { paths } from "ufom/internal/tensor/tree";
import { openExecutor } from "./engine.js";
import type { Built, HeldOut } from "./problems/problem-entry.js";
import type { Settings } from "./settings.js";

/** Held-out tasks are those of this outer step, which no run takes: training begins with step 1, whatever the seed. */
export const heldOutStep = 0;
/** The same tasks for every run. */
export const heldOutSeed = 1;

/** Whether two tasks hold the same numbers. */
function same(a: HostTree, b: HostTree): boolean {
  if (a === b) return true;
  const [one, other] = [a, b].map(tree => paths("task", tree) as [string, HostArray][]);
  return one.length === other.length && one.every(([, { data }], i) => data.every((x, k) => Object.is(x, other[i][1].data[k])));
}

/**
 * The outer loss of a run's θ on tasks that no run is trained on: those of outer step 0, the same for every run of a problem. A problem whose
 * task is always the same is judged by that one.
 *
 *     (1/K) Σ_i L_out(θ, φ_r(θ, T_i), T_i)
 */
export async function heldOut(built: Built, settings: Settings, theta: HostTree, tasks: number): Promise<HeldOut> {
  const { problem } = built;
  const { dtype, innerSteps } = settings;
  const [{ adapt }, { executor }] = await Promise.all([import("ufom"), openExecutor(settings.executor, settings.native)]);
  try {
    const first = await problem.task(heldOutSeed, heldOutStep, 0);
    const losses: number[] = [];
    for (let i = 0; i < tasks; i++) {
      const task = i === 0 ? first : await problem.task(heldOutSeed, heldOutStep, i);
      if (i === 1 && same(first, task)) break;
      losses.push((await adapt(problem, { theta, task, dtype, innerSteps, executor, losses: false })).outer);
    }
    const n = losses.length;
    const loss = losses.reduce((sum, x) => sum + x, 0) / n;
    const squares = losses.reduce((sum, x) => sum + (x - loss) * (x - loss), 0);
    return { loss, standardError: n > 1 ? Math.sqrt(squares / (n - 1) / n) : 0, tasks: n };
  } finally {
    executor.dispose();
  }
}
