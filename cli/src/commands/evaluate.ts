import path from "node:path";
import type { HostArray, HostTree } from "ufom";
import type { ExecutorName } from "ufom/internal/executors/names";
import { paths } from "ufom/internal/tensor/tree";
import { dataFingerprint } from "../data-fingerprint.js";
import { openExecutor, openNative } from "../engine.js";
import { UsageError, exitCode, type ExitCode } from "../failure.js";
import { loadProblem } from "../load-problem.js";
import { problemOptions } from "../option-values.js";
import type { OptionValues } from "../problems/option.js";
import type { Built, Metrics, RunRecord } from "../problems/problem-entry.js";
import { words } from "../report/format.js";
import { readBest, readCheckpoint, readConfig, runFiles } from "../saved-run.js";
import { settingsFrom } from "../settings.js";
import { showPath } from "../show-place.js";
import type { Terminal } from "../terminal.js";
import { shownFigures } from "../report/halves.js";
import { quantity } from "ufom/internal/tensor/quantity";

/** The options of `ufom evaluate`. */
export interface EvaluateCommandOptions {
  readonly best?: boolean;
  readonly set?: readonly string[];
  readonly executor?: ExecutorName;
  readonly native?: true | string;
}

const who = "evaluate";

/** θ of a run, and after how many outer steps it was that. */
interface Learned {
  readonly theta: HostTree;
  readonly index: number;
}

async function learnedIn(
  folder: string,
  best: boolean,
  say: (text: string) => void,
): Promise<Learned & { readonly record: Pick<RunRecord, "counts" | "peakStates" | "seconds"> }> {
  const { state } = await readCheckpoint(folder, say, who),
    { counts, peakStates, seconds } = state,
    record = { counts, peakStates, seconds };
  if (!best) return { theta: state.theta, index: state.index, record };
  const found = await readBest(folder, say);
  if (found === undefined) {
    throw new UsageError(`ufom: --best needs the best θ of a run; there is no whole ${showPath(path.join(folder, runFiles.best))}.`);
  }
  return { theta: found.theta, index: found.index, record };
}

const typesOf = (theta: HostTree): Map<string, string> =>
  new Map((paths("theta", theta) as [string, HostArray][]).map(([at, { shape }]) => [at, `[${shape.join(", ")}]`]));

/** @throws UsageError where θ of the run is not like that of the problem as it is evaluated */
function checkTheta(theta: HostTree, { problem }: Built, seed: number, name: string): void {
  const [found, wanted] = [typesOf(theta), typesOf(problem.theta(seed))],
    odd = [...new Set([...wanted.keys(), ...found.keys()])].find(at => wanted.get(at) !== found.get(at));
  if (odd === undefined) return;
  const shown = (types: Map<string, string>) => types.get(odd) ?? "none";
  throw new UsageError(
    `ufom: evaluate needs options under which θ of ${name} is as the run learned it: ${odd === "" ? "θ" : odd} must have the shape ${shown(found)}; received options that make it ${shown(wanted)}.`,
  );
}

/** `ways=20, shots=5`: the options that are not those of the run. */
const changes = (before: OptionValues, now: OptionValues): string =>
  Object.entries(now)
    .filter(([name, value]) => before[name] !== value)
    .map(([name, value]) => `${name}=${String(value)} (the run: ${String(before[name])})`)
    .join(", ");

/** `ufom evaluate RUN`: the figures of a run's θ again, of its problem as it was or with other options. */
export async function evaluateRun(given: string, options: EvaluateCommandOptions, terminal: Terminal): Promise<ExitCode> {
  const say = (text: string): void => terminal.note(text),
    config = await readConfig(given, who),
    settings = settingsFrom(config, path.join(given, "config.json")),
    { entry } = await loadProblem(settings.problem),
    own = problemOptions(entry.name, entry.options, options.set ?? [], settings.options),
    changed = changes(settings.options, own),
    { seed, dtype, innerSteps } = settings,
    built = await entry.create(own, { seed, innerSteps, progress: say });
  if (built.evaluate === undefined) {
    throw new UsageError(`ufom: evaluate needs a problem with figures of its own (a module exports evaluate); ${entry.name} has none.`);
  }
  const { theta: last, index, record } = await learnedIn(given, options.best === true, say),
    theta = built.fit?.(last, settings.options, say) ?? last;
  checkTheta(theta, built, seed, entry.name);
  const { data } = config as { readonly data?: unknown };
  if (changed === "" && data !== undefined && data !== (await dataFingerprint(built.problem, seed, settings.metaBatch))) {
    say(`The data, or θ₀, are not those that ${given} began with; the figures are on those of now.`);
  }
  const name = options.executor ?? settings.executor,
    native = options.native === undefined ? settings.native : await openNative(name, options.native, 1),
    { executor } = await openExecutor(name, native);
  let metrics: Metrics;
  try {
    const context = { seed, dtype, innerSteps: innerSteps ?? built.problem.steps, executor, options: own, progress: say };
    metrics = await built.evaluate(theta, context);
    const run: RunRecord = {
      problem: entry.name,
      estimator: settings.estimator,
      seed,
      outcome: "finished",
      message: "",
      outerSteps: index,
      innerSteps: context.innerSteps,
      metrics,
      theta,
      steps: [],
      options: own,
      ...record,
    };
    const tables = built.tables?.(run) ?? [
      { columns: ["", "value"], rows: shownFigures(metrics).map(([metric, value]) => [words(metric), value]) },
    ];
    const which = options.best === true ? "best" : "last";
    terminal.json({
      problem: entry.name,
      estimator: settings.estimator,
      seed,
      theta: which,
      outerSteps: index,
      options: own,
      metrics,
      folder: path.resolve(given),
    });
    for (const line of built.protocol ?? []) terminal.text(`  ${line}`);
    terminal.text(
      `${settings.estimator}, the ${which} θ, after ${quantity(index, "outer step")}, of ${showPath(path.resolve(given))}${changed === "" ? "" : `, with ${changed}`}`,
    );
    for (const table of tables) terminal.table(table);
  } finally {
    executor.dispose();
  }
  return exitCode.done;
}
