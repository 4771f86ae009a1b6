import path from "node:path";
import type { Budget } from "ufom";
import { oneLine } from "ufom/internal/tensor/error";
import type { Built } from "../problems/problem-entry.js";
import {
  comparisonFrom,
  configOf,
  described,
  planRuns,
  variedText,
  type Builds,
  type Comparison,
  type PlanOptions,
} from "../comparison.js";
import { compareOne, type Done, type Watched } from "../compare-run.js";
import { UsageError, exitCode, type ExitCode } from "../failure.js";
import { readIfThere } from "../file-errors.js";
import { FolderLock } from "../folder-lock.js";
import { onInterrupt } from "../interrupt.js";
import { loadProblem, type LoadedProblem } from "../load-problem.js";
import { gridArguments, optionGrid } from "../option-values.js";
import { tellMemory } from "../memory-note.js";
import { tellLibrary, tellNative, tellNotes } from "../notes.js";
import { freshFolder, OutputFolder, placeAt, placeNamed } from "../output-folder.js";
import { settingsList, sharedOptions } from "../prepare.js";
import { presetLines, presetOf, presetOptions } from "../presets.js";
import { whole } from "../report/format.js";
import { shellLine } from "../run-output.js";
import { showPath } from "../show-place.js";
import type { Settings } from "../settings.js";
import type { Terminal } from "../terminal.js";
import { version } from "../version.js";
import { quantity } from "ufom/internal/tensor/quantity";

/** The options of `ufom compare`. */
export interface CompareOptions extends PlanOptions {
  readonly out?: string;
  readonly set?: readonly string[];
  readonly heldOut?: number;
  readonly resume?: string;
  readonly json?: boolean;
}

/** On how many held-out tasks runs are judged where neither the command line nor the problem's `evaluate` says otherwise. */
const usualHeldOut = 32;

/** `42,000 gradient evaluations`, `560,000 charged evaluations or 60 s`. */
const words = ({ evaluations, charged, seconds }: Budget): string =>
  [
    ...(evaluations === undefined ? [] : [`${whole(evaluations)} gradient evaluations`]),
    ...(charged === undefined ? [] : [`${whole(charged.total)} charged evaluations`]),
    ...(seconds === undefined ? [] : [`${seconds} s`]),
  ].join(" or ");

/** A comparison that is ready to start, or to go on. */
interface Ready extends Comparison {
  readonly loaded: LoadedProblem;
  readonly builds: Builds;
  readonly folder: OutputFolder;
  readonly goesOn: boolean;
  /** What is to be said before the runs. */
  readonly told: readonly string[];
}

/**
 * Each problem is built once for its options, a seed and the number of inner steps that was asked for.
 * @param stepsOf that number for an estimator, where one was
 */
function builder({ entry }: LoadedProblem, stepsOf: (estimator: string | undefined) => number | undefined, terminal: Terminal): Builds {
  const memo = new Map<string, Promise<Built>>();
  return (options, seed, estimator) => {
    const innerSteps = stepsOf(estimator);
    const key = JSON.stringify([options, seed, innerSteps]);
    const built = memo.get(key) ?? Promise.resolve(entry.create(options, { seed, innerSteps, progress: text => terminal.note(text) }));
    memo.set(key, built);
    return built;
  };
}

async function start(given: string, options: CompareOptions, terminal: Terminal): Promise<Ready> {
  const loaded = await loadProblem(given);
  const { entry } = loaded;
  const preset = presetOf(entry, options);
  // A preset's options depend on the estimator.
  const gridFor = (estimator?: string) =>
    optionGrid(
      entry.name,
      entry.options,
      options.set ?? [],
      preset && estimator !== undefined ? presetOptions(entry, preset, estimator) : {},
    );
  const builds = builder(
    loaded,
    estimator => options.innerSteps ?? (estimator === undefined ? undefined : preset?.innerSteps(estimator)),
    terminal,
  );
  const runs = await planRuns({ loaded, given: options, preset }, options, gridFor, builds);
  const [{ settings }] = runs;
  const { evaluate } = await builds(settings.options, settings.seed, settings.estimator);
  const heldOut = options.heldOut ?? (evaluate === undefined ? usualHeldOut : null);
  const comparison = { runs, varied: gridFor(settings.estimator).varied, heldOut };
  const place = await (options.out === undefined ? placeNamed(entry.name, "compare") : placeAt(options.out));
  const folder = new OutputFolder(await freshFolder(place, configOf(comparison, await version())));
  const all = runs.map(run => run.settings);
  const told = preset === undefined ? [] : presetLines(preset, options, all);
  return { ...comparison, loaded, builds, folder, goesOn: false, told };
}

