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
import { batchMoment, momentsOf, ratioOf } from "./quantities.js";

/** No probability is below this, as of `adaptiveSteps`. */
const LEAST = 0.05;

/** What a coin a step costs: what every draw has, and a product, in operations of an inner step. */
export interface StepwiseWork {
  readonly det: number;
  readonly product: number;
}

/** The estimator whose time is predicted. */
export const stepwiseEstimator = (): Estimator => stepwise(adaptiveSteps()) as Estimator;

/** D²/V² of what drops all that coins may drop: first-order, or zero where that is. */
function droppedByAll({ compiled, candidates, sample }: Grounds): Quantity {
  const at = candidates.findIndex(({ name }) => name === "first-order");
  if (at >= 0) return quantity(sample, means => ratioOf(momentsOf(means, candidates.length, at)));
  const all = compiled.programs.firstOrderVanishes ? 1 : 0;
  return { value: all, low: all, high: all };
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
export function stepwisePrediction(grounds: Grounds, loop: readonly StepResult[], room: number): Prediction | undefined {
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
  const seen = droppedByAll(grounds);
  /** p_j, by an end of the intervals of a_j²/V². */
  const best = (v2: number, batch: number, of: keyof Quantity) => {
    const shares = eachStep(loop, r, ({ dropped }) => Math.max(0, dropped[of])),
      sum = shares.reduce((all, x) => all + Math.sqrt(x), 0),
      // Few tasks are looked at along the loop: what they lost must explain what all lost by dropping every step, as no sum of vectors is longer than theirs.
      more = sum > 0 ? Math.max(1, seen[of] / (sum * sum)) : 1,
      a2 = shares.map(x => x * more * v2);
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
