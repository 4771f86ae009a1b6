import type { Executable } from "../../executors/executor.js";

/** What steps are like beside their numbers; alike ones are one object. */
export interface Form {
  /** Its place among forms. */
  readonly id: number;
  /** Which of its numbers are places. */
  readonly isPlace: readonly boolean[];
  /** For a call. */
  readonly executable?: Executable;
  readonly inputs: number;
  /** For a loop. */
  readonly body?: readonly Form[];
  readonly strides: readonly number[];
  /** For a sequence. */
  readonly kinds?: readonly Form[];
  readonly order?: Int32Array;
}

/** A step: a call, a sequence with the numbers of its kinds, or a loop with the numbers of its first round after how often it goes round. */
export interface Entry {
  readonly form: Form;
  readonly numbers: number[];
  /** Between which numbers each of them moves within the step. */
  low: readonly number[];
  high: readonly number[];
}

/** Steps that may be written down again in other places. */
export type Stretch = readonly Entry[];

/** Forms of calls and loops, each once, and of sequences. */
export class Forms {
  readonly #calls = new Map<Executable, Form[]>();
  readonly #loops = new Map<string, Form>();
  #count = 0;

  call(executable: Executable, isPlace: readonly boolean[]): Form {
    let known = this.#calls.get(executable);
    if (!known) this.#calls.set(executable, (known = []));
    let form = known.find(f => f.isPlace.every((is, i) => is === isPlace[i]));
    if (!form) known.push((form = { id: this.#count++, executable, inputs: executable.program.inputs.length, isPlace, strides: [] }));
    return form;
  }

  loop(body: readonly Form[], strides: readonly number[]): Form {
    const key = `${body.map(({ id }) => id).join()};${strides.join()}`;
    let form = this.#loops.get(key);
    if (!form) {
      const isPlace = [false, ...body.flatMap(f => f.isPlace)];
      this.#loops.set(key, (form = { id: this.#count++, body, strides, inputs: 0, isPlace }));
    }
    return form;
  }

  sequence(kinds: readonly Form[], order: Int32Array): Form {
    return { id: this.#count++, kinds, order, isPlace: kinds.flatMap(kind => kind.isPlace), inputs: 0, strides: [] };
  }
}

export function flat(entries: Stretch, which: "numbers" | "low" | "high"): readonly number[] {
  if (entries.length === 1) return entries[0][which];
  const all: number[] = [];
  for (const entry of entries) for (const number of entry[which]) all.push(number);
  return all;
}
