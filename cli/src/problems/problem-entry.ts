import type { NativeInfo } from "ufom/internal/executors/executor";
import type { AutoChoice, Counts, Executor, FloatType, HostTree, Problem, StepMoments, TailSample } from "ufom";
import type { Figure, Table } from "./figure.js";
import type { OptionSpecs, OptionValues } from "./option.js";
import type { Preset } from "./preset.js";

/** Numbers by name: `accuracyCleaned: 0.894`. Fractions are fractions of one. */
export type Metrics = Readonly<Record<string, number>>;

/**
 * A problem that `ufom run NAME` knows. The module that exports it should import nothing heavy at its top: the list and
 * the help load every entry; data and executors belong into `create`.
 *
 *     export default defineEntry({
 *       name: "hyper-cleaning",
 *       summary: "one weight per training image of MNIST, half of whose labels are wrong",
 *       options: { train: wholeOption({ summary: "training images", default: 5000, min: 10 }) },
 *       async create({ train }, { seed }) { … return { problem, defaults, evaluate }; },
 *     });
 */
export interface ProblemEntry<O extends OptionValues = OptionValues> {
  readonly name: string;
  /** One line, without a full stop. */
  readonly summary: string;
  readonly options: OptionSpecs<O>;
  /** Published protocols, for `--preset`. */
  readonly presets?: readonly Preset[];
  /** @throws Error one sentence that starts with "ufom: " if the options do not fit together or data is missing */
  create(options: O, context: CreateContext): Promise<Built> | Built;
}

/** What a problem may depend on besides its options. */
export interface CreateContext {
  /** The run's seed, for data that are drawn once per run. */
  readonly seed: number;
  /** The number of inner steps that was asked for, where one was: for problems whose θ or tasks depend on it. */
  readonly innerSteps?: number;
  /** Says what takes a while: "reading MNIST". */
  progress(text: string): void;
}

/** What the command needs to run a problem. */
export interface Built {
  readonly problem: Problem;
  readonly defaults: Defaults;
  /** The protocol in a few lines, printed before a run and in the report. */
  readonly protocol?: readonly string[];
  /** Why an estimator (by its canonical spelling) makes no sense here, as a sentence without "ufom: "; undefined if it does. */
  refuse?(estimator: string): string | undefined;
  /**
   * θ that was learned with other values of the options, as this problem takes it, for `ufom evaluate`; θ itself where nothing is to be changed.
   * @param before the values of the run
   * @param say told what was changed, and what the figures then mean
   */
  fit?(theta: HostTree, before: OptionValues, say: (text: string) => void): HostTree;
  /** The figures of a finished run. */
  evaluate?(theta: HostTree, context: EvaluateContext): Promise<Metrics> | Metrics;
  /** Cheap figures of θ on the way; asked about 200 times a run, and drawn against the evaluations spent. */
  track?(theta: HostTree, context: EvaluateContext): Promise<Metrics> | Metrics;
  /** Which figure of `track`, or of `evaluate`, says how good θ is; the outer loss if absent. */
  readonly criterion?: Criterion;
  /** Which of `track`'s figures `ufom compare` draws; the outer loss if absent. */
  readonly headline?: Headline;
  /** Tables that end a run on the terminal and in the report; the metrics in two columns if absent. */
  tables?(run: RunRecord): readonly Table[];
  /** Figures of the report, besides those of loss, probability and gradient. */
  figures?(run: RunRecord): readonly Figure[];
}

/** By which figure the best θ of a run is found: `{ metric: "accuracy", goal: "highest" }`. */
export interface Criterion {
  /** A key of what `track` returns, or else `evaluate`, which is then called as often as `track` would be. */
  readonly metric: string;
  readonly goal: "lowest" | "highest";
}

export interface Headline {
  /** The key of one of the metrics that `track` returns. */
  readonly metric: string;
  /** The axis label in charts, such as `true |∇M|`. */
  readonly label: string;
  readonly scale?: "linear" | "log";
  /** A constant that charts draw as a horizontal line, such as √(2D) of the toy. */
  readonly levels?: readonly { readonly label: string; readonly y: number }[];
}

/** The settings of a run that the command line does not give. */
export interface Defaults {
  /** As on the command line: `exact:checkpoint=8`, `ufom:adaptive`. */
  readonly estimator: string;
  /** As on the command line: `adam:0.5`; or one spelling per estimator where they want different step sizes. */
  readonly outer: string | ((estimator: string) => string);
  readonly outerSteps: number;
  readonly metaBatch?: number;
  readonly dtype?: FloatType;
  /** What `ufom compare` compares, and over how many seeds. */
  readonly compare?: {
    readonly estimators: readonly string[];
    readonly seeds?: number;
    /** Gradient evaluations for each; what `exact` spends in `outerSteps` if absent. */
    readonly evaluations?: number;
  };
}

