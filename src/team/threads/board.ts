import { sizeOf } from "../../tensor/types.js";
import type { HostArray, Type } from "../../tensor/types.js";
import { aligned } from "../../executors/wasm/alignment.js";
import type { HeapBuffer } from "../../executors/wasm/heap.js";
import { bytesIn } from "../../executors/wasm/heap.js";
import { hostForm, storedForm } from "../../executors/wasm/stored-form.js";

// A board is a piece of memory on which the threads of a team write: words that say how far they are, θ, and for each of some slots what a task is
// given and what it comes to. Arrays lie there as in an executor's memory, one after another, so that they are copied as one piece.

/** Words of the board, by their number. */
export const words = {
  /** Counts what threads that wait are to look at. */
  epoch: 0,
  /** Counts jobs that were done. */
  done: 1,
  /** Counts the θs that were written. */
  version: 2,
  /** Outer steps done, for programs that draw tasks. */
  step: 3,
  /** Not 0: there is a message for whoever looks. */
  mail: 4,
  /** Threads that sleep until `epoch` changes, or are about to. */
  sleepers: 5,
  /** Not 0: who asked sleeps until `done` changes, or is about to. */
  asleep: 6,
} as const;

/** Where the words of the slots begin. */
const HEADER = 16;
/** Who has a job: nobody yet, or a thread of this number; or it is no job at all. */
export const claims = { free: 0, none: -1 } as const;
/** What a job has come to. */
export const states = { open: 0, done: 1, failed: 2 } as const;

/** Bytes of the sentence that says what went wrong. */
const SENTENCE = 2048;

/** Arrays one after another, from an offset on. */
export interface Area {
  readonly offset: number;
  readonly bytes: number;
  readonly types: readonly Type[];
}

/** What is to lie on a board, as data. */
export interface BoardPlan {
  readonly slots: number;
  readonly theta: readonly Type[];
  /** The leaves of a task; none where a program draws it. */
  readonly task: readonly Type[];
  /** The arrays of each plan, of which a job has those of its own. */
  readonly arrays: readonly (readonly Type[])[];
  /** A task's loss and the leaves of its gradient. */
  readonly result: readonly Type[];
  /** What each plan leaves for its estimator. */
  readonly carry: readonly (readonly Type[])[];
}

export const storedBytesOf = (type: Type): number => Math.max(64, aligned(bytesIn(type.shape, type.dtype)));
const sum = (types: readonly Type[]): number => types.reduce((n, type) => n + storedBytesOf(type), 0);
const most = (lists: readonly (readonly Type[])[]): number => Math.max(0, ...lists.map(sum));

/** Where everything of a board lies. */
export class Layout {
  readonly theta: Area;
  readonly bytes: number;
  readonly secondsAt: number;
  readonly sentenceAt: number;
  readonly #given: number;
  readonly #result: number;
  readonly #slotBytes: number;
  readonly #givenBytes: number;

  constructor(readonly plan: BoardPlan) {
    const { slots, theta, task, arrays, result, carry } = plan;
    this.secondsAt = aligned(4 * (HEADER + 4 * slots));
    this.sentenceAt = this.secondsAt + aligned(8 * slots);
    const thetaAt = this.sentenceAt + SENTENCE;
    this.theta = { offset: thetaAt, bytes: sum(theta), types: theta };
    this.#given = thetaAt + this.theta.bytes;
    this.#givenBytes = sum(task) + most(arrays);
    this.#result = this.#given + slots * this.#givenBytes;
    this.#slotBytes = sum(result) + most(carry);
    this.bytes = this.#result + slots * this.#slotBytes;
  }

