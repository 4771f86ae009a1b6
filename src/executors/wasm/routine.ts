import { fail } from "../../tensor/error.js";
import { sameShape, showType } from "../../tensor/types.js";
import { effortOf } from "../../program/effort.js";
import type { Awaitable, Buffer, Interruption, LinkedRoutine, Routine } from "../executor.js";
import type { FunctionTable } from "./function-table.js";
import { WasmExecutable } from "./executable.js";
import type { Heap } from "./heap.js";
import { bytesIn, HeapBuffer } from "./heap.js";
import { range } from "../../compiler/graph/view.js";
import { ALIGNMENT, aligned } from "./alignment.js";
import { CALL_BYTES, replayIn } from "./replay.js";

/** Calls that are made one after another, where they lie in memory. */
interface Stretch {
  readonly pointer: number;
  readonly end: number;
  readonly effort: number;
}

/** Calls that are run together, in stretches of not much more effort than `STRETCH`. */
type Part = readonly Stretch[];

/** Between stretches a routine can pause. In units of `effortOf`: about a tenth of a millisecond, long against the call of one. */
const STRETCH = 1e5;

/** How far a run has come. */
interface Progress {
  readonly parts: readonly number[];
  readonly timed: boolean;
  /** The next stretch: which of `parts`, and which in it. */
  at: number;
  stretch: number;
}

/** A routine as a list of calls in memory, which WebAssembly makes by itself. */
export class WasmRoutine implements LinkedRoutine {
  readonly seconds: number[];
  private readonly executables: readonly WasmExecutable[];
  private readonly own: HeapBuffer[] = [];
  private readonly piece: { readonly pointer: number; readonly bytes: number };
  private readonly parts: readonly Part[];
  private readonly all: readonly number[];
  /** Where the tables of the calls hold the pointer of an input, as indices of words. */
  private readonly positions: readonly number[][];
  /** The inputs of the last run. */
  private readonly given: (HeapBuffer | undefined)[];
  private readonly pointers: Int32Array;
  readonly outputs: Buffer[];
  private replay: (calls: number, bytes: number) => void;
  private disposed = false;

  constructor(
    private readonly routine: Routine,
    private readonly heap: Heap,
    functions: FunctionTable,
    private readonly onDispose: (routine: WasmRoutine) => void = () => {},
  ) {
    const { places, inputs, parts } = routine,
      calls = parts.flat(),
      { allocator } = heap;
    this.replay = replayIn(allocator.memory, functions);
    this.seconds = parts.map(() => 0);
    this.all = range(parts.length);
    this.given = new Array<undefined>(inputs).fill(undefined);
    this.pointers = new Int32Array(inputs);
    this.positions = Array.from({ length: inputs }, () => []);
    const order = [...new Set([...routine.outputs.filter(place => place >= inputs), ...range(places.length).slice(inputs)])],
      // An empty array has memory of its own, as in the heap: code that stores whole vectors may store one there.
      sizes = places.map(({ shape, dtype }) => Math.max(ALIGNMENT, aligned(bytesIn(shape, dtype)))),
      placeBytes = order.reduce((sum, place) => sum + sizes[place], 0),
      callBytes = calls.reduce((sum, { executable }) => sum + CALL_BYTES + own(executable).tableBytes, 0),
      bytes = placeBytes + callBytes;
    this.piece = { pointer: allocator.take(bytes), bytes };
    // Outputs lie one after another, as they are read.
    let at = this.piece.pointer;
    for (const place of order) {
      const { shape, dtype } = places[place];
      this.own[place - inputs] = new HeapBuffer(heap, shape, dtype, bytesIn(shape, dtype), at);
      at += sizes[place];
    }
    this.outputs = routine.outputs.map(place => (place < inputs ? places[place] : this.own[place - inputs]));
    this.executables = calls.map(({ executable }) => own(executable).shared());

    const words = heap.words();
    let next = at,
      table = next + CALL_BYTES * calls.length;
    this.parts = parts.map(part => {
      const stretches: Stretch[] = [];
      let pointer = next,
        effort = 0;
      for (const { executable, inputs: read, outputs: written } of part) {
        const more = effortOf(executable.program);
        if (effort > 0 && effort + more > STRETCH) {
          stretches.push({ pointer, end: next, effort });
          pointer = next;
          effort = 0;
        }
        effort += more;
        words.set([own(executable).index, table], next >>> 2);
        next += CALL_BYTES;
        for (const place of [...read, ...written]) {
          if (place < inputs) this.positions[place].push(table >>> 2);
          else words[table >>> 2] = this.own[place - inputs].pointer;
          table += 4;
        }
      }
      if (next > pointer) stretches.push({ pointer, end: next, effort });
      return stretches;
    });
  }

