import type { Awaitable, Executor } from "../../executors/executor.js";
import { hashProgram } from "../../program/hash.js";
import { sha256 } from "../../program/sha256.js";
import { UfomError } from "../../tensor/error.js";
import type { HostTree } from "../../tensor/types.js";
import type { Job } from "../batch/evaluate.js";
import { addCounts, evaluations } from "../counts.js";
import type { Estimator } from "../estimators/estimator.js";
import { isPromise } from "../evaluation/awaitable.js";
import { CompiledProblem } from "../evaluation/compiled-problem.js";
import { stepCodes } from "../outer/outer-programs.js";
import type { OuterTransform } from "../outer/transform.js";
import { init, outer, step } from "../problem/definitions.js";
import type { Problem } from "../problem/problem.js";
import { stream } from "../random/index.js";
import type { Checkpoint, RunIdentity, RunState } from "./checkpoint.js";
import { checkCheckpoint, checkpointVersion } from "./checkpoint.js";
import type { Budget, Solve } from "./options.js";
import type { StepReport } from "./outer-loop.js";
import { OuterLoop } from "./outer-loop.js";
import type { Outcome, SolveResult, SolveStep } from "./result.js";
import type { MakeTeam } from "./team.js";

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

/** What is wrong with a step, by its code. */
const wrong: Readonly<Record<number, (report: StepReport) => string>> = {
  [stepCodes.loss]: ({ loss }) => `the outer loss is ${loss}`,
  [stepCodes.gradient]: () => "the gradient is not finite",
  [stepCodes.theta]: () => "θ is not finite",
};

/** How a run ended, in a word and in a sentence. */
interface Ending {
  readonly outcome: Outcome;
  readonly message: string;
}

/** θ and the transform's state on the host. */
type Trees = Pick<RunState, "theta" | "outer">;