async function goOn(given: string | undefined, where: string, options: CompareOptions, terminal: Terminal): Promise<Ready> {
  const said = Object.keys(options).filter(name => name !== "resume" && name !== "json");
  if (said.length > 0) {
    const flags = said.map(name => `--${name.replace(/[A-Z]/g, letter => `-${letter.toLowerCase()}`)}`);
    throw new UsageError(
      `ufom: --resume goes on with the settings of ${where}, which cannot change on the way; received ${flags.join(", ")}.`,
    );
  }
  const file = path.join(where, "config.json");
  const text = (await readIfThere(file))?.toString("utf8");
  if (text === undefined) throw new UsageError(`ufom: --resume needs the folder of a comparison (with config.json); ${where} is not one.`);
  let config: unknown;
  try {
    config = JSON.parse(text);
  } catch (error) {
    throw new UsageError(`ufom: ${file} must be JSON; ${oneLine((error as Error).message)}.`, { cause: error });
  }
  const comparison = comparisonFrom(config, file);
  const [{ settings }] = comparison.runs;
  if (given !== undefined && (await loadProblem(given)).reference !== settings.problem) {
    throw new UsageError(
      `ufom: --resume needs the problem of the comparison: ${where} holds one of ${settings.problem}; received ${given}.`,
    );
  }
  const loaded = await loadProblem(settings.problem);
  await tellLibrary(terminal, settings, where);
  return {
    ...comparison,
    loaded,
    builds: builder(loaded, estimator => comparison.runs.find(run => run.settings.estimator === estimator)?.settings.innerSteps, terminal),
    folder: new OutputFolder({ path: path.resolve(where), isNew: false, lock: await FolderLock.take(path.resolve(where)) }),
    goesOn: true,
    told: [],
  };
}

/** The command that makes the same comparison again. */
function againLine({ runs, heldOut, loaded: { entry } }: Ready): string {
  const all = runs.map(({ settings }) => settings);
  const [{ problem, preset: name, ...shared }] = all;
  const preset = entry.presets?.find(one => one.name === name);
  const estimators = [...new Set(all.map(s => s.estimator))];
  const seeds = [...new Set(all.map(s => s.seed))];
  // Options that a preset sets need not be said, and may differ from estimator to estimator.
  const own = (s: Settings) => preset && presetOptions(entry, preset, s.estimator);
  const said = Object.keys(entry.options).filter(option => all.some(s => s.options[option] !== own(s)?.[option]));
  const grid = gridArguments(all.map(({ options }) => Object.fromEntries(said.map(option => [option, options[option]]))));
  const judged = heldOut === null ? [] : ["--held-out", String(heldOut)];
  const lists = ["--estimators", estimators.join(","), "--seeds", seeds.join(",")];
  // One outer transform for all was given, or is found again; several come from the problem or the preset.
  const outer = new Set(all.map(s => s.outer)).size === 1 ? ["--outer", all[0].outer] : [];
  return shellLine([
    "ufom",
    "compare",
    showPath(problem),
    ...lists,
    ...outer,
    ...sharedOptions({ ...shared, preset: name }),
    ...judged,
    ...grid,
  ]);
}

/** A comparison's settings as names and values: one for all runs where they agree, else one for each estimator. */
function sharedList(runs: readonly Settings[], varied: readonly string[]): (readonly [string, string])[] {
  const lists = runs.map(settings => ({ estimator: settings.estimator, values: new Map(settingsList(settings)) }));
  const names = [...new Set(lists.flatMap(({ values }) => [...values.keys()]))];
  return names
    .filter(name => !["estimator", "seed", ...varied].includes(name))
    .map(name => {
      const values = new Set(lists.map(list => list.values.get(name)));
      const each = new Set(lists.map(({ estimator, values: own }) => `${estimator}: ${own.get(name) ?? "none"}`));
      return [name, values.size === 1 ? String([...values][0]) : [...each].join("; ")] as const;
    });
}

