import type { DType } from "../../../tensor/types.js";
import type { FunctionBuilder, Local } from "../assembler.js";
import { memory, simd, storedBytes } from "./instructions.js";

/**
 * Elements that a kernel holds in one v128: 2 where it touches float64, else 4. With 2, elements of 32 bits fill the lower half,
 * and a bool is a mask of 64-bit lanes.
 */
export type Width = 2 | 4;

export const widthFor = (dtypes: Iterable<DType>): Width => ([...dtypes].includes("float64") ? 2 : 4);

const repeated = (width: number, bytes: (view: DataView, at: number) => void): Uint8Array => {
  const out = new Uint8Array(16),
    view = new DataView(out.buffer);
  for (let lane = 0; lane < 16; lane += width) bytes(view, lane);
  return out;
};

const zeros = new Uint8Array(16);

/** Puts a number in every lane. */
export function constant(f: FunctionBuilder, dtype: DType, value: number): void {
  // Every sum begins so.
  if (Object.is(value, 0)) {
    f.v128(zeros);
    return;
  }
  switch (dtype) {
    case "float32":
      f.v128(
        repeated(4, (view, at) => {
          view.setFloat32(at, value, true);
        }),
      );
      break;
    case "float64":
      f.v128(
        repeated(8, (view, at) => {
          view.setFloat64(at, value, true);
        }),
      );
      break;
    case "int32":
      f.v128(
        repeated(4, (view, at) => {
          view.setInt32(at, value, true);
        }),
      );
      break;
    case "bool":
      f.v128(new Uint8Array(16).fill(value === 0 ? 0 : 255));
      break;
  }
}

/** Lanes of the two vectors on the stack, chosen by their 32-bit positions 0…7. */
export const shuffle = (f: FunctionBuilder, lanes: readonly [number, number, number, number]): FunctionBuilder =>
  f.simd(simd.shuffle, ...lanes.flatMap(lane => [4 * lane, 4 * lane + 1, 4 * lane + 2, 4 * lane + 3]));

/** The 32-bit lanes of a vector on the stack, chosen by position. */
export function permute(f: FunctionBuilder, lanes: readonly [number, number, number, number]): void {
  const t = f.local("v128");
  f.tee(t).get(t);
  shuffle(f, lanes).release(t);
}

/** Masks of 64-bit lanes to masks of the lower 32-bit lanes. */
export const narrow = (f: FunctionBuilder): void => permute(f, [0, 2, 0, 2]);

/** Pushes an address; what remains of the offset goes into the memory instruction, which takes none below zero. */
function address(f: FunctionBuilder, pointer: Local, offset: number): number {
  f.get(pointer);
  if (offset >= 0) return offset;
  f.i32(offset).add();
  return 0;
}

/**
 * Pushes elements from pointer + offset (bytes), `stride` elements apart: `width` of them, or the first `count` where reading on
 * could leave the memory. With stride 1 the lanes past `count` hold what comes next in memory; zeros if `clean`.
 */
export function load(
  f: FunctionBuilder,
  width: Width,
  dtype: DType,
  pointer: Local,
  offset: number,
  stride: number,
  count: number,
  clean = false,
): void {
  const size = storedBytes[dtype],
    wide = width === 2 && dtype === "bool";
  const whole = size * width === 16 ? memory.load : wide ? memory.loadPair : memory.zero64;
  if (stride === 0) f.simdMemory(size === 8 ? memory.splat64 : memory.splat32, address(f, pointer, offset));
  else if (stride === 1 && (count === width || !clean)) {
    f.simdMemory(whole, address(f, pointer, offset));
    return;
  } else if (stride === 1 && count === 2 && size === 4) f.simdMemory(memory.zero64, address(f, pointer, offset));
  else gather(f, size, pointer, offset, stride, count);
  if (wide) f.simd(simd.widen);
}

function gather(f: FunctionBuilder, size: 4 | 8, pointer: Local, offset: number, stride: number, count: number): void {
  f.simdMemory(size === 8 ? memory.zero64 : memory.zero32, address(f, pointer, offset));
  for (let lane = 1; lane < count; lane++) {
    const t = f.local("v128");
    f.set(t);
    const rest = address(f, pointer, offset + lane * stride * size);
    f.get(t)
      .simdMemory(size === 8 ? memory.lane64 : memory.lane32, rest, 0, lane)
      .release(t);
  }
}

/** Stores the first `count` lanes of a vector, `stride` elements apart. */
export function store(
  f: FunctionBuilder,
  width: Width,
  dtype: DType,
  pointer: Local,
  offset: number,
  stride: number,
  count: number,
  value: Local,
): void {
  const size = storedBytes[dtype];
  let v = value;
  if (width === 2 && dtype === "bool") {
    v = f.local("v128");
    f.get(value);
    narrow(f);
    f.set(v);
  }
  const lane = (instruction: number, position: number, index: number) => {
    const rest = address(f, pointer, offset + position * stride * size);
    f.get(v).simdMemory(instruction, rest, 0, index);
  };
  if (stride === 1 && count * size === 16) {
    const rest = address(f, pointer, offset);
    f.get(v).simdMemory(memory.store, rest);
  } else if (stride === 1 && size === 4 && count >= 2) {
    lane(memory.storeLane64, 0, 0);
    if (count === 3) lane(memory.storeLane32, 2, 2);
  } else for (let k = 0; k < count; k++) lane(size === 8 ? memory.storeLane64 : memory.storeLane32, k, k);
  if (v !== value) f.release(v);
}
