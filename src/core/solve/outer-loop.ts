import type { Awaitable, Buffer, Executable } from "../../executors/executor.js";
import { leafTypes } from "../../tensor/trace.js";
import type { HostArray, HostTree } from "../../tensor/types.js";
import type { BatchMean, Job } from "../batch/evaluate.js";
import { seenBy } from "../batch/evaluate.js";
import { leavesOf } from "../batch/mean.js";
import type { BatchBuffers, Continuation, RecordedBatch } from "../batch/recorded-batch.js";
import type { Counts } from "../counts.js";
import type { Estimator, Seen } from "../estimators/estimator.js";
import { isPromise } from "../evaluation/awaitable.js";
import type { CompiledProblem } from "../evaluation/compiled-problem.js";
import type { Formula, State } from "../evaluation/machine.js";
import type { Lease } from "../evaluation/resident-trees.js";
import type { OuterPrograms } from "../outer/outer-programs.js";
import { traceOuter } from "../outer/outer-programs.js";
import type { OuterTransform } from "../outer/transform.js";
import { flattenLike, rebuildLike } from "../trees/host-leaves.js";
import type { MakeTeam, Team } from "./team.js";

/** What JavaScript sees of an outer step. */
export interface StepReport {
  /** Mean outer loss. */
  readonly loss: number;
  readonly gradientNorm: number;
  /** What was wrong, of `stepCodes`: then θ and the state of the transform are as they were. */
  readonly code: number;
  readonly counts: Counts;
  readonly peakStates: number;
  /** What the estimator learns, a task each; nothing for one that does not observe. */
  readonly seen: readonly Seen[];
}

/** x ↦ x, in another place. */
const copy: Formula = { name: "copy", of: xs => [...xs] };
/** The loss in float64, as transforms take it. */
const inFloat64: Formula = { name: "loss in float64", of: ([loss]) => [loss.astype("float64")] };

/**
 * θ, the transform's state and the number of steps done, in an executor's memory. An outer step runs there from the tasks to the new θ; what
 * comes back is its report of three numbers. One routine makes the whole step where it fits.
 */
export class OuterLoop {
  readonly #programs: OuterPrograms;
  readonly #team: Team;
  readonly #updates = new Map<string, Awaitable<Executable>>();
  /** θ; then the state and k, together. */
  #theta: State = [];
  #rest: State = [];
  /** Whether the executor's answers are promises: then nobody can read θ at any moment. */
  answersLater = false;

  constructor(
    private readonly compiled: CompiledProblem,
    private readonly estimator: Estimator,
    private readonly transform: OuterTransform,
    gather: MakeTeam,
  ) {
    this.#programs = traceOuter(transform, compiled.programs.theta, compiled.dtype);
    this.#team = gather(compiled, estimator);
  }

  /** Brings θ and the transform's state after `steps` steps into memory; the transform makes its first state itself. */
  async start(theta: HostTree, state: HostTree | undefined, steps: number): Promise<void> {
    const { executor } = this.compiled,
      { theta: thetaTypes, state: stateTypes, init } = this.#programs,
      upload = (arrays: readonly HostArray[]) => arrays.map(array => executor.upload(array));
    const thetaArrays = flattenLike("θ", thetaTypes, theta),
      stateArrays = state === undefined ? undefined : flattenLike("the outer transform's state", stateTypes, state);
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
    this.#rest = [...held, ...upload([{ shape: [], dtype: "int32", data: Int32Array.of(steps) }])];
  }

  /** One outer step over jobs. @throws what a program or an estimator throws; θ is then as it was */
  step(jobs: readonly Job[]): Awaitable<StepReport> {
    const batch = this.#team.recording?.(
      jobs.map(({ choice }) => choice),
      this.#continuation,
    );
    return isPromise(batch) ? batch.then(ready => this.#stepBy(ready, jobs)) : this.#stepBy(batch, jobs);
  }

