import type { LinkedRoutine } from "../../executors/executor.js";
import type { HeapBuffer } from "../../executors/wasm/heap.js";
import type { Board } from "./board.js";
import { storedBytesOf, words } from "./board.js";

/** How the parts and outputs of a task's routine are to be used, as data. */
export interface KitPlan {
  readonly sampled: boolean;
  /** For each plan where its loss, its gradient and what it carries lie among the outputs. */
  readonly plans: readonly {
    readonly from: number;
    readonly to: number;
    /** For each leaf of a result its place in the plan's outputs; −1: it has none, which is zero. */
    readonly leaves: readonly number[];
    /** Outputs before what is carried: the loss and its own leaves. */
    readonly results: number;
  }[];
}

/** A task's routine in an executor's memory, with the buffers that it takes. */
export interface Linked {
  readonly routine: LinkedRoutine;
  /** The task's leaves, or the number of steps done and the place in the meta-batch. */
  readonly task: readonly HeapBuffer[];
  readonly arrays: readonly (readonly HeapBuffer[])[];
  readonly borrowed: readonly HeapBuffer[];
}

/** Evaluates the jobs of a board in an executor's memory: what a thread does, and whoever computes beside them. */
export class Kit {
  #inputs: readonly HeapBuffer[] = [];
  #theta: readonly HeapBuffer[] | undefined;
  readonly #parts: readonly (readonly number[])[];
  readonly #whole: boolean[];

  constructor(
    private readonly plan: KitPlan,
    readonly linked: Linked,
    private readonly board: Board,
  ) {
    this.#parts = plan.plans.map((_, p) => (plan.sampled ? [0, 1 + p] : [p]));
    this.#whole = plan.plans.map(({ leaves }) => leaves.every((at, k) => at === 1 + k));
  }

  /** Brings what a job is given. @returns its plan */
  bring(slot: number): number {
    const { board, linked } = this,
      p = board.words[board.planAt(slot)],
      { always, ofPlan } = board.layout.given[slot];
    if (this.plan.sampled) {
      const [step, place] = linked.task,
        memory = step.heap.words();
      memory[step.pointer >>> 2] = board.words[words.step];
      memory[place.pointer >>> 2] = board.words[board.placeAt(slot)];
    } else board.copyTo(always.offset, linked.task);
    if (linked.arrays[p].length) board.copyTo(ofPlan[p].offset, linked.arrays[p]);
    return p;
  }

  /** What the routine takes at a θ. */
  inputs(theta: readonly HeapBuffer[]): readonly HeapBuffer[] {
    if (theta !== this.#theta) {
      const { task, arrays, borrowed } = this.linked;
      this.#inputs = [...theta, ...task, ...arrays.flat(), ...borrowed];
      this.#theta = theta;
    }
    return this.#inputs;
  }

  /** The parts of a plan. */
  partsOf(p: number): readonly number[] {
    return this.#parts[p];
  }

  /** Writes what a job came to. */
  write(slot: number, p: number): void {
    const { board } = this,
      { from, to, leaves, results } = this.plan.plans[p],
      found = this.linked.routine.outputs as readonly HeapBuffer[],
      { always, ofPlan } = board.layout.found[slot];
    if (this.#whole[p]) board.copyFrom(always.offset, found, from, from + results);
    else {
      board.bytes.fill(0, always.offset, always.offset + always.bytes);
      board.copyFrom(always.offset, found, from, from + 1);
      let offset = always.offset + storedBytesOf(found[from]);
      leaves.forEach((at, k) => {
        if (at >= 0) board.copyFrom(offset, found, from + at, from + at + 1);
        offset += this.#leafBytes(k);
      });
    }
    if (to > from + results) board.copyFrom(ofPlan[p].offset, found, from + results, to);
  }

  #leafBytes(k: number): number {
    return storedBytesOf(this.board.layout.plan.result[1 + k]);
  }

  /** Evaluates a job at once. */
  run(slot: number, theta: readonly HeapBuffer[]): void {
    const p = this.bring(slot),
      started = performance.now();
    this.linked.routine.run(this.inputs(theta), this.#parts[p], false);
    this.board.seconds[slot] = (performance.now() - started) / 1000;
    this.write(slot, p);
  }
}
