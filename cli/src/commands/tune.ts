import path from "node:path";
import type { ExecutorName } from "ufom/internal/executors/names";
import { replaceFile } from "../durable.js";
import { openExecutor } from "../engine.js";
import { about } from "../file-errors.js";
import { UsageError, exitCode, type ExitCode } from "../failure.js";
import { onInterrupt } from "../interrupt.js";
import { OneLine } from "../one-line.js";
import { freshFolder, placeAt, placeNamed, runsFolder } from "../output-folder.js";
import { shellLine } from "../run-output.js";
import { showPath } from "../show-place.js";
import type { Table } from "../tables/columns.js";
import { describeTable, summaryOf } from "../tables/describe.js";
import { mustOccurTwice } from "../tables/label.js";
import { missingTexts } from "../tables/missing.js";
import { fitEncoding } from "../tables/encoding.js";
import { readTable, type TableOptions } from "../tables/read-table.js";
import { some } from "../tables/refuse.js";
import { parseTypes } from "../tables/types-option.js";
import type { Terminal } from "../terminal.js";
import { terminalWidth } from "../terminal-width.js";
import type { Grouping } from "../tuning/groups.js";
import { knobNames, type KnobName } from "../tuning/knobs.js";
import type { ModelName } from "../tuning/model.js";
import { interval, methodsTable, numbersTable, scoreNames, sentences } from "../tuning/output.js";
import { predict, predictionsCsv, rowsToPredict, type Predictions } from "../tuning/predict.js";
import { modelAsFiles, modelFiles } from "../tuning/saved-model.js";
import { methodNames, usualMethods, type MethodName, type TuneSettings } from "../tuning/settings.js";
import { splitTable, tune as tuning } from "../tuning/tune.js";
import { TuningFolder } from "../tuning/folder.js";
import { version } from "../version.js";
import { mustBeFree, mustBeOutside, mustEndIn } from "../written-file.js";

/** The options of `ufom tune`. */
export interface TuneOptions {
  readonly target?: string;
  readonly model?: ModelName;
  readonly hidden?: number;
  readonly groups?: Grouping;
  readonly learn?: readonly string[];
  readonly methods?: readonly string[];
  readonly folds?: number;
  readonly heldOut?: number;
  readonly rows?: number;
  readonly innerSteps?: number;
  readonly outerSteps?: number;
  readonly estimator?: string;
  readonly balanced?: boolean;
  readonly seed?: number;
  readonly budget?: number;
  readonly test?: string;
  readonly predictions?: string;
  readonly report?: string;
  readonly types?: string;
  readonly ignore?: readonly string[];
  readonly missing?: readonly string[];
  readonly labels?: string;
  readonly out?: string;
  readonly executor?: ExecutorName;
}

/** Words of a list, each of which must be known. */
function wordsOf<W extends string>(option: string, given: readonly string[] | undefined, known: readonly W[]): readonly W[] {
  if (given === undefined) return known;
  const odd = given.find(word => !(known as readonly string[]).includes(word));
  if (odd !== undefined) throw new UsageError(`ufom: ${option} takes ${known.join(", ")}; received ${JSON.stringify(odd)}.`);
  // In their own order, whatever order they are given in.
  return known.filter(word => given.includes(word));
}

/** What holds where nothing is said. */
function settingsOf(options: TuneOptions): TuneSettings {
  const { model = "linear", hidden = 32, groups = "columns", folds = 5, heldOut = 0.25, rows = 2000, seed = 1, balanced = false } = options;
  if (options.hidden !== undefined && model !== "mlp") throw new UsageError("ufom: --hidden goes with --model mlp.");
  const learn = wordsOf<KnobName>("--learn", options.learn, knobNames);
  const methods = options.methods === undefined ? usualMethods : wordsOf<MethodName>("--methods", options.methods, methodNames);
  const { innerSteps = model === "mlp" ? 150 : 100, outerSteps = 40, estimator = "exact", budget } = options;
  const given = { model, hidden, groups, learn, methods, folds, heldOut, rows, innerSteps, outerSteps, estimator, balanced, seed };
  return budget === undefined ? given : { ...given, seconds: budget };
}

