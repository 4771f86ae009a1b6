import type { Routine } from "../executor.js";
import { ALIGNMENT, aligned } from "./alignment.js";
import type { Heap } from "./heap.js";
import { bytesIn, HeapBuffer } from "./heap.js";
import type { RoutineCode } from "./routine-code.js";

/** A routine whose places take no more bytes keeps them between runs: then nothing is taken, given back or copied at any run. */
const KEPT = 2 ** 24;

/**
 * The memory of a routine's places. Large ones are held during runs only, so that what one routine needs is there for others when it does not run;
 * its outputs then lie in memory of their own, where they are copied to at the end.
 */
export class RoutineMemory {
  /** Where the places lie, or did when they were held last. */
  places = 0;
  private readonly kept: boolean;
  private readonly bytes: number;
  private held = false;
  /** Words that hold pointers to places. */
  private pointing: readonly number[] = [];
  /** By place. */
  private readonly outputs = new Map<number, HeapBuffer>();
  private readonly results: { readonly pointer: number; readonly bytes: number };
  /** From where in the places outputs are copied. */
  private readonly copied: (readonly [offset: number, output: HeapBuffer])[] = [];
  /** What is counted of the places, beside the outputs that lie there. */
  private readonly counted: number;

  constructor(
    private readonly heap: Heap,
    { places, inputs, outputs }: Routine,
    { offsets, placeBytes }: Pick<RoutineCode, "offsets" | "placeBytes">,
  ) {
    const { allocator } = heap,
      own = [...new Set(outputs)].filter(place => place >= inputs),
      sizes = own.map(place => Math.max(ALIGNMENT, aligned(bytesIn(places[place].shape, places[place].dtype)))),
      resultBytes = sizes.reduce((sum, bytes) => sum + bytes, 0);
    this.bytes = placeBytes;
    this.kept = placeBytes <= KEPT;
    this.counted = this.kept ? placeBytes - resultBytes : placeBytes;
    this.results = { pointer: this.kept ? 0 : allocator.take(resultBytes), bytes: resultBytes };
    if (this.kept) this.take();
    let at = this.results.pointer;
    for (const [k, place] of own.entries()) {
      const { shape, dtype } = places[place],
        offset = offsets[place - inputs],
        output = new HeapBuffer(heap, shape, dtype, bytesIn(shape, dtype), this.kept ? this.places + offset : at);
      this.outputs.set(place, output);
      if (!this.kept) this.copied.push([offset, output]);
      at += sizes[k];
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

  /** Gives them back after a run, unless they are kept. */
  letGo(): void {
    if (this.kept || !this.held) return;
    const bytes = this.heap.contents();
    for (const [offset, output] of this.copied) bytes.copyWithin(output.pointer, this.places + offset, this.places + offset + output.bytes);
    this.give();
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
    if (!this.counted) return;
    this.heap.buffers += sign;
    this.heap.bytes += sign * this.counted;
  }

  dispose(): void {
    for (const output of this.outputs.values()) output.end();
    if (this.heap.closed) return;
    if (this.held) this.give();
    if (!this.kept) this.heap.allocator.give(this.results.pointer, this.results.bytes);
  }
}
