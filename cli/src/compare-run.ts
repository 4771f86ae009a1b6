import { rm } from "node:fs/promises";
import path from "node:path";
import type { Built, RunRecord } from "./problems/problem-entry.js";
import type { Planned } from "./comparison.js";
import { dataFingerprint } from "./data-fingerprint.js";
import { openExecutor, startSolve } from "./engine.js";
import { UsageError } from "./failure.js";
import { readIfThere } from "./file-errors.js";
import { FolderLock } from "./folder-lock.js";
import { History } from "./history.js";
import type { Interrupt } from "./interrupt.js";
import { readMetrics } from "./metrics-file.js";
import { OutputFolder, placeAt } from "./output-folder.js";
import { watch, type Progress } from "./progress.js";
import { openRun, RunFolder } from "./run-folder.js";
import { runJson, runTables, type RunJson } from "./run-output.js";
import { readBest, readCheckpoint, runFiles } from "./saved-run.js";
import { saveRunReport } from "./save-run-report.js";
import { showPath } from "./show-place.js";
import { drawsExact, unlimited } from "./settings.js";
import { runTrial, type Trial } from "./trial.js";
import { version } from "./version.js";

/** A run of a comparison that has ended. */
export interface Done {
  readonly record: RunRecord;
  readonly json: RunJson;
  readonly folder: string;
  /** Whether it had ended in an earlier part of the comparison. */
  readonly before: boolean;
}

/** The runs of a comparison have one Ctrl-C and one line of progress at a time. */
export interface Watched {
  readonly interrupt: Interrupt;
  progress?: Progress;
}

/** What the runs of a comparison have in common. */
export interface CompareBasis {
  readonly name: string;
  readonly summary: string;
  readonly root: string;
  readonly heldOut: number | null;
  readonly watched: Watched;
  readonly say: (text: string) => void;
}

/** JSON has no NaN: null stands for it. */
const number = (x: number | null): number => x ?? NaN;

/**
 * A run that ended in an earlier part of the comparison, as its folder tells it; undefined if it is not over.
 * @throws if it is a run of another problem, or of a module whose functions have changed since
 */
async function ended({ settings, folder }: Planned, built: Built, where: string, { name, say }: CompareBasis): Promise<Done | undefined> {
  const text = (await readIfThere(path.join(where, "result.json")))?.toString("utf8");
  if (text === undefined) return undefined;
  const json = JSON.parse(text) as RunJson;
  if (json.outcome === "stopped") return undefined;
  const { state: checkpoint } = await readCheckpoint(where, say);
  const { executor } = await openExecutor(settings.executor, settings.native);
  try {
    // Goes on for no step: what a resumed run checks is checked.
    const signal = new AbortController().signal;
    const context = { executor, signal, resume: checkpoint },
      { run } = await startSolve(built.problem, { ...settings, outerSteps: checkpoint.index }, context);
    await run.result();
  } finally {
    executor.dispose();
  }
  const history = new History();
  await readMetrics(path.join(where, runFiles.metrics), checkpoint.index, step => history.add(step));
  const found = json.best === undefined ? undefined : await readBest(where, say);
  const metrics = Object.fromEntries(Object.entries(json.metrics).map(([figure, x]) => [figure, number(x)]));
  const { heldOut, best: _, ...rest } = json;
  const judged =
    heldOut === undefined ? {} : { heldOut: { ...heldOut, loss: number(heldOut.loss), standardError: number(heldOut.standardError) } };
  const best =
    found === undefined ? {} : { best: { ...found, ...(json.best?.metrics === undefined ? {} : { metrics: json.best.metrics }) } };
  const { theta } = checkpoint;
  const made = { problem: name, metrics, innerSteps: settings.innerSteps!, theta, steps: history.steps };
  return { record: { ...rest, ...judged, ...best, ...made }, json, folder, before: true };
}

/** The folder of a run that begins, or goes on from its last state. @throws UsageError if the data are not those that it began with */
async function opened(
  { settings }: Planned,
  built: Built,
  where: string,
  say: CompareBasis["say"],
): Promise<{ readonly folder: RunFolder; readonly earlier?: Trial["earlier"] }> {
  const data = await dataFingerprint(built.problem, settings.seed, settings.metaBatch);
  const config = { version: 1, ufom: await version(), settings, data };
  const isThere = async (name: string) => (await readIfThere(path.join(where, name))) !== undefined;
  if ((await isThere("config.json")) && !(await isThere(runFiles.checkpoint)) && !(await isThere(runFiles.previous))) {
    // It was killed before anything of it was saved: there is nothing to go on from.
    await rm(where, { recursive: true });
  }
  if (!(await isThere("config.json"))) return { folder: await RunFolder.create(await placeAt(where), config) };
  const earlier = await openRun(where, say);
  try {
    const { data: before } = earlier.config as { readonly data?: unknown };
    if (before !== undefined && before !== data) {
      const shown = showPath(where);
      throw new UsageError(`ufom: --resume needs the data of the run: the first tasks, or θ₀, are not those that ${shown} began with.`);
    }
    return { folder: await RunFolder.reopen(earlier, config, say), earlier };
  } catch (error) {
    await earlier.place.lock.release();
    throw error;
  }
}

/** Runs one, goes on with it, or takes it as it ended; judges its θ, and writes its result and its report. */
export async function compareOne(planned: Planned, built: Built, label: string, basis: CompareBasis): Promise<Done> {
  const { settings } = planned;
  const { name, root, heldOut, watched, say } = basis;
  const where = path.join(root, planned.folder);
  const before = await ended(planned, built, where, basis);
  if (before !== undefined && (heldOut === null || before.record.heldOut !== undefined)) return before;
  if (before !== undefined) {
    const output = new OutputFolder({ path: where, isNew: false, lock: await FolderLock.take(where) });
    try {
      return await conclude(output, planned, built, before.record, basis, true);
    } finally {
      await output.release();
    }
  }
  const { folder, earlier } = await opened(planned, built, where, say);
  const draws = drawsExact(settings.estimator);
  const progress = (watched.progress = await watch({ label, outerSteps: unlimited, budget: settings.budget, draws }));
  try {
    const record = await runTrial({ problem: name, built, settings, folder, progress, signal: watched.interrupt.signal, earlier });
    return await conclude(folder, planned, built, record, basis, false);
  } finally {
    await folder.release();
  }
}

/** Judges a run, and writes down what it came to. */
async function conclude(
  output: OutputFolder,
  { settings, folder }: Planned,
  built: Built,
  ran: RunRecord,
  { summary, heldOut }: CompareBasis,
  before: boolean,
): Promise<Done> {
  let record = ran;
  if (heldOut !== null && record.outcome !== "stopped") {
    const judge = await import("./held-out.js");
    record = { ...record, heldOut: await judge.heldOut(built, settings, record.theta, heldOut) };
  }
  const json = runJson(record, settings.outer, output.path);
  await output.saveResult(json);
  const report = { record, built, summary, tables: runTables(built, record) };
  await saveRunReport(output, settings, report, { text: "the comparison that it belongs to", href: "../report.html" });
  return { record, json, folder, before };
}
