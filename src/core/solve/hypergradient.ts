import type { FloatType, HostTree } from "../../tensor/types.js";
import { inPrecision } from "../trees/average.js";
import type { Estimate, Estimator } from "../estimators/estimator.js";
import { parseEstimator } from "../estimators/index.js";
import { flattenLike } from "../trees/host-leaves.js";
import type { KernelOptions } from "../evaluation/compiled-problem.js";
import { Kernels } from "../evaluation/compiled-problem.js";
import type { Example, Problem } from "../problem/problem.js";
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

/** Kernels for a point. @throws if its θ is not like the problem's own */
export function kernelsAt(problem: Problem, point: Example, options: KernelOptions): Kernels {
  flattenLike("hypergradient's theta", problem.theta(1), point.theta);
  return new Kernels(problem, point, options);
}

/** Estimates the hypergradient with kernels that are ready; see `hypergradient` of the package. */
export async function hypergradientWith<TH extends HostTree, TK extends HostTree>(
  kernels: Kernels,
  { theta, task }: Example,
  { estimator: given = "exact", seed = 1 }: HypergradientOptions<TH, TK>,
): Promise<Hypergradient<TH>> {
  const estimator = typeof given === "string" ? parseEstimator(given) : given;
  estimator.check(kernels);
  const choice = estimator.draw(estimator.init(theta), stream(seed, "draw", 1, 0));
  try {
    return (await estimator.estimate(kernels, theta, task, choice)) as unknown as Hypergradient<TH>;
  } finally {
    // The caller may change the numbers of θ and of the task before the next call.
    kernels.clear();
  }
}
