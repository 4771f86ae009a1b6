import type { Executor, Quantity } from "ufom";
import { UsageError } from "../failure.js";
import type { Table } from "../tables/columns.js";
import { fitEncoding, type Encoding } from "../tables/encoding.js";
import { count, quoted } from "../tables/refuse.js";
import type { Groups } from "./groups.js";
import { descend } from "./hypergradient.js";
import { numbersOf, thetaAt, untuned, type KnobName } from "./knobs.js";
import type { Architecture, Weights } from "./model.js";
import type { TuningShape } from "./problem.js";
import { foldsOf, pick, splitOff, type TuningRows } from "./rows.js";
import { differenceOf, scoresOf, type Scores, type TargetKind } from "./scores.js";
import { gridSearch, halvingSearch, randomSearch, type Found, type Limits } from "./search.js";
import type { MethodName, TuneSettings } from "./settings.js";
import { finish, rowsOf, sampled, shapeOf } from "./shape.js";
import { Trainer, type Config } from "./trainer.js";

/** A method, what it found and how good that is. */
export interface MethodResult {
  readonly name: MethodName | "untuned";
  readonly outcome: Found["outcome"];
  readonly tried: number;
  /** Inner steps on a fold, and what is worth as much. */
  readonly work: number;
  readonly seconds: number;
  /** The lowest loss on the folds that were learned from; not of the untuned model. */
  readonly found?: number;
  /** On another dealing of the same rows into folds. */
  readonly crossValidated: Scores;
  /** On rows that were held out. */
  readonly heldOut?: Scores;
  readonly steps: number;
  readonly numbers: Readonly<Record<KnobName, readonly number[]>>;
  readonly curve: Found["curve"];
}

export interface Tuned {
  readonly target: TargetKind & { readonly name: string };
  readonly architecture: Architecture;
  readonly encoding: Encoding;
  /** Groups of penalties, as they were learned. */
  readonly groups: Groups;
  readonly methods: readonly MethodResult[];
  /** The method whose model is kept. */
  readonly chosen: MethodResult["name"];
  /** How much less held-out rows lose with hypergradients than with the best search. */
  readonly difference?: Quantity & { readonly than: MethodName };
  readonly outcome: "finished" | "budget" | "stopped";
  /** Methods that had tried nothing when the time was over, or the run was stopped. */
  readonly untried: readonly MethodName[];
  readonly weights: Weights;
  readonly rows: { readonly all: number; readonly train: number; readonly tuned: number; readonly heldOut: number };
  readonly notes: readonly string[];
}

export interface TuneContext {
  readonly executor: Executor;
  readonly signal: AbortSignal;
  /** The clock, in seconds. A budget counts from 0 on it. */
  seconds(): number;
  say(text: string): void;
}

/** Of each fold and class so many rows are needed at least. */
const leastOfAFold = 2;

/** @throws UsageError if there are too few rows for the split */
function checkRows(table: Table, train: Int32Array, codes: Int32Array, { folds, heldOut }: TuneSettings): void {
  const least = leastOfAFold * folds;
  const parts = `${heldOut === 0 ? "" : `a held-out ${Math.round(100 * heldOut)} % and `}${folds} folds`;
  if (train.length < least)
    throw new UsageError(
      `ufom: ${table.file} must have rows for ${parts}, ${Math.ceil(least / (1 - heldOut))} or more; received ${count(table.rowCount, "row")} with a label.`,
    );
  const { label } = table;
  if (label?.kind !== "classes") return;
  const counts = new Int32Array(label.classes.length);
  for (const row of train) counts[codes[row]]++;
  const there = counts.filter(n => n >= leastOfAFold).length;
  if (there < 2)
    throw new UsageError(
      `ufom: ${table.file} must have at least two classes with ${leastOfAFold} rows each beside those held out; received ${count(there, "class", "classes")}.`,
    );
}

function notesOf(table: Table, target: TargetKind, tuned: TuningRows, trainCount: number, settings: TuneSettings): string[] {
  const notes: string[] = [];
  if (tuned.count < trainCount)
    notes.push(
      `Hyperparameters are learned from ${tuned.count} of ${count(trainCount, "row")}; the model is trained on all (--rows takes more).`,
    );
  if (target.kind === "classes") {
    const counts = new Int32Array(target.classes.length);
    for (const code of tuned.codes) counts[code]++;
    const rare = target.classes.filter((_, i) => counts[i] < settings.folds);
    if (rare.length > 0)
      notes.push(
        `${count(rare.length, "class", "classes")} of ${quoted(table.label!.name)} with fewer rows than folds (${rare.slice(0, 5).map(quoted).join(", ")}): some folds have none of ${rare.length === 1 ? "it" : "them"}.`,
      );
  }
  return notes;
}