  run(inputs: readonly Buffer[], parts: readonly number[] = this.all, timed = true): readonly Buffer[] {
    this.takeAll(inputs);
    this.goOn({ parts, timed, at: 0, stretch: 0 }, undefined);
    return this.outputs;
  }

  runWithPauses(
    inputs: readonly Buffer[],
    parts: readonly number[] = this.all,
    timed: boolean,
    interruption: Interruption,
  ): Awaitable<readonly Buffer[]> {
    this.takeAll(inputs);
    const progress = { parts, timed, at: 0, stretch: 0 };
    return this.goOn(progress, interruption) ? this.outputs : this.goOnLater(progress, interruption);
  }

  private async goOnLater(progress: Progress, interruption: Interruption): Promise<readonly Buffer[]> {
    do {
      await interruption.pause();
      if (this.heap.closed || this.disposed) fail("a routine", "runs until it or its executor is disposed", "a disposal while it paused");
    } while (!this.goOn(progress, interruption));
    return this.outputs;
  }

  /** Plays what is left. @returns whether it came to the end; if not, it is time to pause */
  private goOn(progress: Progress, interruption: Interruption | undefined): boolean {
    const { parts, timed } = progress;
    let started = timed ? performance.now() : 0;
    while (progress.at < parts.length) {
      const part = parts[progress.at],
        first = progress.stretch === 0,
        effort = this.playStretch(progress);
      if (timed) {
        const ended = performance.now();
        this.seconds[part] = (first ? 0 : this.seconds[part]) + (ended - started) / 1000;
        started = ended;
      }
      if (interruption?.due(effort) && progress.at < parts.length) return false;
    }
    return true;
  }

  /** Plays the next stretch; where nobody asks for the time of parts, with those that lie right behind it, as far as they are short. */
  private playStretch(progress: Progress): number {
    const { parts, timed } = progress,
      stretches = this.parts[parts[progress.at]],
      stretch = stretches[progress.stretch] as Stretch | undefined;
    let { pointer, end, effort } = stretch ?? nothing;
    if (++progress.stretch >= stretches.length) {
      progress.stretch = 0;
      while (++progress.at < parts.length && !timed && parts[progress.at] === parts[progress.at - 1] + 1) {
        const more = this.parts[parts[progress.at]],
          next = (more[0] as Stretch | undefined) ?? nothing;
        if (more.length > 1 || effort + next.effort > STRETCH) break;
        if (!end) pointer = next.pointer;
        if (next.end) end = next.end;
        effort += next.effort;
      }
    }
    if (end > pointer) this.replay(pointer, end - pointer);
    return effort;
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
    const { places, outputs } = this.routine,
      expected = places[i];
    if (!(buffer instanceof HeapBuffer) || buffer.heap !== this.heap)
      fail("a routine", "takes buffers of its own executor", `another's ${showType(buffer)}`);
    if (buffer.pointer === 0) fail("a routine", "takes buffers that are alive", `${showType(buffer)} that was freed before`);
    if (buffer.dtype !== expected.dtype || !sameShape(buffer.shape, expected.shape))
      fail("a routine", `takes ${showType(expected)} as input ${i}`, showType(buffer));
    const words = this.heap.words();
    for (const position of this.positions[i]) words[position] = buffer.pointer;
    outputs.forEach((place, k) => {
      if (place === i) this.outputs[k] = buffer;
    });
    this.given[i] = buffer;
    this.pointers[i] = buffer.pointer;
  }

  dispose(): void {
    if (this.disposed) return;
    this.disposed = true;
    for (const buffer of this.own) buffer.end();
    if (!this.heap.closed) this.heap.allocator.give(this.piece.pointer, this.piece.bytes);
    for (const executable of this.executables) executable.dispose();
    // What is kept of it by others must not keep the memory.
    this.replay = gone;
    this.onDispose(this);
  }
}

const gone = (): never => fail("a routine", "runs until it is disposed", "a run afterwards");

/** What a part without calls plays. */
const nothing: Stretch = { pointer: 0, end: 0, effort: 0 };

const own = (executable: unknown): WasmExecutable =>
  executable instanceof WasmExecutable ? executable : fail("a routine", "calls executables of its own executor", "another's");
