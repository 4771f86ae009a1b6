import { setImmediate } from "node:timers/promises";
import type { Executor, Solve, SolveStep } from "ufom";
import type { BestRecord, BestTheta, Built, EvaluateContext, Metrics, RunRecord, StepRecord } from "./problems/problem-entry.js";
import { BestFigure } from "./best-figure.js";
import { bestIn, lossWarning, openExecutor, startSolve, type Checkpoint } from "./engine.js";
import { FailedError } from "./failure.js";
import { Follower, isTracked } from "./follow.js";
import { fractionDone, type Progress } from "./progress.js";
import type { RunFolder } from "./run-folder.js";
import { drawsExact, type Settings } from "./settings.js";
import { nativeSuggestion } from "./suggest-native.js";
import { quantity } from "ufom/internal/tensor/quantity";

/** One run of one estimator with one seed. */
export interface Trial {
  /** The problem's name in reports. */
  readonly problem: string;
  readonly built: Built;
  readonly settings: Settings;
  readonly folder: RunFolder;
  readonly progress: Progress;
  readonly signal: AbortSignal;
  /** The state and the best θ of an earlier part of the run. */
  readonly earlier?: { readonly state: Checkpoint; readonly best: BestTheta | undefined };
}

/** Seconds between saved states, and between chances for a signal to be heard. */
const saveEvery = 10;
const breatheEvery = 0.05;

class Timer {
  #since = performance.now();

  constructor(readonly seconds: number) {}

  due(): boolean {
    if (performance.now() - this.#since < 1000 * this.seconds) return false;
    this.#since = performance.now();
    return true;
  }
}

/** What is written down of a step before anybody has looked at θ. */
function recordOf(step: SolveStep, { estimator }: Settings): StepRecord {
  const { index, loss, probability, exactDraws, counts, charged, gradientNorm, moments, tail, peakStates, seconds, auto } = step;
  return {
    index,
    loss,
    probability,
    // A draw of a coin a step is no draw of the exact gradient.
    ...(drawsExact(estimator) && !estimator.startsWith("ufom:steps") ? { exactDraws } : {}),
    counts,
    ...(charged === undefined ? {} : { charged }),
    gradientNorm,
    ...(moments === undefined ? {} : { moments }),
    ...(tail === undefined ? {} : { tail }),
    ...(auto === undefined ? {} : { auto }),
    peakStates,
    seconds,
  };
}

/** A run under way: what is done after each of its steps. */
class Course {
  readonly #save = new Timer(saveEvery);
  readonly #breathe = new Timer(breatheEvery);
  readonly #figure: BestFigure | undefined;
  readonly #context: EvaluateContext;
  #index: number;
  readonly #first: number;
  #run: Solve | undefined;

  constructor(
    readonly trial: Trial,
    readonly executor: Executor,
  ) {
    const { built, settings, progress, earlier } = trial;
    this.#context = {
      seed: settings.seed,
      dtype: settings.dtype,
      innerSteps: settings.innerSteps ?? built.problem.steps,
      executor,
      progress: text => progress.say(text),
    };
    this.#first = this.#index = earlier?.state.index ?? 0;
    // A best θ of steps that were lost is found again.
    const before = earlier?.best !== undefined && earlier.best.index <= this.#first ? earlier.best : undefined;
    this.#figure = built.criterion && new BestFigure(built.criterion, before);
  }

  /** Whether steps were done in this part of the run. */
  get hasBegun(): boolean {
    return this.#index > this.#first;
  }

