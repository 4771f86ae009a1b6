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

/** A piece of a board. */
export interface Span {
  readonly offset: number;
  readonly bytes: number;
}

/** Arrays one after another. */
export interface Area extends Span {
  readonly types: readonly Type[];
}

/** What a slot has of one kind: arrays that every job has, and behind them those of the job's plan. */
export interface SlotAreas {
  readonly whole: Span;
  readonly always: Area;
  readonly ofPlan: readonly Area[];
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

const areaAt = (offset: number, types: readonly Type[]): Area => ({ offset, bytes: sum(types), types });

/** Where everything of a board lies. */
export class Layout {
  readonly theta: Area;
  /** For each slot what a job is given, a task and the arrays of its plan, and what it comes to, a result and what its plan carries. */
  readonly given: readonly SlotAreas[];
  readonly found: readonly SlotAreas[];
  readonly bytes: number;
  readonly secondsAt: number;
  readonly sentenceAt: number;

  constructor(readonly plan: BoardPlan) {
    const { slots, theta, task, arrays, result, carry } = plan;
    this.secondsAt = aligned(4 * (HEADER + 4 * slots));
    this.sentenceAt = this.secondsAt + aligned(8 * slots);
    let free = this.sentenceAt + SENTENCE;
    const slotAreas = (always: readonly Type[], ofPlan: readonly (readonly Type[])[]): readonly SlotAreas[] =>
      Array.from({ length: slots }, () => {
        const whole = { offset: free, bytes: sum(always) + most(ofPlan) },
          first = areaAt(free, always);
        free += whole.bytes;
        return { whole, always: first, ofPlan: ofPlan.map(types => areaAt(first.offset + first.bytes, types)) };
      });
    this.theta = areaAt(free, theta);
    free += this.theta.bytes;
    this.given = slotAreas(task, arrays);
    this.found = slotAreas(result, carry);
    this.bytes = free;
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
  }

  /** The word that says who has a job; those that say what it has come to, its plan and its place in the meta-batch. */
  claimAt = (slot: number): number => HEADER + slot;
  stateAt = (slot: number): number => HEADER + this.slots + slot;
  planAt = (slot: number): number => HEADER + 2 * this.slots + slot;
  placeAt = (slot: number): number => HEADER + 3 * this.slots + slot;

  /** Writes host arrays, or the bytes that they are here. */
  write({ offset }: Area, given: readonly HostArray[] | Uint8Array): void {
    if (given instanceof Uint8Array) this.bytes.set(given, offset);
    else writeInto(this.bytes, given, offset);
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

  /** Copies arrays from an executor's memory. */
  copyFrom(offset: number, buffers: readonly HeapBuffer[], from = 0, to = buffers.length): void {
    pieces(buffers, from, to, (memory, pointer, bytes, at) => this.bytes.set(memory.subarray(pointer, pointer + bytes), offset + at));
  }

  /** Copies arrays into an executor's memory. */
  copyTo(offset: number, buffers: readonly HeapBuffer[]): void {
    pieces(buffers, 0, buffers.length, (memory, pointer, bytes, at) =>
      memory.set(this.bytes.subarray(offset + at, offset + at + bytes), pointer),
    );
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

function writeInto(bytes: Uint8Array, arrays: readonly HostArray[], offset: number): void {
  let at = offset;
  for (const array of arrays) {
    bytes.set(storedForm(array.dtype, array.data), at);
    at += storedBytesOf(array);
  }
}

/** Host arrays as the bytes that they are on a board. */
export function packed(arrays: readonly HostArray[]): Uint8Array {
  const bytes = new Uint8Array(sum(arrays));
  writeInto(bytes, arrays, 0);
  return bytes;
}

const sizeIn = ({ bytes }: HeapBuffer): number => Math.max(64, aligned(bytes));

/** Goes through arrays of an executor's memory; those that lie one after another are one piece. */
function pieces(
  buffers: readonly HeapBuffer[],
  from: number,
  to: number,
  copy: (memory: Uint8Array, pointer: number, bytes: number, at: number) => void,
): void {
  let at = 0;
  for (let i = from; i < to;) {
    const { heap, pointer } = buffers[i];
    let bytes = 0;
    do bytes += sizeIn(buffers[i++]);
    while (i < to && buffers[i].pointer === pointer + bytes);
    copy(heap.contents(), pointer, bytes, at);
    at += bytes;
  }
}
