import type { Budget } from "ufom";
import type { OptionValues } from "./problems/option.js";
import type { Preset } from "./problems/preset.js";
import type { Built } from "./problems/problem-entry.js";
import { canonicalEstimator, firstOrderVanishes } from "./engine.js";
import { UsageError } from "./failure.js";
import type { OptionGrid } from "./option-values.js";
import { settingsOf, type RunBasis } from "./prepare.js";
import { budgetOf, settingsFrom, unlimited, type GivenSettings, type Settings } from "./settings.js";

/** The options of `ufom compare` that say which runs there are. */
export interface PlanOptions extends GivenSettings {
  readonly estimators?: readonly string[];
  readonly seeds?: readonly number[];
}

/** Builds the problem for its options, a seed and an estimator, which may ask for a number of inner steps. */
export type Builds = (options: OptionValues, seed: number, estimator?: string) => Promise<Built>;

/** One run of a comparison: what determines it, and its folder inside that of the comparison. */
export interface Planned {
  readonly settings: Settings;
  readonly folder: string;
}

/** Compared where neither the command line nor the problem says what: a cheap and biased one, the exact one, one between. */
async function usualEstimators({ problem, defaults }: Built, { dtype = defaults.dtype ?? "float32" }: PlanOptions): Promise<string[]> {
  return [(await firstOrderVanishes(problem, dtype, 1)) ? "first-order:mixed" : "first-order", "exact", "ufom:adaptive"];
}

/**
 * What each run may spend. One evaluation is an inner step, a product (the pull-back of a step) or an outer loss with its
 * gradients. Unless told, it is what `exact` with stored states spends in the problem's number of outer steps:
 * K · (tasks in a meta-batch) · (2r + 1).
 */
function budgetFor(given: PlanOptions, { defaults, problem }: Built, preset: Preset | undefined): Budget {
  const asked = budgetOf(given);
  if (Object.keys(asked).length > 0) return asked;
  if (given.outerSteps === undefined && given.innerSteps === undefined && defaults.compare?.evaluations !== undefined) {
    return { evaluations: defaults.compare.evaluations };
  }
  const r = given.innerSteps ?? preset?.innerSteps("exact") ?? problem.steps;
  const tasks = given.metaBatch ?? preset?.metaBatch ?? defaults.metaBatch ?? 1;
  return { evaluations: (given.outerSteps ?? defaults.outerSteps) * tasks * (2 * r + 1) };
}

/** Canonical spellings, each once. @throws an error in one sentence if one is misspelled */
async function canonical(estimators: readonly string[] | undefined): Promise<readonly string[] | undefined> {
  return estimators && [...new Set(await Promise.all(estimators.map(canonicalEstimator)))];
}

/** `noise=0.1, depth=2`: the values of the options that a comparison varies. */
export const variedText = (options: OptionValues, varied: readonly string[]): string =>
  varied.map(name => `${name}=${String(options[name])}`).join(", ");

/** Whether the runs of a comparison have options that depend on the estimator. */
const optionsDiffer = (runs: readonly Planned[], varied: readonly string[]): boolean => {
  const pairs = runs.map(({ settings: { options } }) => [variedText(options, varied), JSON.stringify(options)] as const);
  return new Set(pairs.map(([, all]) => all)).size > new Set(pairs.map(([point]) => point)).size;
};

/**
 * What a comparison says of its problem: lines of the protocol that all its runs share, and those of each point of the grid, or of the estimators
 * that have options of their own; the levels of all.
 */
export async function described(runs: readonly Planned[], varied: readonly string[], builds: Builds): Promise<Built> {
  const [first] = runs;
  const ofFirstSeed = runs.filter(({ settings }) => settings.seed === first.settings.seed).map(({ settings }) => settings);
  const points = new Map<string, Settings[]>();
  for (const settings of ofFirstSeed) {
    const key = JSON.stringify(settings.options);
    points.set(key, [...(points.get(key) ?? []), settings]);
  }
  const apart = optionsDiffer(runs, varied);
  const all = await Promise.all(
    [...points.values()].map(async group => {
      const [{ options, seed, estimator: one }] = group;
      const estimators = apart ? [group.map(({ estimator }) => estimator).join(", ")] : [];
      return {
        name: [variedText(options, varied), ...estimators].filter(text => text !== "").join(", "),
        built: await builds(options, seed, one),
      };
    }),
  );
  const [{ built }] = all;
  if (all.length === 1) return built;
  const lines = all.map(({ built: b }) => b.protocol ?? []);
  const shared = lines[0].filter(line => lines.every(other => other.includes(line)));
  const own = all.flatMap(({ name }, i) => lines[i].filter(line => !shared.includes(line)).map(line => `${name}: ${line}`));
  const levels = new Map(all.flatMap(({ built: b }) => (b.headline?.levels ?? []).map(level => [`${level.label} ${level.y}`, level])));
  const { headline } = built;
  return {
    ...built,
    protocol: [...shared, ...own],
    ...(headline === undefined ? {} : { headline: { ...headline, levels: [...levels.values()] } }),
  };
}

