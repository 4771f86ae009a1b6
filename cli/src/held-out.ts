import type { HostArray, HostTree } from "ufom";
import { outerLoss } from "ufom/internal/core/estimators/evolution";
import { CompiledProblem } from "ufom/internal/core/evaluation/compiled-problem";
import { Place } from "ufom/internal/core/evaluation/place";
import { Scope } from "ufom/internal/core/evaluation/scope";
import { inPrecision } from "ufom/internal/core/trees/precision";
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

/** L_out(θ, φ_r, T), without a gradient: r inner steps and one outer loss. */
async function lossAt(compiled: CompiledProblem, theta: HostTree, task: HostTree): Promise<number> {
  const leases = [compiled.theta.lease(theta), compiled.tasks.lease(task)];
  const scope = new Scope(compiled);
  try {
    const place = new Place(scope, leases[0].state, leases[1].state);
    const x = await place.unroll(await place.init());
    const [loss] = await scope.run(outerLoss, place.theta, x, place.task);
    const [{ data }] = await compiled.executor.readAll([loss]);
    return data[0];
  } finally {
    scope.close();
    for (const lease of leases) lease.release();
  }
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
  const final = inPrecision(theta, dtype);
  const { executor } = await openExecutor(settings.executor);
  try {
    const first = await problem.task(heldOutSeed, heldOutStep, 0);
    const compiled = new CompiledProblem(problem, { theta: final, task: first }, { executor, dtype, innerSteps });
    try {
      const losses: number[] = [];
      for (let i = 0; i < tasks; i++) {
        // Where a program draws tasks it draws these too, in the executor.
        const drawn = await compiled.sample(heldOutSeed, heldOutStep, i);
        const task = drawn ?? (i === 0 ? first : await problem.task(heldOutSeed, heldOutStep, i));
        if (i === 1 && same(first, task)) break;
        losses.push(await lossAt(compiled, final, task));
      }
      const n = losses.length;
      const loss = losses.reduce((sum, x) => sum + x, 0) / n;
      const squares = losses.reduce((sum, x) => sum + (x - loss) * (x - loss), 0);
      return { loss, standardError: n > 1 ? Math.sqrt(squares / (n - 1) / n) : 0, tasks: n };
    } finally {
      compiled.dispose();
    }
  } finally {
    executor.dispose();
  }
}
