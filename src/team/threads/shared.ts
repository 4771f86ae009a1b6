import type { TaskRoutine } from "../../core/batch/task-routine.js";
import type { MeanRoutine } from "../../core/batch/mean-routine.js";
import { looksBack, seenOf } from "../../core/batch/evaluate.js";
import { planKey } from "../../core/batch/recorded-batch.js";
import type { SharedBatch, SharedGiven, SharedMean } from "../../core/batch/shared-batch.js";
import { addCounts, noCounts } from "../../core/counts.js";
import type { Choice, Estimator, Seen } from "../../core/estimators/estimator.js";
import { isPromise } from "../../core/evaluation/awaitable.js";
import type { CompiledProblem } from "../../core/evaluation/compiled-problem.js";
import type { State } from "../../core/evaluation/machine.js";
import type { Pauses } from "../../core/evaluation/pauses.js";
import { flattenLike } from "../../core/trees/host-leaves.js";
import type { Awaitable, Buffer } from "../../executors/executor.js";
import type { WasmExecutor } from "../../executors/wasm/executor.js";
import type { HeapBuffer } from "../../executors/wasm/heap.js";
import { leafTypes } from "../../tensor/trace.js";
import type { HostArray, HostTree, Type } from "../../tensor/types.js";
import { allocate } from "../../tensor/types.js";
import type { Board } from "./board.js";
import { words } from "./board.js";
import type { Crew } from "./crew.js";
import { Kit } from "./kit.js";
import { kitPlan } from "./setup.js";

const count: Type = { shape: [], dtype: "int32" };
const own = (buffers: readonly Buffer[]) => buffers as readonly HeapBuffer[];

/** What a batch is made of: recordings, and where its jobs are written. */
export interface SharedParts {
  readonly compiled: CompiledProblem;
  readonly estimator: Estimator;
  /** One choice of each plan. */
  readonly choices: readonly Choice[];
  readonly task: TaskRoutine;
  readonly mean: MeanRoutine;
  readonly board: Board;
  readonly crew: () => Crew;
}

/** A meta-batch whose jobs are written on a board, for the threads of a crew and for this one. */
export class BoardBatch implements SharedBatch {
  readonly drawsTasks: boolean;
  readonly #kit: Kit;
  readonly #held: readonly Buffer[];
  readonly #index: ReadonlyMap<string, number>;
  /** The task that lies in each slot. */
  readonly #lying: (HostTree | undefined)[] = [];

  constructor(private readonly parts: SharedParts) {
    const { compiled, task, board, choices } = parts,
      { executor } = compiled,
      upload = (type: Type) => executor.upload({ shape: type.shape, dtype: type.dtype, data: allocate(type) }),
      given = (task.sampled ? [count, count] : leafTypes(compiled.programs.task)).map(upload),
      arrays = task.plans.map(plan => plan.arrays.map(upload));
    this.drawsTasks = task.sampled;
    this.#held = [...given, ...arrays.flat()];
    this.#index = new Map(choices.map((choice, p) => [planKey(choice), p]));
    const linked = { routine: executor.link!(task.routine), task: own(given), arrays: arrays.map(own), borrowed: own(task.borrowed) };
    this.#kit = new Kit(kitPlan(task), linked, board);
  }

