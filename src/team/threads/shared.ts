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
import { packed, words } from "./board.js";
import type { Crew } from "./crew.js";
import { Kit } from "./kit.js";
import { kitPlan } from "./setup.js";

/** Arrays, or the bytes that they are on a board. */
type Written = readonly HostArray[] | Uint8Array;

type Costs = Pick<SharedMean, "counts" | "peakStates" | "work">;

/** Bytes of a task that is worth a copy of its own, as looking at it takes longer than writing it. */
const SMALL = 2 ** 14;

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
  /** Small tasks that were looked at, as they lie on the board: places of the meta-batch have listed tasks in turns. */
  #looked = new WeakMap<HostTree & object, Uint8Array>();

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

  /** Forgets which tasks lie in its slots: somebody may have changed their numbers. */
  forget(): void {
    this.#lying.length = 0;
    this.#looked = new WeakMap();
  }

  async use<R>(given: SharedGiven, choices: readonly Choice[], pauses: Pauses, f: (mean: SharedMean) => Awaitable<R>): Promise<R> {
    const { mean, board, compiled } = this.parts,
      { theta, inputs } = given,
      n = choices.length,
      plans = this.#plansOf(choices),
      // All that may be refused is refused before the first job begins.
      written = given.tasks.map((tree, i) => (this.#lying[i] === tree && n <= board.slots ? undefined : this.#writtenOf(tree))),
      seen: Seen[] = [],
      seconds: number[] = [];
    mean.reset();
    board.copyFrom(board.layout.theta.offset, own(theta));
    board.words[words.version]++;
    board.words[words.step] = given.stepsDone;
    const crew = this.parts.crew();
    for (let from = 0; from < n; from += board.slots) {
      const jobs = Math.min(board.slots, n - from);
      for (let slot = 0; slot < jobs; slot++) {
        const i = from + slot;
        this.#write(slot, i, plans[i], choices[i], written[i]);
        this.#lying[slot] = given.tasks[i];
        crew.open(slot);
        // One that sleeps is called as soon as there is something to do, and once more when there is all.
        if (slot === 0 || slot === jobs - 1) crew.call();
      }
      const letGo = (compiled.executor as WasmExecutor).products?.hold();
      try {
        await crew.compute({
          jobs,
          own: slot => this.#compute(slot, theta, pauses),
          fold: slot => {
            board.copyTo(board.layout.found[slot].always.offset, own(mean.incoming));
            mean.add(theta, inputs);
          },
          pauses,
        });
      } finally {
        letGo?.();
      }
      for (let slot = 0; slot < jobs; slot++) seconds.push(board.seconds[slot]);
      if (this.#asks) for (let slot = 0; slot < jobs; slot++) seen.push(this.#seen(slot, plans[from + slot], choices[from + slot]));
    }
    return f({ ...mean.end(theta, inputs), ...this.#costsOf(plans), seen, seconds });
  }

  #plansOf(choices: readonly Choice[]): number[] {
    let last: Choice | undefined,
      p = 0;
    return choices.map(choice => (choice === last ? p : (p = this.#index.get(planKey((last = choice)))!)));
  }

  /** What a draw counts as; always the same where there is one plan, as outer steps of small models are many and short. */
  #costsOf(plans: readonly number[]): Costs {
    if (this.#costs?.work.length === plans.length) return this.#costs;
    const drawn = plans.map(p => this.parts.task.plans[p]),
      costs = {
        counts: drawn.reduce((sum, plan) => addCounts(sum, plan.counts), noCounts),
        peakStates: Math.max(...drawn.map(plan => plan.peakStates)),
        work: drawn.map(plan => plan.work),
      };
    if (this.#index.size === 1) this.#costs = costs;
    return costs;
  }
  #costs: Costs | undefined;

  /** Whether what evaluations left is read: by the estimator, or by somebody who asked. */
  asked = false;
  get #asks(): boolean {
    return this.asked || looksBack(this.parts.compiled, this.parts.estimator);
  }

  /** What is to be written of a task. @throws if it cannot be meant */
  #writtenOf(tree: HostTree): Written {
    const known = this.#looked.get(tree);
    if (known) return known;
    const { board, compiled } = this.parts,
      leaves = flattenLike("every task", compiled.programs.task, tree);
    compiled.programs.checkTask(leaves);
    if (board.layout.given[0].always.bytes > SMALL) return leaves;
    const bytes = packed(leaves);
    this.#looked.set(tree, bytes);
    return bytes;
  }

  /** Writes what the job of place i is given; no task where it lies there. */
  #write(slot: number, i: number, p: number, { arrays }: Choice, task: Written | undefined): void {
    const { board } = this.parts,
      { always, ofPlan } = board.layout.given[slot],
      { names } = this.parts.task.plans[p];
    board.words[board.planAt(slot)] = p;
    board.words[board.placeAt(slot)] = i;
    if (task) board.write(always, task);
    if (names.length)
      board.write(
        ofPlan[p],
        names.flatMap(name => arrays[name]),
      );
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
      arrays = board.read(board.layout.found[slot].ofPlan[p]);
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
