import { fail } from "ufom/internal/tensor/error";
import type { KeysOf } from "ufom/internal/tensor/options";
import { checkOptions } from "ufom/internal/tensor/options";
import { describeTree } from "ufom/internal/tensor/tree";
import type { Built, Defaults } from "../problems/problem-entry.js";

const keys: KeysOf<Defaults> = { estimator: true, outer: true, outerSteps: true, metaBatch: true, dtype: true, compare: true };
const compareKeys: KeysOf<NonNullable<Defaults["compare"]>> = { estimators: true, seeds: true, evaluations: true };

/** The defaults of a user's module, for those that it does not export. */
const usual: Defaults = { estimator: "exact", outer: "adam:0.01", outerSteps: 100 };

const isCount = (x: unknown): boolean => Number.isSafeInteger(x) && (x as number) >= 1;
/** What each of them must be; that an estimator or a transform is spelled right is asked where it is read. */
const rules: { readonly [K in keyof Required<Omit<Defaults, "compare">>]: readonly [rule: string, fits: (x: unknown) => boolean] } = {
  estimator: ["a spelling of an estimator", x => typeof x === "string"],
  outer: [
    "a spelling of an outer transform, or a function from the estimator's to it",
    x => typeof x === "string" || typeof x === "function",
  ],
  outerSteps: ["a whole number of at least 0", x => x === 0 || isCount(x)],
  metaBatch: ["a whole number of at least 1", isCount],
  dtype: ["float32 or float64", x => x === "float32" || x === "float64"],
};

function checkRule(who: string, name: string, value: unknown, [rule, fits]: readonly [string, (x: unknown) => boolean]): void {
  if (value !== undefined && !fits(value)) fail(who, `must have ${rule} as ${name}`, describeTree(value));
}

/**
 * A module's `defaults`, with the usual ones for those that it does not have.
 * @throws UfomError if one has a name that nobody reads, or is not what it must be
 */
export function defaultsOf(file: string, exported: unknown): Defaults {
  const who = `the defaults of ${file}`,
    given = checkOptions(who, exported as Partial<Defaults> | undefined, keys, "the keys"),
    compare = given.compare === undefined ? undefined : checkOptions(`${who} for compare`, given.compare, compareKeys, "the keys");
  for (const [name, rule] of Object.entries(rules)) checkRule(who, name, given[name as keyof Defaults], rule);
  if (compare) {
    const spellings = (x: unknown) => Array.isArray(x) && x.every(text => typeof text === "string");
    if (!spellings(compare.estimators))
      fail(`${who} for compare`, "must have a list of estimators' spellings", describeTree(compare.estimators));
    for (const name of ["seeds", "evaluations"] as const) checkRule(`${who} for compare`, name, compare[name], rules.metaBatch);
  }
  return { ...usual, ...Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) };
}

/** A module's function of that name, or none. @throws UfomError if it is something else */
export function functionOf<K extends "evaluate" | "track">(
  file: string,
  name: K,
  exported: unknown,
): Pick<Built, K> | Record<string, never> {
  if (exported === undefined) return {};
  return typeof exported === "function"
    ? ({ [name]: exported } as unknown as Pick<Built, K>)
    : fail(file, `must export a function as ${name}`, describeTree(exported));
}