  #stepBy(batch: RecordedBatch | undefined, jobs: readonly Job[]): Awaitable<StepReport> {
    return batch ? this.#recorded(batch, jobs) : this.#team.mean(this.#theta, jobs, mean => this.#update(mean));
  }

  /** The whole step as one routine: nothing is awaited between its run and what is read. */
  #recorded(batch: RecordedBatch, jobs: readonly Job[]): Awaitable<StepReport> {
    const { compiled, estimator } = this,
      leases: Lease[] = [];
    try {
      for (const { task } of jobs) leases.push(compiled.tasks.lease(task));
      const ran = batch.run(
          this.#theta,
          leases.map(({ state }) => state),
          jobs.map(({ choice }) => choice),
          this.#rest,
        ),
        report = compiled.executor.read(ran.continued[0]),
        seen = estimator.observe
          ? seenBy(
              compiled,
              estimator,
              jobs.map(({ choice }) => choice),
              ran,
            )
          : [];
      return isPromise(report) || isPromise(seen) ? reportLater(report, ran, seen) : reportOf(report, ran, seen);
    } finally {
      for (const lease of leases) lease.release();
    }
  }

  /** The update from a mean, call by call. */
  async #update(mean: BatchMean): Promise<StepReport> {
    const { compiled } = this,
      { executor } = compiled,
      seen = await mean.seen(),
      leaves = leavesOf([mean.gradient]),
      held: Buffer[] = [];
    try {
      let { loss } = mean;
      if (loss.dtype !== "float64") {
        const wide = await compiled.executable(inFloat64, [[loss]]);
        [loss] = await wide.run([loss]);
        held.push(loss);
      }
      const update = await this.#updateFor(leaves),
        outputs = await update.run([...this.#theta, ...this.#rest, ...leaves.map(leaf => mean.gradient[leaf]!), loss]),
        report = outputs[outputs.length - 1],
        n = this.#theta.length;
      held.push(...this.#theta, ...this.#rest, report);
      this.#theta = outputs.slice(0, n);
      this.#rest = outputs.slice(n, -1);
      return reportOf(await executor.read(report), mean, seen);
    } finally {
      for (const buffer of held) executor.free(buffer);
    }
  }

  /** The update for a gradient that has these leaves; compiled once. */
  #updateFor(leaves: readonly number[]): Awaitable<Executable> {
    const key = leaves.join(),
      { compiled } = this;
    let update = this.#updates.get(key);
    if (!update) {
      const { update: program } = traceOuter(this.transform, compiled.programs.theta, compiled.dtype, leaves);
      this.#updates.set(key, (update = compiled.executor.compile(program, "outer update")));
    }
    return update;
  }

  /** What an outer step's routine does with the mean: the update, from and back into the places of θ, the state and k. */
  readonly #continuation: Continuation = {
    inputs: recorder => recorder.inputs([...leafTypes(this.#programs.state), { shape: [], dtype: "int32" }]),
    record: async (recorder, theta, rest, mean) => {
      const leaves = leavesOf([mean.gradient]),
        [loss] = mean.loss.dtype === "float64" ? [mean.loss] : await recorder.run(inFloat64, [mean.loss]),
        inputs = [...theta, ...rest, ...leaves.map(leaf => mean.gradient[leaf]!), loss],
        outputs = recorder.note(await this.#updateFor(leaves), inputs),
        moved = outputs.slice(0, -1);
      recorder.into(await this.compiled.executable(copy, [moved]), moved, [...theta, ...rest]);
      return outputs.slice(-1);
    },
  };

  /** θ and the transform's state on the host. */
  trees(): Awaitable<{ readonly theta: HostTree; readonly outer: HostTree }> {
    const { theta, state } = this.#programs,
      n = this.#theta.length,
      rebuilt = (arrays: readonly HostArray[]) => ({
        theta: rebuildLike(theta, arrays.slice(0, n)),
        outer: rebuildLike(state, arrays.slice(n)),
      }),
      read = this.compiled.executor.readAll([...this.#theta, ...this.#rest.slice(0, -1)]);
    this.answersLater = isPromise(read);
    return isPromise(read) ? read.then(rebuilt) : rebuilt(read);
  }

  /** Refuses the step k, at which a rate was out of range. @throws UfomError a sentence that names the rate and the step */
  refuseRate(k: number): never {
    return this.#programs.refuseRate(k);
  }

  /** Gives all memory back. */
  dispose(): void {
    for (const buffer of [...this.#theta, ...this.#rest]) this.compiled.executor.free(buffer);
    this.#theta = this.#rest = [];
    this.#team.dispose();
    for (const update of this.#updates.values()) void (isPromise(update) ? update.then(late => late.dispose()) : update.dispose());
    this.#updates.clear();
  }
}

function reportOf({ data }: HostArray, { counts, peakStates }: BatchBuffers, seen: readonly Seen[]): StepReport {
  const [loss, gradientNorm, code] = data;
  return { loss, gradientNorm, code, counts, peakStates, seen };
}

const reportLater = async (report: Awaitable<HostArray>, ran: BatchBuffers, seen: Awaitable<readonly Seen[]>): Promise<StepReport> =>
  reportOf(await report, ran, await seen);
