import { fail } from "../../tensor/error.js";
import { showType, sizeOf } from "../../tensor/types.js";
import type { DType, HostArray, Shape } from "../../tensor/types.js";
import type { Buffer } from "../executor.js";
import { Allocator } from "./allocator.js";
import { storedBytes } from "./emit/instructions.js";
import { hostForm, storedForm } from "./stored-form.js";

/** An executor's memory and the buffers that live in it. */
export class Heap {
  readonly allocator: Allocator;
  /** Buffers alive, and the bytes of their numbers. */
  buffers = 0;
  bytes = 0;
  private view: Uint8Array<ArrayBuffer>;

  /** @param limit the most bytes that it may hold */
  constructor(limit?: number) {
    this.allocator = new Allocator(limit);
    this.view = new Uint8Array(this.allocator.memory.buffer);
  }

  /** The memory's bytes now; growing replaces the underlying array. */
  contents(): Uint8Array {
    if (this.view.buffer !== this.allocator.memory.buffer) this.view = new Uint8Array(this.allocator.memory.buffer);
    return this.view;
  }

  upload(array: HostArray): HeapBuffer {
    const { shape, dtype, data } = array;
    if (data.length !== sizeOf(shape)) fail("upload", `takes as many numbers as ${showType(array)} has`, `${data.length}`);
    const buffer = new HeapBuffer(this, shape, dtype, bytesIn(shape, dtype));
    this.contents().set(storedForm(dtype, data), buffer.pointer);
    return buffer;
  }

  read(buffer: HeapBuffer): HostArray {
    const { shape, dtype, pointer, bytes } = buffer;
    const copy = this.contents().slice(pointer, pointer + bytes).buffer;
    return { shape, dtype, data: hostForm(dtype, copy) };
  }
}

/** Bytes of an array in an executor's memory. */
export const bytesIn = (shape: Shape, dtype: DType): number => sizeOf(shape) * storedBytes[dtype];

/** Numbers in an executor's memory. */
export class HeapBuffer implements Buffer {
  /** Where the numbers lie; 0 once the buffer was freed. */
  pointer: number;

  /** A new buffer of a heap; its numbers are undefined. */
  constructor(
    readonly heap: Heap,
    readonly shape: Shape,
    readonly dtype: DType,
    readonly bytes: number,
    private readonly sizeClass = heap.allocator.sizeClass(bytes),
  ) {
    this.pointer = heap.allocator.takeFrom(sizeClass);
    heap.buffers++;
    heap.bytes += bytes;
  }

  free(): void {
    if (this.pointer === 0) fail("free", "takes a buffer that is alive", `${showType(this)} that was freed before`);
    this.heap.allocator.giveTo(this.pointer, this.sizeClass);
    this.pointer = 0;
    this.heap.buffers--;
    this.heap.bytes -= this.bytes;
  }
}
