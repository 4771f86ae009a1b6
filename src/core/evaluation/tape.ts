import type { Executable, RoutineSequence, RoutineStep } from "../../executors/executor.js";
import type { Entry, Form, Stretch } from "./forms.js";
import { flat, Forms } from "./forms.js";
import { fitsInSequence, Sequence } from "./sequence.js";

/**
 * What is written down, with loops: a stretch that came three times, all its numbers moving on evenly, is one loop, and a stretch that goes on
 * like the loop before it is one more round of that. Loops take part in that as calls do, and so come to lie in each other. Of what has no such
 * rhythm, once it is long, each kind of step is held once, and the order in which they come.
 *
 * Source: A. Ketterlin and P. Clauss, Prediction and trace compression of data access addresses through nested loop recognition, CGO 2008.
 */

/** Stretches of at most so many steps are looked for. */
const LONGEST = 32;
/** So many of the last steps still may become rounds of a loop. */
const STILL_SOUGHT = 4 * LONGEST;
/** A place that moves on does so by at most so many places a round. */
const FARTHEST = 4096;

/** Types of places, each by a number of its own; places of the caller have negative numbers, and no type here. */
export type PlaceTypes = readonly number[];

/** A list of steps that is written from its beginning to its end. */
export class Tape {
  /** What comes to be longer than this becomes a sequence, but for the last steps. */
  static get long(): number {
    return 2 ** 14;
  }

  readonly #forms = new Forms();
  #entries: Entry[] = [];
  /** What came before and stays as it is; at its end the sequence that steps are added to. */
  #ended: Entry[] = [];
  #sequence: Sequence | undefined;
  /** Kinds in sequences that are ended. */
  #kinds = 0;
  /** Calls that were pushed so far. */
  written = 0;
  /** Numbers that sequences hold beside their kinds, of all that was written so far. */
  numbers = 0;

  /** @param types those of the places so far; it grows with them */
  constructor(private readonly types: PlaceTypes) {}

  /** Steps; those of a sequence by its kinds. */
  get length(): number {
    return this.#entries.length + this.#ended.length + this.#kinds + (this.#sequence?.kinds ?? 0);
  }

