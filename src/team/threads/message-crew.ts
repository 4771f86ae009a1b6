import { isPromise } from "../../core/evaluation/awaitable.js";
import { claims, states, words } from "./board.js";
import type { Span } from "./board.js";
import type { Course, Member } from "./crew.js";
import { Crew } from "./crew.js";
import type { Answer, Order } from "./messages.js";
import type { Setup } from "./setup.js";

/** Jobs that a thread has in hand: one that it does, and the next. */
const IN_HAND = 2;

/** Threads that are told each job by a message, while this one only waits, as in pages; memory is shared where that is allowed. */
export class MessageCrew extends Crew {
  /** The θ that each thread has. */
  readonly #versions = new Map<number, number>();
  #jobs = 0;

  get #shared(): boolean {
    return typeof SharedArrayBuffer !== "undefined" && this.board.memory instanceof SharedArrayBuffer;
  }

  protected order(setup: Setup, number: number): Order {
    return { kind: "setup", number, setup, memory: this.#shared ? (this.board.memory as SharedArrayBuffer) : undefined, takes: false };
  }

  open(slot: number): void {
    const { board } = this;
    board.words[board.stateAt(slot)] = states.open;
    board.words[board.claimAt(slot)] = claims.free;
  }

  call(): void {}

  protected leave(): void {
    this.#versions.clear();
  }

  protected freed(): void {
    this.#hand();
  }

  protected changed(): void {
    this.wake();
  }

  protected heard(member: Member, answer: Answer): void {
    if (answer.kind === "ready") return this.#hand();
    const { board } = this,
      { slot } = answer;
    member.told.delete(slot);
    if (answer.kind === "failed") {
      board.sentence = answer.sentence;
      board.words[board.stateAt(slot)] = states.failed;
    } else {
      if (answer.found) board.bytes.set(new Uint8Array(answer.found), board.layout.found[slot].whole.offset);
      board.seconds[slot] = answer.seconds;
      board.words[board.stateAt(slot)] = states.done;
    }
    this.#hand();
    this.wake();
  }

  protected override heldBy(member: Member): number[] {
    // What is next in hand has not begun: it is given back, and did not end the thread.
    const [begun, ...others] = member.told;
    for (const slot of others) this.board.words[this.board.claimAt(slot)] = claims.free;
    return begun === undefined ? [] : [begun];
  }

  /** Tells threads that have room for it what is to be done. */
  #hand(): void {
    const { board } = this;
    for (let depth = 1; depth <= IN_HAND; depth++)
      for (const member of this.members.values()) {
        if (!member.ready || member.told.size >= depth) continue;
        const slot = this.#free();
        if (slot < 0) return;
        board.words[board.claimAt(slot)] = member.number;
        member.told.add(slot);
        this.#tell(member, slot);
      }
  }

  #free(): number {
    const { board } = this;
    for (let slot = 0; slot < this.#jobs; slot++) if (board.words[board.claimAt(slot)] === claims.free) return slot;
    return -1;
  }

  #tell({ number, thread }: Member, slot: number): void {
    const { board } = this,
      { layout, words: known } = board,
      version = known[words.version],
      order = {
        kind: "job",
        slot,
        version,
        step: known[words.step],
        plan: known[board.planAt(slot)],
        place: known[board.placeAt(slot)],
      } as const;
    if (this.#shared) return thread.post(order);
    const copy = ({ offset, bytes }: Span) => new Uint8Array(board.bytes.subarray(offset, offset + bytes)).buffer,
      given = copy(layout.given[slot].whole),
      theta = this.#versions.get(number) === version ? undefined : copy(layout.theta);
    this.#versions.set(number, version);
    thread.post({ ...order, given, theta }, theta ? [given, theta] : [given]);
  }

  protected async walk({ jobs, own, fold, pauses }: Course): Promise<void> {
    const { board } = this;
    this.#jobs = jobs;
    this.#hand();
    let folded = 0;
    for (;;) {
      while (folded < jobs && this.isDone(folded)) fold(folded++);
      if (folded === jobs) break;
      const slot = this.#free();
      if (slot >= 0 && this.mayTake(slot)) {
        board.words[board.claimAt(slot)] = 0x7fffffff;
        const answer = own(slot);
        if (isPromise(answer)) await answer;
        board.words[board.stateAt(slot)] = states.done;
        if (pauses.due(0)) await pauses.pause();
      } else await this.asleep();
      pauses.signal?.throwIfAborted();
    }
    this.#jobs = 0;
    for (let slot = 0; slot < jobs; slot++) board.words[board.claimAt(slot)] = claims.none;
  }
}