  async run(): Promise<RunRecord> {
    const { built, settings, folder, progress, signal, earlier } = this.trial;
    const figure = this.#figure;
    const context = { executor: this.executor, signal, resume: earlier?.state, progress: (text: string) => progress.say(text) };
    const { run } = await startSolve(built.problem, figure === undefined ? settings : { ...settings, stopAfter: undefined }, context);
    this.#run = run;
    const follower = new Follower(built, this.#context, settings.outerSteps);
    if (figure !== undefined && figure.best === undefined && settings.outerSteps > this.#first) await this.#judge(figure, run, undefined);
    let waited = false,
      began = 0;
    for await (const step of run) {
      this.#index = step.index;
      if (step.index === this.#first + 1) began = performance.now();
      if (step.index === this.#first + 2) await this.#suggest((performance.now() - began) / 1000, step);
      const seen = await follower.after(step.index, run);
      if (figure !== undefined && isTracked(step.index, settings.outerSteps)) await this.#judge(figure, run, seen.tracked);
      const record = { ...recordOf(step, settings), ...seen },
        { index } = record;
      folder.addStep(record);
      progress.step(record);
      if (this.#breathe.due()) await setImmediate();
      if (index === this.#first + 1 || this.#save.due()) await this.save();
      else if (folder.isBehind) await folder.flush();
      waited = index - (figure?.best?.index ?? index) >= (settings.stopAfter ?? Infinity);
      if (waited) break;
    }
    const result = await run.result();
    await this.save();
    progress.done();
    return this.#record(result, waited);
  }

  /** Tells of --native, once, where a run is long and would gain: the first step compiles, the second shows the pace. */
  async #suggest(seconds: number, step: SolveStep): Promise<void> {
    const { built, settings, progress } = this.trial,
      done = fractionDone(recordOf(step, settings), settings),
      pace = { stepsDone: 1, stepsLeft: (step.index * (1 - done)) / done, seconds, counts: step.counts };
    const told = await nativeSuggestion(built.problem, settings, pace);
    if (told !== undefined) progress.say(told);
  }

  /** Takes the figure by which θ is judged. */
  async #judge(figure: BestFigure, run: Solve, tracked: Metrics | undefined): Promise<void> {
    const { built } = this.trial;
    const { theta } = run;
    const own = tracked ?? (await built.track?.(theta, this.#context)) ?? {};
    const figures = Object.hasOwn(own, figure.metric) ? own : { ...own, ...(await built.evaluate?.(theta, this.#context)) };
    figure.see(figures, theta, this.#index);
  }

  /** Saves the state, then the best θ, which is never that of a later step. */
  async save(): Promise<void> {
    if (this.#run === undefined) return;
    const { folder } = this.trial;
    const state = this.#run.checkpoint();
    await folder.saveCheckpoint(state);
    const best = await this.#bestOf(state);
    if (best !== undefined) await folder.saveBest(best);
  }

  async #bestOf(state: Checkpoint): Promise<BestTheta | undefined> {
    if (this.#figure !== undefined) return this.#figure.best;
    return state.index === 0 ? undefined : bestIn(state);
  }

  /** The figures at the end, and at the best θ if the run ended far from it. */
  async #record(result: Awaited<ReturnType<Solve["result"]>>, waited: boolean): Promise<RunRecord> {
    const { problem, built, settings, folder } = this.trial;
    const { theta, outerSteps, counts, charged, peakStates, seconds, workers, notes, auto } = result;
    const { diagnosed } = folder.history;
    const warning = this.#figure === undefined ? result.warning : await lossWarning(this.#run!.checkpoint());
    for (const note of notes) this.trial.progress.say(`ufom: ${note}`);
    const figure = this.#figure?.best;
    const { outcome, message } = waited
      ? {
          outcome: "finished" as const,
          message: `${this.#figure!.words} did not become better in the last ${quantity(settings.stopAfter!, "outer step")}, so it ended after ${outerSteps}; the best θ is that after ${figure!.index}.`,
        }
      : result;
    const evaluate = async (at: typeof theta) => (outcome === "stopped" ? undefined : built.evaluate?.(at, this.#context));
    const metrics = outcome === "stopped" ? {} : ((await evaluate(theta)) ?? { loss: result.loss });
    const found = await this.#bestOf(this.#run!.checkpoint());
    const bestMetrics = found !== undefined && warning !== undefined ? await evaluate(found.theta) : undefined;
    const best: BestRecord | undefined = found && { ...found, ...(bestMetrics === undefined ? {} : { metrics: bestMetrics }) };
    return {
      problem,
      estimator: settings.estimator,
      seed: settings.seed,
      outcome,
      message,
      ...(warning === undefined ? {} : { warning }),
      outerSteps,
      innerSteps: this.#context.innerSteps,
      seconds,
      counts,
      ...(charged === undefined ? {} : { charged }),
      ...(auto === undefined ? {} : { auto }),
      ...(settings.preset === undefined ? {} : { preset: settings.preset }),
      ...(diagnosed === undefined ? {} : { diagnosed }),
      peakStates,
      workers,
      metrics,
      theta,
      ...(best === undefined ? {} : { best }),
      steps: folder.history.steps,
      options: settings.options,
      ...(settings.native === undefined ? {} : { native: settings.native }),
    };
  }
}

/**
 * Solves, writes the run's folder on the way, and takes the figures at the end. It can be stopped between any two steps;
 * what was done is saved, also when a step fails.
 */
export async function runTrial(trial: Trial): Promise<RunRecord> {
  const { settings, folder, progress, signal } = trial;
  const { executor } = await openExecutor(settings.executor, settings.native);
  const course = new Course(trial, executor);
  folder.patience = { signal, say: text => progress.say(text) };
  try {
    return await course.run();
  } catch (error) {
    if (!course.hasBegun && trial.earlier === undefined) await folder.discard();
    else if (course.hasBegun && !(error instanceof FailedError)) await course.save();
    throw error;
  } finally {
    progress.done();
    await folder.close();
    executor.dispose();
  }
}
