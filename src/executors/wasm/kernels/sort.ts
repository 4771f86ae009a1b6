import { mergesOf } from "../../../program/traits.js";
import { unsigned } from "../assembler.js";
import type { FunctionBuilder, Local } from "../assembler.js";
import type { Address, Code } from "../emit/code.js";
import { storedBytes } from "../emit/instructions.js";
import type { NumberType } from "../emit/instructions.js";
import type { Sort } from "../../../compiler/graph/tensor.js";

/** Instructions on i32, and those that open and close a block. */
const LOAD = 0x28,
  STORE = 0x36,
  LESS = 0x48,
  AT_LEAST = 0x4e,
  SUBTRACT = 0x6b,
  AND = 0x71,
  OR = 0x72,
  SELECT = 0x1b,
  IF = 0x04,
  ELSE = 0x05,
  END = 0x0b,
  I32 = 0x7f;

/** Instructions on the numbers that are sorted. */
const keyed = {
  float32: { load: 0x2a, less: 0x5d, equal: 0x5b, different: 0x5c, kind: "f32" },
  float64: { load: 0x2b, less: 0x63, equal: 0x61, different: 0x62, kind: "f64" },
  int32: { load: LOAD, less: LESS, equal: 0x46, different: 0x47, kind: "i32" },
} as const;

/** Numbers, the positions of which runs are merged from one place into another. */
interface Line {
  readonly dtype: NumberType;
  readonly keys: Address;
  readonly source: Address;
  readonly target: Address;
  readonly n: number;
}

/** Sorts positions line by line, by merging sorted runs of 1, 2, 4, … of them to and fro between the result and the workspace. */
export function emitSort(code: Code, root: Sort): void {
  const { f } = code,
    [{ tensor: x }] = root.operands,
    dtype = x.dtype as NumberType;
  const keys = moving(f, code.addressOf(x)),
    result = moving(f, code.addressOf(root)),
    line = f.local("i32");
  const passes = mergesOf(root.n);
  f.loop(line, 0, root.lines, 1, () => {
    // An odd number of passes begins in the workspace, so that the last one ends in the result.
    const [a, b] = [result, code.workspaceOf(root)],
      [even, odd] = passes % 2 === 0 ? [a, b] : [b, a];
    count(f, even, root.n);
    for (let pass = 0; pass < passes; pass++) {
      const [source, target] = pass % 2 === 0 ? [even, odd] : [odd, even];
      mergeRuns(f, { dtype, keys, source, target, n: root.n }, 2 ** pass);
    }
    f.increment(keys.base, root.n * storedBytes[dtype]).increment(result.base, root.n * storedBytes.int32);
  });
  f.release(keys.base, result.base, line);
}

/** The same address in a local that may be moved on. */
function moving(f: FunctionBuilder, { base, offset }: Address): Address {
  const pointer = f.local("i32");
  f.get(base).set(pointer);
  return { base: pointer, offset };
}

/** Pushes the address of an element, without the constant offset. */
const pushAddress = (f: FunctionBuilder, { base }: Address, size: number, i: Local): FunctionBuilder =>
  f.get(base).get(i).i32(size).mul().add();

/** 0, 1, 2, … */
function count(f: FunctionBuilder, to: Address, n: number): void {
  const i = f.local("i32");
  f.loop(i, 0, n, 1, () => {
    pushAddress(f, to, 4, i)
      .get(i)
      .op(STORE, 2, ...unsigned(to.offset));
  });
  f.release(i);
}

/** l = min(from + distance, n) */
function bounded(f: FunctionBuilder, l: Local, from: Local, distance: number, n: number): void {
  f.get(from).i32(distance).add().tee(l).i32(n).get(l).i32(n).op(LESS, SELECT).set(l);
}

/** Merges neighbouring runs of a length, of which the last may be shorter or have no neighbour. */
function mergeRuns(f: FunctionBuilder, line: Line, length: number): void {
  const { source, target, n } = line,
    [low, middle, end] = [f.local("i32"), f.local("i32"), f.local("i32")],
    [i, j, k, right] = [f.local("i32"), f.local("i32"), f.local("i32"), f.local("i32")];
  f.loop(low, 0, n, 2 * length, () => {
    bounded(f, middle, low, length, n);
    bounded(f, end, low, 2 * length, n);
    f.get(low).set(i).get(middle).set(j).get(low).set(k);
    f.loop(k, null, end, 1, () => {
      f.get(j).get(end).op(LESS, IF, I32);
      f.get(i).get(middle).op(AT_LEAST, IF, I32).i32(1).op(ELSE);
      comesBefore(f, line, j, i);
      f.op(END, ELSE).i32(0).op(END).set(right);
      pushAddress(f, target, 4, k);
      f.get(source.base).get(j).get(i).get(right).op(SELECT).i32(4).mul().add();
      f.op(LOAD, 2, ...unsigned(source.offset)).op(STORE, 2, ...unsigned(target.offset));
      f.get(i).i32(1).add().get(right).op(SUBTRACT).set(i).get(j).get(right).add().set(j);
    });
  });
  f.release(low, middle, end, i, j, k, right);
}

/** Pushes whether the number at place j of the source must come before that at place i, which stood first: if it is less, or no NaN as the other is. */
function comesBefore(f: FunctionBuilder, { dtype, keys, source }: Line, j: Local, i: Local): void {
  const { load, less, equal, different, kind } = keyed[dtype],
    size = storedBytes[dtype];
  const [later, earlier] = [j, i].map(place => {
    const key = f.local(kind);
    f.get(keys.base);
    pushAddress(f, source, 4, place).op(LOAD, 2, ...unsigned(source.offset));
    f.i32(size)
      .mul()
      .add()
      .op(load, size === 8 ? 3 : 2, ...unsigned(keys.offset))
      .set(key);
    return key;
  });
  f.get(later).get(earlier).op(less);
  if (dtype !== "int32") f.get(earlier).get(earlier).op(different).get(later).get(later).op(equal).op(AND, OR);
  f.release(later, earlier);
}