/** The rows that are held out, and the others. @throws UsageError if there are too few for that and the folds */
export function splitTable(table: Table, settings: TuneSettings): ReturnType<typeof splitOff> {
  const { label, rowCount } = table;
  const codes = label?.kind === "classes" ? label.codes : new Int32Array(rowCount);
  const split = splitOff(codes, settings.heldOut, settings.seed);
  checkRows(table, split.train, codes, settings);
  return split;
}

/**
 * Learns hyperparameters of a model of a table's label by hypergradients, searches them by grid, random and successive halving with the same work, judges all
 * alike, and trains the best on all rows.
 * @throws UsageError if there are too few rows for the split
 */
export async function tune(table: Table, settings: TuneSettings, context: TuneContext): Promise<Tuned> {
  const { seed, folds, balanced } = settings;
  const { train, heldOut } = splitTable(table, settings);
  const encoding = fitEncoding(table, train);
  const target = encoding.target!;
  const all = rowsOf(table, encoding, balanced);
  const tuned = sampled(pick(all, train), settings.rows, seed);
  const { groups, shape } = shapeOf(encoding, target, tuned, settings);
  const { executor } = context;
  context.say("compiling");
  const trainer = await Trainer.make(shape, tuned, foldsOf(tuned.codes, folds, seed, "folds"), { executor, seed });
  const { judged, outcome, untried } = await judge(trainer, all, { train, heldOut, target }, settings, context);
  const chosen = judged[bestOf(judged.map(({ result }) => result))];
  context.say("training on all rows");
  const last = await finish(table, target, chosen.config, groups, settings, executor);
  return {
    target: last.encoding.target!,
    ...{ architecture: last.shape.architecture, encoding: last.encoding, groups, methods: judged.map(({ result }) => result) },
    chosen: chosen.result.name,
    ...differenceBetween(judged, pick(all, heldOut), target),
    ...{ outcome, untried, weights: last.weights },
    rows: { all: table.rowCount, train: train.length, tuned: tuned.count, heldOut: heldOut.length },
    notes: [...all.notes, ...notesOf(table, target, tuned, train.length, settings), ...endingOf(outcome, untried)],
  };
}

/**
 * The place of the method whose model is kept: that with the lowest loss on rows held out or, where there are none, cross-validated. Cross-validated losses are of
 * rows that hyperparameters were learned from, and flatter most whoever had most of them to choose.
 */
export function bestOf(methods: readonly Pick<MethodResult, "crossValidated" | "heldOut">[]): number {
  const losses = methods.map(({ crossValidated, heldOut }) => (heldOut ?? crossValidated).loss.value);
  return losses.reduce((best, loss, i) => (loss < losses[best] || Number.isNaN(losses[best]) ? i : best), 0);
}

/** What is told of a run that did not go to its end. */
function endingOf(outcome: Tuned["outcome"], untried: readonly MethodName[]): string[] {
  if (outcome === "finished") return [];
  const why = outcome === "budget" ? "The time was over" : "Stopped";
  return untried.length === 0
    ? [`${why}: methods that had not ended are judged by what they had found.`]
    : [`${why} before ${untried.join(", ")} had tried anything; the others are judged by what they had found.`];
}

interface Judged {
  readonly result: MethodResult;
  readonly config: Config;
  /** Outputs of held-out rows. */
  readonly outputs?: Float64Array;
}

