import type { FunctionBuilder, Local } from "../assembler.js";
import type { Code } from "../emit/code.js";
import { floats, memory, storedBytes } from "../emit/instructions.js";
import type { FloatArithmetic } from "../emit/instructions.js";
import { load, store, widthFor } from "../emit/vector.js";
import type { Width } from "../emit/vector.js";
import type { Solve } from "../../../compiler/graph/tensor.js";

/** Instructions on i32, and those that open and close a block. */
const LESS = 0x48,
  SUBTRACT = 0x6b,
  IF = 0x04,
  LOOP = 0x03,
  VOID = 0x40,
  BRANCH_IF = 0x0d,
  END = 0x0b;

/** Pushes a number that is known when the code runs. */
export type Push = () => unknown;

/** Rows of numbers one after another in memory: where they begin, and bytes from one to the next. */
export interface Rows {
  readonly pointer: Local;
  readonly offset: number;
  readonly bytes: number;
}

/** Vectors of a row in the workspace, whose rows are padded to whole vectors. */
export interface Part {
  readonly offset: number;
  readonly vectors: number;
}

/** What the solvers of linear systems are made of: loops over a range, elements, and whole rows at a time. */
export class RowCode {
  readonly f: FunctionBuilder;
  readonly size: 4 | 8;
  readonly width: Width;
  readonly number: FloatArithmetic;
  readonly dtype: "float32" | "float64";

  constructor(code: Code, root: Solve) {
    this.f = code.f;
    this.dtype = root.dtype as "float32";
    this.size = storedBytes[this.dtype];
    this.width = widthFor([this.dtype]);
    this.number = floats[this.dtype];
  }

  /** `for (i = from; i < to; i++)`, perhaps never. */
  between(i: Local, from: Push, to: Push, body: () => void): void {
    const { f } = this;
    from();
    f.set(i).get(i);
    to();
    f.op(LESS, IF, VOID, LOOP, VOID);
    body();
    f.get(i).i32(1).add().tee(i);
    to();
    f.op(LESS, BRANCH_IF, 0, END, END);
  }

  /** i = n − 1 − step */
  fromEnd(i: Local, n: number, step: Local): void {
    this.f
      .i32(n - 1)
      .get(step)
      .op(SUBTRACT)
      .set(i);
  }

  /** Sets a local to the address of a row. */
  row(into: Local, { pointer, bytes }: Rows, i: Local): void {
    this.f.get(pointer).get(i).i32(bytes).mul().add().set(into);
  }

  /** Pushes the element (i, j), in every lane. */
  element({ pointer, offset, bytes }: Rows, i: Local, j: Local): void {
    const { f, size } = this;
    f.get(pointer).get(i).i32(bytes).mul().add().get(j).i32(size).mul().add();
    f.simdMemory(size === 8 ? memory.splat64 : memory.splat32, offset);
  }

  /** Stores the first lane of a value as element (i, j). */
  setElement({ pointer, offset, bytes }: Rows, i: Local, j: Local, value: Local): void {
    const { f, size } = this;
    f.get(pointer).get(i).i32(bytes).mul().add().get(j).i32(size).mul().add();
    f.get(value).simdMemory(size === 8 ? memory.storeLane64 : memory.storeLane32, offset, 0, 0);
  }

  /** For each vector of a part of a row: pushes nothing; the body sees the distance from the row's beginning in a local. */
  overVectors({ vectors }: Part, body: (at: Local) => void): void {
    const { f } = this,
      at = f.local("i32");
    f.loop(at, 0, 16 * vectors, 16, () => {
      body(at);
    });
    f.release(at);
  }

  /** Pushes a vector of a row. */
  vector(row: Local, offset: number, at: Local): void {
    this.f.get(row).get(at).add().simdMemory(memory.load, offset);
  }

  /** rows[i] −= factor · rows[k], in a part; `i` and `k` are addresses. */
  subtract(i: Local, k: Local, part: Part, factor: Local): void {
    const { f, number } = this;
    this.overVectors(part, at => {
      f.get(i).get(at).add();
      this.vector(i, part.offset, at);
      f.get(factor);
      this.vector(k, part.offset, at);
      f.simd(number.multiply).simd(number.subtract).simdMemory(memory.store, part.offset);
    });
  }

  /** rows[k] /= divisor, in a part. */
  divide(k: Local, part: Part, divisor: Local): void {
    const { f, number } = this;
    this.overVectors(part, at => {
      f.get(k).get(at).add();
      this.vector(k, part.offset, at);
      f.get(divisor).simd(number.divide).simdMemory(memory.store, part.offset);
    });
  }

  /** Copies `columns` elements of each of n rows between dense rows and a part of padded ones; what pads them is zero. */
  copy(n: number, columns: number, dense: Rows, padded: Rows, into: "padded" | "dense"): void {
    const { f, width, size, dtype } = this,
      whole = Math.floor(columns / width),
      rest = columns % width;
    const i = f.local("i32"),
      from = f.local("i32"),
      to = f.local("i32"),
      value = f.local("v128"),
      step = f.local("i32");
    const [source, target] = into === "padded" ? [dense, padded] : [padded, dense];
    const move = (count: number) => {
      load(f, width, dtype, from, source.offset, 1, count, true);
      f.set(value);
      store(f, width, dtype, to, target.offset, 1, into === "padded" ? width : count, value);
    };
    f.loop(i, 0, n, 1, () => {
      this.row(from, source, i);
      this.row(to, target, i);
      if (whole > 0)
        f.loop(step, 0, whole, 1, () => {
          move(width);
          f.increment(from, width * size).increment(to, width * size);
        });
      if (rest > 0) move(rest);
    });
    f.release(i, from, to, value, step);
  }
}
