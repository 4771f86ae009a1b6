import { fail } from "../../tensor/error.js";
import type { Estimator } from "./estimator.js";
import { evolutionSpelling } from "./evolution.js";
import { exactSpelling } from "./exact.js";
import { firstOrderMixedSpelling, firstOrderSpelling } from "./first-order.js";
import { forwardSpelling } from "./forward.js";
import { headSpelling } from "./head.js";
import { implicitSpelling } from "./implicit-spelling.js";
import { reptileSpelling } from "./reptile.js";
import type { EstimatorSpelling } from "./spelling.js";
import { stepwiseSpelling } from "./stepwise-spelling.js";
import { sobaSpelling } from "./soba.js";
import { truncatedSpelling } from "./truncated.js";
import { ufomSpelling } from "./ufom-spelling.js";
import { zeroSpelling } from "./zero.js";

/** Every estimator that can be asked for by name. To add one: its file, and one name here. */
export const estimatorSpellings: readonly EstimatorSpelling[] = [
  firstOrderSpelling,
  firstOrderMixedSpelling,
  exactSpelling,
  truncatedSpelling,
  headSpelling,
  zeroSpelling,
  forwardSpelling,
  implicitSpelling,
  stepwiseSpelling,
  ufomSpelling,
  evolutionSpelling,
  sobaSpelling,
  reptileSpelling,
];

/** What `solve` is given where a diagnosis is to choose the estimator. */
export const auto = "auto";

/**
 * An estimator by its spelling, as on the command line: `exact:checkpoint=8`, `ufom:0.1`, `ufom:adaptive`.
 *
 * @throws UfomError if the text spells none, or a part of it is out of range
 *
 * @example
 * parseEstimator("ufom:0.10:checkpoint=10").name; // "ufom:0.1"
 */
export function parseEstimator(text: string): Estimator {
  if (text === auto)
    return fail(
      "auto",
      "chooses the estimator of a run, in solve, ufom run and ufom compare, and is none itself (diagnose says which it would be)",
      "it elsewhere",
    );
  for (const { parse } of estimatorSpellings) {
    const estimator = parse(text, parseEstimator);
    if (estimator) return estimator;
  }
  return fail("an estimator", `must be one of ${estimatorSpellings.map(s => s.spelling).join(", ")}`, JSON.stringify(text));
}
