import type { Interruption } from "../../executors/executor.js";
import { inPage, nextTurn } from "./next-turn.js";

/** The clock and the event loop; tests bring their own. */
export interface Surroundings {
  /** Milliseconds since some moment. */
  now(): number;
  /** A turn of the event loop. */
  turn(): Promise<void>;
}

/**
 * Milliseconds of computing between two turns of the event loop: half of a frame in a page, so that as much is left for the page's own work; in
 * Node a fifth of what people notice. What cannot be cut (one call of a program, compiling one) comes on top.
 */
export const STRETCH = inPage ? 8 : 20;

/** The clock is looked at about this often, in milliseconds, however long calls take here. */
const LOOK = 1;
/** The most effort between two looks; it begins with one after the first call, as nobody knows how long they take. A unit is about a nanosecond. */
const MOST = 2 ** 22;

/** When the event loop turned last, for all that computes in this thread; the clock is looked at rarely. */
export class Pace {
  #turned: number;
  #looked: number;
  #effort = 0;
  #between = 1;
  #late = false;

  constructor(
    private readonly around: Surroundings = { now: () => performance.now(), turn: nextTurn },
    private readonly stretch = STRETCH,
  ) {
    this.#turned = this.#looked = around.now();
  }

  /** Whether the loop should turn, so much effort after it was asked last. It stays so until the loop has turned. */
  due(effort: number): boolean {
    this.#effort += effort;
    if (this.#effort < this.#between) return this.#late;
    const now = this.around.now(),
      spent = now - this.#looked;
    if (spent > 2 * LOOK) this.#between = Math.max(1, (this.#between * LOOK) / spent);
    else if (spent < LOOK / 2) this.#between = Math.min(MOST, 2 * this.#between);
    this.#looked = now;
    this.#effort = 0;
    return (this.#late = now - this.#turned >= this.stretch);
  }

  /** Turns the loop. */
  async turn(): Promise<void> {
    await this.around.turn();
    this.#turned = this.#looked = this.around.now();
    this.#effort = 0;
    this.#late = false;
  }
}

const shared = new Pace();

/** Where an evaluation lets the event loop turn, and hears that it is to end. */
export class Pauses implements Interruption {
  /** Milliseconds that were spent waiting, which are nobody's work. */
  waited = 0;

  constructor(
    readonly signal?: AbortSignal,
    private readonly pace = shared,
  ) {}

  /** Whether it is time to pause, so much effort later. */
  due(effort: number): boolean {
    return this.pace.due(effort);
  }

  /** Lets the event loop turn. */
  async turn(): Promise<void> {
    const since = performance.now();
    await this.pace.turn();
    this.waited += performance.now() - since;
  }

  /** The same within an evaluation. @throws the signal's reason, if it was aborted */
  async pause(): Promise<void> {
    await this.turn();
    this.signal?.throwIfAborted();
  }
}
