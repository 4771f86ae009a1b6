import type { DType } from "../../../tensor/types.js";
import type { FunctionBuilder, Local } from "../assembler.js";
import type { View } from "../../../compiler/graph/view.js";
import { offsetOf, stridesOf } from "../../../compiler/graph/view.js";
import type { Walk } from "../../../compiler/schedule/access.js";
import type { Address, Code } from "./code.js";
import { storedBytes } from "./instructions.js";
import type { Index } from "./loops.js";
import { load, store } from "./vector.js";
import type { Width } from "./vector.js";

/** How a loop nest walks over an array. */
export interface Access extends Address, Walk {
  readonly dtype: DType;
}

/** The walk of a view over its own axes. */
export function accessOf(code: Code, v: View): Access {
  const { base, offset } = code.addressOf(v.tensor),
    { dtype } = v.tensor;
  return { base, offset: offset + offsetOf(v) * storedBytes[dtype], dtype, strides: stridesOf(v) };
}

/** A local, and bytes after it. */
export interface Pointer {
  readonly pointer: Local;
  readonly offset: number;
}

/**
 * A local that points at an access's element for an index. The access's own offset is left to the memory instructions, unless
 * the walk goes backwards: then only the sum is sure to be a valid address.
 */
export function pointerTo(f: FunctionBuilder, a: Access, index: Index): Pointer {
  const size = storedBytes[a.dtype],
    pointer = f.local("i32"),
    backwards = a.strides.some(s => s < 0);
  f.get(a.base);
  if (backwards && a.offset !== 0) f.i32(a.offset).add();
  index.forEach((i, axis) => {
    const bytes = a.strides[axis] * size;
    if (i === null || bytes === 0) return;
    f.get(i);
    if (bytes !== 1) f.i32(bytes).mul();
    f.add();
  });
  f.set(pointer);
  return { pointer, offset: backwards ? 0 : a.offset };
}

/** Where a loop nest stands, and the constant distance from there of the elements meant. */
export interface Position {
  readonly pointers: ReadonlyMap<Access, Pointer>;
  readonly delta: readonly number[];
  /** The axis along which the lanes of a vector lie; null for one element. */
  readonly vector: number | null;
}

/** Points at all accesses for an index; `release` gives the pointers back. */
export function pointAt(
  f: FunctionBuilder,
  accesses: readonly Access[],
  index: Index,
): { readonly pointers: Position["pointers"]; release(): void } {
  const pointers = new Map(accesses.map(a => [a, pointerTo(f, a, index)]));
  return {
    pointers,
    release: () => {
      for (const { pointer } of pointers.values()) f.release(pointer);
    },
  };
}

const place = (a: Access, { pointers, delta, vector }: Position) => {
  const { pointer, offset } = pointers.get(a)!,
    distance = delta.reduce((sum, d, axis) => sum + d * a.strides[axis], 0);
  return { pointer, offset: offset + storedBytes[a.dtype] * distance, stride: vector === null ? 1 : a.strides[vector] };
};

/** Pushes what an access finds at a position. */
export function readAt(f: FunctionBuilder, width: Width, a: Access, position: Position, count: number): void {
  const { pointer, offset, stride } = place(a, position);
  load(f, width, a.dtype, pointer, offset, stride, count);
}

/** Stores the first `count` lanes of a value at a position. */
export function writeAt(f: FunctionBuilder, width: Width, a: Access, position: Position, count: number, value: Local): void {
  const { pointer, offset, stride } = place(a, position);
  store(f, width, a.dtype, pointer, offset, stride, count, value);
}
