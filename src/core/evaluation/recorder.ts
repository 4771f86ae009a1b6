import type { Awaitable, Buffer, Executable, Routine, RoutineCall } from "../../executors/executor.js";
import type { Program } from "../../program/program.js";
import { fail } from "../../tensor/error.js";
import type { HostArray, Type } from "../../tensor/types.js";
import { showType, sizeOf } from "../../tensor/types.js";
import type { Definition } from "../problem/definitions.js";
import { isPromise } from "./awaitable.js";
import type { CompiledProblem } from "./compiled-problem.js";
import type { Formula, Machine, State } from "./machine.js";
import { isDefinition } from "./machine.js";
import { Pauses } from "./pauses.js";
import { indexArray } from "./step-index.js";

/** Longer plans are run call by call: what a recording takes must not grow without end with the number of inner steps. */
export const MOST_CALLS = 2 ** 14;
/** Larger ones too: they keep their arrays between runs, and gain nothing. */
export const MOST_ELEMENTS = 2 ** 22;

/** What writing a call down takes, in units of `effortOf`. */
const WRITTEN = 3000;

/** What a recorder throws through a plan that is too long or too large to be worth a routine. */
export class TooLong extends Error {}

/** Memory of a routine that values take turns in. */
interface Slot extends Type {
  readonly number: number;
  /** Values that lie there now; Infinity for what the caller gives, which is never taken for others. */
  users: number;
}

/** A value of the routine that is being written down. */
class RecordedValue implements Buffer {
  /** @param releasable whether a program gave it, and it was not released yet */
  constructor(
    readonly slot: Slot,
    public releasable: boolean,
  ) {}
  get shape() {
    return this.slot.shape;
  }
  get dtype() {
    return this.slot.dtype;
  }
}

const recorded = (value: Buffer): RecordedValue =>
  value instanceof RecordedValue ? value : fail("a plan", "runs programs on what its own machine gave", `another's ${showType(value)}`);
const slotOf = (value: Buffer): Slot => recorded(value).slot;
const numbersOf = (values: readonly Buffer[]): number[] => values.map(value => slotOf(value).number);

/** Calls that may be repeated in other slots. */
export type Pattern = readonly RoutineCall[];
export type Moves = ReadonlyMap<number, Slot>;

/** A machine that runs nothing: it writes down the calls, and in which slots their inputs and outputs lie. */
export class Recorder implements Machine {
  /** Calls of each definition so far. */
  tally = new Map<Definition, number>();
  readonly #parts: RoutineCall[][] = [];
  #calls: RoutineCall[] = [];
  #length = 0;
  #elements = 0;
  readonly #slots: Slot[] = [];
  readonly #given = new Set<Slot>();
  readonly #free = new Map<string, Slot[]>();
  readonly #pauses = new Pauses();
  /** Buffers that lie in the executor's memory already, and the values that stand for them; they come after what the caller gives. */
  readonly #borrowed = new Map<Buffer, RecordedValue>();

