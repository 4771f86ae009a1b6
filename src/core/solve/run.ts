import type { Awaitable } from "../../executors/executor.js";
import { hashProgram } from "../../program/hash.js";
import { sha256 } from "../../program/sha256.js";
import { UfomError, fail } from "../../tensor/error.js";
import type { HostTree } from "../../tensor/types.js";
import { addCounts } from "../counts.js";
import type { Choice } from "../estimators/estimator.js";
import { isPromise } from "../evaluation/awaitable.js";
import { CompiledProblem } from "../evaluation/compiled-problem.js";
import { ownedBy } from "../evaluation/owned.js";
import { STRETCH } from "../evaluation/pauses.js";
import { stepCodes } from "../outer/outer-programs.js";
import { init, outer, pullback, step } from "../problem/definitions.js";
import { copyData, copyTree } from "../trees/snapshots.js";
import { BestWatch } from "./best-watch.js";
import { bestOf, figuresOf, warningOf } from "./best.js";
import type { Checkpoint, RunState } from "./checkpoint.js";
import { checkCheckpoint, checkpointVersion, withJson } from "./checkpoint.js";
import { checkMemory, notesOf } from "./check-memory.js";
import type { Solve } from "./options.js";
import { tasksOf, whereDiverged } from "./divergence.js";
import { exactDraws, Limits, type Spent } from "./limits.js";
import { Draws, type Draw } from "./draws.js";
import { Rows, type Row } from "./rows.js";
import { taskGuard } from "./one-task.js";
import { byClock, wrong, type Ending } from "./endings.js";
import { NearOne } from "./near-one.js";
import { OuterLoop } from "./outer-loop.js";
import type { SolveResult, SolveStep } from "./result.js";
import type { RunPlan } from "./run-plan.js";
import type { RowReport, StepReport } from "./step-report.js";
import { quantity } from "../../tensor/quantity.js";

/** What is done between two outer steps beside the step, in units of `effortOf`. */
const BETWEEN = 1000;

/** θ, the transform's state and the best θ on the host. */
type Trees = Pick<RunState, "theta" | "outer" | "best">;

/** The outer loop over one problem. θ and the transform's state stay in the executor's memory until somebody asks for them. */
export class Run implements Solve {
  /** Its trees are those of the start, or those that were read last. */
  readonly #state: { -readonly [K in keyof RunState]: RunState[K] };
  readonly #limits: Limits;
  /** What has the trees of now, if they were not read since they changed. */
  #loop: OuterLoop | undefined;
  #hash: string | undefined;
  #checkTask: (task: HostTree) => void = () => {};
  #ended: Ending | undefined;
  #result: SolveResult | undefined;
  #notes: readonly string[] = [];
  #workers = 1;
  #failure: { readonly error: unknown } | undefined;
  /** Nobody looks at single steps: the result was asked for. */
  #unwatched = false;
  /** What is known of the best θ between two steps. */
  #watch: BestWatch | undefined;
  readonly #nearOne = new NearOne();
  /** Steps and seconds before this part of the run. */
  #started = 0;
  #secondsBefore = 0;
  readonly #steps: AsyncGenerator<SolveStep, void>;

  constructor(
    private readonly plan: RunPlan,
    first: RunState,
  ) {
    this.#state = { ...first };
    if (!plan.budget.charged) delete this.#state.charged;
    this.#limits = new Limits(plan.outerSteps, plan.budget);
    this.#steps = this.#run();
  }