  task(slot: number): Area {
    const { task } = this.plan;
    return { offset: this.#given + slot * this.#givenBytes, bytes: sum(task), types: task };
  }

  arrays(slot: number, plan: number): Area {
    const types = this.plan.arrays[plan],
      { offset, bytes } = this.task(slot);
    return { offset: offset + bytes, bytes: sum(types), types };
  }

  /** All that a job is given. */
  given(slot: number): { readonly offset: number; readonly bytes: number } {
    return { offset: this.#given + slot * this.#givenBytes, bytes: this.#givenBytes };
  }

  result(slot: number): Area {
    const { result } = this.plan;
    return { offset: this.#result + slot * this.#slotBytes, bytes: sum(result), types: result };
  }

  carry(slot: number, plan: number): Area {
    const types = this.plan.carry[plan],
      { offset, bytes } = this.result(slot);
    return { offset: offset + bytes, bytes: sum(types), types };
  }

  /** All that a job comes to. */
  found(slot: number): { readonly offset: number; readonly bytes: number } {
    return { offset: this.#result + slot * this.#slotBytes, bytes: this.#slotBytes };
  }
}

/** Bytes that a board would take for each of its slots. */
export const bytesOfSlot = (plan: BoardPlan): number => new Layout({ ...plan, slots: 1 }).bytes - new Layout({ ...plan, slots: 0 }).bytes;

/** A board's memory, seen in the ways that it is written. */
export class Board {
  readonly words: Int32Array;
  readonly bytes: Uint8Array;
  readonly seconds: Float64Array;
  readonly layout: Layout;
  readonly slots: number;
  readonly #areas: { readonly task: Area; readonly result: Area; readonly arrays: readonly Area[]; readonly carry: readonly Area[] }[];

  constructor(
    plan: BoardPlan,
    readonly memory: ArrayBuffer | SharedArrayBuffer,
  ) {
    const layout = (this.layout = new Layout(plan)),
      { slots } = plan;
    this.slots = slots;
    this.words = new Int32Array(memory, 0, HEADER + 4 * slots);
    this.bytes = new Uint8Array(memory);
    this.seconds = new Float64Array(memory, layout.secondsAt, slots);
    this.#areas = Array.from({ length: slots }, (_, slot) => ({
      task: layout.task(slot),
      result: layout.result(slot),
      arrays: plan.arrays.map((_, p) => layout.arrays(slot, p)),
      carry: plan.carry.map((_, p) => layout.carry(slot, p)),
    }));
  }

  /** The word that says who has a job; those that say what it has come to, its plan and its place in the meta-batch. */
  claimAt = (slot: number): number => HEADER + slot;
  stateAt = (slot: number): number => HEADER + this.slots + slot;
  planAt = (slot: number): number => HEADER + 2 * this.slots + slot;
  placeAt = (slot: number): number => HEADER + 3 * this.slots + slot;

  areas(slot: number) {
    return this.#areas[slot];
  }

  /** Writes host arrays. */
  write({ offset }: Area, arrays: readonly HostArray[]): void {
    let at = offset;
    for (const array of arrays) {
      this.bytes.set(storedForm(array.dtype, array.data), at);
      at += storedBytesOf(array);
    }
  }

  /** Reads host arrays. */
  read({ offset, types }: Area): HostArray[] {
    let at = offset;
    return types.map(({ shape, dtype }) => {
      const bytes = this.bytes.slice(at, at + bytesIn(shape, dtype));
      at += storedBytesOf({ shape, dtype });
      const copy = new Uint8Array(bytes).buffer;
      return { shape, dtype, data: hostForm(dtype, copy, 0, sizeOf(shape)) };
    });
  }

  /** Copies arrays from an executor's memory, those that lie one after another at once. */
  copyFrom({ offset }: { readonly offset: number }, buffers: readonly HeapBuffer[]): void {
    let at = offset;
    for (let i = 0; i < buffers.length;) {
      const { heap, pointer } = buffers[i];
      let size = 0;
      do size += sizeIn(buffers[i++]);
      while (i < buffers.length && buffers[i].pointer === pointer + size);
      this.bytes.set(heap.contents().subarray(pointer, pointer + size), at);
      at += size;
    }
  }

  /** Copies arrays into an executor's memory, those that lie one after another at once. */
  copyTo({ offset }: { readonly offset: number }, buffers: readonly HeapBuffer[]): void {
    let at = offset;
    for (let i = 0; i < buffers.length;) {
      const { heap, pointer } = buffers[i];
      let size = 0;
      do size += sizeIn(buffers[i++]);
      while (i < buffers.length && buffers[i].pointer === pointer + size);
      heap.contents().set(this.bytes.subarray(at, at + size), pointer);
      at += size;
    }
  }

  set sentence(text: string) {
    const at = this.layout.sentenceAt,
      bytes = new TextEncoder().encode(text).subarray(0, SENTENCE);
    this.bytes.fill(0, at, at + SENTENCE);
    this.bytes.set(bytes, at);
  }

  get sentence(): string {
    const at = this.layout.sentenceAt,
      bytes = new Uint8Array(this.bytes.slice(at, at + SENTENCE)),
      end = bytes.indexOf(0);
    return new TextDecoder().decode(bytes.subarray(0, end < 0 ? SENTENCE : end));
  }
}

const sizeIn = ({ bytes }: HeapBuffer): number => Math.max(64, aligned(bytes));
