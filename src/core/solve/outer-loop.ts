import type { Awaitable, Buffer } from "../../executors/executor.js";
import { fail } from "../../tensor/error.js";
import { leafTypes } from "../../tensor/trace.js";
import type { HostArray, HostTree } from "../../tensor/types.js";
import { allocate } from "../../tensor/types.js";
import { seenBy } from "../batch/evaluate.js";
import { leavesOf } from "../batch/mean.js";
import type { BatchBuffers } from "../batch/batch-buffers.js";
import type { Continuation, RecordedBatch } from "../batch/recorded-batch.js";
import type { SharedBatch } from "../batch/shared-batch.js";
import type { Choice, Estimator, Seen } from "../estimators/estimator.js";
import { isPromise } from "../evaluation/awaitable.js";
import type { CompiledProblem } from "../evaluation/compiled-problem.js";
import type { State } from "../evaluation/machine.js";
import { Pauses } from "../evaluation/pauses.js";
import { leasing } from "../evaluation/resident-trees.js";
import type { OuterPrograms } from "../outer/outer-programs.js";
import { reportType, traceOuter } from "../outer/outer-programs.js";
import type { OuterTransform } from "../outer/transform.js";
import { flattenLike, rebuildLike } from "../trees/host-leaves.js";
import type { Pace } from "./limits.js";
import { paceOf } from "./limits.js";
import type { BestFigures, BestState } from "./best.js";
import { bestLeaves, bestTypes, figuresOf, noBest, windowOf } from "./best.js";
import type { Draw } from "./draws.js";
import { OuterExecutables } from "./outer-executables.js";
import { sharedStep } from "./shared-step.js";
import { continuationOf, count, inFloat64 } from "./step-continuation.js";
import type { RowReport, StepReport } from "./step-report.js";
import { reportLater, reportOf, rowOf } from "./step-report.js";
import type { MakeTeam, Team } from "./team.js";

/**
 * θ, the transform's state and the number of steps done, in an executor's memory. An outer step runs there from the tasks to the new θ; what
 * comes back is its report of four numbers. One routine makes the whole step where it fits, and many of them where nobody looks in between.
 */
export class OuterLoop {
  readonly #programs: OuterPrograms;
  readonly #team: Team;
  readonly #executables: OuterExecutables;
  readonly #key: HostArray | undefined;
  /** θ; then the state, the best so far, k and the last report together; then the same with the pace of the run behind them. */
  #theta: State = [];
  #rest: State = [];
  #given: State = [];
  /** How the share of the run that is done grows, as numbers. */
  #pace: Pace = [0, 0, 1];
  /** Whether the executor's answers are promises: then nobody can read θ at any moment. */
  answersLater = false;

  constructor(
    private readonly compiled: CompiledProblem,
    private readonly estimator: Estimator,
    transform: OuterTransform,
    gather: MakeTeam,
    seed: number,
    private readonly pauses = new Pauses(),
  ) {
    this.#programs = traceOuter(transform, compiled.programs.theta, compiled.dtype);
    this.#executables = new OuterExecutables(compiled, transform, this.#programs.theta);
    this.#key = compiled.sampling?.key(seed);
    this.#team = gather(compiled, estimator, pauses);
    compiled.onDispose(() => {
      this.dispose();
    });
  }

