import { isPromise } from "../../core/evaluation/awaitable.js";
import { claims, states, words } from "./board.js";
import type { Course } from "./crew.js";
import { awake, Crew } from "./crew.js";
import { looks } from "./looks.js";
import type { Order } from "./messages.js";
import type { Setup } from "./setup.js";

/** This thread's own number, beside those of the others. */
const HERE = 0x7fffffff;

/** Milliseconds that this thread looks for what it waits for before it sleeps: what jobs take which are handed over one by one all the same. */
const LOOKING = 0.3;
/** Milliseconds that it sleeps as a whole before it lets the event loop turn. */
const NAP = 4;

/** What ES2024 calls `Atomics.waitAsync`. */
const { waitAsync } = Atomics as unknown as {
  waitAsync?(
    words: Int32Array,
    index: number,
    value: number,
    timeout: number,
  ): { readonly async: boolean; readonly value: string | Promise<string> };
};

/** Whether threads can take their jobs from shared memory here, and this one wait for them: in Node, not in pages. */
export const canTake = (): boolean => waitAsync !== undefined;

/** Threads that take jobs from a board in shared memory by themselves; this one takes jobs too. */
export class AtomicCrew extends Crew {
  protected order(setup: Setup, number: number): Order {
    return { kind: "setup", number, setup, memory: this.board.memory as SharedArrayBuffer, takes: true };
  }

  open(slot: number): void {
    const { board } = this,
      { words: shared } = board;
    Atomics.store(shared, board.stateAt(slot), states.open);
    Atomics.store(shared, board.claimAt(slot), claims.free);
  }

  call(): void {
    const { words: shared } = this.board;
    Atomics.add(shared, words.epoch, 1);
    if (Atomics.load(shared, words.sleepers) !== 0) Atomics.notify(shared, words.epoch);
  }

  protected leave(): void {
    Atomics.store(this.board.words, words.mail, 1);
    this.freed();
  }

  protected freed(): void {
    Atomics.add(this.board.words, words.epoch, 1);
    Atomics.notify(this.board.words, words.epoch);
  }

  protected changed(): void {
    Atomics.add(this.board.words, words.done, 1);
    Atomics.notify(this.board.words, words.done);
  }

  protected heard(): void {}

  protected async walk({ jobs, own, fold, pauses }: Course): Promise<void> {
    const { board } = this,
      { words: shared } = board;
    let folded = 0,
      next = 0;
    for (;;) {
      while (folded < jobs && this.isDone(folded)) fold(folded++);
      if (folded === jobs) break;
      const slot = this.#take(next, jobs);
      if (slot >= 0) {
        next = slot + 1;
        const answer = own(slot);
        if (isPromise(answer)) await answer;
        Atomics.store(shared, board.stateAt(slot), states.done);
        if (pauses.due(0)) await pauses.pause();
      } else {
        next = 0;
        await this.#waitFor(folded, pauses.signal);
      }
    }
    for (let slot = 0; slot < jobs; slot++) Atomics.store(shared, board.claimAt(slot), claims.none);
  }

  #take(from: number, jobs: number): number {
    const { board } = this;
    for (let slot = from; slot < jobs; slot++)
      if (this.mayTake(slot) && Atomics.compareExchange(board.words, board.claimAt(slot), claims.free, HERE) === claims.free) return slot;
    return -1;
  }

  /** Waits until a job is done, or something else has happened that is to be looked at. */
  async #waitFor(slot: number, signal: AbortSignal | undefined): Promise<void> {
    const { words: shared } = this.board,
      seen = Atomics.load(shared, words.done);
    // What was done before `seen` was read is seen by the first look.
    if (looks(LOOKING, () => this.isDone(slot) || Atomics.load(shared, words.done) !== seen)) return;
    Atomics.store(shared, words.asleep, 1);
    try {
      if (Atomics.wait(shared, words.done, seen, NAP) !== "timed-out") return;
      // It ends at times by itself, in case that nobody is left to wake it.
      const { value } = waitAsync!(shared, words.done, seen, 1000);
      if (typeof value !== "string") await awake(value);
    } finally {
      Atomics.store(shared, words.asleep, 0);
    }
    signal?.throwIfAborted();
    // Messages of threads that ended come with the next turn.
    await new Promise(resolve => setTimeout(resolve));
  }
}
