import type { Executor } from "../../executors/executor.js";
import { hashProgram } from "../../program/hash.js";
import { sha256 } from "../../program/sha256.js";
import { UfomError } from "../../tensor/error.js";
import type { HostTree } from "../../tensor/types.js";
import { isPromise } from "../evaluation/awaitable.js";
import { isFiniteTree, normOf } from "../trees/average.js";
import { byLeaf, leavesOf } from "../batch/mean.js";
import type { BatchMean, Job } from "../batch/evaluate.js";
import { addCounts, evaluations } from "../counts.js";
import type { Checkpoint, RunIdentity, RunState } from "./checkpoint.js";
import { checkCheckpoint } from "./checkpoint.js";
import type { Data, Estimator } from "../estimators/estimator.js";
import { CompiledProblem } from "../evaluation/compiled-problem.js";
import { init, outer, step } from "../problem/definitions.js";
import { applyUpdates } from "../outer/index.js";
import type { OuterTransform, TransformState } from "../outer/transform.js";
import type { Problem } from "../problem/problem.js";
import { stream } from "../random/index.js";
import type { Outcome, SolveResult, SolveStep } from "./result.js";
import type { Budget, Solve } from "./options.js";
import { taskGuard } from "./one-task.js";
import type { MakeTeam, Team } from "./team.js";

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
  #checkTask: (task: HostTree) => void = () => {};
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
    return { version: 1, problem: this.#hash, run: this.plan.identity, ...this.#state };
  }

  async result(): Promise<SolveResult> {
    while (!(await this.#steps.next()).done);
    if (this.#failure) throw this.#failure.error;
    // A loop that was left by `break` has closed the generator.
    return (this.#ended ??= this.#end("stopped", `Stopped after ${this.#state.index} outer steps, as asked.`));
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
      { seed, dtype, innerSteps, metaBatch } = identity;
    const example = { theta: this.plan.example, task: await problem.task(seed, 1, 0) },
      compiled = new CompiledProblem(problem, example, { executor, dtype, innerSteps }),
      hashes = [init, step, outer].map(definition => hashProgram(compiled.programs.of(definition).program));
    estimator.check?.(compiled);
    this.#checkTask = taskGuard(estimator, example.task, metaBatch);
    this.#hash = sha256(new TextEncoder().encode(hashes.join(" "))).slice(0, 32);
    if (resume) checkCheckpoint(resume, this.#hash, identity);
    return compiled;
  }

  async *#walk(compiled: CompiledProblem): AsyncGenerator<SolveStep, void> {
    const team = this.plan.team(compiled, this.plan.estimator);
    try {
      while (!(this.#ended = this.#spent())) {
        const started = performance.now(),
          { index, seconds } = this.#state,
          next = await this.#advance(compiled, team);
        this.#state = { ...next.state, seconds: seconds + (performance.now() - started) / 1000 };
        if ("odd" in next) {
          this.#ended = this.#end("diverged", `Outer step ${index + 1} diverged (${next.odd}); θ is that of step ${index}.`);
          return;
        }
        yield { ...next.step, seconds: this.#state.seconds };
      }
    } finally {
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
  async #advance(compiled: CompiledProblem, team: Team): Promise<Advance> {
    const { outer, estimator } = this.plan,
      state = this.#state,
      { theta } = state,
      k = state.index + 1;
    const jobs = await this.#jobs(k),
      lease = compiled.theta.lease(theta);
    const { gradient, loss, seen, ...mean } = await team
      .mean(lease.state, jobs, mean => readMean(compiled, mean))
      .finally(() => {
        lease.release();
      });
    const counts = addCounts(state.counts, mean.counts),
      peakStates = Math.max(state.peakStates, mean.peakStates),
      diverged = (odd: string): Advance => ({ state: { ...state, counts, peakStates }, odd });
    if (!Number.isFinite(loss)) return diverged(`the outer loss is ${loss}`);
    if (!isFiniteTree(gradient)) return diverged("the gradient is not finite");
    const update = outer.update(gradient, state.outer, theta, k),
      next = applyUpdates(theta, update.updates);
    if (!isFiniteTree(next)) return diverged("θ is not finite");
    return {
      state: {
        ...state,
        index: k,
        theta: next,
        outer: update.state,
        counts,
        peakStates,
        loss,
        estimator: seen.reduce((s, e) => estimator.observe!(s as Data, e) as TransformState, state.estimator),
      },
      step: {
        index: k,
        loss,
        gradientNorm: normOf(gradient),
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
      { estimator: state } = this.#state,
      jobs: Job[] = [];
    for (let i = 0; i < metaBatch; i++) {
      const task = await problem.task(seed, k, i);
      this.#checkTask(task);
      jobs.push({ task, choice: estimator.draw(state, stream(seed, "draw", k, i)) });
    }
    return jobs;
  }
}

/** The mean of a batch, read all at once. */
async function readMean(compiled: CompiledProblem, mean: BatchMean) {
  const { gradient, loss, counts, peakStates } = mean,
    leaves = leavesOf([gradient]),
    read = compiled.executor.readAll([loss, ...leaves.map(leaf => gradient[leaf]!)]),
    seen = mean.seen(),
    [first, ...arrays] = isPromise(read) ? await read : read;
  return { loss: first.data[0], gradient: compiled.thetaTree(byLeaf(leaves, arrays)), counts, peakStates, seen: await seen };
}
