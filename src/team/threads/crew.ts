import type { Pauses } from "../../core/evaluation/pauses.js";
import type { Awaitable } from "../../executors/executor.js";
import { UfomError } from "../../tensor/error.js";
import type { Board } from "./board.js";
import { claims, states } from "./board.js";
import type { Answer, Order } from "./messages.js";
import type { Setup } from "./setup.js";
import type { Hearing, Thread } from "./spawn.js";

/** So often a job may end the thread that does it, and so many threads in a row may end before they have begun. */
export const MOST_DEATHS = 3;

/** A thread of a crew. */
export interface Member {
  readonly number: number;
  readonly thread: Thread;
  ready: boolean;
  /** Jobs that it was told to do, where it is told. */
  readonly told: Set<number>;
}

/** What is computed: the jobs on a board, in slots 0 to n − 1. */
export interface Course {
  readonly jobs: number;
  /** Does a job here. */
  own(slot: number): Awaitable<void>;
  /** Takes what a job came to; called in the order of the slots. */
  fold(slot: number): void;
  readonly pauses: Pauses;
}

/** The threads that do the jobs of a board; one that ends before it was told to is replaced, and its job done again. */
export abstract class Crew {
  protected readonly members = new Map<number, Member>();
  /** How often each job has ended a thread. */
  protected readonly deaths: number[] = [];
  /** What ends the jobs under way. */
  protected failure: UfomError | undefined;
  /** Threads that were replaced, and what the last of them did. */
  replaced = 0;
  lastWords = "";
  /** Why there are no threads, if none can be started. */
  refused: string | undefined;
  #numbers = 0;
  #early = 0;
  #disposed = false;
  #walking = false;
  #wake: (() => void) | undefined;

  /**
   * @param size threads beside this one
   * @param start starts one
   * @param here whether jobs are done in this thread too, as long as there are others
   */
  constructor(
    protected readonly size: number,
    protected board: Board,
    private setup: Setup,
    private readonly start: (hear: Hearing) => Thread,
    private readonly here: boolean,
  ) {}

  /** The order that begins a thread's work. */
  protected abstract order(setup: Setup, number: number): Order;
  /** Something has changed that whoever waits is to look at. */
  protected abstract changed(): void;
  /** A job is ready to be done: what it is given has been written. */
  abstract open(slot: number): void;
  /** Tells threads that sleep of the jobs that were opened. */
  abstract call(): void;
  /** Calls threads away from the board. */
  protected abstract leave(): void;
  /** Called when jobs were given back. */
  protected abstract freed(): void;
  protected abstract heard(member: Member, answer: Answer): void;
  /** Does the jobs that are on the board. @throws what one of them throws, or the reason of an abort; then nothing runs any more */
  protected abstract walk(course: Course): Promise<void>;

  /** Goes on to another board. Nothing may be under way. */
  load(board: Board, setup: Setup): void {
    this.leave();
    this.board = board;
    this.setup = setup;
    for (const { thread, number } of this.members.values()) thread.post(this.order(setup, number));
  }

  /** Starts what is missing. */
  fill(): void {
    while (!this.#disposed && this.refused === undefined && this.members.size < this.size) {
      const number = ++this.#numbers;
      let thread: Thread;
      try {
        thread = this.start({ answer: answer => this.#hear(number, answer), ended: why => this.#ended(number, why) });
      } catch (error) {
        this.refused = `could not be started: ${error instanceof Error ? error.message : String(error)}`;
        return;
      }
      this.members.set(number, { number, thread, ready: false, told: new Set() });
      thread.post(this.order(this.setup, number));
    }
  }

  async compute(course: Course): Promise<void> {
    const { signal } = course.pauses,
      hear = () => this.changed();
    this.deaths.length = 0;
    this.failure = undefined;
    this.#walking = true;
    this.fill();
    signal?.addEventListener("abort", hear);
    try {
      await this.walk(course);
    } catch (error) {
      // What is under way is of no use any more, and nobody waits for it.
      this.dispose();
      throw error;
    } finally {
      this.#walking = false;
      signal?.removeEventListener("abort", hear);
    }
  }

  get disposed(): boolean {
    return this.#disposed;
  }

  dispose(): void {
    this.#disposed = true;
    for (const { thread } of this.members.values()) thread.kill();
    this.members.clear();
    this.wake();
  }

  #hear(number: number, answer: Answer): void {
    const member = this.members.get(number);
    if (!member) return;
    if (answer.kind === "ready") {
      member.ready = true;
      this.#early = 0;
    }
    this.heard(member, answer);
  }

  #ended(number: number, why: string): void {
    const member = this.members.get(number);
    if (!member) return;
    this.members.delete(number);
    this.lastWords = why;
    if (member.ready) this.replaced++;
    else if (++this.#early >= MOST_DEATHS) this.refused = `${MOST_DEATHS} in a row ${why}`;
    for (const slot of this.heldBy(member)) {
      this.deaths[slot] = (this.deaths[slot] ?? 0) + 1;
      if (this.deaths[slot] >= MOST_DEATHS) {
        this.failure = new UfomError(
          `ufom: a team of threads does a job again whose thread ended, ${MOST_DEATHS} times at most; ${MOST_DEATHS} threads ended on the same one, the last ${why}.`,
        );
        break;
      }
      Atomics.store(this.board.words, this.board.claimAt(slot), claims.free);
    }
    // One that ended between two batches is replaced when there is something to do.
    if (this.#walking && !this.failure) this.fill();
    this.freed();
    this.changed();
  }

  /** The jobs that a thread had begun. */
  protected heldBy(member: Member): number[] {
    const { board } = this,
      held: number[] = [];
    for (let slot = 0; slot < board.slots; slot++)
      if (board.words[board.claimAt(slot)] === member.number && board.words[board.stateAt(slot)] === states.open) held.push(slot);
    return held;
  }

  /** Whether a job may be done here: what has ended a thread is for threads only, as long as there are any. */
  protected mayTake(slot: number): boolean {
    return this.members.size === 0 || (this.here && !this.deaths[slot]);
  }

  /** Whether a job is done. @throws what went wrong with it, or with all */
  protected isDone(slot: number): boolean {
    if (this.failure) throw this.failure;
    const state = Atomics.load(this.board.words, this.board.stateAt(slot));
    if (state === states.failed) throw new UfomError(`ufom: a thread: ${this.board.sentence.replace(/^ufom: /, "")}`);
    return state === states.done;
  }

  /** Waits until something is heard. */
  protected asleep(): Promise<void> {
    return awake(new Promise(resolve => (this.#wake = resolve)));
  }

  protected wake(): void {
    const wake = this.#wake;
    this.#wake = undefined;
    wake?.();
  }
}

/** Waits for something that by itself keeps no process alive. */
export async function awake<T>(promise: Promise<T>): Promise<T> {
  const timer = setInterval(() => undefined, 1000);
  try {
    return await promise;
  } finally {
    clearInterval(timer);
  }
}
