import path from "node:path";
import type { Built, RunRecord } from "../problems/problem-entry.js";
import { checkpointOf, type Checkpoint } from "../engine.js";
import { UsageError, exitCode, type ExitCode } from "../failure.js";
import { onInterrupt } from "../interrupt.js";
import { loadProblem, type LoadedProblem } from "../load-problem.js";
import { tellNotes } from "../notes.js";
import { settingsOf } from "../prepare.js";
import { problemOptions } from "../option-values.js";
import { watch } from "../progress.js";
import { defaultFolder } from "../output-folder.js";
import { RunFolder, readRunFolder } from "../run-folder.js";
import { runJson, runTables, shellLine, showPath } from "../run-output.js";
import { saveRunReport } from "../save-run-report.js";
import { budgetOf, settingsFrom, type GivenSettings, type Settings } from "../settings.js";
import type { Terminal } from "../terminal.js";
import { runTrial, type Trial } from "../trial.js";
import { version } from "../version.js";

/** The options of `ufom run`. */
export interface RunOptions extends GivenSettings {
  readonly estimator?: string;
  readonly seed?: number;
  readonly out?: string;
  readonly resume?: string;
  readonly set?: readonly string[];
}

/** A run that is ready to start, or to go on. */
interface Ready {
  readonly loaded: LoadedProblem;
  readonly built: Built;
  readonly settings: Settings;
  readonly folder: RunFolder;
  readonly earlier?: Trial["earlier"];
}

const say = (terminal: Terminal) => (text: string) => terminal.note(text);

async function startRun(given: string, options: RunOptions, terminal: Terminal): Promise<Ready> {
  const loaded = await loadProblem(given);
  const { entry } = loaded;
  const own = problemOptions(entry.name, entry.options, options.set ?? []);
  const seed = options.seed ?? 1;
  const built = await entry.create(own, { seed, progress: say(terminal) });
  const settings = await settingsOf({ loaded, options: own, given: options }, built, options.estimator, seed);
  const where = options.out ?? (await defaultFolder(entry.name, settings.estimator));
  const folder = await RunFolder.create(where, { version: 1, ufom: await version(), settings });
  return { loaded, built, settings, folder };
}

/** What a run that goes on must keep: all but how far it goes. */
const kept = ["estimator", "outer", "innerSteps", "metaBatch", "seed", "dtype", "executor", "out"] as const;
const flag = (name: string): string => `--${name.replace(/[A-Z]/g, letter => `-${letter.toLowerCase()}`)}`;

async function resumeRun(given: string | undefined, where: string, options: RunOptions, terminal: Terminal): Promise<Ready> {
  const { config, state } = await readRunFolder(where);
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
  const built = await loaded.entry.create(before.options, { seed: before.seed, progress: say(terminal) });
  const { budgetSeconds = before.budget.seconds, budgetEvaluations = before.budget.evaluations } = options;
  const settings: Settings = {
    ...before,
    outerSteps: options.outerSteps ?? before.outerSteps,
    budget: budgetOf({ budgetSeconds, budgetEvaluations }),
  };
  const checkpoint: Checkpoint = checkpointOf(state, where);
  if (checkpoint.index > settings.outerSteps) {
    throw new UsageError(
      `ufom: --outer-steps must be at least the ${checkpoint.index} steps that ${where} has done; received ${settings.outerSteps}.`,
    );
  }
  const { run, steps } = await RunFolder.reopen(where, checkpoint.index, { version: 1, ufom: await version(), settings });
  return { loaded, built, settings, folder: run, earlier: { state: checkpoint, steps } };
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
  terminal.line(`Report: ${showPath(folder.report)}`);
  if (record.outcome === "stopped") terminal.line(`Go on with: ${shellLine(["ufom", "run", "--resume", showPath(folder.path)])}`);
}

/** `ufom run [PROBLEM]`: solves a problem, or goes on with a run. */
export async function run(given: string | undefined, options: RunOptions, terminal: Terminal): Promise<ExitCode> {
  if (given === undefined && options.resume === undefined) {
    throw new UsageError("ufom: run takes a PROBLEM (ufom list shows them), or --resume FOLDER; received neither.");
  }
  const ready =
    options.resume === undefined ? await startRun(given!, options, terminal) : await resumeRun(given, options.resume, options, terminal);
  const { loaded, built, settings, folder, earlier } = ready;
  terminal.banner(loaded.entry, built, settings);
  tellNotes(terminal, built.problem, settings.dtype);
  const progress = await watch({
    label: settings.estimator,
    outerSteps: settings.outerSteps,
    budget: settings.budget,
    draws: settings.estimator.startsWith("ufom"),
  });
  const interrupt = onInterrupt(
    text => progress.say(text),
    () => progress.done(),
  );
  let record: RunRecord;
  try {
    record = await runTrial({ problem: loaded.entry.name, built, settings, folder, progress, signal: interrupt.signal, earlier });
  } finally {
    interrupt.dispose();
  }
  await conclude(ready, record, terminal);
  return record.outcome === "finished" || record.outcome === "budget" ? exitCode.done : exitCode.failed;
}
