import path from "node:path";
import type { Built, ProblemEntry, RunRecord } from "../problems/problem-entry.js";
import { dataFingerprint } from "../data-fingerprint.js";
import { UsageError, exitCode, type ExitCode } from "../failure.js";
import { canonicalEstimator } from "../engine.js";
import { onInterrupt } from "../interrupt.js";
import { loadProblem, type LoadedProblem } from "../load-problem.js";
import { tellMemory } from "../memory-note.js";
import { tellLibrary, tellNative, tellNotes } from "../notes.js";
import { settingsOf } from "../prepare.js";
import { chargedBudget, endsWithRun, presetLines, presetOf, presetOptions } from "../presets.js";
import { problemOptions } from "../option-values.js";
import { watch } from "../progress.js";
import { placeAt, placeNamed } from "../output-folder.js";
import { openRun, RunFolder, type EarlierRun } from "../run-folder.js";
import { bestLine, runJson, runTables, shellLine } from "../run-output.js";
import { saveRunReport } from "../save-run-report.js";
import { runFiles } from "../saved-run.js";
import { showPath } from "../show-place.js";
import { budgetOf, drawsExact, settingsFrom, type GivenSettings, type Settings } from "../settings.js";
import type { Terminal } from "../terminal.js";
import { runTrial, type Trial } from "../trial.js";
import { version } from "../version.js";
import { quantity } from "ufom/internal/tensor/quantity";

/** The options of `ufom run`. */
export interface RunOptions extends GivenSettings {
  readonly estimator?: string;
  readonly seed?: number;
  readonly out?: string;
  readonly resume?: string;
  readonly changedData?: boolean;
  readonly set?: readonly string[];
}

/** A run that is ready to start, or to go on. */
interface Ready {
  readonly loaded: LoadedProblem;
  readonly built: Built;
  readonly settings: Settings;
  readonly folder: RunFolder;
  readonly earlier?: Trial["earlier"];
  /** What is to be said after the banner. */
  readonly told: readonly string[];
}

const say = (terminal: Terminal) => (text: string) => terminal.note(text);

async function startRun(given: string, options: RunOptions, terminal: Terminal): Promise<Ready> {
  const loaded = await loadProblem(given);
  const { entry } = loaded;
  const preset = presetOf(entry, options);
  // A preset's options depend on the estimator.
  const estimator = preset === undefined ? options.estimator : await canonicalEstimator(options.estimator ?? preset.estimators[0]);
  const base = preset === undefined ? {} : presetOptions(entry, preset, estimator!);
  const own = problemOptions(entry.name, entry.options, options.set ?? [], base);
  const seed = options.seed ?? 1;
  const innerSteps = options.innerSteps ?? preset?.innerSteps(estimator!);
  const built = await entry.create(own, { seed, innerSteps, progress: say(terminal) });
  const settings = await settingsOf({ loaded, options: own, given: options, preset }, built, estimator, seed);
  const data = await dataFingerprint(built.problem, seed, settings.metaBatch);
  const place = await (options.out === undefined ? placeNamed(entry.name, settings.estimator) : placeAt(options.out));
  const folder = await RunFolder.create(place, { version: 1, ufom: await version(), settings, data });
  return { loaded, built, settings, folder, told: preset === undefined ? [] : presetLines(preset, options, [settings]) };
}

/** What a run that goes on must keep: all but how far it goes. */
const kept = ["estimator", "preset", "outer", "innerSteps", "metaBatch", "seed", "dtype", "executor", "native", "out"] as const;
const flag = (name: string): string => `--${name.replace(/[A-Z]/g, letter => `-${letter.toLowerCase()}`)}`;

/** Takes the folder of an earlier run, and gives it back if that cannot go on. */
async function resumeRun(given: string | undefined, where: string, options: RunOptions, terminal: Terminal): Promise<Ready> {
  const earlier = await openRun(where, say(terminal));
  try {
    return await goOn(earlier, given, where, options, terminal);
  } catch (error) {
    await earlier.place.lock.release();
    throw error;
  }
}

/** A hash of the data now. @throws UsageError if the run began with others, unless that was allowed */
async function checkData(
  config: unknown,
  built: Built,
  settings: Settings,
  where: string,
  allowed: boolean,
  terminal: Terminal,
): Promise<string> {
  const { data: before } = config as { readonly data?: unknown };
  const data = await dataFingerprint(built.problem, settings.seed, settings.metaBatch);
  if (before === undefined) terminal.note(`${where} does not say with which data it began; whether they have changed was not looked at.`);
  else if (data !== before) {
    const sentence = `ufom: --resume needs the data of the run: the first tasks, or θ₀, are not those that ${where} began with`;
    if (!allowed) throw new UsageError(`${sentence}; --changed-data goes on with those of now.`);
    terminal.note(`${sentence}; it goes on with those of now, as --changed-data says.`);
  }
  return data;
}

