import { fail } from "../../tensor/error.js";
import { sameShape, showType } from "../../tensor/types.js";
import type { Buffer, LinkedRoutine, Routine } from "../executor.js";
import type { FunctionTable } from "./function-table.js";
import { WasmExecutable } from "./executable.js";
import type { Heap } from "./heap.js";
import { bytesIn, HeapBuffer } from "./heap.js";
import { range } from "../../compiler/graph/view.js";
import { ALIGNMENT, aligned } from "./alignment.js";
import { CALL_BYTES, replayIn } from "./replay.js";

/** Calls that are made one after another, where they lie in memory. */
interface Part {
  readonly pointer: number;
  readonly bytes: number;
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
  private readonly outputs: Buffer[];
  private readonly replay: (calls: number, bytes: number) => void;

  constructor(
    private readonly routine: Routine,
    private readonly heap: Heap,
    functions: FunctionTable,
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
      const start = next;
      for (const { executable, inputs: read, outputs: written } of part) {
        words.set([own(executable).index, table], next >>> 2);
        next += CALL_BYTES;
        for (const place of [...read, ...written]) {
          if (place < inputs) this.positions[place].push(table >>> 2);
          else words[table >>> 2] = this.own[place - inputs].pointer;
          table += 4;
        }
      }
      return { pointer: start, bytes: next - start };
    });
  }

  run(inputs: readonly Buffer[], parts: readonly number[] = this.all, timed = true): readonly Buffer[] {
    const { given, pointers } = this;
    if (inputs.length !== given.length) fail("a routine", `takes ${given.length} buffers`, `${inputs.length}`);
    for (let i = 0; i < given.length; i++) {
      const buffer = inputs[i] as HeapBuffer;
      if (buffer !== given[i] || buffer.pointer !== pointers[i]) this.take(buffer, i);
    }
    if (!timed) {
      this.runUntimed(parts);
      return this.outputs;
    }
    let started = performance.now();
    for (let i = 0; i < parts.length; i++) {
      const { pointer, bytes } = this.parts[parts[i]];
      if (bytes) this.replay(pointer, bytes);
      const ended = performance.now();
      this.seconds[parts[i]] = (ended - started) / 1000;
      started = ended;
    }
    return this.outputs;
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

  /** Parts that lie one after another are one stretch of calls. */
  private runUntimed(parts: readonly number[]): void {
    for (let i = 0; i < parts.length;) {
      const { pointer } = this.parts[parts[i]];
      let end = pointer + this.parts[parts[i]].bytes;
      for (i++; i < parts.length && parts[i] === parts[i - 1] + 1; i++) end += this.parts[parts[i]].bytes;
      if (end > pointer) this.replay(pointer, end - pointer);
    }
  }

  dispose(): void {
    for (const buffer of this.own) buffer.end();
    this.heap.allocator.give(this.piece.pointer, this.piece.bytes);
    for (const executable of this.executables) executable.dispose();
  }
}

const own = (executable: unknown): WasmExecutable =>
  executable instanceof WasmExecutable ? executable : fail("a routine", "calls executables of its own executor", "another's");