/** Report, result.json and what is printed. */
async function conclude(ready: Ready, built: Built, done: readonly Done[], terminal: Terminal): Promise<void> {
  const { runs, varied, heldOut, folder, loaded } = ready;
  const { entry } = loaded;
  const [{ settings }] = runs;
  const { budget } = settings;
  const records = done.map(({ record }) => record);
  const [{ compareReport }, { compareTables }] = await Promise.all([
    import("../report/compare-report.js"),
    import("../report/compare-tables.js"),
  ]);
  const { heldOutSeed, heldOutStep } = await import("../held-out.js");
  const json = {
    problem: entry.name,
    budget: budget.evaluations ?? null,
    ...(settings.preset === undefined ? {} : { preset: settings.preset }),
    ...(budget.charged === undefined ? {} : { budgetCharged: budget.charged.total }),
    ...(budget.seconds === undefined ? {} : { budgetSeconds: budget.seconds }),
    judgedBy: built.evaluate === undefined ? "heldOutLoss" : "evaluate",
    heldOut: heldOut === null ? null : { tasks: heldOut, seed: heldOutSeed, step: heldOutStep },
    varied,
    runs: done.map(({ json: run }) => run),
    folder: path.resolve(folder.path),
  };
  await folder.saveResult(json);
  const measured = built.evaluate !== undefined;
  const page = await compareReport({
    problem: entry.name,
    summary: entry.summary,
    built,
    records,
    varied,
    measured,
    links: done.map(run => `${encodeURIComponent(run.folder)}/report.html`),
    budget: words(budget),
    settings: sharedList(
      runs.map(run => run.settings),
      varied,
    ),
    commands: [againLine(ready)],
    version: await version(),
  });
  await folder.saveReport(page);
  terminal.json(json);
  for (const table of compareTables(records, built, { varied, measured })) terminal.table(table);
  terminal.line(`Report: ${showPath(folder.report)}`);
  if (records.length < runs.length || records.some(({ outcome }) => outcome === "stopped")) {
    terminal.line(`Stopped in run ${records.length} of ${runs.length}.`);
    terminal.line(`Go on with: ${shellLine(["ufom", "compare", "--resume", showPath(folder.path)])}`);
  }
}

/** `ufom compare PROBLEM`: several estimators, each with the same number of gradient evaluations; one table, one picture. */
export async function compare(given: string | undefined, options: CompareOptions, terminal: Terminal): Promise<ExitCode> {
  if (given === undefined && options.resume === undefined) {
    throw new UsageError("ufom: compare takes a PROBLEM (ufom list shows them), or --resume FOLDER; received neither.");
  }
  const ready =
    options.resume === undefined ? await start(given!, options, terminal) : await goOn(given, options.resume, options, terminal);
  try {
    return await runAll(ready, terminal);
  } finally {
    await ready.folder.release();
  }
}

async function runAll(ready: Ready, terminal: Terminal): Promise<ExitCode> {
  const { runs, varied, heldOut, builds, folder, loaded, goesOn, told: lines } = ready;
  const { name, summary } = loaded.entry;
  const [{ settings }] = runs;
  const { budget } = settings;
  const built = await described(runs, varied, builds);
  terminal.text(`${name}: ${summary}`);
  for (const line of built.protocol ?? []) terminal.text(`  ${line}`);
  for (const line of lines) terminal.text(line);
  tellNative(terminal, settings);
  tellNotes(terminal, built.problem, settings.dtype);
  const told = new Set<string>();
  for (const { settings: one } of runs) {
    if (told.has(one.estimator)) continue;
    told.add(one.estimator);
    await tellMemory(terminal, built.problem, one);
  }
  terminal.line(`${quantity(runs.length, "run")}${runs.length === 1 ? "" : ", each"} of ${words(budget)}`);

  const interrupt = onInterrupt(
    text => (watched.progress ?? { say: terminal.note }).say(text),
    () => watched.progress?.done(),
  );
  const watched: Watched = { interrupt };
  const done: Done[] = [];
  try {
    for (const planned of runs) {
      if (interrupt.signal.aborted) break;
      const { estimator, options: own, seed } = planned.settings;
      const label = [estimator, ...(varied.length > 0 ? [variedText(own, varied)] : []), `seed ${seed}`].join(" ");
      const basis = { name, summary, root: folder.path, heldOut, watched, say: (text: string) => terminal.note(text) };
      done.push(await compareOne(planned, await builds(own, seed, estimator), label, basis));
    }
  } catch (error) {
    if (done.length === 0 && !goesOn) await folder.discard();
    throw error;
  } finally {
    interrupt.dispose();
  }
  const before = done.filter(run => run.before).length;
  if (before > 0) terminal.text(`${before} of them had ended before and ${before === 1 ? "was" : "were"} not run again.`);
  await conclude(ready, built, done, terminal);
  const ok = done.every(({ record: { outcome } }) => outcome === "finished" || outcome === "budget");
  return done.length === runs.length && ok ? exitCode.done : exitCode.failed;
}