  /** The plans that it does not have. */
  unknown(choices: readonly Choice[]): Choice[] {
    if (this.#index.size === 1 && choices.every(choice => choice === this.parts.choices[0])) return [];
    return choices.filter(choice => !this.#index.has(planKey(choice)));
  }

  /** Forgets which tasks lie in its slots: somebody may have changed their numbers. */
  forget(): void {
    this.#lying.length = 0;
  }

  async use<R>(given: SharedGiven, choices: readonly Choice[], pauses: Pauses, f: (mean: SharedMean) => Awaitable<R>): Promise<R> {
    const { task, mean, board, compiled } = this.parts,
      { theta, inputs } = given,
      n = choices.length,
      plans = choices.map(choice => this.#index.get(planKey(choice))!),
      // All that may be refused is refused before the first job begins.
      leaves = given.tasks.map((tree, i) => (this.#lying[i] === tree && n <= board.slots ? undefined : this.#leavesOf(tree))),
      seen: Seen[] = [],
      seconds: number[] = [];
    mean.reset();
    board.copyFrom(board.layout.theta, own(theta));
    board.words[words.version]++;
    board.words[words.step] = given.stepsDone;
    for (let from = 0; from < n; from += board.slots) {
      const jobs = Math.min(board.slots, n - from);
      for (let slot = 0; slot < jobs; slot++) {
        const i = from + slot;
        this.#write(slot, i, plans[i], choices[i], leaves[i], given.tasks[i]);
      }
      const letGo = (compiled.executor as WasmExecutor).products?.hold();
      try {
        await this.parts.crew().compute({
          jobs,
          own: slot => this.#compute(slot, theta, pauses),
          fold: slot => {
            board.copyTo(board.areas(slot).result, own(mean.incoming));
            mean.add(theta, inputs);
          },
          pauses,
        });
      } finally {
        letGo?.();
      }
      for (let slot = 0; slot < jobs; slot++) seconds.push(board.seconds[slot]);
      if (compiled && this.#asks)
        for (let slot = 0; slot < jobs; slot++) seen.push(this.#seen(slot, plans[from + slot], choices[from + slot]));
    }
    const ended = mean.end(theta, inputs),
      drawn = plans.map(p => task.plans[p]);
    return f({
      ...ended,
      counts: drawn.reduce((sum, plan) => addCounts(sum, plan.counts), noCounts),
      peakStates: Math.max(...drawn.map(plan => plan.peakStates)),
      seen,
      work: drawn.map(plan => plan.work),
      seconds,
    });
  }

  /** Whether what evaluations left is read: by the estimator, or by somebody who asked. */
  asked = false;
  get #asks(): boolean {
    return this.asked || looksBack(this.parts.compiled, this.parts.estimator);
  }

  #leavesOf(tree: HostTree): readonly HostArray[] {
    const { programs } = this.parts.compiled,
      leaves = flattenLike("every task", programs.task, tree);
    programs.checkTask(leaves);
    return leaves;
  }

  #write(slot: number, i: number, p: number, choice: Choice, leaves: readonly HostArray[] | undefined, tree: HostTree | undefined): void {
    const { board, task, crew } = this.parts,
      areas = board.areas(slot),
      { names } = task.plans[p];
    board.words[board.planAt(slot)] = p;
    board.words[board.placeAt(slot)] = i;
    if (leaves) board.write(areas.task, leaves);
    this.#lying[slot] = tree;
    if (names.length)
      board.write(
        areas.arrays[p],
        names.flatMap(name => choice.arrays[name]),
      );
    crew().open(slot);
  }

  /** Does a job here. */
  #compute(slot: number, theta: State, pauses: Pauses): Awaitable<void> {
    const kit = this.#kit,
      p = kit.bring(slot),
      started = performance.now() - pauses.waited,
      done = () => {
        this.parts.board.seconds[slot] = (performance.now() - pauses.waited - started) / 1000;
        kit.write(slot, p);
      },
      found = kit.linked.routine.runWithPauses(kit.inputs(own(theta)), kit.partsOf(p), false, pauses);
    return isPromise(found) ? found.then(done) : done();
  }

  /** What a job left for its estimator. */
  #seen(slot: number, p: number, choice: Choice): Seen {
    const { compiled, estimator, board, task } = this.parts,
      arrays = board.read(board.areas(slot).carry[p]);
    let at = 0;
    const carry = Object.fromEntries(task.plans[p].carry.map(({ name, types }) => [name, arrays.slice(at, (at += types.length))]));
    return seenOf(compiled, estimator, choice, carry, { work: task.plans[p].work, seconds: board.seconds[slot] });
  }

  dispose(): void {
    const { compiled, mean } = this.parts;
    this.#kit.linked.routine.dispose();
    mean.dispose();
    for (const buffer of this.#held) compiled.executor.free(buffer);
  }
}
