import type { FloatType, HostTree } from "../tensor/types.js";
import { inPrecision } from "./average.js";
import type { Estimate, Estimator } from "./estimators/estimator.js";
import { parseEstimator } from "./estimators/index.js";
import type { Kernels } from "./kernels.js";
import type { Problem } from "./problem.js";
import { stream } from "./random.js";

/** Where and how a hypergradient is estimated. */
export interface HypergradientOptions<TH = HostTree, TK = HostTree> {
  /** An estimator, or its spelling; the exact gradient if absent. */
  readonly estimator?: Estimator | string;
  readonly seed?: number;
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

/** The point at which a hypergradient is taken. */
export async function pointOf<TH extends HostTree, TK extends HostTree>(
  problem: Problem<TH, TK>,
  { theta, task, seed = 1, dtype = "float32" }: HypergradientOptions<TH, TK>,
) {
  return { theta: inPrecision(theta ?? problem.theta(seed), dtype), task: task ?? (await problem.task(seed, 1, 0)) };
}

/** Estimates the hypergradient with kernels that are ready; see `hypergradient` of the package. */
export async function hypergradientWith<TH extends HostTree, TK extends HostTree>(
  kernels: Kernels,
  point: { readonly theta: HostTree; readonly task: HostTree },
  options: HypergradientOptions<TH, TK>,
): Promise<Hypergradient<TH>> {
  const { estimator: given = "exact", seed = 1 } = options,
    estimator = typeof given === "string" ? parseEstimator(given) : given;
  estimator.check(kernels);
  const choice = estimator.draw(estimator.init(point.theta), stream(seed, "draw", 1, 0));
  try {
    return (await estimator.estimate(kernels, point.theta, point.task, choice)) as unknown as Hypergradient<TH>;
  } finally {
    // The caller may change θ and the task before the next call.
    kernels.clear();
  }
}
