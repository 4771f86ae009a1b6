import { fail } from "../../tensor/error.js";
import { describeTree } from "../../tensor/tree.js";
import type { Estimator } from "../estimators/estimator.js";
import { parseEstimator } from "../estimators/index.js";
import type { CompiledProblem } from "../evaluation/compiled-problem.js";
import { mixed } from "../problem/definitions.js";

/** A gradient that is compared with the exact one. */
export interface Candidate {
  /** Its spelling. */
  readonly name: string;
  /** What evaluates it; the zero gradient needs nothing. */
  readonly estimator?: Estimator;
}

/** The gradient that is zero: D² = V², without being evaluated. */
const zero: Candidate = { name: "zero" };

/** The candidates by their spellings. @throws if one is misspelled, or makes no sense on the problem */
export function candidatesOf(compiled: CompiledProblem, spellings: readonly string[]): Candidate[] {
  const given: unknown = spellings;
  if (!Array.isArray(given) || given.some(text => typeof text !== "string"))
    fail("diagnose's candidates", "must be a list of spellings of estimators, or zero", describeTree(given));
  const found = spellings.map((text): Candidate => {
    if (text === zero.name) return zero;
    const estimator = parseEstimator(text);
    estimator.check?.(compiled);
    return { name: estimator.name, estimator };
  });
  const names = new Set<string>();
  for (const { name } of found) {
    if (names.has(name)) fail("diagnose's candidates", "must differ from each other", `${name} twice`);
    names.add(name);
  }
  return found;
}

/**
 * What is compared where nothing is said: zero; first-order, where that is not zero by structure, and with its mixed part, where there is one; and the
 * last and the first quarter and half of the steps.
 */
export function defaultCandidates({ programs, steps }: CompiledProblem): string[] {
  const part = (share: number): number => Math.max(1, Math.round(share * steps)),
    depths = [...new Set([part(1 / 4), part(1 / 2)])].filter(depth => depth < steps);
  return [
    zero.name,
    ...(programs.firstOrderVanishes ? [] : ["first-order"]),
    ...(steps > 0 && programs.of(mixed).leaves.length ? ["first-order:mixed"] : []),
    ...depths.map(depth => `truncated:${depth}`),
    ...depths.map(depth => `head:${depth}`),
  ];
}
