import type { ChargedBudget } from "ufom";
import { didYouMean } from "ufom/internal/tensor/options";
import { UsageError } from "./failure.js";
import type { OptionValues } from "./problems/option.js";
import type { Preset } from "./problems/preset.js";
import type { ProblemEntry } from "./problems/problem-entry.js";
import { whole } from "./report/format.js";
import type { GivenSettings, Settings } from "./settings.js";
import { quantity } from "ufom/internal/tensor/quantity";

/**
 * The preset that the command line names, if it names one.
 * @throws UsageError if the problem has none of that name, or an option that only goes with a preset is given without
 */
export function presetOf({ name, presets = [] }: ProblemEntry, given: GivenSettings): Preset | undefined {
  if (given.preset === undefined) {
    const lost = Object.entries({ "--budget-charged": given.budgetCharged, "--budget-scale": given.budgetScale });
    const option = lost.find(([, value]) => value !== undefined);
    if (option !== undefined)
      throw new UsageError(`ufom: ${option[0]} goes with --preset NAME, which says what is charged; received it without.`);
    return undefined;
  }
  if (given.budgetCharged !== undefined && given.budgetScale !== undefined)
    throw new UsageError("ufom: --budget-charged and --budget-scale both say what the total is; received both.");
  const names = presets.map(preset => preset.name),
    found = presets.find(preset => preset.name === given.preset);
  if (found !== undefined) return found;
  const known = names.length > 0 ? `it has ${names.join(", ")}` : "it has none";
  throw new UsageError(`ufom: ${name} has no preset ${JSON.stringify(given.preset)}${didYouMean(given.preset, names)}; ${known}.`);
}

/** A preset's options for an estimator. @throws UsageError if the problem has none of such a name, or does not take such a value */
export function presetOptions({ name, options: specs }: ProblemEntry, preset: Preset, estimator: string): OptionValues {
  const values = preset.options(estimator);
  for (const [option, value] of Object.entries(values)) {
    if (!Object.hasOwn(specs, option))
      throw new UsageError(`ufom: the preset ${preset.name} must set options that ${name} has; received ${JSON.stringify(option)}.`);
    const { parse, expects } = specs[option];
    if (parse(String(value)) !== value)
      throw new UsageError(`ufom: the preset ${preset.name} must set ${option} to ${expects}; received ${JSON.stringify(value)}.`);
  }
  return values;
}

/** What a step of so many tasks is charged at least and at most. */
const chargeOfStep = ({ always, exact = 0 }: Omit<ChargedBudget, "total">, tasks: number) => ({
  least: tasks * always,
  most: tasks * (always + exact),
});

/** The total of charged evaluations, if nothing else limits the run or the command line says one. @throws UsageError if it is not one step's */
export function chargedBudget(preset: Preset, estimator: string, tasks: number, given: GivenSettings): ChargedBudget | undefined {
  const { budgetCharged, budgetScale, budgetSeconds, budgetEvaluations, outerSteps } = given,
    other = budgetSeconds ?? budgetEvaluations ?? outerSteps;
  if (budgetCharged === undefined && budgetScale === undefined && other !== undefined) return undefined;
  // 0.07 of a total is no binary fraction: what is told should read as it is meant.
  const total = budgetCharged ?? Number((preset.total * (budgetScale ?? 1)).toPrecision(15)),
    budget = { total, ...preset.charge(estimator) },
    { most } = chargeOfStep(budget, tasks);
  if (total < most / 2) {
    const [option, said] = budgetCharged === undefined ? ["--budget-scale", budgetScale ?? 1] : ["--budget-charged", budgetCharged];
    throw new UsageError(
      `ufom: ${option} must leave an outer step of ${estimator}, which is charged ${whole(most)}; received ${said}, a total of ${total}.`,
    );
  }
  return budget;
}

/** What is said of a run by a preset. */
type PresetRun = Pick<Settings, "estimator" | "budget" | "metaBatch">;

/** `2,036 outer steps of exact`, `from 1,697 to 10,182 of ufom:adaptive`. */
function plannedSteps({ estimator, budget, metaBatch }: PresetRun): string {
  const { least, most } = chargeOfStep(budget.charged!, metaBatch),
    steps = (charge: number) => whole(Math.round(budget.charged!.total / charge)),
    q = Number(/^ufom:([\d.e-]+)/.exec(estimator)?.[1] ?? NaN);
  if (least === most) return `${quantity(Math.round(budget.charged!.total / most), "outer step")} of ${estimator}`;
  if (q > 0) return `about ${steps(least + q * (most - least))} of ${estimator}`;
  return `from ${steps(most)} to ${steps(least)} of ${estimator}`;
}

/** `560,000 charged evaluations: 2,036 outer steps of exact, 10,182 outer steps of first-order`; nothing where none are charged. */
export function chargedLine(runs: readonly PresetRun[]): string | undefined {
  const total = runs[0]?.budget.charged?.total;
  return total === undefined ? undefined : `${whole(total)} charged evaluations: ${[...new Set(runs.map(plannedSteps))].join(", ")}.`;
}

/** What a preset says of a run, and what the command line says otherwise: sentences to be told before it. */
export function presetLines(
  preset: Preset,
  given: GivenSettings & { readonly set?: readonly string[] },
  runs: readonly PresetRun[],
): string[] {
  const { name, summary, source, metaBatch } = preset,
    steps = [...new Set(runs.map(({ estimator }) => preset.innerSteps(estimator)))],
    said = (option: string, value: string | number | undefined, own?: string | number) =>
      value === undefined || value === own ? [] : [`${option} ${value}${own === undefined ? "" : ` (not ${own})`}`],
    sets = (given.set ?? []).map(text => `--set ${text}`),
    others = [
      ...said("--outer", given.outer),
      ...said("--inner-steps", given.innerSteps, steps.length === 1 ? steps[0] : steps.join(" or ")),
      ...said("--meta-batch", given.metaBatch, metaBatch),
      ...said("--outer-steps", given.outerSteps),
      ...said("--budget-seconds", given.budgetSeconds),
      ...said("--budget-evaluations", given.budgetEvaluations),
      ...sets,
    ],
    charged = chargedLine(runs),
    asFor = charged !== undefined && given.innerSteps !== undefined && steps.some(r => r !== given.innerSteps);
  return [
    `Preset ${name}: ${summary} (${source})${others.length > 0 ? `, but for ${others.join(", ")}` : ""}.`,
    ...(charged === undefined ? [] : [charged]),
    ...(asFor ? [`What is charged stays that of ${steps.join(" or ")} inner steps.`] : []),
  ];
}

/** Whether a run's rates end with it: what the rest of it does then depends on where that is. */
export const endsWithRun = (outer: string): boolean => /@end(?=$|[~,+])/.test(outer);
