import type { Executor } from "../../executors/executor.js";
import { hashProgram } from "../../program/hash.js";
import { sha256 } from "../../program/sha256.js";
import { UfomError } from "../../tensor/error.js";
import type { HostTree } from "../../tensor/types.js";
import type { Checkpoint, EstimatorState, RunIdentity, RunState } from "./checkpoint.js";
import { checkCheckpoint, checkpointVersion } from "./checkpoint.js";
import type { Estimator } from "../estimators/estimator.js";
import { Kernels } from "../evaluation/compiled-problem.js";
import { HostOuter } from "../outer/host-outer.js";
import { stepCodes } from "../outer/outer-programs.js";
import type { OuterTransform } from "../outer/transform.js";
import type { Problem } from "../problem/problem.js";
import { stream } from "../random/index.js";
import type { Outcome, SolveResult, SolveStep } from "./result.js";
import { addCounts, evaluations } from "./result.js";
import type { Budget, Solve } from "./solve.js";
import type { Job, MakeTeam, Team } from "./team.js";

/** What a run needs: options that were checked. */
export interface RunPlan {
  readonly problem: Problem;
  readonly estimator: Estimator;
  readonly outer: OuterTransform;
  readonly outerSteps: number;
  readonly budget: Budget;
  readonly signal?: AbortSignal;
  readonly resume?: Checkpoint;
  readonly identity: RunIdentity;
  /** A θ of the problem's own shapes. */
  readonly example: HostTree;
  readonly executor: Executor;
  readonly team: MakeTeam;
}

/** A step that came out finite, or what did not. */
type Advance = { readonly state: RunState; readonly step: SolveStep } | { readonly state: RunState; readonly odd: string };

/** The outer loop over one problem. */
export class Run implements Solve {
  #state: RunState;
  #hash: string | undefined;
  #ended: SolveResult | undefined;
  #failure: { readonly error: unknown } | undefined;
  readonly #steps: AsyncGenerator<SolveStep, void>;

  constructor(
    private readonly plan: RunPlan,
    first: RunState,
  ) {
    this.#state = first;
    this.#steps = this.#run();
  }

  get theta(): HostTree {
    return this.#state.theta;
  }

  [Symbol.asyncIterator](): AsyncIterator<SolveStep> {
    return this.#steps;
  }

  checkpoint(): Checkpoint {
    if (this.#hash === undefined) throw new UfomError("ufom: a run has a checkpoint from its first step on; it was asked for before.");
    return { version: checkpointVersion, problem: this.#hash, run: this.plan.identity, ...this.#state };
  }

  async result(): Promise<SolveResult> {
    while (!(await this.#steps.next()).done);
    if (this.#failure) throw this.#failure.error;
    // A loop that was left by `break` has closed the generator.
    return (this.#ended ??= this.#end("stopped", `Stopped after ${this.#state.index} outer steps, as asked.`));
  }

  async *#run(): AsyncGenerator<SolveStep, void> {
    try {
      const kernels = await this.#kernels();
      try {
        yield* this.#walk(kernels);
      } finally {
        kernels.dispose();
      }
    } catch (error) {
      this.#failure = { error };
      throw error;
    }
  }

  /** The problem's programs, checked to be those of the estimator and the checkpoint. */
  async #kernels(): Promise<Kernels> {
    const { problem, estimator, identity, executor, resume, example } = this.plan,
      { seed, dtype, innerSteps } = identity;
    const kernels = new Kernels(problem, { theta: example, task: await problem.task(seed, 1, 0) }, { executor, dtype, innerSteps }),
      { init, step, outer } = kernels.programs;
    estimator.check(kernels);
    this.#hash = sha256(new TextEncoder().encode([init, step, outer.program].map(hashProgram).join(" "))).slice(0, 32);
    if (resume) checkCheckpoint(resume, this.#hash, identity);
    return kernels;
  }

  async *#walk(kernels: Kernels): AsyncGenerator<SolveStep, void> {
    const { team: gather, estimator, outer: transform, executor, resume } = this.plan,
      { dtype, programs } = kernels,
      outer = new HostOuter(transform, programs.theta, { executor, dtype }),
      team = gather(kernels, estimator);
    try {
      if (!resume) this.#state = { ...this.#state, outer: await outer.init(this.#state.theta) };
      while (!(this.#ended = this.#spent())) {
        const started = performance.now(),
          { index, seconds } = this.#state,
          next = await this.#advance(team, outer);
        this.#state = { ...next.state, seconds: seconds + (performance.now() - started) / 1000 };
        if ("odd" in next) {
          this.#ended = this.#end("diverged", `Outer step ${index + 1} diverged (${next.odd}); θ is that of step ${index}.`);
          return;
        }
        yield { ...next.step, seconds: this.#state.seconds };
      }
    } finally {
      outer.dispose();
      team.dispose();
    }
  }

  /** How the run ends before the next step, if it does. */
  #spent(): SolveResult | undefined {
    const { outerSteps, signal, budget } = this.plan,
      { index, seconds, counts } = this.#state;
    if (index >= outerSteps) return this.#end("finished", `All ${index} outer steps are done.`);
    if (signal?.aborted) return this.#end("stopped", `Stopped after ${index} outer steps, as asked.`);
    const over = seconds >= (budget.seconds ?? Infinity) || evaluations(counts) >= (budget.evaluations ?? Infinity);
    return over ? this.#end("budget", `The budget was spent after ${index} outer steps.`) : undefined;
  }

  #end(outcome: Outcome, message: string): SolveResult {
    const { index: outerSteps, theta, loss, counts, peakStates, seconds } = this.#state;
    return { outcome, message, theta, outerSteps, loss, counts, peakStates, seconds };
  }

  /** One outer step. If its numbers are not finite, θ stays as it was. */
  async #advance(team: Team, outer: HostOuter): Promise<Advance> {
    const { estimator } = this.plan,
      state = this.#state,
      { theta } = state,
      k = state.index + 1;
    const jobs = await this.#jobs(k),
      { gradient, loss, estimates, ...mean } = await team.mean(jobs);
    const counts = addCounts(state.counts, mean.counts),
      peakStates = Math.max(state.peakStates, mean.peakStates),
      diverged = (odd: string): Advance => ({ state: { ...state, counts, peakStates }, odd });
    const next = await outer.update(gradient, state.outer, theta, k, loss);
    if (next.code === stepCodes.loss) return diverged(`the outer loss is ${loss}`);
    if (next.code === stepCodes.gradient) return diverged("the gradient is not finite");
    if (next.code !== stepCodes.fine) return diverged("θ is not finite");
    return {
      state: {
        ...state,
        index: k,
        theta: next.theta,
        outer: next.state,
        counts,
        peakStates,
        loss,
        estimator: estimates.reduce((s, e) => estimator.observe(s, e) as EstimatorState, state.estimator),
      },
      step: {
        index: k,
        loss,
        gradientNorm: next.gradientNorm,
        probability: jobs[0].choice.probability,
        exactDraws: jobs.filter(({ choice }) => choice.exact).length,
        counts,
        peakStates,
        seconds: state.seconds,
      },
    };
  }

  /** The tasks of a meta-batch and their draws, each from a stream of its own. */
  async #jobs(k: number): Promise<Job[]> {
    const {
        problem,
        estimator,
        identity: { metaBatch, seed },
      } = this.plan,
      { theta, estimator: state } = this.#state,
      jobs: Job[] = [];
    for (let i = 0; i < metaBatch; i++) {
      jobs.push({ theta, task: await problem.task(seed, k, i), choice: estimator.draw(state, stream(seed, "draw", k, i)) });
    }
    return jobs;
  }
}