/** The outer loop over one problem. θ and the transform's state stay in the executor's memory until somebody asks for them. */
export class Run implements Solve {
  /** Its trees are those of the start, or those that were read last. */
  #state: RunState;
  /** What has the trees of now, if they were not read since they changed. */
  #loop: OuterLoop | undefined;
  #hash: string | undefined;
  #ended: Ending | undefined;
  #result: SolveResult | undefined;
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
    return this.#read().theta;
  }

  [Symbol.asyncIterator](): AsyncIterator<SolveStep> {
    return this.#steps;
  }

  checkpoint(): Checkpoint {
    if (this.#hash === undefined) throw new UfomError("ufom: a run has a checkpoint from its first step on; it was asked for before.");
    return { version: checkpointVersion, problem: this.#hash, run: this.plan.identity, ...this.#read() };
  }

  async result(): Promise<SolveResult> {
    while (!(await this.#steps.next()).done);
    if (this.#failure) throw this.#failure.error;
    // A loop that was left by `break` has closed the generator.
    const { outcome, message } = this.#ended ?? {
      outcome: "stopped",
      message: `Stopped after ${this.#state.index} outer steps, as asked.`,
    };
    if (!this.#result) {
      const { index: outerSteps, theta, loss, counts, peakStates, seconds } = this.#read();
      this.#result = { outcome, message, theta, outerSteps, loss, counts, peakStates, seconds };
    }
    return this.#result;
  }

  /** The state with its trees, read from the executor's memory if they changed since. */
  #read(): RunState {
    const trees = this.#loop?.trees();
    // An executor that answers later was asked after each step.
    if (trees && !isPromise(trees)) this.#have(trees);
    return this.#state;
  }

  #have(trees: Trees): void {
    this.#state = { ...this.#state, ...trees };
    this.#loop = undefined;
  }

  async *#run(): AsyncGenerator<SolveStep, void> {
    try {
      const compiled = await this.#compile();
      try {
        yield* this.#walk(compiled);
      } finally {
        compiled.dispose();
      }
    } catch (error) {
      this.#failure = { error };
      throw error;
    }
  }

  /** The problem's programs, checked to be those of the estimator and the checkpoint. */
  async #compile(): Promise<CompiledProblem> {
    const { problem, estimator, identity, executor, resume } = this.plan,
      { seed, dtype, innerSteps } = identity;
    const example = { theta: this.plan.example, task: await problem.task(seed, 1, 0) },
      compiled = new CompiledProblem(problem, example, { executor, dtype, innerSteps }),
      hashes = [init, step, outer].map(definition => hashProgram(compiled.programs.of(definition).program));
    estimator.check?.(compiled);
    this.#hash = sha256(new TextEncoder().encode(hashes.join(" "))).slice(0, 32);
    if (resume) checkCheckpoint(resume, this.#hash, identity);
    return compiled;
  }

  async *#walk(compiled: CompiledProblem): AsyncGenerator<SolveStep, void> {
    const { team: gather, estimator, outer: transform, resume } = this.plan,
      loop = new OuterLoop(compiled, estimator, transform, gather);
    try {
      await loop.start(this.#state.theta, resume?.outer, this.#state.index);
      if (!resume) this.#have(await loop.trees());
      while (!(this.#ended = this.#spent())) {
        const started = performance.now(),
          { index, seconds } = this.#state,
          jobs = this.#jobs(index + 1),
          drawn = isPromise(jobs) ? await jobs : jobs,
          answer = loop.step(drawn),
          report = isPromise(answer) ? await answer : answer;
        this.#advance(loop, report);
        if (loop.answersLater) this.#have(await loop.trees());
        this.#state = { ...this.#state, seconds: seconds + (performance.now() - started) / 1000 };
        if (report.code === stepCodes.rate) loop.refuseRate(index + 1);
        if (report.code !== stepCodes.fine) {
          const odd = wrong[report.code](report);
          this.#ended = { outcome: "diverged", message: `Outer step ${index + 1} diverged (${odd}); θ is that of step ${index}.` };
          return;
        }
        yield this.#stepOf(report, drawn);
      }
    } finally {
      // What anybody may still ask for is read before the memory is given back.
      if (this.#loop) this.#have(await loop.trees());
      loop.dispose();
    }
  }

  /** How the run ends before the next step, if it does. */
  #spent(): Ending | undefined {
    const { outerSteps, signal, budget } = this.plan,
      { index, seconds, counts } = this.#state;
    if (index >= outerSteps) return { outcome: "finished", message: `All ${index} outer steps are done.` };
    if (signal?.aborted) return { outcome: "stopped", message: `Stopped after ${index} outer steps, as asked.` };
    const over = seconds >= (budget.seconds ?? Infinity) || evaluations(counts) >= (budget.evaluations ?? Infinity);
    return over ? { outcome: "budget", message: `The budget was spent after ${index} outer steps.` } : undefined;
  }

  /** The state after a step. If its numbers are not finite, θ stays as it was. */
  #advance(loop: OuterLoop, { loss, code, counts, peakStates, seen }: StepReport): void {
    const state = this.#state,
      { observe } = this.plan.estimator,
      spent = { ...state, counts: addCounts(state.counts, counts), peakStates: Math.max(state.peakStates, peakStates) };
    if (code !== stepCodes.fine) {
      this.#state = spent;
      return;
    }
    this.#loop = loop;
    const estimator = observe ? seen.reduce((known, one) => observe(known, one), state.estimator) : state.estimator;
    this.#state = { ...spent, index: state.index + 1, loss, estimator };
  }

  #stepOf({ loss, gradientNorm }: StepReport, jobs: readonly Job[]): SolveStep {
    const { index, counts, peakStates, seconds } = this.#state,
      exactDraws = jobs.reduce((n, { choice }) => n + Number(choice.exact), 0);
    return { index, loss, gradientNorm, probability: jobs[0].choice.probability, exactDraws, counts, peakStates, seconds };
  }

  /** The tasks of a meta-batch and their draws, each from a stream of its own. */
  #jobs(k: number): Awaitable<Job[]> {
    const {
        problem,
        estimator,
        identity: { metaBatch, seed },
      } = this.plan,
      { estimator: state } = this.#state,
      jobs: Job[] = [],
      drawn = (task: HostTree, i: number): Job => ({ task, choice: estimator.draw(state, stream(seed, "draw", k, i)) });
    const later = async (task: Promise<HostTree>, from: number): Promise<Job[]> => {
      jobs.push(drawn(await task, from));
      for (let i = from + 1; i < metaBatch; i++) jobs.push(drawn(await problem.task(seed, k, i), i));
      return jobs;
    };
    for (let i = 0; i < metaBatch; i++) {
      const task = problem.task(seed, k, i);
      if (isPromise(task)) return later(task, i);
      jobs.push(drawn(task, i));
    }
    return jobs;
  }
}
