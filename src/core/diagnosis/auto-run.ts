import { fail, UfomError } from "../../tensor/error.js";
import { quantity } from "../../tensor/quantity.js";
import type { HostTree } from "../../tensor/types.js";
import { addCounts, evaluations } from "../counts.js";
import { auto, parseEstimator } from "../estimators/parse.js";
import type { Problem } from "../problem/problem.js";
import type { AutoChoice, AutoState } from "../solve/auto-choice.js";
import type { Checkpoint } from "../solve/checkpoint.js";
import { givenCheckpoint, withJson } from "../solve/checkpoint.js";
import type { Solve, SolveContext, SolveOptions } from "../solve/options.js";
import type { SolveResult, SolveStep } from "../solve/result.js";
import { solveWith } from "../solve/solve.js";
import { copyData } from "../trees/snapshots.js";
import type { At, ChooseContext, Chosen } from "./choose.js";
import { choose, SHARE } from "./choose.js";
import { driftOf, nothingSeen, staysNear, withStep } from "./drift.js";

/** The run that a checkpoint of `auto` is one of, with the estimator that was chosen; what it holds of `auto` apart. Nothing where none was yet. */
function opened(given: SolveOptions["resume"]): { readonly checkpoint: Checkpoint; readonly state: AutoState } | undefined {
  if (given === undefined) return undefined;
  const { auto: state, ...checkpoint } = givenCheckpoint("resume", given);
  if (checkpoint.run.estimator !== auto)
    fail("resume", `takes a checkpoint of a run with estimator ${auto}`, `one with ${checkpoint.run.estimator}`);
  if (!state) return undefined;
  const { estimator } = state.choices[state.choices.length - 1];
  return { checkpoint: { ...checkpoint, run: { ...checkpoint.run, estimator } }, state };
}

/**
 * A run whose estimator a short diagnosis chooses before the first step, and again where steps show something else than it said. Every part of it is a
 * run by one estimator, that goes on from the checkpoint of the part before: so tasks, draws and outer transform are those of any run of this seed.
 */
export class AutoRun implements Solve {
  /** The part under way. Before the first choice one that is never iterated: it checks options, and has θ₀. */
  #part: Solve;
  #state: AutoState | undefined;
  #failure: { readonly error: unknown } | undefined;
  #notes: string[] = [];
  #result: SolveResult | undefined;
  readonly #steps: AsyncGenerator<SolveStep, void>;

  constructor(
    private readonly problem: Problem,
    private readonly options: SolveOptions,
    private readonly context: SolveContext,
  ) {
    if (options.budget?.charged)
      fail(
        "solve's estimator auto",
        "takes no budget.charged, as what a task is charged depends on the estimator (budget.evaluations or outerSteps)",
        "one",
      );
    const resumed = opened(options.resume);
    this.#state = resumed?.state;
    this.#part = this.#run(resumed?.state.choices.at(-1)?.estimator ?? "exact", resumed?.checkpoint);
    this.#steps = this.#walk();
  }

  get theta(): HostTree {
    return this.#part.theta;
  }

  [Symbol.asyncIterator](): AsyncIterator<SolveStep> {
    return this.#steps;
  }

