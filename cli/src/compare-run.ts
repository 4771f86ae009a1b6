import { readFile, rm, stat } from "node:fs/promises";
import path from "node:path";
import type { Built, RunRecord } from "./problems/problem-entry.js";
import type { Planned } from "./comparison.js";
import { checkpointOf, openExecutor, startSolve } from "./engine.js";
import type { Interrupt } from "./interrupt.js";
import { OutputFolder } from "./output-folder.js";
import { watch, type Progress } from "./progress.js";
import { readRunFolder, readSteps, RunFolder } from "./run-folder.js";
import { runJson, runTables, type RunJson } from "./run-output.js";
import { saveRunReport } from "./save-run-report.js";
import { unlimited, type Settings } from "./settings.js";
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
}

const isThere = async (file: string): Promise<boolean> => (await stat(file).catch(() => undefined)) !== undefined;

/** JSON has no NaN: null stands for it. */
const number = (x: number | null): number => x ?? NaN;

/**
 * A run that ended in an earlier part of the comparison, as its folder tells it; undefined if it is not over.
 * @throws if it is a run of another problem, or of a module whose functions have changed since
 */
async function ended({ settings, folder }: Planned, built: Built, where: string, problem: string): Promise<Done | undefined> {
  const text = await readFile(path.join(where, "result.json"), "utf8").catch(() => undefined);
  if (text === undefined) return undefined;
  const json = JSON.parse(text) as RunJson;
  if (json.outcome === "stopped") return undefined;
  const { state } = await readRunFolder(where);
  const checkpoint = checkpointOf(state, where);
  const { executor } = await openExecutor(settings.executor);
  try {
    // Goes on for no step: what a resumed run checks is checked.
    const signal = new AbortController().signal;
    const context = { executor, signal, resume: checkpoint },
      { run } = await startSolve(built.problem, { ...settings, outerSteps: checkpoint.index }, context);
    await run.result();
  } finally {
    executor.dispose();
  }
  const metrics = Object.fromEntries(Object.entries(json.metrics).map(([name, x]) => [name, number(x)]));
  const { heldOut } = json;
  const judged =
    heldOut === undefined ? {} : { heldOut: { ...heldOut, loss: number(heldOut.loss), standardError: number(heldOut.standardError) } };
  const { theta } = checkpoint;
  const record = { ...json, ...judged, problem, metrics, innerSteps: settings.innerSteps!, theta, steps: await readSteps(where) };
  return { record, json, folder, before: true };
}

/** The folder of a run that begins, or goes on from its last state. */
async function opened(where: string, settings: Settings): Promise<{ readonly folder: RunFolder; readonly earlier?: Trial["earlier"] }> {
  const config = { version: 1, ufom: await version(), settings };
  if (!(await isThere(path.join(where, "config.json")))) return { folder: await RunFolder.create(where, config) };
  if (!(await isThere(path.join(where, "checkpoint.safetensors")))) {
    // It was killed before anything of it was saved: there is nothing to go on from.
    await rm(where, { recursive: true });
    return { folder: await RunFolder.create(where, config) };
  }
  const { state } = await readRunFolder(where);
  const checkpoint = checkpointOf(state, where);
  const { run, steps } = await RunFolder.reopen(where, checkpoint.index, config);
  return { folder: run, earlier: { state: checkpoint, steps } };
}

/** Runs one, goes on with it, or takes it as it ended; judges its θ, and writes its result and its report. */
export async function compareOne(planned: Planned, built: Built, label: string, basis: CompareBasis): Promise<Done> {
  const { settings } = planned;
  const { name, summary, root, heldOut, watched } = basis;
  const where = path.join(root, planned.folder);
  const before = await ended(planned, built, where, name);
  if (before !== undefined && (heldOut === null || before.record.heldOut !== undefined)) return before;
  let { record } = before ?? {};
  let output: OutputFolder = new OutputFolder({ path: where, isNew: false });
  if (record === undefined) {
    const { folder, earlier } = await opened(where, settings);
    const draws = settings.estimator.startsWith("ufom");
    const progress = (watched.progress = await watch({ label, outerSteps: unlimited, budget: settings.budget, draws }));
    record = await runTrial({ problem: name, built, settings, folder, progress, signal: watched.interrupt.signal, earlier });
    output = folder;
  }
  if (heldOut !== null && record.outcome !== "stopped") {
    const judge = await import("./held-out.js");
    record = { ...record, heldOut: await judge.heldOut(built, settings, record.theta, heldOut) };
  }
  const json = runJson(record, settings.outer, path.resolve(where));
  await output.saveResult(json);
  const tables = runTables(built, record);
  await saveRunReport(
    output,
    settings,
    { record, built, summary, tables },
    { text: "the comparison that it belongs to", href: "../report.html" },
  );
  return { record, json, folder: planned.folder, before: before !== undefined };
}
