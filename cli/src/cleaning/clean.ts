import type { Candidate, Tried } from "./combine.js";
import { applyCandidate, evidenceOf, heldOut } from "./combine.js";
import { countWrong } from "./count.js";
import type { WrongCount } from "./count.js";
import { bestCut, cutInWords } from "./cut.js";
import { fitsOf } from "./fits.js";
import type { Fits } from "./fits.js";
import type { CleaningContext, CleaningInput } from "./input.js";
import { checkInput, truthOf } from "./input.js";
import { choose, chooseAlone, single } from "./methods/auto.js";
import { hyperCleaning } from "./methods/hyper-cleaning.js";
import { methodNames, methodOptions, methods } from "./methods/index.js";
import type { MethodOptions } from "./methods/index.js";
import type { Scored } from "./methods/method.js";
import { transition } from "./methods/transition.js";
import { checkedBins } from "./reliability.js";
import type { CheckedBin } from "./reliability.js";
import { saidOnce } from "./said-once.js";
import { fail } from "ufom/internal/tensor/error";

/** What is found of each row, in the rows' order, and of all of them. */
export interface CleaningResult {
  readonly method: string;
  /** Why p_wrong is made as it is, in a sentence or two. */
  readonly reason: string;
  /** The method's own score, or what `auto` makes of all: higher is more suspect. */
  readonly score: Float64Array;
  /** The probability that the given label is wrong. */
  readonly pWrong: Float64Array;
  /** 1 for the most suspect row. */
  readonly rank: Int32Array;
  readonly suspect: Uint8Array;
  /** The rule by which rows are suspects, in words. */
  readonly rule: string;
  /** The likeliest other label of a suspect; the given label of any other row. */
  readonly suggested: Int32Array;
  /** The weight of each row in a training: the learned one of hyper-cleaning, else 1 − p_wrong. */
  readonly weight: Float64Array;
  readonly wrong: WrongCount;
  /** How many of the rows given about some p_wrong are wrong, by trusted rows that p_wrong was not made with; none without trusted rows. */
  readonly checked: readonly CheckedBin[];
  /** P(given ỹ | true y), c × c, true class by row. */
  readonly transition: Float64Array;
  /** What was compared with what, where something was chosen. */
  readonly tried: readonly { readonly methods: readonly string[]; readonly candidate: Candidate; readonly error: number }[];
}

/** 1 for the largest, by a first and then a second score; equal ones in the order of the rows. */
export function ranks(first: Float64Array, second: Float64Array): Int32Array {
  const rank = new Int32Array(first.length);
  Array.from(first.keys())
    .sort((a, b) => first[b] - first[a] || second[b] - second[a] || a - b)
    .forEach((row, place) => (rank[row] = place + 1));
  return rank;
}

/** `auto` asks all methods. */
const scoreOnce = saidOnce<Fits, Scored>();

/**
 * Finds the wrong labels of rows.
 *
 * @param method `auto`, or the name of one
 * @throws UfomError in one sentence if the input cannot be cleaned or there is no such method; the signal's reason if it was aborted
 */
export async function clean(
  input: CleaningInput,
  context: CleaningContext,
  method = "auto",
  options: Partial<MethodOptions> = {},
): Promise<CleaningResult> {
  checkInput(input);
  return cleanWith(fitsOf(input, context), method, options);
}

/** The same with fits that several methods share. */
export async function cleanWith(fits: Fits, method = "auto", options: Partial<MethodOptions> = {}): Promise<CleaningResult> {
  if (!methodNames.includes(method)) fail("clean's method", `must be one of ${methodNames.join(", ")}`, JSON.stringify(method));
  const { input, context } = fits,
    // Asked for by name it is diagnosed what suits the file; as one of five it is the usual.
    all = methodOptions(method === hyperCleaning.name ? { estimator: "auto", ...options } : options),
    trusted = fits.trusted.labels.length > 0,
    alone = method === "auto" ? transition.name : method,
    used = method === "auto" && trusted ? methods : methods.filter(({ name }) => name === alone),
    scored: Scored[] = [];
  for (const one of used) scored.push(await scoreOnce(fits, one, all));
  const { labels } = input.rows,
    names = used.map(({ name }) => name),
    evidence = await evidenceOf(fits, scored, names.indexOf(transition.name));
  let chosen: Candidate,
    tried: readonly Tried[] = [],
    reason: string;
  context.progress?.("probabilities", 0);
  if (method === "auto" && trusted) ({ chosen, tried, reason } = choose(evidence, names));
  else if (trusted) {
    ({ chosen, tried } = chooseAlone(evidence));
    const by = chosen.ridge === Infinity ? "the noise model's" : `made by ${chosen.shape} on ${fits.trusted.labels.length} trusted rows`;
    reason = `${method} was asked for; its probabilities are ${by}.`;
  } else {
    [chosen] = single(0, 0);
    const who = method === "auto" ? `${names[0]} alone, as nothing says which methods to trust` : `${method} as asked for`;
    reason = `No rows are trusted: ${who}, with probabilities by a noise model fitted to the file itself, which is weaker.`;
  }
  if (used.length === 1 && scored[0].told !== undefined) reason += ` ${scored[0].told}`;
  const { pWrong, z } = applyCandidate(evidence, chosen),
    // Of rows that somebody has looked at nothing has to be found any more.
    open = Uint8Array.from(labels, (_, i) => Number(truthOf(input.rows, i) < 0)),
    cut = bestCut(pWrong.filter((_, i) => open[i] === 1)),
    // Of several it is the noise model whose classes are suggested: its classifier does not learn the wrong labels.
    leading = scored[Math.max(0, evidence.leading)],
    own = used.length === 1 ? scored[0].cut : undefined,
    suspect = Uint8Array.from(pWrong, (p, i) => open[i] * (own?.wrong[i] ?? Number(p >= cut))),
    weights = used.length === 1 ? scored[0].weights : undefined;
  return {
    method,
    reason,
    score: used.length === 1 ? scored[0].rows : z,
    pWrong,
    rank: used.length === 1 ? ranks(scored[0].order ?? scored[0].rows, z) : ranks(pWrong, z),
    suspect,
    rule: own?.rule ?? cutInWords(cut),
    suggested: labels.map((label, i) => (suspect[i] ? leading.other[i] : label)),
    weight: weights ?? pWrong.map(p => 1 - p),
    wrong: await countWrong(fits, pWrong),
    checked: trusted ? checkedBins(heldOut(evidence, chosen)) : [],
    transition: (await fits.noise()).noise.matrix,
    tried: tried.map(({ candidate, error }) => ({ methods: candidate.columns.map(k => names[k]), candidate, error })),
  };
}
