import type { NativeInfo } from "ufom/internal/executors/executor";
import type { ExecutorName } from "ufom/internal/executors/names";
import type { Budget, FloatType } from "ufom";
import type { OptionValues } from "./problems/option.js";
import type { Defaults } from "./problems/problem-entry.js";
import { UsageError } from "./failure.js";

/** The number of outer steps of a run without such a limit, which ends when its budget is spent. */
export const unlimited = Number.MAX_SAFE_INTEGER;

/** Everything that determines a run. It is written to config.json, from which `--resume` reads it. */
export interface Settings {
  /** A built-in name, or the absolute path of a module. */
  readonly problem: string;
  readonly options: OptionValues;
  readonly estimator: string;
  readonly outer: string;
  readonly outerSteps: number;
  /** The problem's own number of inner steps if absent. */
  readonly innerSteps?: number;
  readonly metaBatch: number;
  readonly seed: number;
  readonly dtype: FloatType;
  readonly executor: ExecutorName;
  /** The library that computes larger products, where one does: numbers depend on it. */
  readonly native?: NativeInfo;
  /** Threads that compute the tasks of a meta-batch; chosen from the cores and the work if absent. The numbers do not depend on it. */
  readonly workers?: number;
  /** The name of the preset that it began with. */
  readonly preset?: string;
  readonly budget: Budget;
  /** Outer steps without improvement after which the run ends; it goes on if absent. */
  readonly stopAfter?: number;
}

/** The settings of a run that can be given on the command line. Those that are absent have the problem's defaults. */
export interface GivenSettings {
  readonly outer?: string;
  readonly outerSteps?: number;
  readonly innerSteps?: number;
  readonly metaBatch?: number;
  readonly executor?: ExecutorName;
  /** The path of a library, or the first that is found. */
  readonly native?: true | string;
  readonly workers?: number;
  readonly dtype?: FloatType;
  readonly budgetSeconds?: number;
  readonly budgetEvaluations?: number;
  readonly preset?: string;
  readonly budgetCharged?: number;
  /** A part of the preset's total. */
  readonly budgetScale?: number;
  readonly stopAfter?: number;
}

/** What `--estimator` says where a diagnosis is to choose it. */
export const auto = "auto";

/** What a problem and a preset are asked for, of `auto`, which they need not know: unbiased, as what it chooses. */
export const standIn = (estimator: string): string => (estimator === auto ? "exact" : estimator);

/** Whether an estimator draws whether the exact gradient is computed, or may. */
export const drawsExact = (estimator: string): boolean => estimator.startsWith("ufom") || estimator === auto;

/** The limits that were given, and no others. */
export const budgetOf = ({ budgetSeconds, budgetEvaluations }: Pick<GivenSettings, "budgetSeconds" | "budgetEvaluations">): Budget => ({
  ...(budgetSeconds === undefined ? {} : { seconds: budgetSeconds }),
  ...(budgetEvaluations === undefined ? {} : { evaluations: budgetEvaluations }),
});

/** The problem's default outer transform for an estimator. */
export const defaultOuter = ({ outer }: Defaults, estimator: string): string => (typeof outer === "string" ? outer : outer(estimator));

/** Checks what was read from config.json. @throws UsageError if it is not the settings of a run */
export function settingsFrom(config: unknown, file: string): Settings {
  const settings = (config as { readonly settings?: Partial<Settings> } | null)?.settings;
  const texts = [settings?.problem, settings?.estimator, settings?.outer, settings?.dtype, settings?.executor];
  const numbers = [settings?.outerSteps, settings?.metaBatch, settings?.seed];
  if (texts.some(text => typeof text !== "string") || numbers.some(n => typeof n !== "number")) {
    throw new UsageError(`ufom: ${file} must hold the settings of a run (problem, estimator, outer, outerSteps, …); it does not.`);
  }
  return settings as Settings;
}
