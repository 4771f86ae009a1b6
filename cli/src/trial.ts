import { setImmediate } from "node:timers/promises";
import type { Built, EvaluateContext, RunRecord, StepRecord } from "./problems/problem-entry.js";
import type { Saved } from "ufom/internal/files/saved-state";
import { openExecutor, startSolve, type Checkpoint } from "./engine.js";
import { Follower } from "./follow.js";
import type { Progress } from "./progress.js";
import type { RunFolder } from "./run-folder.js";
import type { Settings } from "./settings.js";

/** One run of one estimator with one seed. */
export interface Trial {
  /** The problem's name in reports. */
  readonly problem: string;
  readonly built: Built;
  readonly settings: Settings;
  readonly folder: RunFolder;
  readonly progress: Progress;
  readonly signal: AbortSignal;
  /** The state and the steps of an earlier part of the run. */
  readonly earlier?: { readonly state: Checkpoint; readonly steps: readonly StepRecord[] };
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

/**
 * Solves, writes the run's folder on the way, and takes the figures at the end. It can be stopped between any two steps;
 * what was done is saved.
 */
export async function runTrial({ problem, built, settings, folder, progress, signal, earlier }: Trial): Promise<RunRecord> {
  const { executor } = await openExecutor(settings.executor);
  const context: EvaluateContext = {
    seed: settings.seed,
    dtype: settings.dtype,
    innerSteps: settings.innerSteps ?? built.problem.steps,
    executor,
    progress: text => progress.say(text),
  };
  const steps: StepRecord[] = [...(earlier?.steps ?? [])];
  const save = new Timer(saveEvery);
  const breathe = new Timer(breatheEvery);
  const follower = new Follower(built, context, settings.outerSteps);
  try {
    const { run } = await startSolve(built.problem, settings, { executor, signal, resume: earlier?.state });
    for await (const step of run) {
      const seen = await follower.after(step.index, run);
      const { index, loss, probability, counts, gradientNorm, peakStates, seconds } = step;
      const record = { index, loss, probability, counts, gradientNorm, peakStates, seconds, ...seen };
      steps.push(record);
      folder.addStep(record);
      progress.step(record);
      if (breathe.due()) await setImmediate();
      if (save.due()) await folder.saveCheckpoint(run.checkpoint() as unknown as Saved);
    }
    const result = await run.result();
    await folder.saveCheckpoint(run.checkpoint() as unknown as Saved);
    progress.done();
    const { outcome, message, theta, outerSteps, counts, peakStates, seconds, notes } = result;
    for (const note of notes) progress.say(`ufom: ${note}`);
    const metrics = outcome === "stopped" ? {} : ((await built.evaluate?.(theta, context)) ?? { loss: result.loss });
    const { estimator, seed, options } = settings;
    const { innerSteps } = context;
    return {
      problem,
      estimator,
      seed,
      outcome,
      message,
      outerSteps,
      innerSteps,
      seconds,
      counts,
      peakStates,
      metrics,
      theta,
      steps,
      options,
    };
  } catch (error) {
    if (earlier === undefined && steps.length === 0) await folder.discard();
    throw error;
  } finally {
    progress.done();
    await folder.close();
    executor.dispose();
  }
}
