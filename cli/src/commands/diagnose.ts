import path from "node:path";
import type { Diagnosis, FloatType } from "ufom";
import type { ExecutorName } from "ufom/internal/executors/names";
import { diagnosisJson, diagnosisTables } from "../diagnosis-output.js";
import { checkOuter, openExecutor, openNative } from "../engine.js";
import { UsageError, exitCode, type ExitCode } from "../failure.js";
import { onInterrupt } from "../interrupt.js";
import { loadProblem } from "../load-problem.js";
import { tellNative, tellNotes } from "../notes.js";
import { OneLine } from "../one-line.js";
import { problemOptions } from "../option-values.js";
import { freshFolder, OutputFolder, placeAt, placeNamed } from "../output-folder.js";
import { endsWithRun, presetLines, presetOf, presetOptions } from "../presets.js";
import { machineOptions } from "../prepare.js";
import { bytes } from "../report/format.js";
import { shellLine } from "../run-output.js";
import { showPath } from "../show-place.js";
import { defaultOuter } from "../settings.js";
import type { Terminal } from "../terminal.js";
import { version } from "../version.js";

/** The options of `ufom diagnose`. */
export interface DiagnoseCommandOptions {
  readonly candidates?: readonly string[];
  readonly preset?: string;
  readonly outer?: string;
  readonly outerSteps?: number;
  readonly innerSteps?: number;
  readonly metaBatch?: number;
  readonly points?: number;
  readonly tasks?: number;
  readonly precision?: number;
  readonly loopSteps?: number;
  readonly budgetSeconds?: number;
  readonly budgetEvaluations?: number;
  readonly memory?: number;
  readonly clock?: boolean;
  readonly seed?: number;
  readonly out?: string;
  readonly executor?: ExecutorName;
  readonly native?: true | string;
  readonly dtype?: FloatType;
  readonly set?: readonly string[];
}

/** What presets and problems are asked for: the gradient that all others are compared with. */
const exact = "exact";

/** What is left to everything else of the memory that there is. */
const margin = 0.2;

/** Bytes that the inner states of a run may take here where nothing is said. */
const roomHere = (available = process.availableMemory()): number => Math.floor((1 - margin) * available);

/** The options that are said on the command line, and no others. */
const given = <K extends string, V>(values: Readonly<Record<K, V | undefined>>): Partial<Record<K, V>> =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Partial<Record<K, V>>;

/** `ufom diagnose PROBLEM`: how wrong cheap gradients are on it, what an unbiased one costs, and which estimator is best. */
export async function diagnose(name: string, options: DiagnoseCommandOptions, terminal: Terminal): Promise<ExitCode> {
  const loaded = await loadProblem(name),
    { entry } = loaded,
    preset = presetOf(entry, options),
    own = problemOptions(entry.name, entry.options, options.set ?? [], preset ? presetOptions(entry, preset, exact) : {}),
    { seed = 1, innerSteps = preset?.innerSteps(exact), candidates } = options,
    built = await entry.create(own, { seed, innerSteps, progress: text => terminal.note(text) }),
    { problem, defaults } = built;
  for (const candidate of candidates ?? []) {
    const refusal = built.refuse?.(candidate);
    if (refusal !== undefined) throw new UsageError(`ufom: ${refusal}`);
  }
  const outer = options.outer ?? preset?.outer(exact) ?? defaultOuter(defaults, exact);
  await checkOuter(outer);
  const dtype = options.dtype ?? defaults.dtype ?? "float32",
    executorName = options.executor ?? "auto",
    metaBatch = options.metaBatch ?? preset?.metaBatch ?? defaults.metaBatch ?? 1,
    native = options.native === undefined ? undefined : await openNative(executorName, options.native, 1),
    memory = options.memory ?? roomHere(),
    { outerSteps, points, tasks, precision, loopSteps, clock, budgetSeconds, budgetEvaluations } = options,
    said = given<string, unknown>({ candidates, outerSteps, innerSteps, points, tasks, precision, loopSteps, clock }),
    budget = given({ seconds: budgetSeconds, evaluations: budgetEvaluations }),
    settings = {
      problem: loaded.reference,
      options: own,
      ...(preset ? { preset: preset.name } : {}),
      outer,
      metaBatch,
      seed,
      dtype,
      executor: executorName,
      memory,
      budget,
      ...said,
    },
    place = await (options.out === undefined ? placeNamed(entry.name, "diagnose") : placeAt(options.out)),
    folder = new OutputFolder(await freshFolder(place, { version: 1, ufom: await version(), diagnosis: settings }));

  terminal.text(`${entry.name}: ${entry.summary}`);
  for (const line of built.protocol ?? []) terminal.text(`  ${line}`);
  if (preset !== undefined) {
    for (const line of presetLines(preset, options, [{ estimator: exact, budget: {}, metaBatch }])) terminal.text(line);
    if (endsWithRun(outer)) terminal.text(`The rates of ${outer} end with the short run along which θ is looked at.`);
  }
  tellNative(terminal, { native });
  tellNotes(terminal, problem, dtype);
  const progress = new OneLine(),
    interrupt = onInterrupt(
      () => progress.say("stopping"),
      () => progress.done(),
    );
  let found: Diagnosis;
  const { executor } = await openExecutor(executorName, native);
  try {
    const { diagnose: diagnosing } = await import("ufom");
    found = await diagnosing(problem, {
      ...said,
      outer,
      metaBatch,
      seed,
      dtype,
      memory,
      budget,
      executor,
      signal: interrupt.signal,
      progress: text => progress.say(text),
    });
  } catch (error) {
    await folder.discard();
    if (interrupt.signal.aborted) {
      terminal.note("Stopped: a diagnosis is whole or none.");
      return exitCode.failed;
    }
    throw error;
  } finally {
    progress.done();
    interrupt.dispose();
    executor.dispose();
  }
  try {
    const json = diagnosisJson(entry.name, found, path.resolve(folder.path)),
      again = [
        ...["ufom", "diagnose", showPath(loaded.reference), "--seed", String(seed), "--outer", outer],
        ...(candidates === undefined ? [] : ["--candidates", candidates.join(",")]),
        ...Object.entries({ outerSteps, innerSteps, points, tasks, precision, loopSteps, budgetSeconds, budgetEvaluations }).flatMap(
          ([key, value]) =>
            value === undefined ? [] : [`--${key.replace(/[A-Z]/g, letter => `-${letter.toLowerCase()}`)}`, String(value)],
        ),
        ...["--meta-batch", String(metaBatch), "--memory", `${memory}B`],
        ...machineOptions({ dtype, executor: executorName, native }),
        ...Object.entries(own).flatMap(([key, value]) => ["--set", `${key}=${String(value)}`]),
      ];
    await folder.saveResult(json);
    const { diagnosisReport } = await import("../report/diagnosis-report.js");
    await folder.saveReport(
      await diagnosisReport({
        problem: entry.name,
        summary: entry.summary,
        protocol: built.protocol ?? [],
        diagnosis: found,
        settings: Object.entries({ ...settings, memory: bytes(memory) }).map(([key, value]) => [
          key,
          typeof value === "object" ? JSON.stringify(value) : String(value),
        ]),
        commands: [shellLine(again)],
        version: await version(),
      }),
    );
    for (const note of found.notes) terminal.note(`Note: ${note}`);
    terminal.json(json);
    for (const table of diagnosisTables(found)) terminal.table(table);
    terminal.text(`Recommended: ${found.recommendation}`);
    terminal.line(`Report: ${showPath(folder.report)}`);
  } finally {
    await folder.release();
  }
  return exitCode.done;
}
