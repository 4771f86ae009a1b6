import type { Executor } from "../../executors/executor.js";
import { typesOf } from "../../tensor/trace.js";
import type { FloatType } from "../../tensor/types.js";
import type { CompiledProblem, CompileOptions } from "../evaluation/compiled-problem.js";
import { ownedBy } from "../evaluation/owned.js";
import type { Problem } from "../problem/problem.js";
import type { Example } from "../problem/spec.js";
import { hasTypes } from "../trees/host-leaves.js";
import { compiledAt } from "./hypergradient.js";

/** A problem that was compiled, and what for. */
interface Ready {
  readonly dtype: string;
  readonly innerSteps: number;
  /** The types of θ and of the task as they were given. */
  readonly theta: unknown;
  readonly task: unknown;
  readonly compiled: CompiledProblem;
  /** Evaluations under way. */
  users: number;
}

/** So many are kept for a problem on an executor, those used last: one for each combination of shapes, precision and r. */
export const MOST_COMPILED = 16;

/** Problems that were compiled, by executor; the one used last comes first. */
const known = new WeakMap<object, WeakMap<Executor, Ready[]>>();

/** Problems that are being evaluated: what an executor holds for one is given back when it was collected, so none may be on the way. */
const underWay = new Set<{ readonly problem: Problem }>();

function readyFor(
  problem: Problem,
  point: Example,
  options: CompileOptions & { readonly dtype: FloatType; readonly innerSteps: number },
  who?: string,
): { readonly ready: Ready; readonly all: Ready[] } {
  const { executor, dtype, innerSteps } = options,
    byExecutor = known.get(problem) ?? new WeakMap<Executor, Ready[]>(),
    all = byExecutor.get(executor) ?? [];
  const at = all.findIndex(
    entry =>
      entry.dtype === dtype && entry.innerSteps === innerSteps && hasTypes(entry.theta, point.theta) && hasTypes(entry.task, point.task),
  );
  if (at > 0) all.unshift(...all.splice(at, 1));
  if (at < 0) {
    const compiled = compiledAt(problem, point, options, who);
    known.set(problem, byExecutor.set(executor, all));
    all.unshift({ dtype, innerSteps, theta: typesOf(point.theta), task: typesOf(point.task), compiled, users: 0 });
    ownedBy(problem, compiled);
  }
  return { ready: all[0], all };
}

/** Disposes of those that were not used for longest, as far as nobody uses them. */
function trim(all: Ready[]): void {
  for (let i = all.length - 1; i >= 0 && all.length > MOST_COMPILED; i--) if (!all[i].users) all.splice(i, 1)[0].compiled.dispose();
}

/** Does something with a problem that is compiled for a point; it stays compiled for the next call, if that comes soon. */
export async function withCompiled<R>(
  problem: Problem,
  point: Example,
  options: CompileOptions & { readonly dtype: FloatType; readonly innerSteps: number },
  f: (compiled: CompiledProblem) => Promise<R>,
  who?: string,
): Promise<R> {
  const { ready, all } = readyFor(problem, point, options, who),
    entry = { problem };
  underWay.add(entry);
  ready.users++;
  try {
    trim(all);
    return await f(ready.compiled);
  } finally {
    ready.users--;
    underWay.delete(entry);
    trim(all);
  }
}