/** What stands for a missing value besides the usual. */
export const missingToo = (missing: readonly string[] | undefined): Pick<TableOptions, "missing"> =>
  missing === undefined ? {} : { missing: [...missingTexts, ...missing] };

/** How the file is read, and no less another one with the same columns. */
const readingOf = ({ types, ignore, missing, labels }: TuneOptions): TableOptions => ({
  ...(types === undefined ? {} : { types: parseTypes(types) }),
  ...(ignore === undefined ? {} : { ignore }),
  ...missingToo(missing),
  ...(labels === undefined ? {} : { labels }),
});

/** @throws UsageError if options do not go together, or name files that may not be written, before anything is read */
async function checkOptions(file: string, { test, predictions, report, labels, out }: TuneOptions): Promise<void> {
  if (predictions !== undefined && test === undefined)
    throw new UsageError("ufom: --predictions goes with --test FILE, the rows to predict.");
  const read = [file, test, labels];
  if (predictions !== undefined) await mustBeFree("--predictions", predictions, read);
  if (report !== undefined) {
    mustEndIn("--report", report, ".html");
    await mustBeFree("--report", report, read);
  }
  if (predictions !== undefined && report !== undefined && path.resolve(predictions) === path.resolve(report))
    throw new UsageError(`ufom: --predictions and --report must be two files; received ${showPath(predictions)} for both.`);
  // A folder that is made among folders of pictures would be one more class.
  await mustBeOutside("--out", out ?? runsFolder, read);
}

async function read(file: string, options: TuneOptions): Promise<Table> {
  const table = await readTable(file, { ...readingOf(options), ...(options.target === undefined ? {} : { label: options.target }) });
  if (table.label === undefined)
    throw new UsageError(`ufom: tune needs --target, the column to predict: one of ${some(table.columns.map(({ name }) => name))}.`);
  mustOccurTwice(table);
  if (options.balanced === true && table.label.kind === "number")
    throw new UsageError(`ufom: --balanced goes with classes; ${table.file} has numbers in ${JSON.stringify(table.label.name)}.`);
  return table;
}

/** `--target y --model mlp …`: what was said, for the command that makes the same again. */
function again(file: string, options: TuneOptions): string {
  const words = Object.entries(options).flatMap(([name, value]) => {
    if (value === undefined || name === "json" || name === "out") return [];
    const flag = `--${name.replace(/[A-Z]/g, letter => `-${letter.toLowerCase()}`)}`;
    if (value === true) return [flag];
    return [flag, name === "budget" ? `${value}s` : Array.isArray(value) ? value.join(",") : String(value)];
  });
  return shellLine(["ufom", "tune", showPath(file), ...words]);
}

const predictionsJson = ({ file, rows, scores, notes }: Predictions, written: string | undefined) => ({
  ...{ file, rows, notes },
  ...(scores === undefined ? {} : { scores }),
  ...(written === undefined ? {} : { predictions: path.resolve(written) }),
});

/** On a terminal one line; in a log the first line of each method too. */
function sayer(progress: OneLine, terminal: Terminal): (text: string) => void {
  const begun = new Set<string>();
  return text => {
    const [method] = text.split(":");
    if (process.stderr.isTTY || begun.has(method)) progress.say(text);
    else terminal.note(text);
    begun.add(method);
  };
}

