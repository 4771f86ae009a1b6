import { fail } from "../../tensor/error.js";
import { sameShape, showType } from "../../tensor/types.js";
import type { Awaitable, Buffer, Interruption, LinkedRoutine, Routine } from "../executor.js";
import type { FunctionTable } from "./function-table.js";
import type { WasmExecutable } from "./executable.js";
import type { Heap } from "./heap.js";
import { HeapBuffer } from "./heap.js";
import { range } from "../../compiler/graph/view.js";
import { replayIn } from "./replay.js";
import { RoutineCode } from "./routine-code.js";
import { RoutineMemory } from "./routine-memory.js";
import { Progress } from "./routine-progress.js";

/** A routine as calls and loops in memory, which WebAssembly goes through by itself. */
export class WasmRoutine implements LinkedRoutine {
  readonly seconds: number[];
  private readonly types: Routine["places"];
  private readonly outputPlaces: readonly number[];
  private readonly executables: readonly WasmExecutable[];
  private readonly code: { readonly pointer: number; readonly bytes: number };
  private readonly memory: RoutineMemory;
  private readonly progress: Progress;
  private readonly all: readonly number[];
  /** The words that hold the pointer of each input. */
  private readonly positions: readonly (readonly number[])[];
  /** The inputs of the last run. */
  private readonly given: (HeapBuffer | undefined)[];
  private readonly pointers: Int32Array;
  readonly outputs: Buffer[];
  private disposed = false;

  constructor(
    routine: Routine,
    private readonly heap: Heap,
    functions: FunctionTable,
    private readonly onDispose: (routine: WasmRoutine) => void = () => {},
  ) {
    const { places, inputs, outputs } = routine,
      code = new RoutineCode(routine),
      { allocator } = heap;
    this.types = places.slice(0, inputs);
    this.outputPlaces = outputs;
    this.seconds = routine.parts.map(() => 0);
    this.all = range(routine.parts.length);
    this.given = new Array<undefined>(inputs).fill(undefined);
    this.pointers = new Int32Array(inputs);
    this.memory = new RoutineMemory(heap, routine, code);
    try {
      this.code = { pointer: allocator.take(code.bytes), bytes: code.bytes };
    } catch (error) {
      this.memory.dispose();
      throw error;
    }
    const { pointer } = this.code,
      first = code.tablesAt(pointer);
    this.executables = [...code.executables].map(executable => executable.shared());
    this.positions = code.inputsAt.map(words => words.map(at => at + first));
    this.progress = new Progress(code.nodesAt(pointer), replayIn(allocator.memory, functions), heap);
    code.into(heap.words(), pointer, this.memory.places, this.memory.results);
    this.memory.pointedToBy(code.ownAt.map(at => at + first));
    this.outputs = outputs.map(place => (place < inputs ? places[place] : this.memory.output(place)));
  }

  run(inputs: readonly Buffer[], parts: readonly number[] = this.all, timed = true): readonly Buffer[] {
    this.begin(inputs, parts, timed);
    try {
      this.goOn(timed, undefined);
    } finally {
      this.end();
    }
    return this.outputs;
  }

  runWithPauses(
    inputs: readonly Buffer[],
    parts: readonly number[] = this.all,
    timed: boolean,
    interruption: Interruption,
  ): Awaitable<readonly Buffer[]> {
    this.begin(inputs, parts, timed);
    let paused = false;
    try {
      paused = !this.goOn(timed, interruption);
    } finally {
      if (!paused) this.end();
    }
    return paused ? this.goOnLater(timed, interruption) : this.outputs;
  }

  private async goOnLater(timed: boolean, interruption: Interruption): Promise<readonly Buffer[]> {
    try {
      do {
        await interruption.pause();
        if (this.heap.closed || this.disposed) fail("a routine", "runs until it or its executor is disposed", "a disposal while it paused");
      } while (!this.goOn(timed, interruption));
    } finally {
      this.end();
    }
    return this.outputs;
  }

  /** Plays what is left. @returns whether it came to the end; if not, it is time to pause */
  private goOn(timed: boolean, interruption: Interruption | undefined): boolean {
    const { progress } = this;
    let started = timed ? performance.now() : 0;
    while (!progress.done) {
      const { part, begins } = progress,
        effort = progress.play();
      if (timed) {
        const ended = performance.now();
        this.seconds[part] = (begins ? 0 : this.seconds[part]) + (ended - started) / 1000;
        started = ended;
      }
      if (interruption?.due(effort) && !progress.done) return false;
    }
    return true;
  }

  private begin(inputs: readonly Buffer[], parts: readonly number[], timed: boolean): void {
    this.takeAll(inputs);
    this.memory.hold();
    this.progress.begin(parts, timed);
  }

  /** After the end of a run, or where one was left. */
  private end(): void {
    if (this.disposed || this.heap.closed) return;
    this.progress.undo();
    this.memory.letGo();
  }

  private takeAll(inputs: readonly Buffer[]): void {
    const { given, pointers } = this;
    if (this.disposed) fail("a routine", "runs until it is disposed", "a run afterwards");
    if (inputs.length !== given.length) fail("a routine", `takes ${given.length} buffers`, `${inputs.length}`);
    for (let i = 0; i < given.length; i++) {
      const buffer = inputs[i] as HeapBuffer;
      if (buffer !== given[i] || buffer.pointer !== pointers[i]) this.take(buffer, i);
    }
  }

  /** Takes a buffer as input i: writes its pointer into the tables of all calls that use it. @throws if the routine does not take it */
  private take(buffer: HeapBuffer, i: number): void {
    const expected = this.types[i];
    if (!(buffer instanceof HeapBuffer) || buffer.heap !== this.heap)
      fail("a routine", "takes buffers of its own executor", `another's ${showType(buffer)}`);
    if (buffer.pointer === 0) fail("a routine", "takes buffers that are alive", `${showType(buffer)} that was freed before`);
    if (buffer.dtype !== expected.dtype || !sameShape(buffer.shape, expected.shape))
      fail("a routine", `takes ${showType(expected)} as input ${i}`, showType(buffer));
    const words = this.heap.words();
    for (const position of this.positions[i]) words[position] = buffer.pointer;
    this.outputPlaces.forEach((place, k) => {
      if (place === i) this.outputs[k] = buffer;
    });
    this.given[i] = buffer;
    this.pointers[i] = buffer.pointer;
  }

  dispose(): void {
    if (this.disposed) return;
    this.disposed = true;
    this.memory.dispose();
    if (!this.heap.closed) this.heap.allocator.give(this.code.pointer, this.code.bytes);
    for (const executable of this.executables) executable.dispose();
    // What is kept of it by others must not keep the memory.
    this.progress.close();
    this.onDispose(this);
  }
}
