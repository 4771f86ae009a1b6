import { UfomError } from "../../tensor/error.js";
import { ALIGNMENT, aligned } from "./alignment.js";
import { showBytes } from "./show-bytes.js";

const PAGE = 65536;
/** The most that a 32-bit WebAssembly memory holds. */
export const LIMIT = 65536 * PAGE;
/** A vector may be read past the end of the last array. */
const READ_PAST = ALIGNMENT;

interface Piece {
  readonly pointer: number;
  readonly bytes: number;
}

/** Pieces of one size: what the allocator gives out for it, and those that were given back. */
export interface SizeClass {
  readonly bytes: number;
  readonly free: number[];
}

/**
 * Gives out pieces of a growing memory, in multiples of 64 bytes. A piece that was given back is kept for its own size first,
 * as programs ask for the same sizes again and again; before the memory grows, free pieces are joined with their neighbours.
 */
export class Allocator {
  private held: WebAssembly.Memory | undefined;
  /** Memory from here on was never used, or is free again. The first piece stays unused: no pointer is 0. */
  private end = ALIGNMENT;
  private capacity: number;
  private readonly classes = new Map<number, SizeClass>();
  /** Free pieces, none next to another, by address. */
  private joined: Piece[] = [];
  /** Bytes given out, and bytes in free pieces. */
  used = 0;
  private idle = 0;

  constructor(readonly limit = LIMIT) {
    this.capacity = Math.min(16 * PAGE, limit);
    this.held = new WebAssembly.Memory({ initial: this.capacity / PAGE, maximum: limit / PAGE });
  }

  get memory(): WebAssembly.Memory {
    return this.held ?? gone();
  }

  /** Lets go of the memory, whoever still holds the allocator. */
  close(): void {
    this.held = undefined;
    this.classes.clear();
    this.joined = [];
  }

  /** The class of pieces that hold so many bytes; a caller that asks again and again may keep it. */
  sizeClass(wanted: number): SizeClass {
    const bytes = Math.max(ALIGNMENT, aligned(wanted)),
      known = this.classes.get(bytes);
    if (known) return known;
    const made = { bytes, free: [] };
    this.classes.set(bytes, made);
    return made;
  }

  take(wanted: number): number {
    return this.takeFrom(this.sizeClass(wanted));
  }

  takeFrom({ bytes, free }: SizeClass): number {
    const pointer = free.pop() ?? this.fromJoined(bytes);
    if (pointer !== null) this.idle -= bytes;
    const result = pointer ?? this.fromEnd(bytes);
    this.used += bytes;
    return result;
  }

  give(pointer: number, wanted: number): void {
    this.giveTo(pointer, this.sizeClass(wanted));
  }

  giveTo(pointer: number, { bytes, free }: SizeClass): void {
    this.used -= bytes;
    this.idle += bytes;
    free.push(pointer);
  }

  private fromJoined(bytes: number): number | null {
    const i = this.joined.findIndex(p => p.bytes >= bytes);
    if (i < 0) return null;
    const { pointer, bytes: found } = this.joined[i];
    if (found === bytes) this.joined.splice(i, 1);
    else this.joined[i] = { pointer: pointer + bytes, bytes: found - bytes };
    return pointer;
  }

  private fromEnd(bytes: number): number {
    if (this.end + bytes + READ_PAST > this.capacity && this.idle > 0) {
      this.join();
      const pointer = this.fromJoined(bytes);
      if (pointer !== null) {
        this.idle -= bytes;
        return pointer;
      }
    }
    const needed = this.end + bytes + READ_PAST;
    if (needed > this.capacity) this.grow(needed, bytes);
    this.end += bytes;
    return this.end - bytes;
  }

  /** Joins all free pieces, and the last one with the unused end. */
  private join(): void {
    const pieces = [...this.joined, ...[...this.classes.values()].flatMap(({ bytes, free }) => free.map(pointer => ({ pointer, bytes })))];
    pieces.sort((a, b) => a.pointer - b.pointer);
    for (const { free } of this.classes.values()) free.length = 0;
    this.joined = [];
    for (const { pointer, bytes } of pieces) {
      const last = this.joined.at(-1);
      if (last && last.pointer + last.bytes === pointer)
        this.joined[this.joined.length - 1] = { pointer: last.pointer, bytes: last.bytes + bytes };
      else this.joined.push({ pointer, bytes });
    }
    const last = this.joined.at(-1);
    if (last && last.pointer + last.bytes === this.end) {
      this.joined.pop();
      this.end = last.pointer;
      this.idle -= last.bytes;
    }
  }

  private grow(needed: number, wanted: number): void {
    const refuse = (cause?: unknown): never => {
      throw new UfomError(
        `ufom: the wasm executor holds at most ${showBytes(this.limit)}; ${showBytes(wanted)} more are needed, ${showBytes(this.used)} are in use.`,
        { cause },
      );
    };
    if (needed > this.limit) refuse();
    const pages = Math.ceil(Math.min(this.limit, Math.max(needed, this.capacity * 1.25)) / PAGE);
    try {
      this.memory.grow(pages - this.capacity / PAGE);
    } catch (cause) {
      refuse(cause);
    }
    this.capacity = pages * PAGE;
  }
}

const gone = (): never => {
  throw new UfomError("ufom: the wasm executor was disposed and cannot be used any more.");
};
