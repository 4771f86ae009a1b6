import type { ChargedBudget } from "ufom";
import type { NativeInfo } from "ufom/internal/executors/executor";
import type { OptionValues } from "./problems/option.js";
import type { Preset } from "./problems/preset.js";
import type { Built } from "./problems/problem-entry.js";
import { canonicalEstimator, checkOuter, openNative } from "./engine.js";
import { UsageError } from "./failure.js";
import type { LoadedProblem } from "./load-problem.js";
import { chargedBudget } from "./presets.js";
import { whole } from "./report/format.js";
import { auto, budgetOf, defaultOuter, standIn, unlimited, type GivenSettings, type Settings } from "./settings.js";

/** What all runs of one command have in common. */
export interface RunBasis {
  readonly loaded: LoadedProblem;
  readonly options: OptionValues;
  readonly given: GivenSettings;
  /** What `--preset` named. */
  readonly preset?: Preset;
}

/**
 * The settings of a run: what the command line says, and the problem's defaults for the rest.
 * @throws an error in one sentence if an estimator or an outer transform is misspelled or makes no sense here
 */
export async function settingsOf(basis: RunBasis, built: Built, estimatorText: string | undefined, seed: number): Promise<Settings> {
  const { given, loaded, options, preset } = basis;
  const { defaults, problem } = built;
  const estimator = await canonicalEstimator(estimatorText ?? defaults.estimator);
  const known = standIn(estimator),
    refusal = built.refuse?.(known);
  if (refusal !== undefined) throw new UsageError(`ufom: ${refusal}`);
  const outer = given.outer ?? preset?.outer(known) ?? defaultOuter(defaults, known);
  await checkOuter(outer);
  const executor = given.executor ?? "auto",
    metaBatch = given.metaBatch ?? preset?.metaBatch ?? defaults.metaBatch ?? 1,
    charged = preset && chargedBudget(preset, known, metaBatch, given),
    native = given.native === undefined ? undefined : await openNative(executor, given.native, metaBatch);
  if (charged !== undefined && estimator === auto)
    throw new UsageError(
      `ufom: --estimator auto goes without charged evaluations, as what a task is charged depends on the estimator (--outer-steps, --budget-evaluations or --budget-seconds limit it otherwise); received --preset ${preset!.name} and none of these.`,
    );
  return {
    problem: loaded.reference,
    options,
    estimator,
    outer,
    outerSteps: given.outerSteps ?? (preset === undefined ? defaults.outerSteps : unlimited),
    innerSteps: given.innerSteps ?? preset?.innerSteps(known) ?? problem.steps,
    metaBatch,
    seed,
    dtype: given.dtype ?? defaults.dtype ?? "float32",
    executor,
    ...(native === undefined ? {} : { native }),
    ...(given.workers === undefined ? {} : { workers: given.workers }),
    ...(preset === undefined ? {} : { preset: preset.name }),
    budget: { ...budgetOf(given), ...(charged === undefined ? {} : { charged }) },
    ...(given.stopAfter === undefined ? {} : { stopAfter: given.stopAfter }),
  };
}

/** A library and what it does, for the banner and the report. */
export const nativeLine = ({ library, path, threads, threshold }: NativeInfo): string =>
  `${library} (${path}), ${threads} ${threads === 1 ? "thread" : "threads"}, products of at least ${threshold} multiplications`;

/** What is charged, as names and values. */
const chargedList = (charged: ChargedBudget | undefined): (readonly [string, string])[] =>
  charged === undefined
    ? []
    : [
        ["budget, charged evaluations", whole(charged.total)],
        ["charged for a task", `${charged.always}${charged.exact ? `, and ${charged.exact} with the exact gradient` : ""}`],
      ];

/** The settings as names and values, for the banner and the report. */
export function settingsList(settings: Settings): (readonly [string, string])[] {
  const { options, budget, outerSteps, innerSteps, preset } = settings;
  return [
    ...(preset === undefined ? [] : [["preset", preset] as const]),
    ["estimator", settings.estimator],
    ["outer transform", settings.outer],
    ["outer steps", outerSteps === unlimited ? "until the budget is spent" : String(outerSteps)],
    ["inner steps", innerSteps === undefined ? "the problem's" : String(innerSteps)],
    ["tasks in a meta-batch", String(settings.metaBatch)],
    ["precision", settings.dtype],
    ["executor", settings.executor],
    ...(settings.native === undefined ? [] : [["native", nativeLine(settings.native)] as const]),
    ["threads", settings.workers === undefined ? "as the work is worth" : String(settings.workers)],
    ["seed", String(settings.seed)],
    ...(budget.seconds === undefined ? [] : [["budget, seconds", String(budget.seconds)] as const]),
    ...(budget.evaluations === undefined ? [] : [["budget, evaluations", whole(budget.evaluations)] as const]),
    ...chargedList(budget.charged),
    ...(settings.stopAfter === undefined ? [] : [["ends after steps without improvement", String(settings.stopAfter)] as const]),
    ...Object.entries(options).map(([name, value]): [string, string] => [name, String(value)]),
  ];
}

/** The command-line options that say what computes a run, and how. */
export const machineOptions = ({
  dtype,
  executor,
  native,
  workers,
}: Pick<Settings, "dtype" | "executor" | "native" | "workers">): string[] => [
  "--dtype",
  dtype,
  "--executor",
  executor,
  ...(native === undefined ? [] : ["--native", native.path]),
  ...(workers === undefined ? [] : ["--workers", String(workers)]),
];

/** The command-line options that repeat a run, in the order of `--help`. */
export function optionsLine(settings: Settings): string[] {
  const { estimator, outer, seed, options } = settings;
  return [
    ...["--estimator", estimator, "--outer", outer, "--seed", String(seed)],
    ...sharedOptions(settings),
    ...Object.entries(options).flatMap(([name, value]) => ["--set", `${name}=${String(value)}`]),
  ];
}

/** Those that the runs of a comparison have in common. */
export function sharedOptions(settings: Omit<Settings, "estimator" | "outer" | "seed" | "options" | "problem">): string[] {
  const { budget } = settings;
  return [
    ...(settings.outerSteps === unlimited ? [] : ["--outer-steps", String(settings.outerSteps)]),
    ...(settings.innerSteps === undefined ? [] : ["--inner-steps", String(settings.innerSteps)]),
    ...["--meta-batch", String(settings.metaBatch)],
    ...machineOptions(settings),
    ...(budget.seconds === undefined ? [] : ["--budget-seconds", String(budget.seconds)]),
    ...(budget.evaluations === undefined ? [] : ["--budget-evaluations", String(budget.evaluations)]),
    ...(settings.preset === undefined ? [] : ["--preset", settings.preset]),
    ...(budget.charged === undefined ? [] : ["--budget-charged", String(budget.charged.total)]),
    ...(settings.stopAfter === undefined ? [] : ["--stop-after", String(settings.stopAfter)]),
  ];
}
