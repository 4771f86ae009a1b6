import type { Estimator } from "../estimators/estimator.js";
import { adaptiveSteps } from "../estimators/learned-step-probabilities.js";
import type { StepwiseChoice } from "../estimators/stepwise.js";
import { stepwise } from "../estimators/stepwise.js";
import type { CompiledProblem } from "../evaluation/compiled-problem.js";
import { heldStates } from "../solve/check-memory.js";
import { optimalStepProbabilities, stepwiseCost, stepwiseSecondMoment } from "../theory/stepwise.js";
import type { StepResult } from "./along-loop.js";
import { eachStep } from "./along-loop.js";
import type { Quantity } from "./bootstrap.js";
import { quantity } from "./bootstrap.js";
import type { Grounds, Prediction } from "./predict.js";
import { byExponent, cheapest, power } from "./predict.js";
import { workOfOne } from "./costs.js";
import { KINDS } from "./inner-products.js";
import { batchMoment, momentsOf, ratioOf } from "./quantities.js";
import type { PointSample } from "./sample.js";

/** No probability is below this, as of `adaptiveSteps`. */
const LEAST = 0.05;

/** What a coin a step costs: what every draw has, and a product, in operations of an inner step. */
export interface StepwiseWork {
  readonly det: number;
  readonly product: number;
}

/** The estimator whose time is predicted. */
export const stepwiseEstimator = (): Estimator => stepwise(adaptiveSteps());

/** What the inner loop was looked at with. */
export interface LoopSample {
  readonly steps: readonly StepResult[];
  /** Samples at the θ where it was, and how many of their tasks, the first, it was looked at for. */
  readonly samples: readonly PointSample[];
  readonly each: number;
}

/**
 * By how much a baseline's D²/V² is larger over all tasks than over the few for which the loop was looked at, if it is: by as much are a_j raised, as
 * these few say too little then.
 */
function understated({ candidates, sample }: Grounds, { samples, each }: LoopSample): (of: keyof Quantity) => number {
  const at = candidates.findIndex(({ estimator }) => estimator);
  if (at < 0) return () => 1;
  const all = quantity(sample, means => ratioOf(momentsOf(means, candidates.length, at))),
    few = { own: new Float64Array(candidates.length * KINDS), cross: new Float64Array(candidates.length * KINDS) };
  for (const one of samples)
    one.addMeans(
      few.own,
      few.cross,
      Float64Array.from({ length: one.tasks }, (_, i) => Number(i < each)),
      true,
      1 / samples.length,
    );
  const seen = ratioOf(momentsOf(few, candidates.length, at));
  return of => (seen > 0 ? Math.max(1, all[of] / seen) : 1);
}

function workOf(compiled: CompiledProblem, estimator: Estimator): StepwiseWork {
  const r = compiled.steps,
    all = Array.from({ length: r }, (_, i) => i + 1),
    choice = { plan: { visited: all, weighted: all, measured: [] } } as unknown as StepwiseChoice,
    { deterministic, random } = estimator.work!(compiled, choice);
  return { det: deterministic, product: random / r };
}

/**
 * A coin a step with the best probabilities, by `optimalStepProbabilities`: a_j² and α_j λ_max,j at the steps that were looked at, and straight lines
 * between them; no p_j below α_j λ_max,j. Nothing where the loop was not looked at, as then nobody knows how large the tail is.
 */
export function stepwisePrediction(grounds: Grounds, seen: LoopSample, room: number): Prediction | undefined {
  const { steps: loop } = seen;
  if (loop.length === 0 || grounds.compiled.programs.hidesItsGradient) return undefined;
  const { compiled, strategies, sample, candidates, metaBatch } = grounds,
    r = compiled.steps,
    estimator = stepwiseEstimator(),
    held = heldStates(compiled, estimator),
    exact = workOfOne(compiled, cheapest(compiled, strategies).exact)!,
    work = workOf(compiled, estimator),
    least = eachStep(loop, r, ({ curvature }) => Math.min(1, Math.max(LEAST, curvature.high))),
    moment = (means: Parameters<typeof momentsOf>[0]) => {
      const moments = momentsOf(means, candidates.length, 0);
      return { v2: moments.v2, batch: batchMoment(moments, metaBatch) };
    };
  const more = understated(grounds, seen);
  /** p_j, by an end of the intervals of a_j²/V². */
  const best = (v2: number, batch: number, of: keyof Quantity) => {
    const a2 = eachStep(loop, r, ({ dropped }) => Math.max(0, dropped[of]) * more(of)).map(x => x * v2);
    return { a2, p: optimalStepProbabilities({ ...work, v2: batch, a2, least }) };
  };
  const { v2, batch } = moment(sample.value),
    time = (exponent: number, of: keyof Quantity): number => {
      const found = best(v2, batch, of);
      return (stepwiseCost(work, found.p) / exact) * power(stepwiseSecondMoment(batch, found.a2, found.p) / batch, exponent);
    };
  return {
    estimator: estimator.name,
    memory: "steps",
    states: held.states,
    bytes: held.bytes,
    fits: held.bytes <= room,
    costs: { det: work.det, rnd: work.product * r },
    products: quantity(sample, means => {
      const at = moment(means);
      return best(at.v2, at.batch, "value").p.reduce((sum, q) => sum + q, 0);
    }),
    time: byExponent(exponent => {
      const [value, low, high] = (["value", "low", "high"] as const).map(of => time(exponent, of));
      return { value, low: Math.min(low, value), high: Math.max(high, value) };
    }),
  };
}