/** `ufom tune TRAIN --target COLUMN`: hyperparameters by hypergradients, beside searches with the same work, and the model. */
export async function tune(file: string, options: TuneOptions, terminal: Terminal): Promise<ExitCode> {
  const began = performance.now();
  const elapsed = (): number => (performance.now() - began) / 1000;
  await checkOptions(file, options);
  const settings = settingsOf(options);
  const { parseEstimator } = await import("ufom");
  parseEstimator(settings.estimator);
  const table = await read(file, options);
  splitTable(table, settings);
  // What cannot be predicted is told before anything is learned.
  const toPredict =
    options.test === undefined ? undefined : await rowsToPredict(fitEncoding(table), options.test, readingOf({ missing: options.missing }));
  const name = path.basename(file).replace(/\.[^.]*$/, "");
  const place = await (options.out === undefined ? placeNamed(name, "tune") : placeAt(options.out));
  const folder = new TuningFolder(
    await freshFolder(place, {
      version: 1,
      ufom: await version(),
      tuning: { file: path.resolve(file), target: table.label!.name, ...settings },
    }),
  );
  terminal.line(describeTable(table, terminalWidth()));
  const progress = new OneLine();
  const interrupt = onInterrupt(
    () => progress.say("stopping"),
    () => progress.done(),
  );
  const { executor } = await openExecutor(options.executor ?? "auto");
  try {
    const tuned = await tuning(table, settings, { executor, signal: interrupt.signal, seconds: elapsed, say: sayer(progress, terminal) });
    const seconds = elapsed();
    const { architecture, encoding, weights, chosen, target, methods, outcome } = tuned;
    const scores = methods.find(one => one.name === chosen)!;
    const made = {
      ...{ by: `ufom ${await version()}`, from: table.file, rows: tuned.rows.all, method: chosen, seed: settings.seed },
      ...{ crossValidated: scores.crossValidated, heldOut: scores.heldOut, numbers: scores.numbers, groups: tuned.groups.names },
    };
    const files = modelAsFiles(architecture, { features: encoding, missing: options.missing ?? [], made }, weights);
    await folder.saveModel(files);
    const tested =
      toPredict && (await predict({ features: encoding, architecture, weights }, toPredict, { executor, balanced: settings.balanced }));
    const { predictions = tested === undefined ? undefined : folder.file("predictions.csv") } = options;
    if (tested !== undefined) await about(predictions!, () => replaceFile(predictions!, predictionsCsv(tested)));
    const json = {
      ...{ outcome, seconds, table: summaryOf(table), target, settings, rows: tuned.rows, groups: tuned.groups.names },
      ...{ methods, untried: tuned.untried, chosen, difference: tuned.difference, notes: tuned.notes },
      ...(tested === undefined ? {} : { test: predictionsJson(tested, predictions) }),
      ...(options.report === undefined ? {} : { report: path.resolve(options.report) }),
      folder: path.resolve(folder.path),
    };
    await folder.saveResult(json);
    const { tuneReport } = await import("../report/tune-report.js");
    const command = again(file, options);
    const page = await tuneReport({ tuned, table, settings, seconds, tested, command, version: await version() });
    await folder.saveReport(page);
    const { report = folder.report } = options;
    if (report !== folder.report) await about(report, () => replaceFile(report, page));
    progress.done();
    for (const note of tuned.notes) terminal.note(`Note: ${note}`);
    terminal.json(json);
    terminal.table(methodsTable(tuned, settings.balanced));
    terminal.table(numbersTable(tuned));
    for (const text of sentences(tuned)) terminal.text(text);
    if (tested !== undefined) tell(terminal, tested, predictions!, settings.balanced);
    terminal.line(
      `Model: ${showPath(folder.path)} (${modelFiles.manifest}, ${modelFiles.weights}; ufom predict ${showPath(folder.path)} FILE)`,
    );
    terminal.line(`Report: ${showPath(report)}`);
    return outcome === "stopped" ? exitCode.failed : exitCode.done;
  } catch (error) {
    await folder.discard();
    throw error;
  } finally {
    progress.done();
    interrupt.dispose();
    executor.dispose();
    await folder.release();
  }
}

/** What is said of predictions. */
export function tell(terminal: Terminal, { file, rows, scores, target, notes }: Predictions, written: string, balanced: boolean): void {
  for (const note of notes) terminal.note(`Note: ${file}: ${note}`);
  const names = scoreNames(target, balanced);
  const judged = scores === undefined ? "" : `; ${names.loss} ${interval(scores.loss)}, ${names.accuracy} ${interval(scores.accuracy)}`;
  terminal.line(`Predictions: ${showPath(written)}, ${rows} ${rows === 1 ? "row" : "rows"} of ${file}${judged}`);
}
