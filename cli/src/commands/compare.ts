import path from "node:path";
import type { Budget } from "ufom";
import type { Built, RunRecord } from "../problems/problem-entry.js";
import { whole } from "../report/format.js";
import { firstOrderVanishes } from "../engine.js";
import { exitCode, type ExitCode } from "../failure.js";
import { onInterrupt, type Interrupt } from "../interrupt.js";
import { loadProblem } from "../load-problem.js";
import { settingsList, settingsOf, type RunBasis } from "../prepare.js";
import { watch, type Progress } from "../progress.js";
import { freshFolder, OutputFolder, placeAt, placeNamed } from "../output-folder.js";
import { RunFolder } from "../run-folder.js";
import { runJson, shellLine, type RunJson } from "../run-output.js";
import { showPath } from "../show-place.js";
import { budgetOf, problemOptions, unlimited, type GivenSettings, type Settings } from "../settings.js";
import type { Terminal } from "../terminal.js";
import { runTrial } from "../trial.js";
import { version } from "../version.js";

/** The options of `ufom compare`. */
export interface CompareOptions extends GivenSettings {
  readonly estimators?: readonly string[];
  readonly seeds?: readonly number[];
  readonly out?: string;
  readonly set?: readonly string[];
}

/** Compared where neither the command line nor the problem says what: a cheap and biased one, the exact one, one between. */
async function usualEstimators({ problem, defaults }: Built, { dtype = defaults.dtype ?? "float32" }: CompareOptions): Promise<string[]> {
  return [(await firstOrderVanishes(problem, dtype, 1)) ? "first-order:mixed" : "first-order", "exact", "ufom:adaptive"];
}

/**
 * What each run may spend. One evaluation is an inner step, a product (the pull-back of a step) or an outer loss with its
 * gradients. Unless told, it is what `exact` with stored states spends in the problem's number of outer steps:
 * K · (tasks in a meta-batch) · (2r + 1).
 */
function budgetFor(given: CompareOptions, { defaults, problem }: Built): Budget {
  const asked = budgetOf(given);
  if (Object.keys(asked).length > 0) return asked;
  if (given.outerSteps === undefined && given.innerSteps === undefined && defaults.compare?.evaluations !== undefined) {
    return { evaluations: defaults.compare.evaluations };
  }
  const r = given.innerSteps ?? problem.steps;
  const tasks = given.metaBatch ?? defaults.metaBatch ?? 1;
  return { evaluations: (given.outerSteps ?? defaults.outerSteps) * tasks * (2 * r + 1) };
}

const words = ({ evaluations, seconds }: Budget): string =>
  [...(evaluations === undefined ? [] : [whole(evaluations)]), ...(seconds === undefined ? [] : [`${seconds} s`])].join(" or ");

interface Planned {
  readonly built: Built;
  readonly settings: Settings;
}

/** Every run of the comparison, checked before the first begins. */
async function plan(basis: RunBasis, options: CompareOptions, builds: (seed: number) => Promise<Built>): Promise<Planned[]> {
  const first = await builds(options.seeds?.[0] ?? 1);
  const { compare } = first.defaults;
  const seeds = options.seeds ?? Array.from({ length: compare?.seeds ?? 1 }, (_, i) => i + 1);
  const estimators = options.estimators ?? compare?.estimators ?? (await usualEstimators(first, options));
  const budget = budgetFor(options, first);
  const planned: Planned[] = [];
  for (const seed of seeds) {
    const built = await builds(seed);
    for (const estimator of estimators) {
      const settings = await settingsOf(basis, built, estimator, seed);
      planned.push({ built, settings: { ...settings, outerSteps: unlimited, budget } });
    }
  }
  return planned.filter(
    ({ settings: a }, i) => planned.findIndex(({ settings: b }) => a.estimator === b.estimator && a.seed === b.seed) === i,
  );
}

interface Done {
  readonly record: RunRecord;
  readonly json: RunJson;
}

/** The runs of a comparison have one Ctrl-C and one line of progress at a time. */
interface Watched {
  readonly interrupt: Interrupt;
  progress?: Progress;
}