  get theta(): HostTree {
    return copyTree(this.#read().theta);
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
    if (this.#hash === undefined) throw new UfomError("ufom: a run has a checkpoint from its first step on; it was asked for before.");
    return withJson({ version: checkpointVersion, problem: this.#hash, run: this.plan.identity, ...copyData(this.#read()) });
  }

  async result(): Promise<SolveResult> {
    this.#unwatched = true;
    while (!(await this.#steps.next()).done);
    if (this.#failure) throw this.#failure.error;
    // A loop that was left by `break` has closed the generator.
    const { outcome, message } = this.#ended ?? {
      outcome: "stopped",
      message: `Stopped after ${quantity(this.#state.index, "outer step")}, as asked.`,
    };
    if (!this.#result) {
      const { index: outerSteps, theta, loss, counts, peakStates, seconds } = this.#read();
      const found = { theta: copyTree(theta), ...this.#best(), outerSteps, loss, counts, ...this.#charged(), peakStates, seconds };
      this.#result = { outcome, message, ...found, workers: this.#workers, notes: this.#notes };
    }
    return this.#result;
  }

  /** The best θ as the result tells it, and what should not pass unseen. */
  #best(): Pick<SolveResult, "best" | "warning"> {
    const { best } = this.#read(),
      warning = warningOf(figuresOf(best));
    return { best: bestOf(best), ...(warning === undefined ? {} : { warning }) };
  }

  /** The state with its trees, read from the executor's memory if they changed since. */
  #read(): RunState {
    const trees = this.#loop?.trees();
    // An executor that answers later was asked after each step.
    if (trees && !isPromise(trees)) this.#have(trees);
    return this.#state;
  }

  #have(trees: Trees): void {
    Object.assign(this.#state, trees);
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
    const example = { theta: this.plan.example, task: await problem.draw(seed, 1, 0) },
      compiled = new CompiledProblem(problem, example, { executor, dtype, innerSteps, moments: this.plan.moments }),
      // What is clipped is none of these three.
      hashed = compiled.programs.sweptClip === undefined ? [init, step, outer] : [init, step, outer, pullback],
      hashes = hashed.map(definition => hashProgram(compiled.programs.of(definition).program));
    // A run that was left in the middle, and that nobody can go on with, has nobody to end it.
    ownedBy(this, compiled);
    estimator.check?.(compiled);
    checkMemory(compiled, estimator);
    this.#notes = notesOf(compiled, estimator);
    this.#checkTask = taskGuard(estimator, problem, example.task, identity.metaBatch);
    this.#hash = sha256(new TextEncoder().encode(hashes.join(" "))).slice(0, 32);
    if (resume) checkCheckpoint(resume, this.#hash, identity);
    return compiled;
  }

  async *#walk(compiled: CompiledProblem): AsyncGenerator<SolveStep, void> {
    const { problem, team: gather, estimator, outer: transform, resume, identity, pauses } = this.plan,
      loop = new OuterLoop(compiled, estimator, transform, gather, identity.seed, pauses),
      draws = new Draws(problem, compiled, estimator, identity, choices => loop.drawsTasks(choices), this.#checkTask),
      rows = new Rows(loop, draws, this.#limits);
    [this.#started, this.#secondsBefore] = [this.#state.index, this.#state.seconds];
    try {
      await loop.start(this.#state.theta, resume?.outer, this.#state.index, this.#state.best);
      if (loop.asksShare && !this.#limits.pace(this.#spent()))
        fail(transform.name, "ends with the run, so outerSteps or the budget must say where that is", "a run without a limit");
      const watch = (this.#watch = new BestWatch(loop, this.#state.best, this.plan.stopAfter));
      if (!resume) this.#have(await loop.trees());
      for (;;) {
        if (pauses.due(BETWEEN)) await pauses.turn();
        if ((this.#ended = this.#ending(draws))) return;
        const started = performance.now(),
          drawn = draws.at(this.#state.index + 1, this.#state.estimator),
          draw = isPromise(drawn) ? await drawn : drawn;
        watch.sees(draw.tasks);
        const row = this.#row(loop, rows, draw);
        if (!row && loop.asksShare) loop.goAt(this.#limits.pace(this.#spent())!);
        let report: StepReport | RowReport;
        try {
          const answer: Awaitable<StepReport | RowReport> = row?.report ?? loop.step(draw.choices, draw.tasks);
          report = isPromise(answer) ? await answer : answer;
        } catch (error) {
          this.#state.seconds += (performance.now() - started) / 1000;
          if (!this.#stoppedBy(error)) throw error;
          return;
        }
        this.#advance(loop, report, "done" in report ? report.done : Number(report.code === stepCodes.fine), row?.draws ?? [draw]);
        if (loop.answersLater) this.#have(await loop.trees());
        await watch.look();
        this.#state.seconds += (performance.now() - started) / 1000;
        const { index } = this.#state;
        if (report.code === stepCodes.rate) loop.refuseRate(index + 1);
        if (report.code !== stepCodes.fine) {
          const odd = wrong[report.code](report),
            tasks = await tasksOf(compiled, draw.tasks, identity, index + 1),
            where = await whereDiverged(compiled, this.theta, tasks, pauses),
            how = where === undefined ? odd : `${odd}: ${where}`;
          this.#ended = { outcome: "diverged", message: `Outer step ${index + 1} diverged (${how}); θ is that of step ${index}.` };
          return;
        }
        if (row && "done" in report) draws.back(row.draws.slice(report.done));
        else yield this.#stepOf(report, draw.choices);
      }
    } finally {
      // What anybody may still ask for is read before the memory is given back.
      const { workers = 1, notes = [] } = loop.team,
        clock = loop.asksShare && this.#limits.byClock ? [byClock(transform.name)] : [];
      [this.#workers, this.#notes] = [workers, [...this.#notes, ...notes, ...clock, ...this.#nearOne.notes(estimator)]];
      if (this.#loop) this.#have(await loop.trees());
      loop.dispose();
    }
  }

  /** Whether a step was given up as the run's signal asked: nothing of it is left, θ and all else are those of the step before. */
  #stoppedBy(error: unknown): boolean {
    const { signal } = this.plan.pauses,
      { index } = this.#state;
    if (!signal?.aborted || error !== signal.reason) return false;
    this.#ended = { outcome: "stopped", message: `Stopped within outer step ${index + 1}, as asked; θ is that of step ${index}.` };
    return true;
  }

  /** How the run ends before the next step, if it does. */
  #ending(draws: Draws): Ending | undefined {
    const {
        outerSteps,
        pauses: { signal },
        identity,
      } = this.plan,
      { index, estimator } = this.#state;
    if (index >= outerSteps)
      return { outcome: "finished", message: `${index === 1 ? "The outer step is" : `All ${quantity(index, "outer step")} are`} done.` };
    const waited = this.#watch?.waited(index);
    if (waited) return { outcome: "finished", message: waited };
    if (signal?.aborted) return { outcome: "stopped", message: `Stopped after ${quantity(index, "outer step")}, as asked.` };
    const chance = this.#limits.asksChance ? draws.chance(index + 1, estimator) : 1;
    return this.#limits.isSpent(this.#spent(), identity.metaBatch, chance)
      ? { outcome: "budget", message: `The budget was spent after ${quantity(index, "outer step")}.` }
      : undefined;
  }

  /** The state after `done` steps that moved θ. If the last one's numbers were not finite, θ stayed as it was. */
  #advance(loop: OuterLoop, report: StepReport | RowReport, done: number, draws: readonly Draw[]): void {
    const state = this.#state,
      { observe } = this.plan.estimator;
    state.counts = addCounts(state.counts, report.counts);
    if (state.charged !== undefined) for (const { choices } of draws.slice(0, done)) state.charged += this.#limits.chargeOf(choices);
    state.peakStates = Math.max(state.peakStates, report.peakStates);
    state.index += done;
    for (const { choices } of draws.slice(0, done)) this.#nearOne.sees(choices[0].probability);
    if (done) this.#loop = loop;
    if ("good" in report && done) state.loss = report.good;
    if (report.code !== stepCodes.fine) return;
    state.loss = report.loss;
    if (observe && "seen" in report) for (const seen of report.seen) state.estimator = observe(state.estimator, seen);
  }

  #stepOf(report: Pick<StepReport, "loss" | "gradientNorm" | "moments" | "tail">, choices: readonly Choice[]): SolveStep {
    const { index, counts, peakStates, seconds } = this.#state,
      { loss, gradientNorm, moments, tail } = report,
      chance = { probability: choices[0].probability, exactDraws: exactDraws(choices) },
      told = { ...(moments ? { moments } : {}), ...(tail ? { tail } : {}) };
    return { index, loss, gradientNorm, ...chance, ...told, counts, ...this.#charged(), peakStates, seconds };
  }

  /** What was charged, where the budget says how. */
  #charged(): Pick<SolveStep, "charged"> {
    const { charged } = this.#state;
    return charged === undefined ? {} : { charged };
  }

  /** What limits look at. */
  #spent(): Spent {
    return { charged: 0, ...this.#state };
  }

  /**
   * Steps in a row, about as many as fit between two turns of the event loop, and none beyond the budget: where nobody looks in between.
   * @returns nothing where they cannot be one routine
   */
  #row(loop: OuterLoop, rows: Rows, first: Draw): Row | undefined {
    const { outerSteps, estimator } = this.plan,
      { index, seconds, estimator: known } = this.#state,
      steps = index - this.#started;
    if (!this.#unwatched || estimator.observe || steps < 3) return undefined;
    const fit = ((STRETCH / 1000) * steps) / Math.max(seconds - this.#secondsBefore, 1e-6),
      most = Math.min(outerSteps - index, this.#watch?.left(index) ?? Infinity, Math.floor(fit), 4096);
    if (most < 2 || !loop.takesRows(first.choices)) return undefined;
    return rows.start(this.#spent(), first, known, most);
  }
}
