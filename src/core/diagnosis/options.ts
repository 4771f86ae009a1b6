import type { Executor } from "../../executors/executor.js";
import { fail } from "../../tensor/error.js";
import type { KeysOf } from "../../tensor/options.js";
import { checkOptions } from "../../tensor/options.js";
import { describeTree } from "../../tensor/tree.js";
import type { FloatType, HostTree } from "../../tensor/types.js";
import type { OuterTransform } from "../outer/transform.js";
import type { MakeTeam } from "../solve/team.js";

/** Limits of a diagnosis, the short run included. */
export interface DiagnosisBudget {
  readonly seconds?: number;
  /** Inner steps, products and outer gradients, one each. */
  readonly evaluations?: number;
}

/** How a problem is diagnosed. */
export interface DiagnoseOptions<TH = HostTree> {
  /** Spellings of the gradients that are compared with the exact one; zero, first-order forms and truncations if not given. */
  readonly candidates?: readonly string[];
  /** The outer transform of the short run along which θ is looked at; absent, θ₀ is. */
  readonly outer?: OuterTransform | string;
  /** How long that run is; 48 if not given, 0 without an outer transform. */
  readonly outerSteps?: number;
  /** At how many θ of the run gradients are compared; 4 if not given, 8 where there is one task only. */
  readonly points?: number;
  /** The most tasks at each θ; 128 if not given. */
  readonly tasks?: number;
  /** Sampling ends when the half-width of the intervals of V² and of each D² is at most this part of them; 0.1 if not given. */
  readonly precision?: number;
  /** Resamples of the bootstrap; 1,000 if not given, and fewer where θ has many leaves and there are many tasks. */
  readonly resamples?: number;
  /** Inner steps along the loop at which curvature is measured, and what is lost without their products; 6 if not given, 0 for none. */
  readonly loopSteps?: number;
  /** Whether metasmoothness is measured, by three inner loops a draw; true if not given. */
  readonly metasmoothness?: boolean;
  /** Tasks an outer step averages over; 1 if not given. */
  readonly metaBatch?: number;
  /** Of θ₀, the tasks and the resampling; 1 if not given. */
  readonly seed?: number;
  /** `float32` if not given. */
  readonly dtype?: FloatType;
  /** r, if not the problem's own. */
  readonly innerSteps?: number;
  /** θ, if not the problem's θ₀. */
  readonly theta?: TH;
  /** Bytes that the states of the inner loop may take; what the executor may hold if not given. */
  readonly memory?: number;
  readonly budget?: DiagnosisBudget;
  /** Whether the clock is looked at as well; true if not given. Nothing but `costs.seconds` depends on it. */
  readonly clock?: boolean;
  readonly signal?: AbortSignal;
  /** Told what is being done, in a few words. */
  readonly progress?: (text: string) => void;
}

/** All options of `diagnose`; where it runs is chosen outside of the core. */
const diagnoseKeys: KeysOf<DiagnoseOptions & { executor?: unknown; native?: unknown }> = {
  candidates: true,
  outer: true,
  outerSteps: true,
  points: true,
  tasks: true,
  precision: true,
  resamples: true,
  loopSteps: true,
  metasmoothness: true,
  metaBatch: true,
  seed: true,
  dtype: true,
  innerSteps: true,
  theta: true,
  memory: true,
  budget: true,
  clock: true,
  signal: true,
  progress: true,
  executor: true,
  native: true,
};

const budgetKeys: KeysOf<DiagnosisBudget> = { seconds: true, evaluations: true };

/** What `diagnose` needs from outside the core. */
export interface DiagnoseContext {
  readonly executor: Executor;
  readonly team: MakeTeam;
  /** Refuses a budget that is too small for an interval, in place of `diagnose`. @param needed evaluations, where they are what is missing */
  readonly tooLittle?: (needed: number) => never;
}

const whole = (name: string, x: number | undefined, least: number): void => {
  if (x !== undefined && !(Number.isSafeInteger(x) && x >= least))
    fail(`diagnose's ${name}`, `must be a whole number of at least ${least}`, `${x}`);
};
const positive = (name: string, x: number | undefined): void => {
  if (x !== undefined && !(x > 0)) fail(`diagnose's ${name}`, "must be a number greater than 0", `${x}`);
};

/** The options as they were given. @throws UfomError if one is out of range, or nobody reads it */
export function checkDiagnose<O extends DiagnoseOptions>(given: O): O {
  const options = checkOptions("diagnose", given, diagnoseKeys as Readonly<Record<string, true>>),
    { outer, outerSteps, points, tasks, metaBatch, precision, resamples, loopSteps, metasmoothness, memory, budget, seed } = options;
  if (!Number.isSafeInteger(seed ?? 1)) fail("diagnose's seed", "must be a whole number", `${seed}`);
  whole("outerSteps", outerSteps, 0);
  whole("points", points, 1);
  whole("tasks", tasks, 2);
  whole("resamples", resamples, 100);
  whole("loopSteps", loopSteps, 0);
  if (metasmoothness !== undefined && typeof metasmoothness !== "boolean")
    fail("diagnose's metasmoothness", "must be true or false", describeTree(metasmoothness));
  whole("metaBatch", metaBatch, 1);
  positive("precision", precision);
  positive("memory", memory);
  const limits = checkOptions("diagnose's budget", budget, budgetKeys, "the limits");
  for (const name of Object.keys(budgetKeys) as (keyof DiagnosisBudget)[]) positive(`budget.${name}`, limits[name]);
  if (outer === undefined && (outerSteps ?? 0) > 0)
    fail("diagnose's outerSteps", "needs an outer transform for the run (outer: adam(1e-3))", `${outerSteps} and no outer`);
  return options;
}