/** What the figures of a run may use. */
export interface EvaluateContext {
  readonly seed: number;
  readonly dtype: FloatType;
  /** The number of inner steps of this run. */
  readonly innerSteps: number;
  /** Where programs can be compiled and run. The command disposes of it. */
  readonly executor: Executor;
  /** The values of the problem's own options; for a module of one's own. */
  readonly options?: OptionValues;
  progress(text: string): void;
}

/** What a run with `ufom` saw of its two gradients, over all steps that had both. */
export interface Diagnosed {
  /** How many steps. */
  readonly steps: number;
  /** D²/V²: the sum of ‖G_target − G_baseline‖² over the sum of ‖G_target‖². */
  readonly ratio: number;
  /** Mean cosine between target and baseline. */
  readonly cosine: number;
  /** Mean probability of the target, over all steps of the run. */
  readonly probability: number;
}

/** One outer step, as written to metrics.jsonl. */
export interface StepRecord {
  /** Number of the outer step; the first is 1. */
  readonly index: number;
  readonly loss: number;
  /** The probability q of the exact gradient in this step; 1 for estimators that draw nothing. */
  readonly probability: number;
  /** How many tasks had the exact gradient; of estimators that draw. */
  readonly exactDraws?: number;
  /** Evaluations since the start of the run. */
  readonly counts: Counts;
  /** Charged evaluations since the start of the run, where the budget charges. */
  readonly charged?: number;
  /** How far the baseline was from the target, where both were computed. */
  readonly moments?: StepMoments;
  /** How far the weights of a coin a step drove what it swept. */
  readonly tail?: TailSample;
  /** Of a run by `auto`: that an estimator was chosen before this step, and why. */
  readonly auto?: AutoChoice;
  readonly gradientNorm: number;
  readonly peakStates: number;
  /** Seconds since the start of the run. */
  readonly seconds: number;
  /** Figures of θ after this step, where they were taken. */
  readonly tracked?: Metrics;
  /** Small leaves of θ after this step, by their path, where they were looked at. */
  readonly theta?: Readonly<Record<string, readonly number[]>>;
}

/** The outer loss on tasks that no run is trained on. */
export interface HeldOut {
  /** Mean over the tasks. */
  readonly loss: number;
  /** Standard error of that mean; 0 for one task. */
  readonly standardError: number;
  /** How many tasks; 1 where the problem has only one. */
  readonly tasks: number;
}

/** The best value of what a run was judged by on the way. */
export interface Best {
  /** Outer steps done then. */
  readonly index: number;
  /** In words: `mean of 10 outer losses`, `highest accuracy`. */
  readonly criterion: string;
  readonly value: number;
}

/** The best θ of a run so far, as it lies in best.safetensors. */
export interface BestTheta extends Best {
  readonly theta: HostTree;
}

/** The best θ of a run that has ended. */
export interface BestRecord extends BestTheta {
  /** The problem's figures there, taken where the run ended far from it. */
  readonly metrics?: Metrics;
}

/** A finished (or stopped) run. */
export interface RunRecord {
  readonly problem: string;
  readonly estimator: string;
  readonly seed: number;
  readonly outcome: "finished" | "budget" | "stopped" | "diverged";
  readonly message: string;
  readonly outerSteps: number;
  /** r of this run. */
  readonly innerSteps: number;
  readonly seconds: number;
  readonly counts: Counts;
  /** What was charged, where the budget charges. */
  readonly charged?: number;
  /** The preset that it began with. */
  readonly preset?: string;
  /** Of a run by `auto`: the estimators that it chose, in order, and why. */
  readonly auto?: readonly AutoChoice[];
  /** What was seen of two gradients along the way. */
  readonly diagnosed?: Diagnosed;
  readonly peakStates: number;
  /** Threads that computed tasks; absent in runs of before there was more than one. */
  readonly workers?: number;
  readonly metrics: Metrics;
  readonly theta: HostTree;
  /** The steps, or as many of very many as can be drawn. */
  readonly steps: readonly StepRecord[];
  /** The best θ; absent if no step was done. */
  readonly best?: BestRecord;
  /** That the loss exploded, and what to try, in sentences. */
  readonly warning?: string;
  /** The problem's own options. */
  readonly options?: OptionValues;
  readonly heldOut?: HeldOut;
  /** The library that computed larger products, if one did. */
  readonly native?: NativeInfo;
}

/** Returns its argument unchanged; calling it lets TypeScript infer the types of the options. */
export const defineEntry = <O extends OptionValues>(entry: ProblemEntry<O>): ProblemEntry<O> => entry;