  /** Writes a call down. @param isPlace which of the numbers are places; the others are indices */
  push(executable: Executable, numbers: number[], isPlace: readonly boolean[]): void {
    this.written++;
    this.#entries.push({ form: this.#forms.call(executable, isPlace), numbers, low: numbers, high: numbers });
    while (this.#goesOn() || this.#folds());
    if (this.#entries.length > Tape.long) this.#end(this.#entries.splice(0, Math.max(this.#entries.length - STILL_SOUGHT, Tape.long >> 1)));
  }

  /** Steps that are not looked at any more become a sequence. */
  #end(entries: Stretch): void {
    for (const entry of entries) {
      if (fitsInSequence(entry)) this.numbers += (this.#sequence ??= new Sequence()).push(entry);
      else {
        this.#endSequence();
        this.#ended.push(entry);
      }
    }
  }

  #endSequence(): void {
    if (!this.#sequence) return;
    this.#kinds += this.#sequence.kinds;
    this.#ended.push(this.#sequence.entry(this.#forms));
    this.#sequence = undefined;
  }

  /** What was written, taken out. */
  take(): Stretch {
    this.#endSequence();
    const taken = this.#ended.length ? [...this.#ended, ...this.#entries] : this.#entries;
    this.#entries = [];
    this.#ended = [];
    this.#kinds = 0;
    return taken;
  }

  /** Writes steps down again, in other places; those that move on stay. */
  repeat(stretch: Stretch, moved: (place: number) => number): void {
    for (const { form, numbers, ...rest } of stretch) {
      this.#kinds += form.kinds?.length ?? 0;
      this.#entries.push({ form, numbers: numbers.map((n, i) => (form.isPlace[i] ? moved(n) : n)), ...rest });
    }
  }

  /** If the last step is a loop of calls whose places all stay: how many calls a round has, and how often it goes round. */
  get standing(): { readonly calls: number; readonly times: number } | undefined {
    const last = this.#entries.at(-1);
    if (!last?.form.body || last.form.body.some(f => f.body)) return undefined;
    const { body, strides, isPlace } = last.form;
    return strides.some((stride, i) => stride !== 0 && isPlace[i + 1]) ? undefined : { calls: body.length, times: last.numbers[0] };
  }

  /** Lets the loop that `standing` told of go round more often. */
  extend(rounds: number): void {
    this.#entries[this.#entries.length - 1].numbers[0] += rounds;
    while (this.#goesOn() || this.#folds());
  }

  /** Whether the last steps were one more round of the loop before them, and are now. */
  #goesOn(): boolean {
    const entries = this.#entries,
      n = entries.length;
    for (let b = 1; b <= LONGEST && b < n; b++) {
      const loop = entries[n - 1 - b],
        { body, strides } = loop.form;
      if (body?.length !== b) continue;
      const [times, ...first] = loop.numbers,
        round = entries.slice(n - b);
      if (round.some(({ form }, i) => form !== body[i])) continue;
      if (flat(round, "numbers").some((number, i) => number !== first[i] + times * strides[i])) continue;
      const low = flat(round, "low"),
        high = flat(round, "high");
      if (!this.#widen(loop, strides, low, high)) continue;
      entries.length = n - b;
      loop.numbers[0]++;
      return true;
    }
    return false;
  }

  /** Whether the last steps came three times, and are a loop now. */
  #folds(): boolean {
    const entries = this.#entries,
      n = entries.length;
    for (let b = 1; b <= LONGEST && 3 * b <= n; b++) {
      if (!this.#repeats(b)) continue;
      const [first, second, third] = [3, 2, 1].map(back => entries.slice(n - back * b, n - (back - 1) * b)),
        [x, y, z] = [first, second, third].map(part => flat(part, "numbers")),
        strides = y.map((number, i) => number - x[i]);
      if (strides.some((stride, i) => z[i] - y[i] !== stride)) continue;
      const form = this.#forms.loop(
          first.map(entry => entry.form),
          strides,
        ),
        loop: Entry = { form, numbers: [3, ...x], low: [3, ...flat(first, "low")], high: [3, ...flat(first, "high")] };
      if (![second, third].every(part => this.#widen(loop, strides, flat(part, "low"), flat(part, "high")))) continue;
      entries.length = n - 3 * b;
      entries.push(loop);
      return true;
    }
    return false;
  }

  /** Whether the last b steps are alike those before them, and those before. */
  #repeats(b: number): boolean {
    const entries = this.#entries,
      n = entries.length;
    for (let i = n - 1; i >= n - b; i--) {
      const { form } = entries[i];
      if (form.kinds) return false;
      if (entries[i - b].form !== form || entries[i - 2 * b].form !== form) return false;
    }
    return true;
  }

  /** Lets the numbers of a loop move over those of one more round, unless a place that moves on would not do so evenly in memory. */
  #widen(loop: Entry, strides: readonly number[], low: readonly number[], high: readonly number[]): boolean {
    const lows = [...loop.low],
      highs = [...loop.high];
    for (let i = 0; i < strides.length; i++) {
      const [from, to] = [lows[i + 1], highs[i + 1]];
      lows[i + 1] = Math.min(from, low[i]);
      highs[i + 1] = Math.max(to, high[i]);
      const stride = Math.abs(strides[i]);
      if (stride === 0 || !loop.form.isPlace[i + 1]) continue;
      if (lows[i + 1] < 0 || stride > FARTHEST) return false;
      if (!this.#isEven(lows[i + 1], Math.min(from - 1, highs[i + 1] - stride), stride)) return false;
      if (!this.#isEven(Math.max(lows[i + 1], to - stride + 1), highs[i + 1] - stride, stride)) return false;
    }
    loop.low = lows;
    loop.high = highs;
    return true;
  }

  /** Whether the types of some places are those of the places a stride further on. */
  #isEven(from: number, to: number, stride: number): boolean {
    for (let place = from; place <= to; place++) if (this.types[place] !== this.types[place + stride]) return false;
    return true;
  }
}

/** Places that something in a stretch moves over, as pairs of the first and the last. */
export function passedOver(stretch: Stretch): (readonly [first: number, last: number])[] {
  return stretch.flatMap(({ form, low, high }) =>
    form.isPlace.flatMap((isPlace, i) => (isPlace && low[i] < high[i] ? [[low[i], high[i]] as const] : [])),
  );
}

/** Steps as a routine has them. @param place a place's number there */
export function stepsOf(stretch: Stretch, place: (number: number) => number): (RoutineStep | RoutineSequence)[] {
  return stretch.map(({ form, numbers }) => {
    const all = numbers[Symbol.iterator]();
    if (!form.kinds || !form.order) return stepOf(form, all, place);
    return { kinds: form.kinds.map(kind => stepOf(kind, all, place)), order: form.order };
  });
}

function stepOf(form: Form, numbers: Iterator<number>, place: (number: number) => number): RoutineStep {
  const next = () => numbers.next().value as number;
  if (form.body) {
    const times = next();
    return { times, body: form.body.map(f => stepOf(f, numbers, place)), strides: form.strides };
  }
  const inputs: RoutineStep extends infer S ? (S extends { inputs: infer I } ? I : never) : never = form.isPlace
    .slice(0, form.inputs)
    .map(isPlace => (isPlace ? place(next()) : { index: next() }));
  const outputs = form.isPlace.slice(form.inputs).map(() => place(next()));
  return { executable: form.executable!, inputs, outputs };
}
