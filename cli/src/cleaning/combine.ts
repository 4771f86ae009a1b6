import type { Fits } from "./fits.js";
import type { Scored } from "./methods/method.js";
import { sigmoid, sum } from "./numbers.js";
import type { Features, RightRows } from "./right-rows.js";
import { atSteps, fitIsotonic, fitLogistic, logOdds, squaredError } from "./right-rows.js";
import { judge } from "./transition.js";

/** How p_wrong is made of scores. */
export interface Candidate {
  /** Positions of the methods whose scores take part. */
  readonly columns: readonly number[];
  /** Whether each given label has an offset of its own. */
  readonly offsets: boolean;
  /** How closely the weights of the scores are held to what the noise model says of them; ∞ for its word alone. */
  readonly ridge: number;
  /** What makes a probability of z: σ(z) as Platt does, or a rising step function. */
  readonly shape: "platt" | "isotonic";
}

/** A candidate, and how well it does on what it was not fitted to. */
export interface Tried {
  readonly candidate: Candidate;
  /** Expected squared error of p_wrong. */
  readonly error: number;
  /** What each row and each right row adds to it. */
  readonly parts: Float64Array;
}

/** Columns of scores of rows, and of rows that are right. */
interface Sample {
  readonly scores: readonly Float64Array[];
  readonly labels: Int32Array;
  readonly fold: Int32Array;
}

/** What candidates are fitted to and compared on. */
export interface Evidence {
  readonly rows: Sample;
  readonly right: Sample;
  /** Shares of the file that some right rows stand for, given which of them there are. */
  readonly weights: (chosen: Int32Array) => Float64Array;
  /** P(right) of the rows by the noise model alone. */
  readonly believed: Float64Array;
  /** The method whose score is the noise model's, −1 where it is not among them. */
  readonly leading: number;
  readonly classes: number;
  readonly folds: number;
}

/** Scores beyond so many standard deviations say no more. */
const widest = 4;

/**
 * What trusted rows stand for: each class of them for its share of the file, times how likely the row would have kept its label.
 *
 * @param prior how often each true class is in the file
 */
export function trustedWeights(labels: Int32Array, kept: Float64Array, prior: Float64Array, chosen: Int32Array): Float64Array {
  const often = new Float64Array(prior.length);
  for (const i of chosen) often[labels[i]]++;
  return Float64Array.from(chosen, i => (prior[labels[i]] * kept[i]) / often[labels[i]]);
}

/** Puts scores of methods and the trusted rows together; without these, the noise model's word is all there is. */
export async function evidenceOf(fits: Fits, scored: readonly Scored[], leading: number): Promise<Evidence> {
  const {
      input: { rows, classes },
      trusted,
      folds,
    } = fits,
    { fitted, noise, evidence, kept } = await fits.noise(),
    scale = scored.map(({ rows: scores }) => {
      const mean = sum(scores) / scores.length,
        deviation = Math.sqrt(sum(scores.map(s => (s - mean) ** 2)) / scores.length);
      return (all: Float64Array) => all.map(s => (deviation > 0 ? Math.min(Math.max((s - mean) / deviation, -widest), widest) : 0));
    }),
    own: Sample = { scores: scored.map((s, k) => scale[k](s.rows)), labels: rows.labels, fold: folds.rows };
  return {
    rows: own,
    right: { scores: scored.map((s, k) => scale[k](s.trusted)), labels: trusted.labels, fold: folds.trusted },
    weights: chosen => trustedWeights(trusted.labels, kept, noise.prior, chosen),
    believed: Float64Array.from(rows.labels, (label, i) => 1 - sigmoid(judge(fitted.rows, evidence, i, label, classes).wrong)),
    leading,
    classes,
    folds: folds.count,
  };
}

/** The features of a candidate, of some of a sample's rows. */
function featuresOf({ scores, labels }: Sample, { columns, offsets }: Candidate, classes: number, chosen: Int32Array): Features {
  const width = columns.length + (offsets ? classes : 0),
    data = new Float64Array(chosen.length * width);
  chosen.forEach((row, i) => {
    columns.forEach((column, k) => (data[i * width + k] = scores[column][row]));
    if (offsets) data[i * width + columns.length + labels[row]] = 1;
  });
  return { data, n: chosen.length, width };
}

/**
 * What the noise model alone makes of a candidate's scores: of one its probabilities as a logistic function of it; of several, those of the score that is
 * its own, or of the first.
 */
function centreOf(evidence: Evidence, candidate: Candidate): Float64Array {
  const { columns, offsets } = candidate,
    { rows, classes, believed, leading } = evidence,
    column = columns.includes(leading) ? leading : columns[0],
    n = believed.length,
    alone = featuresOf(rows, { ...candidate, columns: [column], offsets: false }, classes, Int32Array.from(believed.keys())),
    [slope, intercept] = fitLogistic(alone, { features: alone, weights: believed.map(p => p / n) }, 1e-6),
    centre = new Float64Array(columns.length + (offsets ? classes : 0) + 1);
  centre[columns.indexOf(column)] = slope;
  centre[centre.length - 1] = intercept;
  return centre;
}

