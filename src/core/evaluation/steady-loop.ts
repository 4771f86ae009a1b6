import type { Definition } from "../problem/definitions.js";
import type { Tape } from "./tape.js";

/** After how many rounds of a loop its places are believed to stay. */
const SEEN = 3;
/** Steps after which a loop that did not settle is written down step by step. */
const SOUGHT = 128;

/**
 * A loop of steps that is being written down. Once all its calls go on in the same places, round after round, further rounds are written by
 * their number only, so that what it takes does not grow with them.
 */
export class SteadyLoop {
  #steps = 0;
  /** Calls of a step, if all had as many so far. */
  #calls: number | undefined;
  #written: number;
  readonly #tallies: ReadonlyMap<Definition, number>[];

  /** @param tally calls of each definition; those of further rounds are added to it */
  constructor(
    private readonly tape: Tape,
    private readonly tally: Map<Definition, number>,
  ) {
    this.#written = tape.written;
    this.#tallies = [new Map(tally)];
  }

  /** A step was written down, and so many are left. @returns how many of them are, now */
  goOn(left: number): number {
    const { tape, tally } = this;
    if (this.#steps === SOUGHT || this.#calls === 0) return 0;
    const calls = tape.written - this.#written;
    this.#written = tape.written;
    this.#steps++;
    this.#calls = this.#steps === 1 || calls === this.#calls ? calls : 0;
    this.#tallies.push(new Map(tally));
    const round = tape.standing;
    if (!this.#calls || !round || round.calls % this.#calls > 0) return 0;
    const stepsOfRound = round.calls / this.#calls,
      rounds = Math.floor(left / stepsOfRound);
    if (rounds < 1 || round.times < SEEN || this.#steps < SEEN * stepsOfRound) return 0;
    tape.extend(rounds);
    const before = this.#tallies[this.#steps - stepsOfRound];
    for (const [definition, calls] of tally) tally.set(definition, calls + rounds * (calls - (before.get(definition) ?? 0)));
    this.#steps = SOUGHT;
    return rounds * stepsOfRound;
  }
}
