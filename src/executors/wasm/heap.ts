import { fail } from "../../tensor/error.js";
import { checkHostArray } from "../../tensor/host.js";
import { inRoom, sameShape, showType, sizeOf } from "../../tensor/types.js";
import type { DType, HostArray, Shape } from "../../tensor/types.js";
import type { Buffer } from "../executor.js";
import type { SizeClass } from "./allocator.js";
import { Allocator } from "./allocator.js";
import { storedBytes } from "./emit/instructions.js";
import type { Quiet } from "./quiet.js";
import { quietIn } from "./quiet.js";
import { aligned, spaced } from "./alignment.js";
import { hostForm, storedForm } from "./stored-form.js";

/** So few numbers are written faster one by one than as a piece. */
const FEW = 64;

/** An executor's memory and the buffers that live in it. */
export class Heap {
  readonly allocator: Allocator;
  /** Buffers alive, and the bytes of their numbers. */
  buffers = 0;
  bytes = 0;
  private view: Uint8Array<ArrayBuffer>;
  private wordView: Int32Array<ArrayBuffer>;
  private floatView: Float32Array<ArrayBuffer>;
  private quiet: Quiet;
  closed = false;

  /** @param limit the most bytes that it may hold */
  constructor(limit?: number) {
    this.allocator = new Allocator(limit);
    this.view = new Uint8Array(this.allocator.memory.buffer);
    this.wordView = new Int32Array(this.view.buffer);
    this.floatView = new Float32Array(this.view.buffer);
    this.quiet = quietIn(this.allocator.memory);
  }

  /** Lets go of the memory: buffers, executables and routines that somebody still holds do not keep it. */
  close(): void {
    this.closed = true;
    this.buffers = this.bytes = 0;
    this.view = new Uint8Array(0);
    this.wordView = new Int32Array(0);
    this.floatView = new Float32Array(0);
    this.quiet = { float32: none, float64: none };
    this.allocator.close();
  }

  /** The memory's bytes now; growing replaces the underlying array. */
  contents(): Uint8Array {
    if (this.view.buffer !== this.allocator.memory.buffer) this.view = new Uint8Array(this.allocator.memory.buffer);
    return this.view;
  }

  /** The same as 32-bit words: the word at a pointer p has index p / 4. */
  words(): Int32Array {
    if (this.wordView.buffer !== this.allocator.memory.buffer) this.wordView = new Int32Array(this.allocator.memory.buffer);
    return this.wordView;
  }

  private floats(): Float32Array {
    if (this.floatView.buffer !== this.allocator.memory.buffer) this.floatView = new Float32Array(this.allocator.memory.buffer);
    return this.floatView;
  }

  /** The class of pieces that arrays of so many bytes lie in. */
  sizeClass(bytes: number): SizeClass {
    return this.allocator.sizeClass(spaced(bytes));
  }

  upload(array: HostArray): HeapBuffer {
    const { shape, dtype } = array;
    checkHostArray("upload", array);
    const buffer = new HeapBuffer(this, shape, dtype, bytesIn(shape, dtype));
    this.put(array, buffer);
    return buffer;
  }

  /** Replaces a buffer's numbers by those of an array of its type. */
  write(buffer: HeapBuffer, array: HostArray): void {
    checkHostArray("write", array);
    if (array.dtype !== buffer.dtype || !sameShape(array.shape, buffer.shape)) fail("write", `takes ${showType(buffer)}`, showType(array));
    this.put(array, buffer);
  }

  private put({ dtype, data }: HostArray, { pointer }: HeapBuffer): void {
    if (dtype === "float32" && data.length <= FEW) {
      const numbers = this.floats(),
        at = pointer >>> 2;
      for (let i = 0; i < data.length; i++) numbers[at + i] = data[i];
      return;
    }
    this.contents().set(storedForm(dtype, data), pointer);
  }

  /**
   * The numbers of buffers, in one piece of the host's memory: a piece each would cost more than the numbers of a small array. What lies
   * one after another is copied at once.
   */
  read(buffers: readonly HeapBuffer[]): HostArray[] {
    let size = 0;
    for (const { bytes } of buffers) size += aligned(bytes);
    const host = inRoom(
        () => `what is read (${buffers.map(showType).join(", ")})`,
        size,
        () => new Uint8Array(size),
      ),
      own = this.contents(),
      arrays: HostArray[] = [];
    let at = 0;
    for (let i = 0; i < buffers.length;) {
      const { pointer, dtype } = buffers[i],
        start = at;
      for (; i < buffers.length && buffers[i].pointer === pointer + at - start && buffers[i].dtype === dtype; i++)
        at += aligned(buffers[i].bytes);
      if (at > start && (dtype === "float32" || dtype === "float64")) this.quiet[dtype](pointer, at - start);
      host.set(own.subarray(pointer, pointer + at - start), start);
    }
    at = 0;
    for (const { shape, dtype, bytes } of buffers) {
      arrays.push({ shape, dtype, data: hostForm(dtype, host.buffer, at, sizeOf(shape)) });
      at += aligned(bytes);
    }
    return arrays;
  }
}

const none = (): void => {};

/** Bytes of an array in an executor's memory. */
export const bytesIn = (shape: Shape, dtype: DType): number => sizeOf(shape) * storedBytes[dtype];

/** Numbers in an executor's memory. */
export class HeapBuffer implements Buffer {
  /** Where the numbers lie; 0 once the buffer was freed. */
  pointer: number;

  /**
   * A new buffer of a heap; its numbers are undefined.
   * @param source the class of pieces that its memory is taken from, or the address of memory that belongs to a routine
   */
  constructor(
    readonly heap: Heap,
    readonly shape: Shape,
    readonly dtype: DType,
    readonly bytes: number,
    private readonly source: SizeClass | number = heap.sizeClass(bytes),
  ) {
    this.pointer = typeof source === "number" ? source : heap.allocator.takeFrom(source);
    heap.buffers++;
    heap.bytes += bytes;
  }

  free(): void {
    if (this.pointer === 0) fail("free", "takes a buffer that is alive", `${showType(this)} that was freed before`);
    if (typeof this.source === "number") fail("free", "takes buffers that are the caller's", `a routine's ${showType(this)}`);
    this.heap.allocator.giveTo(this.pointer, this.source);
    this.end();
  }

  /** Counts the buffer as gone. Its memory is not given back here: `free` does that, and a routine for its own. */
  end(): void {
    this.pointer = 0;
    this.heap.buffers--;
    this.heap.bytes -= this.bytes;
  }
}
