// `auto` makes p_wrong of the scores of all methods.
//
// With trusted rows the combination is learned and chosen on them. What is known of a trusted row is its true label; a given one mostly not. So a trusted
// row stands for right rows only, scored with its true label by models that have not seen it, and what is wrong is what the file has beyond them
// (right-rows.ts has the risk and why no labels are flipped by way of trial). Tried are each method alone and all of them together, with and without an
// offset for each given label, with σ and, of many trusted rows, with a step function. The one with the least expected squared error of p_wrong on held-out parts is taken,
// and both it and the best single method are told.
//
// Without trusted rows there is nothing to choose by: an error on labels that may be wrong favours whoever believes them. All scores are then averaged,
// each standardized, and the noise model says what the average means in probabilities.
import type { Candidate, Evidence, Tried } from "../combine.js";
import { compareCandidates } from "../combine.js";

const ridges = [1e-3, 1e-2] as const;

/** A step function is tried from so many trusted rows on: with fewer its steps are few, and a cut falls on one of them by chance. */
const enoughForSteps = 1000;

const shapesFor = (trusted: number): readonly Candidate["shape"][] => (trusted < enoughForSteps ? ["platt"] : ["platt", "isotonic"]);

/** One method alone, by its position. */
export const single = (column: number, trusted: number): Candidate[] =>
  shapesFor(trusted).map(shape => ({ columns: [column], offsets: false, ridge: 1e-4, shape }));

/** All of so many methods together. */
function together(n: number, trusted: number): Candidate[] {
  const columns = Array.from({ length: n }, (_, k) => k);
  return ridges.flatMap(ridge => [false, true].flatMap(offsets => shapesFor(trusted).map(shape => ({ columns, offsets, ridge, shape }))));
}

/** The candidate whose error is least, the first of equal ones. */
export const bestOf = (tried: readonly Tried[]): Tried => tried.reduce((best, one) => (one.error < best.error ? one : best));

const named = ({ columns, offsets, shape }: Candidate, names: readonly string[]): string =>
  `${columns.length === 1 ? names[columns[0]] : `all ${columns.length} methods together`}${offsets ? ", an offset for each label" : ""}, ${shape}`;

/** Chooses among methods alone and together, on trusted rows. */
export function choose(evidence: Evidence, names: readonly string[]): { chosen: Candidate; tried: readonly Tried[]; reason: string } {
  const m = evidence.right.labels.length,
    alone = names.flatMap((_, k) => single(k, m)),
    tried = compareCandidates(evidence, [...alone, ...together(names.length, m)]),
    best = bestOf(tried),
    bestAlone = bestOf(tried.slice(0, alone.length)),
    error = (one: Tried) => `${named(one.candidate, names)}: ${one.error.toFixed(4)}`,
    how = `expected squared error of p_wrong, ${evidence.folds}-fold cross-validation on ${m} trusted rows`,
    beside = best === bestAlone ? `All methods together: ${bestOf(tried.slice(alone.length)).error.toFixed(4)}` : `The best alone: ${error(bestAlone)}`;
  return { chosen: best.candidate, tried, reason: `${error(best)} (${how}). ${beside}.` };
}

/** All scores averaged, in the place of one: what is done where no row is trusted. */
export function averaged(evidence: Evidence): Evidence {
  const mean = (scores: readonly Float64Array[]) =>
    scores[0].map((_, i) => scores.reduce((total, column) => total + column[i], 0) / scores.length);
  const rows = { ...evidence.rows, scores: [mean(evidence.rows.scores)] };
  return { ...evidence, rows, right: evidence.right === evidence.rows ? rows : { ...evidence.right, scores: [mean(evidence.right.scores)] } };
}
