import type { Awaitable, Buffer, Executable, Routine } from "../../executors/executor.js";
import type { Program } from "../../program/program.js";
import { fail } from "../../tensor/error.js";
import type { HostArray, Type } from "../../tensor/types.js";
import { bytesOf, showType, sizeOf } from "../../tensor/types.js";
import type { Definition } from "../problem/definitions.js";
import { isPromise } from "./awaitable.js";
import type { CompiledProblem } from "./compiled-problem.js";
import type { Formula, Machine, State } from "./machine.js";
import { isDefinition } from "./machine.js";
import { Pauses } from "./pauses.js";
import type { Kind, Slot } from "./recorded-values.js";
import { giveBack, Kinds, numberOf, recorded, RecordedIndex, RecordedValue, slotOf } from "./recorded-values.js";
import { indexArray } from "./step-index.js";
import { SteadyLoop } from "./steady-loop.js";
import type { Stretch } from "./forms.js";
import { passedOver, stepsOf, Tape } from "./tape.js";

/** A routine has at most so many steps, a loop counting as those of one round, a sequence by its kinds; what is longer is run call by call. */
export const MOST_STEPS = 2 ** 18;
/** Sequences hold at most so many numbers: that many millions of visits of a strategy without rhythm take four times as many megabytes. */
const MOST_NUMBERS = 2 ** 24;

/** What writing a call down takes, in units of `effortOf`. */
const WRITTEN = 3000;

/** What a recorder throws through a plan that is too long for a routine, or too large for the memory. */
export class TooLong extends Error {}

/** Slots by number that others are put in the places of. */
export type Moves = ReadonlyMap<number, Slot>;

/** A machine that runs nothing: it writes down the calls, and in which slots their inputs and outputs lie; what repeats becomes a loop. */
export class Recorder implements Machine {
  /** Calls of each definition so far. */
  tally = new Map<Definition, number>();
  /** The routine's own slots by number, and their kinds. */
  readonly #slots: Slot[] = [];
  readonly #kindIds: number[] = [];
  readonly #kinds = new Kinds();
  readonly #tape = new Tape(this.#kindIds);
  readonly #parts: Stretch[] = [];
  /** Steps in parts and in patterns that were repeated. */
  #steps = 0;
  #bytes = 0;
  /** Slots that the caller gives. */
  #outside = 0;
  readonly #given: Slot[] = [];
  /** Buffers that lie in the executor's memory already, and the values that stand for them; they come after what the caller gives. */
  readonly #borrowed = new Map<Buffer, RecordedValue>();
  readonly #pauses: Pauses;
  /** Bytes that the executor has room for. */
  readonly #room: number;

  /** @param signal of who waits for the recording: there is none left to wait for it */
  constructor(
    private readonly compiled: CompiledProblem,
    signal?: AbortSignal,
  ) {
    const { executor } = compiled;
    this.#pauses = new Pauses(signal);
    this.#room = (executor.capacity ?? Infinity) - executor.usage().bytes;
  }

  get programs() {
    return this.compiled.programs;
  }

  get steps() {
    return this.compiled.steps;
  }

  get capacity() {
    return this.compiled.capacity;
  }

  /** Values that the routine is given when it runs. */
  inputs(types: readonly Type[]): State {
    return types.map(type => {
      const value = this.#fromOutside(type);
      this.#given.push(value.slot);
      return value;
    });
  }

  /** A buffer of the executor, always the same one. */
  borrow(buffer: Buffer): Buffer {
    return this.#borrow(buffer);
  }

