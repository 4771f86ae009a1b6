// `auto` makes p_wrong of the scores of all methods.
//
// With trusted rows the combination is learned and chosen on them. What is known of a trusted row is its true label; a given one mostly not. So a trusted
// row stands for right rows only, scored with its true label by models that have not seen it, and what is wrong is what the file has beyond them
// (right-rows.ts has the risk and why no labels are flipped by way of trial). Tried are each method alone and all of them together, with and without an
// offset for each given label, with σ and, of many trusted rows, with a step function. The one with the least expected squared error of p_wrong on held-out
// parts is taken, and what it was compared with is told.
//
// The weights of the scores are held to what the noise model says of them, so that a few trusted rows move them little and many as far as they like; and the
// noise model's own word is kept unless something is better by more than two standard errors of the difference.
//
// Without trusted rows there is nothing to choose by: an error on labels that may be wrong favours whoever believes them. The noise model alone is then
// taken, as the one method whose classifier does not learn the wrong labels.
import type { Candidate, Evidence, Tried } from "../combine.js";
import { compareCandidates, difference } from "../combine.js";

const ridges = [0.1, 0.01] as const;

/** A step function is tried from so many trusted rows on: with fewer its steps are few, and a cut falls on one of them by chance. */
const enoughForSteps = 1000;

const shapesFor = (trusted: number): readonly Candidate["shape"][] => (trusted < enoughForSteps ? ["platt"] : ["platt", "isotonic"]);

/** One method alone, by its position: first as the noise model says. */
export const single = (column: number, trusted: number): Candidate[] => [
  { columns: [column], offsets: false, ridge: Infinity, shape: "platt" },
  ...ridges.flatMap(ridge => shapesFor(trusted).map((shape): Candidate => ({ columns: [column], offsets: false, ridge, shape }))),
];

/** All of so many methods together. */
function together(n: number, trusted: number): Candidate[] {
  const columns = Array.from({ length: n }, (_, k) => k);
  return ridges.flatMap(ridge => [false, true].flatMap(offsets => shapesFor(trusted).map(shape => ({ columns, offsets, ridge, shape }))));
}

const best = (tried: readonly Tried[]): Tried => tried.reduce((least, one) => (one.error < least.error ? one : least));

const named = ({ columns, offsets, ridge, shape }: Candidate, names: readonly string[]): string =>
  [
    columns.length === 1 ? names[columns[0]] : `all ${columns.length} methods together`,
    ...(offsets ? ["an offset for each label"] : []),
    ridge === Infinity ? "as the noise model says" : shape,
  ].join(", ");

/** The best of what was tried, but the noise model's word where nothing is better by more than two standard errors. */
function prudent(evidence: Evidence, tried: readonly Tried[], word: Tried): Tried {
  const least = best(tried),
    { mean, error } = difference(word, least, evidence.rows.labels.length);
  return mean > 2 * error ? least : word;
}

/** What of one method's scores makes the best probabilities. */
export function chooseAlone(evidence: Evidence): { chosen: Candidate; tried: readonly Tried[] } {
  const tried = compareCandidates(evidence, single(0, evidence.right.labels.length));
  return { chosen: prudent(evidence, tried, tried[0]).candidate, tried };
}

/** Chooses among methods alone and together, on trusted rows. */
export function choose(evidence: Evidence, names: readonly string[]): { chosen: Candidate; tried: readonly Tried[]; reason: string } {
  const m = evidence.right.labels.length,
    alone = names.flatMap((_, k) => single(k, m)),
    tried = compareCandidates(evidence, [...alone, ...together(names.length, m)]),
    word = tried.find(({ candidate }) => candidate.columns[0] === evidence.leading && candidate.ridge === Infinity)!,
    taken = prudent(evidence, tried, word),
    // A difference of what rows and trusted rows say, which chance may bring below 0.
    error = (one: Tried) => `${named(one.candidate, names)}: ${Math.max(one.error, 0).toFixed(4)}`,
    how = `expected squared error of p_wrong, ${evidence.folds}-fold cross-validation on ${m} trusted rows`,
    others = [best(tried.slice(0, alone.length)), best(tried.slice(alone.length))].filter(one => one !== taken);
  return { chosen: taken.candidate, tried, reason: `${error(taken)} (${how}). Beside it ${others.map(error).join("; ")}.` };
}