  /** Brings θ and the transform's state after `steps` steps into memory; the transform makes its first state itself. */
  async start(theta: HostTree, state: HostTree | undefined, steps: number, best = noBest(theta)): Promise<void> {
    const { executor } = this.compiled,
      { theta: thetaTypes, state: stateTypes, init } = this.#programs,
      upload = (arrays: readonly HostArray[]) => arrays.map(array => executor.upload(array));
    const thetaArrays = flattenLike("θ", thetaTypes, theta),
      stateArrays = state === undefined ? undefined : flattenLike("the outer transform's state", stateTypes, state),
      bestArrays = flattenLike("the best θ so far", bestTypes(thetaTypes), best as unknown as HostTree);
    this.#theta = upload(thetaArrays);
    let held: State;
    if (stateArrays) held = upload(stateArrays);
    else {
      const executable = await executor.compile(init, "outer init");
      try {
        held = await executable.run(this.#theta);
      } finally {
        executable.dispose();
      }
    }
    const none: HostArray = { ...reportType, data: allocate(reportType) };
    this.#rest = [...held, ...upload([...bestArrays, { ...count, data: Int32Array.of(steps) }, none])];
    this.#given = [...this.#rest, ...upload([paceOf(this.#pace)])];
  }

  /** Whether the transform asks how much of the run is done. */
  get asksShare(): boolean {
    return this.#programs.asksShare;
  }

  /** Says how much of the run is done: (a + b·k)/c after k steps, from now on. */
  goAt(pace: Pace): void {
    if (pace.every((x, i) => Object.is(x, this.#pace[i]))) return;
    this.#pace = pace;
    this.compiled.executor.write(this.#given[this.#given.length - 1], paceOf(pace));
  }

  /** Who computes the tasks. */
  get team(): Pick<Team, "workers" | "notes"> {
    return this.#team;
  }

  /** Whether a routine draws the tasks of these choices itself. */
  drawsTasks(choices: readonly Choice[]): Awaitable<boolean> {
    if (!this.#key) return false;
    const shared = this.#shared(choices),
      batch = isPromise(shared) ? shared.then(known => known ?? this.#recording(choices)) : (shared ?? this.#recording(choices));
    return isPromise(batch) ? batch.then(known => known !== undefined) : batch !== undefined;
  }

  /**
   * One outer step.
   * @param tasks one for each choice; none where the routine draws them
   * @throws what a program or an estimator throws; θ is then as it was
   */
  step(choices: readonly Choice[], tasks: readonly HostTree[]): Awaitable<StepReport> {
    const shared = this.#shared(choices);
    return isPromise(shared) ? shared.then(known => this.#stepIn(known, choices, tasks)) : this.#stepIn(shared, choices, tasks);
  }

  #stepIn(shared: SharedBatch | undefined, choices: readonly Choice[], tasks: readonly HostTree[]): Awaitable<StepReport> {
    if (shared) {
      const start = { theta: this.#theta, inputs: this.#given, stepsDone: this.#stepsDone };
      return sharedStep(this.compiled, shared, start, { choices, tasks }, this.pauses);
    }
    const batch = this.#recording(choices);
    return isPromise(batch) ? batch.then(known => this.#stepBy(known, choices, tasks)) : this.#stepBy(batch, choices, tasks);
  }

  /** Whether steps of such choices may be run in a row, and are so short that it is worth while. */
  takesRows(choices: readonly Choice[]): boolean {
    if (this.#shared(choices)) return false;
    const batch = this.#recording(choices);
    return !isPromise(batch) && batch?.isShort(choices) === true;
  }

  /** Says what steps of a row count as; nothing where they cannot be one routine, as what they draw is read from the same place. */
  countsInRow(draws: readonly Draw[]): RecordedBatch["counts"] | undefined {
    const choices = draws.map(draw => draw.choices),
      batch = this.#recording(choices[0]);
    if (isPromise(batch) || !batch || !batch.knows(choices) || !batch.agree(choices)) return undefined;
    return each => batch.counts(each);
  }

  /** Steps in a row that can be one routine, on the tasks of the first, or on such as the routine draws: as many as there is time for. */
  row(draws: readonly Draw[]): Awaitable<RowReport> {
    const choices = draws.map(draw => draw.choices),
      batch = this.#recording(choices[0]);
    if (isPromise(batch) || !batch) return fail("a row", "is of steps whose routine is there", "others");
    return leasing(this.compiled.tasks, draws[0].tasks, tasks => {
      const { executor } = this.compiled,
        before = executor.read(this.#stepsDone);
      return batch.useRow({ theta: this.#theta, tasks, inputs: this.#given }, choices, this.pauses, ([ended]) => {
        const after = executor.readAll([this.#stepsDone, ended]);
        // What makes routines answers at once.
        if (isPromise(before) || isPromise(after)) return fail("an executor with routines", "answers at once", "a promise");
        return rowOf(batch, choices, after[0].data[0] - before.data[0], after[1]);
      });
    });
  }

  /** A batch whose tasks others compute too; what draws tasks draws them there. */
  #shared(choices: readonly Choice[]): Awaitable<SharedBatch | undefined> {
    return this.#team.shared?.(choices, this.#continuation, this.#key);
  }

  #recording(choices: readonly Choice[]): Awaitable<RecordedBatch | undefined> {
    return this.#team.recording?.(choices, this.#continuation);
  }

  get #stepsDone(): Buffer {
    return this.#rest[this.#rest.length - 2];
  }

  /** The parts of what lies beside θ. */
  #partsOf(rest: State): { readonly state: State; readonly best: State; readonly last: State } {
    const { theta, state } = this.#programs,
      n = leafTypes(state).length,
      end = n + bestLeaves(theta);
    return { state: rest.slice(0, n), best: rest.slice(n, end), last: rest.slice(end) };
  }

  /** From now on the best θ is looked for by the mean of so many losses. */
  meanOver(steps: number): void {
    this.compiled.executor.write(this.#rest[this.#rest.length - 3], windowOf(steps));
  }

  /** The numbers of the best θ so far. */
  best(): Awaitable<BestFigures> {
    const { best } = this.#partsOf(this.#rest),
      named = ([figures, window]: readonly HostArray[]) => figuresOf({ figures, window }),
      read = this.compiled.executor.readAll([best[best.length - 3], best[best.length - 1]]);
    return isPromise(read) ? read.then(named) : named(read);
  }

  #stepBy(batch: RecordedBatch | undefined, choices: readonly Choice[], tasks: readonly HostTree[]): Awaitable<StepReport> {
    if (!batch) {
      const jobs = choices.map((choice, i) => ({ choice, task: tasks[i] }));
      return this.#team.mean(this.#theta, jobs, (mean, seen) => this.#update(mean, seen));
    }
    // The whole step as one routine: nothing is awaited between its end and what is read.
    return leasing(this.compiled.tasks, tasks, states =>
      batch.use({ theta: this.#theta, tasks: states, inputs: this.#given }, choices, this.pauses, ran => {
        const { compiled, estimator } = this,
          report = compiled.executor.read(ran.continued[0]),
          seen = seenBy(compiled, estimator, choices, ran);
        return isPromise(report) || isPromise(seen) ? reportLater(report, ran, seen) : reportOf(report, ran, seen);
      }),
    );
  }

  /** The update from a mean, call by call. */
  async #update(mean: BatchBuffers, told: () => Awaitable<readonly Seen[]>): Promise<StepReport> {
    const { compiled } = this,
      { executor } = compiled,
      seen = await told(),
      leaves = leavesOf([mean.gradient]),
      held: Buffer[] = [];
    try {
      let { loss } = mean;
      if (loss.dtype !== "float64") {
        const wide = await compiled.executable(inFloat64, [[loss]]);
        [loss] = await wide.run([loss]);
        held.push(loss);
      }
      const update = await this.#executables.updateFor(leaves),
        keep = await this.#executables.keep,
        pace = this.#given[this.#given.length - 1],
        { state, best, last } = this.#partsOf(this.#rest),
        kept = await keep.run([...best, ...this.#theta, ...last, loss]);
      let outputs: Buffer[];
      try {
        outputs = await update.run([...this.#theta, ...state, ...last, ...leaves.map(leaf => mean.gradient[leaf]!), loss, pace]);
      } catch (error) {
        held.push(...kept);
        throw error;
      }
      held.push(...this.#theta, ...this.#rest);
      [this.#theta, this.#rest] = this.#arranged(outputs, kept);
      this.#given = [...this.#rest, pace];
      return reportOf(await executor.read(outputs[outputs.length - 1]), mean, seen);
    } finally {
      for (const buffer of held) executor.free(buffer);
    }
  }

  /** θ and what lies beside it, of the outputs of the update and the best θ. */
  #arranged(outputs: State, best: State): [theta: State, rest: State] {
    const n = this.#theta.length;
    return [outputs.slice(0, n), [...outputs.slice(n, -2), ...best, ...outputs.slice(-2)]];
  }

  /** What an outer step's routine does around the mean: draws of tasks, and the update from and back into the places of θ and the rest. */
  get #continuation(): Continuation {
    return (this.#made ??= continuationOf(this.compiled, this.#programs, this.#key, {
      keep: () => this.#executables.keep,
      updateFor: leaves => this.#executables.updateFor(leaves),
      partsOf: rest => this.#partsOf(rest),
      arranged: (outputs, best) => this.#arranged(outputs, best),
    }));
  }
  #made: Continuation | undefined;

  /** θ, the transform's state and the best so far on the host. */
  trees(): Awaitable<{ readonly theta: HostTree; readonly outer: HostTree; readonly best: BestState }> {
    const { theta, state } = this.#programs,
      n = this.#theta.length,
      end = n + leafTypes(state).length,
      rebuilt = (arrays: readonly HostArray[]) => ({
        theta: rebuildLike(theta, arrays.slice(0, n)),
        outer: rebuildLike(state, arrays.slice(n, end)),
        best: rebuildLike(bestTypes(theta), arrays.slice(end)) as unknown as BestState,
      }),
      read = this.compiled.executor.readAll([...this.#theta, ...this.#rest.slice(0, -2)]);
    this.answersLater = isPromise(read);
    return isPromise(read) ? read.then(rebuilt) : rebuilt(read);
  }

  /** Refuses the step k, at which a rate was out of range. @throws UfomError a sentence that names the rate and the step */
  refuseRate(k: number): never {
    const [a, b, c] = this.#pace;
    return this.#programs.refuseRate(k, Math.min((a + b * (k - 1)) / c, 1));
  }

  /** Gives all memory back. */
  dispose(): void {
    for (const buffer of [...this.#theta, ...this.#given]) this.compiled.executor.free(buffer);
    this.#theta = this.#rest = this.#given = [];
    this.#team.dispose();
    this.#executables.dispose();
  }
}