  #borrow(buffer: Buffer): RecordedValue {
    let value = this.#borrowed.get(buffer);
    if (!value) this.#borrowed.set(buffer, (value = this.#fromOutside(buffer)));
    return value;
  }

  #fromOutside(type: Type): RecordedValue {
    return new RecordedValue({ kind: this.#kinds.of(type), users: Infinity, number: -++this.#outside }, false);
  }

  constant(array: HostArray): Buffer {
    return this.#borrow(this.compiled.constant(array));
  }

  readonly #indexConstant = (i: number): RecordedValue => this.#borrow(this.compiled.constant(indexArray(i)));

  index(i: number): Buffer {
    return new RecordedIndex(i, this.#indexConstant);
  }

  run(program: Definition | Formula, ...inputs: readonly State[]): Awaitable<Buffer[]> {
    if (isDefinition(program)) this.tally.set(program, (this.tally.get(program) ?? 0) + 1);
    if (this.#pauses.due(WRITTEN)) return this.#pauses.pause().then(() => this.#write(program, inputs));
    return this.#write(program, inputs);
  }

  #write(program: Definition | Formula, inputs: readonly State[]): Awaitable<Buffer[]> {
    const executable = this.compiled.executable(program, inputs),
      given: Buffer[] = [];
    // Not `flat`, which takes longer than all the rest.
    for (const list of inputs) for (let i = 0; i < list.length; i++) given.push(list[i]);
    return isPromise(executable) ? executable.then(e => this.note(e, given)) : this.note(executable, given);
  }

  async iterate(start: State, first: number, last: number, step: (x: State, j: number) => Awaitable<State>): Promise<State> {
    const loop = new SteadyLoop(this.#tape, this.tally);
    let x = start;
    for (let j = first; j <= last; j++) {
      const next = step(x, j),
        state = isPromise(next) ? await next : next;
      this.release(x);
      x = state;
      // From where all goes on in the same places, nothing is written down but how often.
      j += loop.goOn(last - j);
    }
    return x;
  }

  /** Writes down a call of an executable. */
  note(executable: Executable, inputs: State): Buffer[] {
    const { program } = executable,
      passed = passedThrough(program);
    if (passed) return passed.map(i => this.#again(slotOf(inputs[i])));
    const outputs = program.outputs.map(o => new RecordedValue(this.#take(program.nodes[o]), true));
    this.into(executable, inputs, outputs);
    return outputs;
  }

  /** Writes down a call whose outputs go where the caller says, which is none of its inputs. */
  into(executable: Executable, inputs: State, outputs: State): void {
    const numbers: number[] = [],
      isPlace: boolean[] = [];
    for (const input of inputs) {
      numbers.push(numberOf(input));
      isPlace.push(!(input instanceof RecordedIndex));
    }
    for (const output of outputs) {
      numbers.push(slotOf(output).number);
      isPlace.push(true);
    }
    this.#tape.push(executable, numbers, isPlace);
    if (this.#steps + this.#tape.length > MOST_STEPS || this.#tape.numbers > MOST_NUMBERS) throw new TooLong();
  }

  release(state: State): void {
    for (const given of state) {
      const value = recorded(given),
        { slot } = value;
      if (!value.releasable) fail("release", "takes what this machine's programs gave, once", showType(given));
      value.releasable = false;
      if (--slot.users === 0) giveBack(slot);
    }
  }

  /** The steps since the last part or pattern, taken out of the recording, to be repeated; and what they count as. */
  pattern(): { readonly steps: Stretch; readonly tally: ReadonlyMap<Definition, number> } {
    const taken = { steps: this.#tape.take(), tally: this.tally };
    this.tally = new Map();
    return taken;
  }

  /** Frees all slots that programs wrote to: the next pattern may take them, from the first on, as it never runs within this one. */
  freeAll(): void {
    this.seal();
    for (let i = this.#slots.length - 1; i >= 0; i--) {
      const slot = this.#slots[i];
      if (slot.users === Infinity) continue;
      slot.users = 0;
      slot.kind.free.push(slot);
    }
  }

  /** From here on, no slot that was written to is taken for another value. */
  seal(): void {
    for (const { free } of this.#kinds) free.length = 0;
  }

  /** A slot of its own for a value of a type; nothing else comes to lie there. */
  own(type: Type): Buffer {
    return new RecordedValue(this.#slot(this.#kinds.of(type), Infinity), false);
  }

  /** Whether a value is one that the routine is given, or a borrowed one. */
  isGiven(value: Buffer): boolean {
    return slotOf(value).users === Infinity;
  }

  /** Whether a value of a pattern may be moved: no loop there passes over its slot on its way. */
  isMovable(value: Buffer, steps: Stretch): boolean {
    const { number } = slotOf(value);
    return passedOver(steps).every(([first, last]) => number < first || number > last);
  }

  /** A map of slots that puts some values in the places of others. */
  moves(from: State, to: State): Moves {
    return new Map(from.map((value, i) => [slotOf(value).number, slotOf(to[i])]));
  }

  /** A value in the slot that another is moved to. */
  moved(value: Buffer, moves: Moves): Buffer {
    const to = moves.get(slotOf(value).number);
    return to ? new RecordedValue(to, false) : value;
  }

  /** Writes down the steps of a pattern in other slots. */
  repeat(steps: Stretch, moves: Moves): void {
    this.#tape.repeat(steps, at => moves.get(at)?.number ?? at);
  }

  /** Ends a part: steps that are played together. @returns its number */
  part(): number {
    this.#steps += this.#tape.length;
    if (this.#steps > MOST_STEPS) throw new TooLong();
    this.#parts.push(this.#tape.take());
    return this.#parts.length - 1;
  }

  /** What was written down, which ends with it, with some values as its outputs; `borrowed` are the inputs that come after those that were asked for. */
  routine(outputs: State): { readonly routine: Routine; readonly borrowed: readonly Buffer[] } {
    // What is borrowed for the outputs' sake counts as well.
    const results = outputs.map(output => slotOf(output).number),
      outside = [...this.#given, ...[...this.#borrowed.values()].map(({ slot }) => slot)],
      order = new Map(outside.map(({ number }, i) => [number, i])),
      place = (number: number) => (number < 0 ? order.get(number)! : outside.length + number);
    const routine = {
      places: [...outside, ...this.#slots].map(({ kind }) => kind.type),
      inputs: outside.length,
      parts: this.#parts.map(part => stepsOf(part, place)),
      outputs: results.map(place),
    };
    this.#forget();
    return { routine, borrowed: [...this.#borrowed.keys()] };
  }

  /** Lets go of what grows with the number of states: values that are still held lead to here. */
  #forget(): void {
    this.seal();
    for (const list of [this.#slots, this.#kindIds, this.#parts]) list.length = 0;
  }

  #again(slot: Slot): RecordedValue {
    slot.users++;
    return new RecordedValue(slot, true);
  }

  #slot(kind: Kind, users: number): Slot {
    const { shape, dtype } = kind.type;
    this.#bytes += sizeOf(shape) * bytesOf[dtype];
    if (this.#bytes > this.#room) throw new TooLong();
    const slot = { kind, users, number: this.#slots.length };
    this.#slots.push(slot);
    this.#kindIds.push(kind.id);
    return slot;
  }

  #take(type: Type): Slot {
    const kind = this.#kinds.of(type),
      slot = kind.free.pop();
    if (!slot) return this.#slot(kind, 1);
    slot.users = 1;
    return slot;
  }
}

/** For a program that only hands inputs on: which, for each output. */
function passedThrough({ nodes, outputs }: Program): number[] | undefined {
  const indices = outputs.map(o => (nodes[o].op === "input" ? (nodes[o].params as { readonly index: number }).index : -1));
  return indices.includes(-1) ? undefined : indices;
}