/** All methods one after another, each with the work of the descent by hypergradients, which comes first, and how good what they found is. */
async function judge(
  trainer: Trainer,
  all: TuningRows,
  { train, heldOut, target }: { readonly train: Int32Array; readonly heldOut: Int32Array; readonly target: TargetKind },
  settings: TuneSettings,
  context: TuneContext,
): Promise<Pick<Tuned, "outcome" | "untried"> & { readonly judged: readonly Judged[] }> {
  const { seed, folds, methods } = settings;
  const { shape, rows } = trainer;
  const { executor, signal } = context;
  const other = trainer.deal(foldsOf(rows.codes, folds, seed, "other folds"));
  const outside = heldOut.length > 0 ? await Trainer.make(shape, all, [{ train, validation: heldOut }], { executor, seed }) : undefined;
  const held = pick(all, heldOut);
  const judged: Judged[] = [];
  const untried: MethodName[] = [];
  /** Seconds that it took to judge the last one. */
  let scoring = 0;
  const add = async (
    name: MethodResult["name"],
    found: Omit<Found, "loss"> & { readonly loss?: number },
    work: number,
    seconds: number,
  ): Promise<void> => {
    const { config, tried, outcome, curve, loss } = found;
    context.say(`${name}: scores`);
    const before = context.seconds();
    const [inside] = await trainer.crossValidate(config, [config.steps], other);
    const outputs = outside && pickOutputs((await outside.crossValidate(config, [config.steps]))[0].outputs, heldOut, rows.outputs);
    const result: MethodResult = {
      ...{ name, outcome, tried, work: Math.round(work), seconds },
      ...(loss === undefined ? {} : { found: loss }),
      crossValidated: scoresOf(inside.outputs, rows, target),
      ...(outputs === undefined ? {} : { heldOut: scoresOf(outputs, held, target) }),
      ...{ steps: config.steps, numbers: numbersOf(config.theta, shape.sizes), curve },
    };
    judged.push({ result, config, ...(outputs === undefined ? {} : { outputs }) });
    scoring = context.seconds() - before;
  };
  await add("untuned", { config: untunedConfig(shape), tried: 1, outcome: "finished", curve: [] }, 0, 0);
  let most = plannedWork(trainer, settings);
  for (const [i, name] of methods.entries()) {
    const start = context.seconds();
    const from = trainer.work;
    const end = start + shareOf((settings.seconds ?? Infinity) - start, methods.length - i, scoring);
    const limits: Limits = { work: most, isOver: () => context.seconds() >= end, signal, say: text => context.say(text) };
    const found = signal.aborted || limits.isOver() ? undefined : await search(name, trainer, limits, settings);
    const work = trainer.work - from;
    if (found === undefined) {
      untried.push(name);
      continue;
    }
    await add(name, found, work, context.seconds() - start);
    // One that ended early by itself would leave the others nothing.
    if (name === "hypergradient" && found.outcome !== "diverged") most = work;
  }
  const short = untried.length > 0 || judged.some(({ result }) => result.outcome === "budget");
  return { judged, untried, outcome: signal.aborted ? "stopped" : short ? "budget" : "finished" };
}

/**
 * Seconds for the next of so many methods: its part of what is left without what it takes to judge them all, and to train the model on all rows, which is as much
 * again. Where they would be judged longer than they look, there is time for fewer.
 */
export function shareOf(left: number, methods: number, scoring: number): number {
  const share = (n: number): number => (left - scoring * (n + 1)) / n;
  let n = methods;
  while (n > 1 && share(n) < scoring) n--;
  return share(n);
}

/** Work of exact hypergradients: of every outer step and fold, r steps, r products and an outer gradient. */
const plannedWork = ({ costs, dealt }: Trainer, { innerSteps, outerSteps }: TuneSettings): number =>
  dealt.tasks.length * outerSteps * (innerSteps * (1 + costs.product) + costs.outer);

/** θ of a model that nobody tuned. */
const untunedConfig = ({ learned, sizes, steps }: TuningShape): Config => ({
  theta: thetaAt(untuned, learned, sizes),
  steps,
  total: steps,
});

function search(name: MethodName, trainer: Trainer, limits: Limits, settings: TuneSettings): Promise<Found | undefined> {
  const { estimator, outerSteps, seed } = settings;
  switch (name) {
    case "hypergradient":
      return descend(trainer, limits, { estimator, outerSteps, seed });
    case "grid":
      return gridSearch(trainer, limits);
    case "random":
      return randomSearch(trainer, limits, seed);
    case "random-each":
      return randomSearch(trainer, limits, seed, true);
    case "halving":
      return halvingSearch(trainer, limits, seed);
  }
}

/** Outputs of some rows. */
function pickOutputs(outputs: Float64Array, rows: Int32Array, width: number): Float64Array {
  const picked = new Float64Array(rows.length * width);
  rows.forEach((row, i) => picked.set(outputs.subarray(row * width, (row + 1) * width), i * width));
  return picked;
}

/** Hypergradients beside the search that did best in cross-validation, on held-out rows. */
function differenceBetween(judged: readonly Judged[], held: TuningRows, target: TargetKind): Pick<Tuned, "difference"> {
  const own = judged.find(({ result }) => result.name === "hypergradient");
  const others = judged.filter(({ result: { name } }) => name !== "hypergradient" && name !== "untuned");
  if (own?.outputs === undefined || others.length === 0) return {};
  const other = others.reduce((a, b) => (b.result.crossValidated.loss.value < a.result.crossValidated.loss.value ? b : a));
  const difference = differenceOf(own.outputs, other.outputs!, held, target.kind);
  return { difference: { ...difference, than: other.result.name as MethodName } };
}