  then<A = SolveResult, B = never>(
    kept?: ((result: SolveResult) => A | PromiseLike<A>) | null,
    broken?: ((error: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    return this.result().then(kept, broken);
  }

  checkpoint(): Checkpoint {
    const { run, ...checkpoint } = this.#part.checkpoint();
    return withJson({ ...checkpoint, run: { ...run, estimator: auto }, ...(this.#state ? { auto: copyData(this.#state) } : {}) });
  }

  async result(): Promise<SolveResult> {
    while (!(await this.#steps.next()).done);
    if (this.#failure) throw this.#failure.error;
    if (!this.#result) {
      // A part that nobody iterated would begin now.
      await this.#part[Symbol.asyncIterator]().return?.();
      const { notes, ...result } = await this.#part.result();
      this.#result = { ...result, notes: [...notes, ...this.#notes], auto: this.#state?.choices ?? [] };
    }
    return this.#result;
  }

  /** A run by one estimator, from a checkpoint or from the start. */
  #run(estimator: string, resume?: Checkpoint, spent?: SolveContext["spent"]): Solve {
    const { progress: _, ...options } = this.options;
    return solveWith(this.problem, { ...options, estimator, moments: true, resume }, { ...this.context, ...(spent ? { spent } : {}) });
  }

  /** For `choose`. */
  get #choosing(): ChooseContext {
    const { problem, context } = this,
      { outer, outerSteps, budget = {}, metaBatch = 1, seed = 1, dtype = "float32", innerSteps = problem.steps, signal } = this.options,
      identity = { estimator: auto, outer: typeof outer === "string" ? outer : outer.name, metaBatch, seed, dtype, innerSteps };
    return { problem, identity, outerSteps, budget, context, signal };
  }

  async *#walk(): AsyncGenerator<SolveStep, void> {
    try {
      let told: AutoChoice | undefined;
      if (this.#state) this.options.progress?.(`auto: goes on with ${this.#state.choices.at(-1)!.estimator}, as it was chosen.`);
      else told = await this.#begin();
      for (;;) {
        let drift: string | undefined;
        for await (const step of this.#part) {
          this.#sees(step);
          yield told ? { ...step, auto: told } : step;
          told = undefined;
          drift = this.#state?.expected && driftOf(this.#state.drift, this.#state.expected);
          if (drift !== undefined) break;
        }
        if (drift === undefined) return;
        told = await this.#again(drift);
      }
    } catch (error) {
      this.#failure = { error };
      throw error;
    }
  }

  #sees(step: SolveStep): void {
    if (!this.#state) return;
    const { target } = parseEstimator(this.#state.choices.at(-1)!.estimator).facts;
    this.#state = { ...this.#state, drift: withStep(this.#state.drift, step, target !== undefined || step.tail !== undefined) };
  }

  /** A choice; or why there is none: the run is to end, and the part that is there does so as it always does; or what cannot be chosen here. */
  async #choice(at: At): Promise<Chosen | string | undefined> {
    try {
      return (await choose(this.#choosing, at)) ?? `too little is left of the ${100 * SHARE} % of the run that diagnoses may take`;
    } catch (error) {
      if (this.options.signal?.aborted && error === this.options.signal.reason) return undefined;
      // What forbids a run from the start is no reason to end one that is under way.
      if (at.drift !== undefined && error instanceof UfomError)
        return `there is nothing to choose by (${error.message.replace(/^ufom: |\.$/g, "")})`;
      throw error;
    }
  }

  async #begin(): Promise<AutoChoice | undefined> {
    const { progress, outerSteps } = this.options;
    if (outerSteps === 0) return undefined;
    progress?.(`auto: a diagnosis first, which takes at most ${(100 * SHARE) / 2} % of the run.`);
    const chosen = await this.#choice({ theta: this.#part.theta, index: 0, spent: 0 });
    if (chosen === undefined || typeof chosen === "string") return undefined;
    const { choice, peakStates } = chosen,
      { counts, seconds } = choice;
    this.#tell(choice);
    this.#state = { choices: [choice], expected: chosen.expected, drift: nothingSeen, each: chosen.each };
    this.#part = this.#run(choice.estimator, undefined, { counts, seconds, peakStates });
    return choice;
  }

  /** Another diagnosis, at the θ of now, and the part that goes on by what it recommends. */
  async #again(drift: string): Promise<AutoChoice | undefined> {
    const checkpoint = this.#part.checkpoint(),
      state = this.#state!,
      { index, theta } = checkpoint,
      before = state.choices.at(-1)!,
      spent = state.choices.reduce((sum, { counts }) => sum + evaluations(counts), 0),
      chosen = await this.#choice({
        theta,
        index,
        spent,
        each: state.each,
        drift,
        ...(staysNear(state.drift) ? { avoided: before.estimator } : {}),
      });
    if (chosen === undefined || typeof chosen === "string") {
      const { expected: _, ...rest } = state;
      this.#state = rest;
      this.#part = this.#run(before.estimator, checkpoint);
      if (chosen === undefined) return undefined;
      const why = `auto: after ${quantity(index, "outer step")} ${drift}, but ${chosen}; ${before.estimator} goes on.`;
      this.options.progress?.(why);
      this.#notes.push(why);
      return undefined;
    }
    const { choice } = chosen,
      { estimator, counts, seconds } = choice,
      init = parseEstimator(estimator).init(theta, checkpoint.run.innerSteps);
    this.#tell(choice);
    this.#state = { choices: [...state.choices, choice], expected: chosen.expected, drift: nothingSeen, each: state.each };
    this.#part = this.#run(estimator, {
      ...checkpoint,
      run: { ...checkpoint.run, estimator },
      estimator: estimator === before.estimator ? checkpoint.estimator : init,
      counts: addCounts(checkpoint.counts, counts),
      seconds: checkpoint.seconds + seconds,
      peakStates: Math.max(checkpoint.peakStates, chosen.peakStates),
    });
    return choice;
  }

  #tell({ drift, index, measured, reason }: AutoChoice): void {
    const { progress } = this.options;
    if (drift !== undefined) progress?.(`auto: looks again after ${quantity(index, "outer step")}, as ${drift}.`);
    progress?.(`auto: ${measured}`);
    progress?.(`auto: takes ${reason}`);
  }
}