async function goOn(
  earlier: EarlierRun,
  given: string | undefined,
  where: string,
  options: RunOptions,
  terminal: Terminal,
): Promise<Ready> {
  const { config, state } = earlier;
  const before = settingsFrom(config, path.join(where, "config.json"));
  const changed = [...kept.filter(name => options[name] !== undefined).map(flag), ...(options.set === undefined ? [] : ["--set"])];
  if (changed.length > 0) {
    throw new UsageError(
      `ufom: --resume goes on with the settings of ${where}, which cannot change on the way; received ${changed.join(", ")}.`,
    );
  }
  if (given !== undefined && (await loadProblem(given)).reference !== before.problem) {
    throw new UsageError(`ufom: --resume needs the problem of the run: ${where} holds a run of ${before.problem}; received ${given}.`);
  }
  const loaded = await loadProblem(before.problem);
  const built = await loaded.entry.create(before.options, { seed: before.seed, innerSteps: before.innerSteps, progress: say(terminal) });
  const budget = budgetOfResumed(before, options, loaded.entry, where);
  // How many threads compute is no matter of the numbers.
  const { stopAfter = before.stopAfter, workers = before.workers } = options;
  const settings: Settings = {
    ...before,
    outerSteps: options.outerSteps ?? before.outerSteps,
    budget,
    ...(stopAfter === undefined ? {} : { stopAfter }),
    ...(workers === undefined ? {} : { workers }),
  };
  if (state.index > settings.outerSteps) {
    throw new UsageError(
      `ufom: --outer-steps must be at least the ${quantity(state.index, "step")} that ${where} has done; received ${settings.outerSteps}.`,
    );
  }
  await tellLibrary(terminal, before, where);
  const data = await checkData(config, built, settings, where, options.changedData === true, terminal);
  const folder = await RunFolder.reopen(earlier, { version: 1, ufom: await version(), settings, data }, say(terminal));
  return { loaded, built, settings, folder, earlier, told: movedEnd(before, settings) };
}

/** The limits of a run that goes on: those that it began with, unless told. @throws UsageError if it is to be charged, and was not */
function budgetOfResumed(
  { budget, estimator, metaBatch, preset: name }: Settings,
  options: RunOptions,
  entry: ProblemEntry,
  where: string,
) {
  const { budgetSeconds = budget.seconds, budgetEvaluations = budget.evaluations, budgetCharged, budgetScale } = options;
  const limits = budgetOf({ budgetSeconds, budgetEvaluations });
  if (budgetCharged === undefined && budgetScale === undefined)
    return budget.charged === undefined ? limits : { ...limits, charged: budget.charged };
  if (budget.charged === undefined)
    throw new UsageError(
      `ufom: ${budgetCharged === undefined ? "--budget-scale" : "--budget-charged"} goes on with a run that was charged; ${where} was not.`,
    );
  const preset = presetOf(entry, { preset: name, budgetCharged, budgetScale })!;
  return {
    ...limits,
    charged: { ...budget.charged, total: chargedBudget(preset, estimator, metaBatch, { budgetCharged, budgetScale })!.total },
  };
}

/** That the end of a run has moved, where its rates depend on it. */
function movedEnd(before: Settings, now: Settings): string[] {
  const limits = ({ outerSteps, budget }: Settings) =>
    JSON.stringify([outerSteps, budget.seconds, budget.evaluations, budget.charged?.total]);
  if (!endsWithRun(now.outer) || limits(before) === limits(now)) return [];
  return [`The rates of ${now.outer} end with the run, whose end has moved: from here on they are those of the longer or shorter run.`];
}

/** The report, result.json and what is printed. */
async function conclude(ready: Ready, record: RunRecord, terminal: Terminal): Promise<void> {
  const { loaded, built, settings, folder } = ready;
  const tables = runTables(built, record);
  const json = runJson(record, settings.outer, path.resolve(folder.path));
  await folder.saveResult(json);
  await saveRunReport(folder, settings, { record, built, summary: loaded.entry.summary, tables });
  terminal.json(json);
  for (const table of tables) terminal.table(table);
  terminal.text(`${record.outcome}: ${record.message}`);
  if (record.best !== undefined) terminal.text(bestLine(record.best, folder.file(runFiles.best)));
  if (record.warning !== undefined) terminal.text(record.warning);
  terminal.line(`Report: ${showPath(folder.report)}`);
  if (record.outcome === "stopped") terminal.line(`Go on with: ${shellLine(["ufom", "run", "--resume", showPath(folder.path)])}`);
}

/** `ufom run [PROBLEM]`: solves a problem, or goes on with a run. */
export async function run(given: string | undefined, options: RunOptions, terminal: Terminal): Promise<ExitCode> {
  if (options.changedData === true && options.resume === undefined) {
    throw new UsageError("ufom: --changed-data goes with --resume FOLDER; received it without.");
  }
  if (given === undefined && options.resume === undefined) {
    throw new UsageError("ufom: run takes a PROBLEM (ufom list shows them), or --resume FOLDER; received neither.");
  }
  const ready =
    options.resume === undefined ? await startRun(given!, options, terminal) : await resumeRun(given, options.resume, options, terminal);
  const { loaded, built, settings, folder, earlier, told } = ready;
  terminal.banner(loaded.entry, built, settings);
  for (const line of told) terminal.text(line);
  tellNative(terminal, settings);
  tellNotes(terminal, built.problem, settings.dtype);
  await tellMemory(terminal, built.problem, settings);
  const progress = await watch({
    label: settings.estimator,
    outerSteps: settings.outerSteps,
    budget: settings.budget,
    draws: drawsExact(settings.estimator),
  });
  const interrupt = onInterrupt(
    text => progress.say(text),
    () => progress.done(),
  );
  let record: RunRecord;
  try {
    record = await runTrial({ problem: loaded.entry.name, built, settings, folder, progress, signal: interrupt.signal, earlier });
    await conclude(ready, record, terminal);
  } finally {
    interrupt.dispose();
    await folder.release();
  }
  return record.outcome === "finished" || record.outcome === "budget" ? exitCode.done : exitCode.failed;
}