  constructor(private readonly compiled: CompiledProblem) {}

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
      const slot = this.#slot(type, Infinity);
      this.#given.add(slot);
      return new RecordedValue(slot, false);
    });
  }

  /** A buffer of the executor, always the same one. */
  borrow(buffer: Buffer): Buffer {
    let value = this.#borrowed.get(buffer);
    if (!value) this.#borrowed.set(buffer, (value = new RecordedValue(this.#slot(buffer, Infinity), false)));
    return value;
  }

  constant(array: HostArray): Buffer {
    return this.borrow(this.compiled.constant(array));
  }

  index(i: number): Buffer {
    return this.constant(indexArray(i));
  }

  run(program: Definition | Formula, ...inputs: readonly State[]): Awaitable<Buffer[]> {
    if (isDefinition(program)) this.tally.set(program, (this.tally.get(program) ?? 0) + 1);
    const given = inputs.flat(),
      write = () => {
        const executable = this.compiled.executable(program, inputs);
        return isPromise(executable) ? executable.then(e => this.note(e, given)) : this.note(executable, given);
      };
    // Whoever asked for the recording may end, but others may wait for the same one: no signal is looked at.
    return this.#pauses.due(WRITTEN) ? this.#pauses.turn().then(write) : write();
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
    this.#push({ executable, inputs: numbersOf(inputs), outputs: numbersOf(outputs) });
  }

  #push(call: RoutineCall): void {
    if (++this.#length > MOST_CALLS) throw new TooLong();
    this.#calls.push(call);
  }

  release(state: State): void {
    for (const given of state) {
      const value = recorded(given),
        { slot } = value;
      if (!value.releasable) fail("release", "takes what this machine's programs gave, once", showType(given));
      value.releasable = false;
      if (--slot.users === 0) this.#freeSlots(slot).push(slot);
    }
  }

  /** The calls since the last part or pattern, taken out of the recording, to be repeated; and what they count as. */
  pattern(): { readonly calls: Pattern; readonly tally: ReadonlyMap<Definition, number> } {
    const taken = { calls: this.#calls, tally: this.tally };
    this.#length -= this.#calls.length;
    this.#calls = [];
    this.tally = new Map();
    return taken;
  }

  /** Frees all slots that programs wrote to: the next pattern may take them, as it never runs within this one. */
  freeAll(): void {
    for (const slot of this.#slots)
      if (slot.users > 0 && slot.users !== Infinity) {
        slot.users = 0;
        this.#freeSlots(slot).push(slot);
      }
  }

  /** From here on, no slot that was written to is taken for another value. */
  seal(): void {
    this.#free.clear();
  }

  /** A slot of its own for a value of a type; nothing else comes to lie there. */
  own(type: Type): Buffer {
    this.#grow(type);
    return new RecordedValue(this.#slot(type, Infinity), false);
  }

  /** Whether a value is one that the routine is given, or a borrowed one. */
  isGiven(value: Buffer): boolean {
    return slotOf(value).users === Infinity;
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

  /** Calls of a pattern in other slots. */
  repeat(calls: Pattern, moves: Moves): void {
    const moved = (at: number) => moves.get(at)?.number ?? at;
    for (const { executable, inputs, outputs } of calls) this.#push({ executable, inputs: inputs.map(moved), outputs: outputs.map(moved) });
  }

  /** Ends a part: calls that are played together. @returns its number */
  part(): number {
    this.#parts.push(this.#calls);
    this.#calls = [];
    return this.#parts.length - 1;
  }

  /** What was written down, with some values as its outputs; `borrowed` are the inputs that come after those that were asked for. */
  routine(outputs: State): { readonly routine: Routine; readonly borrowed: readonly Buffer[] } {
    const borrowed = new Set([...this.#borrowed.values()].map(({ slot }) => slot)),
      given = this.#given;
    const order = [...given, ...borrowed, ...this.#slots.filter(s => !given.has(s) && !borrowed.has(s))],
      renumbered = new Map(order.map((slot, i) => [slot.number, i])),
      renumber = (at: number) => renumbered.get(at)!;
    const parts = this.#parts.map(part =>
      part.map(({ executable, inputs, outputs: written }) => ({
        executable,
        inputs: inputs.map(renumber),
        outputs: written.map(renumber),
      })),
    );
    const routine = {
      places: order.map(({ shape, dtype }) => ({ shape, dtype })),
      inputs: given.size + borrowed.size,
      parts,
      outputs: numbersOf(outputs).map(renumber),
    };
    return { routine, borrowed: [...this.#borrowed.keys()] };
  }

  #again(slot: Slot): RecordedValue {
    slot.users++;
    return new RecordedValue(slot, true);
  }

  #grow({ shape }: Type): void {
    this.#elements += sizeOf(shape);
    if (this.#elements > MOST_ELEMENTS) throw new TooLong();
  }

  #slot({ shape, dtype }: Type, users: number): Slot {
    const slot = { shape, dtype, users, number: this.#slots.length };
    this.#slots.push(slot);
    return slot;
  }

  #freeSlots({ shape, dtype }: Type): Slot[] {
    const key = `${dtype} ${shape.join()}`,
      known = this.#free.get(key) ?? [];
    this.#free.set(key, known);
    return known;
  }

  #take(type: Type): Slot {
    const slot = this.#freeSlots(type).pop();
    if (!slot) {
      this.#grow(type);
      return this.#slot(type, 1);
    }
    slot.users = 1;
    return slot;
  }
}

/** For a program that only hands inputs on: which, for each output. */
function passedThrough({ nodes, outputs }: Program): number[] | undefined {
  const indices = outputs.map(o => (nodes[o].op === "input" ? (nodes[o].params as { readonly index: number }).index : -1));
  return indices.includes(-1) ? undefined : indices;
}