/** Names of the runs' folders; no two are the same, whatever the options hold. */
function folders(all: readonly Settings[], varied: readonly string[]): string[] {
  const taken = new Map<string, number>();
  return all.map(({ estimator, options, seed }) => {
    const parts = [estimator, ...varied.map(name => `${name}=${String(options[name])}`)];
    const plain = parts.map(part => part.replace(/[^\w.=]+/g, "-").slice(0, 60)).join("-");
    const name = `${plain}-seed${seed}`;
    const before = taken.get(name) ?? 0;
    taken.set(name, before + 1);
    return before === 0 ? name : `${name}-${before + 1}`;
  });
}

/**
 * Every run of the comparison, checked before the first begins.
 * @param gridFor the points of the grid for an estimator, as many and in the same order for each
 */
export async function planRuns(
  basis: Omit<RunBasis, "options">,
  options: PlanOptions,
  gridFor: (estimator?: string) => OptionGrid,
  builds: Builds,
): Promise<Planned[]> {
  const { preset } = basis;
  const named = await canonical(options.estimators ?? preset?.estimators);
  const { points, varied } = gridFor(named?.[0]);
  const first = await builds(points[0], options.seeds?.[0] ?? 1, named?.[0]);
  const { compare } = first.defaults;
  const seeds = options.seeds ?? Array.from({ length: compare?.seeds ?? 1 }, (_, i) => i + 1);
  const estimators = named ?? (await canonical(compare?.estimators ?? (await usualEstimators(first, options))))!;
  const budget = budgetFor(options, first, preset);
  const all: Settings[] = [];
  for (const seed of seeds) {
    for (const i of points.keys()) {
      for (const estimator of estimators) {
        const point = gridFor(estimator).points[i];
        const settings = await settingsOf({ ...basis, options: point }, await builds(point, seed, estimator), estimator, seed);
        // That of a preset is charged as the estimator is.
        const limits = Object.keys(settings.budget).length > 0 ? settings.budget : budget;
        all.push({ ...settings, outerSteps: unlimited, budget: limits });
      }
    }
  }
  const names = folders(all, varied);
  return all.map((settings, i) => ({ settings, folder: names[i] }));
}

/** What config.json of a comparison holds. */
export interface Comparison {
  readonly runs: readonly Planned[];
  /** Names of the options that are varied. */
  readonly varied: readonly string[];
  /** On how many held-out tasks each run is judged; none where the problem's `evaluate` judges. */
  readonly heldOut: number | null;
}

/** A comparison as config.json has it. */
export const configOf = ({ runs, varied, heldOut }: Comparison, ufom: string) => ({
  version: 1,
  ufom,
  compare: runs.map(({ settings }) => settings),
  folders: runs.map(({ folder }) => folder),
  varied,
  heldOut,
});

/** Checks what was read from config.json. @throws UsageError if it is not that of a comparison */
export function comparisonFrom(config: unknown, file: string): Comparison {
  const { compare, folders: names, varied, heldOut } = (config ?? {}) as Partial<ReturnType<typeof configOf>>;
  const texts = (list: unknown): list is string[] => Array.isArray(list) && list.every(text => typeof text === "string");
  const judged = heldOut === null || (typeof heldOut === "number" && Number.isSafeInteger(heldOut) && heldOut > 0);
  if (!Array.isArray(compare) || compare.length === 0 || !texts(names) || names.length !== compare.length || !texts(varied) || !judged) {
    const run = typeof config === "object" && config !== null && "settings" in config ? " (ufom run --resume goes on with a run)" : "";
    throw new UsageError(`ufom: ${file} must hold the runs of a comparison (compare, folders, varied, heldOut); it does not${run}.`);
  }
  const inside = names.find(name => name === "" || /[\\/]|^\.+$/.test(name));
  if (inside !== undefined) throw new UsageError(`ufom: folders in ${file} must be names; received ${JSON.stringify(inside)}.`);
  const runs = compare.map((settings, i) => ({ settings: settingsFrom({ settings }, file), folder: names[i] }));
  return { runs, varied, heldOut };
}