/** What a candidate learns from some rows, as a function to other rows. */
function fit(evidence: Evidence, candidate: Candidate, centre: Float64Array, chosen: Int32Array, chosenRight: Int32Array) {
  const { rows, right, classes } = evidence,
    held = candidate.ridge === Infinity,
    known: RightRows = {
      features: featuresOf(right, candidate, classes, chosenRight),
      weights: held ? new Float64Array() : evidence.weights(chosenRight),
    },
    w = held ? centre : fitLogistic(featuresOf(rows, candidate, classes, chosen), known, candidate.ridge, centre),
    z = (sample: Sample, some: Int32Array) => logOdds(featuresOf(sample, candidate, classes, some), w);
  // Of n rows nobody is surer than of half a row of them.
  const hair = 0.5 / rows.labels.length;
  if (candidate.shape === "platt")
    return { z, p: (sample: Sample, some: Int32Array) => z(sample, some).map(x => Math.min(Math.max(sigmoid(x), hair), 1 - hair)) };
  const steps = fitIsotonic(z(rows, chosen), z(right, chosenRight), known.weights);
  return { z, p: (sample: Sample, some: Int32Array) => atSteps(steps, z(sample, some)) };
}

const where = (fold: Int32Array, is: (f: number) => boolean): Int32Array =>
  Int32Array.from(Array.from(fold.keys()).filter(i => is(fold[i])));

/** The expected squared error of p_wrong of each candidate, by cross-validation over the parts that rows and trusted rows were dealt into. */
export function compareCandidates(evidence: Evidence, candidates: readonly Candidate[]): Tried[] {
  const { rows, right, folds } = evidence,
    n = rows.labels.length;
  return candidates.map(candidate => {
    const parts = new Float64Array(n + right.labels.length),
      centre = centreOf(evidence, candidate);
    for (let f = 0; f < folds; f++) {
      const [held, heldRight] = [where(rows.fold, g => g === f), where(right.fold, g => g === f)],
        [others, otherRight] = [where(rows.fold, g => g !== f), where(right.fold, g => g !== f)],
        { p } = fit(evidence, candidate, centre, others, otherRight),
        added = squaredError(p(rows, held), p(right, heldRight), evidence.weights(heldRight));
      held.forEach((i, at) => (parts[i] = added.rows[at] / held.length / folds));
      heldRight.forEach((i, at) => (parts[n + i] = added.right[at] / folds));
    }
    return { candidate, parts, error: sum(parts) };
  });
}

/** p_wrong of rows and of right rows, each by what was fitted without its part; and the share of the file that each right row stands for. */
export interface HeldOut {
  readonly rows: Float64Array;
  readonly right: Float64Array;
  readonly weights: Float64Array;
}

/** What a candidate says of rows that it was not fitted to. */
export function heldOut(evidence: Evidence, candidate: Candidate): HeldOut {
  const { rows, right, folds } = evidence,
    m = right.labels.length,
    found = { rows: new Float64Array(rows.labels.length), right: new Float64Array(m), weights: new Float64Array(m) },
    centre = centreOf(evidence, candidate);
  for (let f = 0; f < folds; f++) {
    const [held, heldRight] = [where(rows.fold, g => g === f), where(right.fold, g => g === f)],
      { p } = fit(
        evidence,
        candidate,
        centre,
        where(rows.fold, g => g !== f),
        where(right.fold, g => g !== f),
      ),
      [ofRows, ofRight, shares] = [p(rows, held), p(right, heldRight), evidence.weights(heldRight)];
    held.forEach((i, at) => (found.rows[i] = ofRows[at]));
    heldRight.forEach((i, at) => {
      found.right[i] = ofRight[at];
      found.weights[i] = shares[at] / folds;
    });
  }
  return found;
}

/** How far one candidate's error lies above another's, and the standard error of that, as rows and trusted rows are drawn. */
export function difference(one: Tried, other: Tried, n: number): { readonly mean: number; readonly error: number } {
  const apart = one.parts.map((part, i) => part - other.parts[i]),
    spread = (some: Float64Array): number => sum(some.map(x => x * x)) - sum(some) ** 2 / some.length;
  return { mean: sum(apart), error: Math.sqrt(Math.max(spread(apart.subarray(0, n)) + spread(apart.subarray(n)), 0)) };
}

/** p_wrong of all rows, and what orders rows of equal p_wrong. */
export function applyCandidate(evidence: Evidence, candidate: Candidate): { pWrong: Float64Array; z: Float64Array } {
  const { rows, right } = evidence,
    all = Int32Array.from(rows.labels.keys()),
    { z, p } = fit(evidence, candidate, centreOf(evidence, candidate), all, Int32Array.from(right.labels.keys()));
  return { pWrong: p(rows, all), z: z(rows, all) };
}