async function runOne({ built, settings }: Planned, name: string, root: string, watched: Watched): Promise<Done> {
  const where = path.join(root, `${settings.estimator.replace(/[^\w.]+/g, "-")}-seed${settings.seed}`);
  const folder = await RunFolder.create(await placeAt(where), { version: 1, ufom: await version(), settings });
  const label = `${settings.estimator} seed ${settings.seed}`;
  const progress = (watched.progress = await watch({
    label,
    outerSteps: unlimited,
    budget: settings.budget,
    draws: settings.estimator.startsWith("ufom"),
  }));
  try {
    const record = await runTrial({ problem: name, built, settings, folder, progress, signal: watched.interrupt.signal });
    const json = runJson(record, settings.outer, folder.path);
    await folder.saveResult(json);
    return { record, json };
  } finally {
    await folder.release();
  }
}

/** `ufom compare PROBLEM`: several estimators, each with the same number of gradient evaluations; one table, one picture. */
export async function compare(given: string, options: CompareOptions, terminal: Terminal): Promise<ExitCode> {
  const loaded = await loadProblem(given);
  const { entry } = loaded;
  const own = problemOptions(entry.name, entry.options, options.set ?? []);
  const memo = new Map<number, Promise<Built>>();
  const builds = (seed: number): Promise<Built> => {
    const built = memo.get(seed) ?? Promise.resolve(entry.create(own, { seed, progress: text => terminal.note(text) }));
    memo.set(seed, built);
    return built;
  };
  const planned = await plan({ loaded, options: own, given: options }, options, builds);
  const [{ built, settings }] = planned;
  const { budget } = settings;
  const place = await (options.out === undefined ? placeNamed(entry.name, "compare") : placeAt(options.out));
  const { path: root } = place;
  const folder = new OutputFolder(
    await freshFolder(place, { version: 1, ufom: await version(), compare: planned.map(({ settings: s }) => s) }),
  );
  terminal.line(`${entry.name}: ${entry.summary}`);
  for (const line of built.protocol ?? []) terminal.line(`  ${line}`);
  terminal.line(`${planned.length} runs, each of ${words(budget)}${budget.evaluations === undefined ? "" : " gradient evaluations"}`);

  const interrupt = onInterrupt(
    text => (watched.progress ?? { say: terminal.note }).say(text),
    () => watched.progress?.done(),
  );
  const watched: Watched = { interrupt };
  const done: Done[] = [];
  try {
    for (const one of planned) {
      if (interrupt.signal.aborted) break;
      done.push(await runOne(one, entry.name, root, watched));
    }
  } catch (error) {
    if (done.length === 0) await folder.discard();
    await folder.release();
    throw error;
  } finally {
    interrupt.dispose();
  }

  const records = done.map(({ record }) => record);
  const { compareReport, compareTable } = await import("../report/compare-report.js");
  const json = {
    problem: entry.name,
    budget: budget.evaluations ?? null,
    ...(budget.seconds === undefined ? {} : { budgetSeconds: budget.seconds }),
    runs: done.map(({ json: run }) => run),
    folder: root,
  };
  await folder.saveResult(json);
  const estimators = [...new Set(planned.map(({ settings: s }) => s.estimator))];
  const seeds = [...new Set(planned.map(({ settings: s }) => s.seed))];
  const again = [
    "ufom",
    "compare",
    showPath(settings.problem),
    "--estimators",
    estimators.join(","),
    "--seeds",
    seeds.join(","),
    ...(budget.evaluations === undefined ? [] : ["--budget-evaluations", String(budget.evaluations)]),
    ...(budget.seconds === undefined ? [] : ["--budget-seconds", String(budget.seconds)]),
    ...Object.entries(own).flatMap(([name, value]) => ["--set", `${name}=${String(value)}`]),
  ];
  const page = await compareReport({
    problem: entry.name,
    summary: entry.summary,
    built,
    records,
    budget: words(budget),
    settings: settingsList(settings).filter(([name]) => !["estimator", "seed", "outer transform"].includes(name)),
    commands: [shellLine(again)],
    version: await version(),
  });
  await folder.saveReport(page);
  await folder.release();
  terminal.json(json);
  terminal.table(compareTable(records));
  terminal.line(`Report: ${showPath(folder.report)}`);
  if (records.length < planned.length) terminal.line(`Stopped after ${records.length} of ${planned.length} runs.`);
  return records.length === planned.length && records.every(({ outcome }) => outcome === "finished" || outcome === "budget")
    ? exitCode.done
    : exitCode.failed;
}
