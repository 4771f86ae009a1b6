import type { FloatType, HostTree } from "../../tensor/types.js";
import { inPrecision } from "../trees/precision.js";
import { checkMemory } from "./check-memory.js";
import type { Estimate } from "../batch/estimate.js";
import { estimate } from "../batch/estimate.js";
import type { Estimator } from "../estimators/estimator.js";
import { parseEstimator } from "../estimators/index.js";
import { flattenLike } from "../trees/host-leaves.js";
import type { CompileOptions } from "../evaluation/compiled-problem.js";
import { CompiledProblem } from "../evaluation/compiled-problem.js";
import { Pauses } from "../evaluation/pauses.js";
import type { Problem } from "../problem/problem.js";
import type { Example } from "../problem/spec.js";
import { checkPrecision, hostTree } from "../problem/problem.js";
import { stream } from "../random/index.js";

/** Where and how a hypergradient is estimated. */
export interface HypergradientOptions<TH = HostTree, TK = HostTree> {
  /** An estimator, or its spelling; the exact gradient if not given. */
  readonly estimator?: Estimator | string;
  /** Of θ₀, the task and the draw; 1 if not given. */
  readonly seed?: number;
  /** `float32` if not given. */
  readonly dtype?: FloatType;
  /** θ, if not the problem's θ₀. */
  readonly theta?: TH;
  /** The task, if not the first one of the seed. */
  readonly task?: TK;
  /** r, if not the problem's own. */
  readonly innerSteps?: number;
  /** Ends it on the way: the promise is then rejected with the signal's reason. */
  readonly signal?: AbortSignal;
}

/** An estimate whose gradient has θ's tree. */
export type Hypergradient<TH = HostTree> = Omit<Estimate, "gradient"> & { readonly gradient: TH };

/** The point at which a hypergradient is taken. @throws if what is given is no tree of host arrays */
export async function pointOf<TH extends HostTree, TK extends HostTree>(
  problem: Problem<TH, TK>,
  { theta, task, seed = 1, dtype = "float32" }: HypergradientOptions<TH, TK>,
): Promise<Example> {
  checkPrecision(dtype);
  const given = <T extends HostTree>(what: string, tree: T | undefined) => tree && hostTree(`hypergradient's ${what}`, tree, "must be");
  return {
    theta: inPrecision(given("theta", theta) ?? problem.theta(seed), dtype),
    task: given("task", task) ?? (await problem.task(seed, 1, 0)),
  };
}

/** A problem compiled for a point. @throws if its θ is not like the problem's own */
export function compiledAt(problem: Problem, point: Example, options: CompileOptions): CompiledProblem {
  flattenLike("hypergradient's theta", problem.theta(1), point.theta);
  return new CompiledProblem(problem, point, options);
}

/** Estimates the hypergradient of a compiled problem; see `hypergradient` of the package. */
export async function hypergradientWith<TH extends HostTree, TK extends HostTree>(
  compiled: CompiledProblem,
  point: Example,
  { estimator: given = "exact", seed = 1, task: own, signal }: HypergradientOptions<TH, TK>,
): Promise<Hypergradient<TH>> {
  const estimator = typeof given === "string" ? named(given) : given;
  signal?.throwIfAborted();
  estimator.check?.(compiled);
  checkMemory(compiled, estimator);
  const { theta } = point,
    // A task that a program draws is drawn where runs draw it: the same numbers to the last bit.
    task = own ? point.task : ((await compiled.sample(seed, 1, 0)) ?? point.task),
    choice = estimator.draw(estimator.init(theta), stream(seed, "draw", 1, 0));
  try {
    return (await estimate(compiled, estimator, theta, { task, choice }, new Pauses(signal))) as unknown as Hypergradient<TH>;
  } finally {
    // The caller may change the numbers of θ and of the task before the next call.
    compiled.forgetTrees();
  }
}

const byName = new Map<string, Estimator>();
/** So many spellings are remembered, those used last. */
const MOST_NAMES = 64;

/** An estimator by its spelling: always the same one, so that what was recorded of it is found again. */
function named(spelling: string): Estimator {
  const estimator = byName.get(spelling) ?? parseEstimator(spelling);
  byName.delete(spelling);
  byName.set(spelling, estimator);
  if (byName.size > MOST_NAMES) byName.delete(byName.keys().next().value!);
  return estimator;
}
