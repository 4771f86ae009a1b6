import { adaptive } from "../estimators/probability.js";
import { ufom } from "../estimators/ufom.js";
import type { Quantity } from "./bootstrap.js";
import type { Candidate } from "./candidates.js";
import type { Strategy } from "./memory.js";
import type { BiasedPrediction, Prediction } from "./predict.js";
import { bestProbability, isExact } from "./predict.js";
import type { CandidateResult, PointResult } from "./result.js";
import type { StepResult } from "./along-loop.js";
import { leastProducts } from "./along-loop.js";

/** Two or three digits. */
const digits = (x: number, n = 2): string => (x === 0 || !Number.isFinite(x) ? `${x}` : `${Number(x.toPrecision(n))}`);
/** A quantity with its interval, where that is wider than the digits. */
export const shown = ({ value, low, high }: Quantity): string =>
  digits(low) === digits(high) ? digits(value) : `${digits(value)} (${digits(low)} to ${digits(high)})`;
const shownBytes = (bytes: number): string => {
  const [unit, size] = bytes >= 1e9 ? ["GB", 1e9] : bytes >= 1e6 ? ["MB", 1e6] : ["kB", 1e3];
  return `${digits(bytes / size, 3)} ${unit}`;
};

/** What a recommendation is made of. */
export interface Reasons {
  readonly predictions: readonly Prediction[];
  readonly biased: readonly BiasedPrediction[];
  readonly candidates: readonly Candidate[];
  readonly results: readonly CandidateResult[];
  readonly points: readonly PointResult[];
  readonly strategies: readonly Strategy[];
  readonly room: number;
  readonly metaBatch: number;
  /** Steps along the inner loop, if it was looked at. */
  readonly loop: readonly StepResult[];
}

/** A coin a step is out where its guard p_j ≥ α_j λ_max,j alone asks for more of the products: what is left to gain is less than what tails may cost. */
const MOST_GUARDED = 0.5;
/** q* moves more than this along the run: then UFOM should follow it. */
const MOVES = 1.5;

/** The best q at each point, from what was seen there. */
function probabilities({ points, metaBatch }: Reasons, { baseline, costs }: Prediction): number[] {
  return points.map(({ v2, gradient, candidates }) => {
    const { d2 } = candidates.find(({ name }) => name === baseline)!,
      moment = v2.value + (metaBatch - 1) * gradient.value * gradient.value;
    return bestProbability(costs, moment, d2.value, 1);
  });
}

/** What memory forbids, in a sentence. */
function memorySentence({ strategies, room }: Reasons): string {
  const out = strategies.filter(({ fits }) => !fits);
  if (!out.length) return "";
  const all = out.map(({ exact, bytes }) => `${exact.name} (${shownBytes(bytes)})`).join(", ");
  return ` ${all} ${out.length === 1 ? "does" : "do"} not fit into ${shownBytes(room)}.`;
}

/** What the baseline would leave if it were taken as it is, in a sentence. */
function biasedSentence({ biased, points }: Reasons): string {
  if (!biased.length) return "";
  const [{ estimator, cost, floor }] = biased,
    { gradient, step } = points[points.length - 1],
    where = points.length > 1 ? `after ${step} outer steps` : "at this θ";
  return ` ${estimator} alone costs ${digits(cost)} of an exact estimate; descent by it ends where ∇M is as long as its bias, which is ${shown(floor)} ${where}, where ∇M is ${shown(gradient)}.`;
}

const largestCurvature = (loop: readonly StepResult[]): number => Math.max(...loop.map(({ curvature }) => curvature.high));

/** Whether α λ_max forbids a coin a step. */
const isForbidden = (loop: readonly StepResult[]): boolean => leastProducts(loop) > MOST_GUARDED;

/** Why a coin a step is out, in a sentence. */
function coinsSentence({ loop }: Reasons): string {
  if (loop.length === 0 || !isForbidden(loop)) return "";
  return ` A coin a step is out: with α λ_max up to ${digits(largestCurvature(loop))} its guard asks for ${digits(100 * leastProducts(loop))} % of the products.`;
}

/** A coin a step, and why. */
function coinAStep({ loop }: Reasons, { estimator, products, time, states }: Prediction, exact: string): Reason {
  return {
    estimator,
    reason: `${estimator}: α λ_max is ${digits(largestCurvature(loop))} at most along the inner loop, so that a coin a step with ${shown(products!)} products on average is predicted to take ${shown(time["1"])} of the time of ${exact}, without bias; its first draws hold ${states} states.`,
  };
}

