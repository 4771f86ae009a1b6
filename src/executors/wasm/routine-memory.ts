import type { Routine } from "../executor.js";
import { spaced } from "./alignment.js";
import type { Heap } from "./heap.js";
import { bytesIn, HeapBuffer } from "./heap.js";
import type { RoutineCode } from "./routine-code.js";

/**
 * A routine whose places take no more than this part of all that the executor may hold, 16 MiB of 4 GiB, keeps them between runs: then nothing is
 * taken or given back at any run. What is larger would be missing to others, and would count twice where it is asked whether a run has room.
 */
const KEPT = 1 / 256;

/**
 * The memory of a routine's places. Large ones are held during runs only, so that what one routine needs is there for others when it does not run.
 * Its outputs lie apart, as they hold until the next run; those that loops pass over on their way are copied there at the end.
 */
export class RoutineMemory {
  /** Where the places lie, or did when they were held last. */
  places = 0;
  /** Where outputs lie. */
  readonly results: number;
  private readonly kept: boolean;
  private readonly bytes: number;
  private readonly resultBytes: number;
  private held = false;
  /** Words that hold pointers to places. */
  private pointing: readonly number[] = [];
  /** By place. */
  private readonly outputs = new Map<number, HeapBuffer>();
  /** From where in the places outputs are copied. */
  private readonly copied: (readonly [offset: number, output: HeapBuffer])[] = [];

  constructor(
    private readonly heap: Heap,
    { places, inputs, outputs }: Routine,
    { offsets, isResult, placeBytes, resultBytes }: Pick<RoutineCode, "offsets" | "isResult" | "placeBytes" | "resultBytes">,
  ) {
    const own = [...new Set(outputs)].filter(place => place >= inputs),
      apart = own.filter(place => !isResult[place - inputs]),
      size = (place: number) => spaced(bytesIn(places[place].shape, places[place].dtype));
    this.bytes = placeBytes;
    this.kept = placeBytes <= KEPT * heap.allocator.limit;
    this.resultBytes = apart.reduce((sum, place) => sum + size(place), resultBytes);
    this.results = heap.allocator.take(this.resultBytes);
    if (this.kept) {
      try {
        this.take();
      } catch (error) {
        heap.allocator.give(this.results, this.resultBytes);
        throw error;
      }
    }
    let free = this.results + resultBytes;
    for (const place of own) {
      const { shape, dtype } = places[place],
        offset = offsets[place - inputs],
        isCopied = !isResult[place - inputs],
        output = new HeapBuffer(heap, shape, dtype, bytesIn(shape, dtype), isCopied ? free : this.results + offset);
      this.outputs.set(place, output);
      if (!isCopied) continue;
      this.copied.push([offset, output]);
      free += size(place);
    }
  }

  output(place: number): HeapBuffer {
    return this.outputs.get(place)!;
  }

  pointedToBy(words: readonly number[]): void {
    if (!this.kept) this.pointing = words;
  }

  /** Holds the places for a run. @throws if there is no room for them */
  hold(): void {
    if (this.held) return;
    const before = this.places;
    this.take();
    if (this.places === before) return;
    const words = this.heap.words();
    for (const word of this.pointing) words[word] += this.places - before;
  }

  /** After a run: its outputs stay, the places are given back unless they are kept. */
  letGo(): void {
    if (!this.held) return;
    for (const [offset, output] of this.copied)
      this.heap.contents().copyWithin(output.pointer, this.places + offset, this.places + offset + output.bytes);
    if (!this.kept) this.give();
  }

  private take(): void {
    this.places = this.heap.allocator.take(this.bytes);
    this.held = true;
    this.count(1);
  }

  private give(): void {
    this.heap.allocator.give(this.places, this.bytes);
    this.held = false;
    this.count(-1);
  }

  private count(sign: number): void {
    if (!this.bytes) return;
    this.heap.buffers += sign;
    this.heap.bytes += sign * this.bytes;
  }

  dispose(): void {
    for (const output of this.outputs.values()) output.end();
    if (this.heap.closed) return;
    if (this.held) this.give();
    this.heap.allocator.give(this.results, this.resultBytes);
  }
}
