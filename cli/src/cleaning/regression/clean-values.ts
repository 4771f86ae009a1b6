import { fail } from "ufom/internal/tensor/error";
import { ranks } from "../clean.js";
import type { WrongCount } from "../count.js";
import { bestCut, cutInWords } from "../cut.js";
import type { CleaningContext } from "../input.js";
import { sigmoid } from "../numbers.js";
import { checkedBins } from "../reliability.js";
import { saidOnce } from "../said-once.js";
import type { CheckedBin } from "../reliability.js";
import { chooseMethod } from "./auto.js";
import type { TriedMethod } from "./auto.js";
import { countWrongValues } from "./count.js";
import type { ModelChoice } from "./cross-fit.js";
import type { Judged, RegressionFits } from "./fits.js";
import { regressionFits } from "./fits.js";
import type { RegressionInput } from "./input.js";
import { checkRegression } from "./input.js";
import { valueMethodNames, valueMethods, valueOptions } from "./methods/index.js";
import type { ValueOptions } from "./methods/index.js";
import type { ValueMethod, ValueScores } from "./methods/method.js";
import { fromModel, scatterAt } from "./target.js";
import type { Target } from "./target.js";
import { noiseModel } from "./methods/noise-model.js";

/** What is found of each row, in the rows' order, and of all of them. */
export interface ValuesResult {
  readonly method: string;
  /** Why that method, in a sentence or two. */
  readonly reason: string;
  /** Higher is more suspect. */
  readonly score: Float64Array;
  /** The probability that the given value is wrong; 0 of settled rows. */
  readonly pWrong: Float64Array;
  /** 1 for the most suspect row. */
  readonly rank: Int32Array;
  readonly suspect: Uint8Array;
  /** The rule by which rows are suspects, in words. */
  readonly rule: string;
  /** What models that have not seen the row predict, in the values' own unit. */
  readonly predicted: Float64Array;
  /** How far right values scatter around that, in the same unit: the local scale. */
  readonly scatter: Float64Array;
  /** The weight of each row in a training: the learned one of hyper-cleaning, else 1 − p_wrong. */
  readonly weight: Float64Array;
  readonly wrong: WrongCount;
  /** How many of the rows given about some p_wrong are wrong, by trusted rows that p_wrong was not made with; none without trusted rows. */
  readonly checked: readonly CheckedBin[];
  /** Which model predicts, and what of the values. */
  readonly model: ModelChoice & Pick<Target, "log">;
  /** Degrees of freedom of Student's t, as which right values scatter. */
  readonly freedom: number;
  /** What was compared with what, where something was chosen. */
  readonly tried: readonly TriedMethod[];
}

/** `auto` asks all methods. */
const scoreOnce = saidOnce<RegressionFits, ValueScores>();

const named = (name: string): ValueMethod<ValueOptions> => valueMethods.find(method => method.name === name)!;

/**
 * Finds the wrong values of rows.
 *
 * @param method `auto`, or the name of one
 * @throws UfomError in one sentence if the input cannot be cleaned or there is no such method; the signal's reason if it was aborted
 */
export async function cleanValues(
  input: RegressionInput,
  context: CleaningContext,
  method = "auto",
  options: Partial<ValueOptions> = {},
): Promise<ValuesResult> {
  checkRegression(input);
  return cleanValuesWith(regressionFits(input, context), method, options);
}

/** The same with fits that several methods share. */
export async function cleanValuesWith(fits: RegressionFits, method = "auto", options: Partial<ValueOptions> = {}): Promise<ValuesResult> {
  if (!valueMethodNames.includes(method)) fail("clean's method", `must be one of ${valueMethodNames.join(", ")}`, JSON.stringify(method));
  const all = valueOptions(options),
    m = fits.trusted.values.length;
  if (method !== "auto") return resultOf(fits, method, await scoreOnce(fits, named(method), all), `${method} was asked for.`, []);
  if (m === 0)
    return resultOf(
      fits,
      noiseModel.name,
      await scoreOnce(fits, noiseModel, all),
      `No rows are trusted: ${noiseModel.name} alone, as nothing says which method to trust.`,
      [],
    );
  const scores = new Map<string, ValueScores>();
  for (const one of valueMethods) scores.set(one.name, await scoreOnce(fits, one, all));
  const { chosen, tried, reason } = chooseMethod(
    fits,
    new Map(Array.from(scores, ([name, { judged }]) => [name, judged])),
    noiseModel.name,
  );
  // It is p_wrong that was compared, and by p_wrong rows are ranked and called suspects.
  return resultOf(fits, "auto", { judged: scores.get(chosen)!.judged }, reason, tried);
}

/** Trusted rows stand for right ones, all alike. */
function checked({ data: { rows: n, values }, open }: RegressionFits, { apart, errors }: Judged): readonly CheckedBin[] {
  const m = values.length - n;
  if (m === 0) return [];
  return checkedBins({
    rows: Float64Array.from(open, i => apart[i]),
    right: apart.slice(n),
    weights: new Float64Array(m).fill((1 - errors.share) / m),
  });
}

async function resultOf(
  fits: RegressionFits,
  method: string,
  { judged, score, cut, weights }: ValueScores,
  reason: string,
  tried: readonly TriedMethod[],
): Promise<ValuesResult> {
  const { input, data, target } = fits,
    n = data.rows,
    settled = (i: number): boolean => input.settled?.[i] === 1,
    z = judged.z.subarray(0, n).map((odds, i) => (settled(i) ? -Infinity : odds)),
    predicted = judged.predicted.slice(0, n),
    pWrong = z.map(sigmoid),
    at = bestCut(pWrong),
    suspect = cut?.wrong ?? pWrong.map(p => Number(p >= at)),
    by = score?.map((s, i) => (settled(i) ? -Infinity : s)) ?? z;
  return {
    method,
    reason,
    score: by,
    pWrong,
    rank: ranks(by, z),
    suspect: Uint8Array.from(suspect, (called, i) => Number(called === 1 && !settled(i))),
    rule: cut?.rule ?? cutInWords(at),
    predicted: fromModel(target, predicted),
    scatter: scatterAt(
      target,
      predicted,
      judged.residuals.scale.slice(0, n).map(s => judged.errors.sigma * s),
    ),
    weight: weights ?? pWrong.map(p => 1 - p),
    wrong: countWrongValues(fits, judged),
    checked: checked(fits, judged),
    model: { ...(await fits.base()).choice, log: target.log },
    freedom: judged.errors.freedom,
    tried,
  };
}