/** An estimator, and why it is best, in a sentence. */
interface Reason {
  readonly estimator: string;
  readonly reason: string;
}

/** One recommendation: its reason, and all that is to be said besides. */
export function recommend(reasons: Reasons): Reason & { readonly text: string } {
  const found = bestOf(reasons),
    more = memorySentence(reasons) + coinsSentence(reasons),
    isSame = reasons.candidates.some(({ name }) => name === found.estimator);
  return { ...found, reason: found.reason + coinsSentence(reasons), text: found.reason + more + (isSame ? "" : biasedSentence(reasons)) };
}

function bestOf(reasons: Reasons): Reason {
  const { predictions, candidates, results, loop } = reasons,
    possible = predictions.filter(one => one.fits && !(one.products && isForbidden(loop))),
    first = possible.reduce((a, b) => (b.time["1"].value < a.time["1"].value ? b : a)),
    exact = possible.filter(isExact).reduce((a, b) => (b.time["1"].value < a.time["1"].value ? b : a)),
    same = results.find(({ name, d2 }) => d2.high === 0 && candidates.some(c => c.name === name && c.estimator));
  if (same)
    return {
      estimator: same.name,
      reason: `${same.name}: on this problem it is the exact gradient (D² = 0), and costs least.`,
    };

  const other = withOneCoin({ ...reasons, predictions: predictions.filter(({ products }) => products === undefined) }, exact),
    coins = possible.find(({ products, time }) => products && time["1"].high < 1);
  return coins && (coins === first || other.estimator === exact.estimator) ? coinAStep(reasons, coins, exact.estimator) : other;
}

/** UFOM over the best baseline, or the exact gradient. */
function withOneCoin(reasons: Reasons, exact: Prediction): Reason {
  const { predictions, candidates, results, strategies, points } = reasons,
    possible = predictions.filter(({ fits }) => fits),
    best = possible.reduce((a, b) => (b.time["1"].value < a.time["1"].value ? b : a));
  if (best.baseline === undefined) {
    const nearness = (one: Prediction): number => ratioOf(results, one).value,
      [next] = possible
        .filter(({ baseline }) => baseline !== undefined)
        .sort((a, b) => a.time["1"].value - b.time["1"].value || nearness(a) - nearness(b)) as [Prediction | undefined];
    const why = next
      ? `no baseline is near enough to pay for a coin. The best, ${next.baseline!}, has D²/V² = ${shown(ratioOf(results, next))}, and ${next.q!["1"].value === 1 ? "the best q of UFOM over it is 1" : `UFOM over it is predicted to take ${shown(next.time["1"])} of the time`}.`
      : "there is no baseline that UFOM could take.";
    return { estimator: exact.estimator, reason: `${exact.estimator}: ${why}` };
  }
  if (best.time["1"].high >= 1)
    return {
      estimator: exact.estimator,
      reason: `${exact.estimator}: UFOM over ${best.baseline} is predicted to take ${shown(best.time["1"])} of its time, which is not surely less.`,
    };
  const qs = probabilities(reasons, best);
  if (qs.length > 1 && qs[qs.length - 1] === 1)
    return {
      estimator: exact.estimator,
      reason: `${exact.estimator}: UFOM over ${best.baseline} would gain at first only. There its best q is ${digits(Math.min(...qs))}, but 1 after ${points[points.length - 1].step} outer steps, where D²/V² is ${shown(points[points.length - 1].candidates.find(({ name }) => name === best.baseline)!.ratio)}.`,
    };
  const moves = Math.max(...qs) > MOVES * Math.min(...qs),
    baseline = candidates.find(({ name }) => name === best.baseline)!.estimator,
    strategy = strategies.find(({ kind }) => kind === best.memory)!,
    estimator = moves ? ufom(adaptive(), { baseline, target: strategy.exact }).name : best.estimator,
    range = moves
      ? `, and best q between ${digits(Math.min(...qs))} and ${digits(Math.max(...qs))} along the run, so it should follow`
      : "";
  return {
    estimator,
    reason: `${estimator}: ${best.baseline} has D²/V² = ${shown(ratioOf(results, best))}${range}; with q = ${shown(best.q!["1"])} UFOM over it is predicted to take ${shown(best.time["1"])} of the time of ${exact.estimator}, without bias.`,
  };
}

const ratioOf = (results: readonly CandidateResult[], { baseline }: Prediction): Quantity =>
  results.find(({ name }) => name === baseline)!.ratio;
