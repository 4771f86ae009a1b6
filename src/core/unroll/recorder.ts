import type { Awaitable, Buffer, Executable, Routine, RoutineCall } from "../../executors/executor.js";
import type { Program } from "../../program/program.js";
import type { Type } from "../../tensor/types.js";
import { sizeOf } from "../../tensor/types.js";
import { isPromise } from "../evaluation/awaitable.js";
import type { Kernels } from "../evaluation/compiled-problem.js";
import type { Machine, ThetaBuffers } from "../evaluation/machine.js";
import type { State } from "../memory/strategy.js";
import type { ProblemPrograms, ProgramName } from "../problem/programs.js";

/** Memory of a routine that values take turns in. */
interface Room extends Type {
  readonly number: number;
  /** Values that lie there now; what the caller gives is never taken for others. */
  users: number;
}

/** A value of the routine that is being written down. */
class Noted implements Buffer {
  constructor(readonly room: Room) {}
  get shape() {
    return this.room.shape;
  }
  get dtype() {
    return this.room.dtype;
  }
}

/** Where values lie. */
const placesOf = (values: readonly Buffer[]): number[] => (values as readonly Noted[]).map(({ room }) => room.number);

/** A machine that runs nothing: it writes down the calls, and where their inputs and outputs lie. */
export class Recorder implements Machine {
  readonly programs: ProblemPrograms;
  readonly #parts: RoutineCall[][] = [[]];
  readonly #rooms: Room[] = [];
  readonly #free = new Map<string, Room[]>();
  /** Buffers of the kernels that the routine reads, after what the caller gives. */
  readonly #lent = new Map<Buffer, Noted>();

  constructor(private readonly kernels: Kernels) {
    this.programs = kernels.programs;
  }

  /** Values that the routine is given; all of them come before the first call. */
  inputs(types: readonly Type[]): State {
    return types.map(type => new Noted(this.#room(type, Infinity)));
  }

  /** From here on, calls belong to the next part. */
  nextPart(): void {
    this.#parts.push([]);
  }

  /** The calls so far, to be repeated: from now on nothing else comes to lie where they write. */
  pattern(): readonly RoutineCall[] {
    this.#free.clear();
    return this.#parts.flat();
  }

  /** Calls once more, with some inputs in the places of others. */
  repeat(calls: readonly RoutineCall[], inputs: State, others: State): void {
    const from = placesOf(inputs),
      to = placesOf(others),
      other = (place: number) => to[from.indexOf(place)] ?? place;
    for (const call of calls) this.#parts[this.#parts.length - 1].push({ ...call, inputs: call.inputs.map(other) });
  }

  call(name: ProgramName, inputs: readonly Buffer[]): Awaitable<Buffer[]> {
    return this.note(this.kernels.compile(name), inputs);
  }

  add(a: readonly Buffer[], b: readonly Buffer[]): Awaitable<Buffer[]> {
    return this.note(this.kernels.adder(a), [...a, ...b]);
  }

  index(j: number): Buffer {
    return this.#lend(this.kernels.index(j));
  }

  zeros(leaves: readonly number[]): ThetaBuffers {
    return this.kernels.zeros(leaves).map(buffer => this.#lend(buffer));
  }

  release(state: State): void {
    for (const { room } of state as readonly Noted[]) {
      if (--room.users === 0) this.#freeRooms(room).push(room);
    }
  }

  /** What was written down, with some values as its outputs; `lent` are the inputs that come after those that were asked for. */
  routine(outputs: readonly Buffer[]): { readonly routine: Routine; readonly lent: State } {
    const isInput = (room: Room) => room.users === Infinity,
      order = [...this.#rooms.filter(isInput), ...this.#rooms.filter(room => !isInput(room))],
      positions = new Map(order.map((room, i) => [room.number, i])),
      renumber = (place: number) => positions.get(place)!;
    const parts = this.#parts.map(part =>
      part.map(call => ({ ...call, inputs: call.inputs.map(renumber), outputs: call.outputs.map(renumber) })),
    );
    const routine = {
      places: order.map(({ shape, dtype }) => ({ shape, dtype })),
      inputs: order.filter(isInput).length,
      parts,
      outputs: placesOf(outputs).map(renumber),
    };
    return { routine, lent: [...this.#lent.keys()] };
  }

  /** Writes down a call of any executable. */
  note(executable: Awaitable<Executable>, inputs: readonly Buffer[]): Awaitable<Buffer[]> {
    if (isPromise(executable)) return executable.then(e => this.note(e, inputs));
    const { program } = executable,
      passed = passedThrough(program);
    if (passed) return passed.map(i => this.#again(inputs[i] as Noted));
    const outputs = program.outputs.map(o => new Noted(this.#take(program.nodes[o])));
    this.#parts[this.#parts.length - 1].push({ executable, inputs: placesOf(inputs), outputs: placesOf(outputs) });
    return outputs;
  }

  #lend(buffer: Buffer): Buffer {
    let noted = this.#lent.get(buffer);
    if (!noted) this.#lent.set(buffer, (noted = new Noted(this.#room(buffer, Infinity))));
    return noted;
  }

  #again({ room }: Noted): Noted {
    room.users++;
    return new Noted(room);
  }

  #room({ shape, dtype }: Type, users: number): Room {
    const room = { shape, dtype, users, number: this.#rooms.length };
    this.#rooms.push(room);
    return room;
  }

  #freeRooms({ shape, dtype }: Type): Room[] {
    const key = `${dtype} ${shape.join()}`,
      known = this.#free.get(key) ?? [];
    this.#free.set(key, known);
    return known;
  }

  #take(type: Type): Room {
    const room = this.#freeRooms(type).pop();
    if (!room) return this.#room(type, 1);
    room.users = 1;
    return room;
  }
}

/** For a program that only hands inputs on: which, for each output. */
function passedThrough({ nodes, outputs }: Program): number[] | undefined {
  const indices = outputs.map(o => (nodes[o].op === "input" ? (nodes[o].params as { readonly index: number }).index : -1));
  return indices.includes(-1) ? undefined : indices;
}

/** Elements of places, which are what a routine keeps between its runs. */
export const elementsOf = (types: readonly Type[]): number => types.reduce((sum, { shape }) => sum + sizeOf(shape), 0);
