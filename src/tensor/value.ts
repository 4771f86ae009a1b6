import * as np from "./np/index.js";
import { fail } from "./error.js";
import type { Primitive, Primitives } from "../program/program.js";
import type { DType, Shape, Type } from "./types.js";
import { showType } from "./types.js";

/** Operations of a graph: the primitives of programs, and the identity that tells a differentiated value apart. */
export type OperationName = Primitive | "identity";

/** A value, or a number that takes the dtype of what it meets. */
export type Operand = Value | number;

/** One axis or several; negative ones count from the end. Absent: all. */
export type Axes = number | readonly number[] | null | undefined;

/** `keepdims`: reduced axes stay, with extent 1. */
export interface ReduceOptions {
  readonly keepdims?: boolean;
}

/** An index (the axis goes), `[start, stop, step]` with NumPy's defaults for what is missing, or null for a whole axis. */
export type SliceItem = number | readonly (number | null)[] | null;

const brand = Symbol.for("ufom.value");
let created = 0;

/**
 * A value inside a traced function: a shape and a dtype, no numbers. It is immutable, owns no memory and may be used any number of times.
 */
export class Value implements Type {
  /** Order of creation, which is a topological order of every graph. */
  readonly id = created++;
  readonly [brand] = true;

  constructor(
    readonly op: OperationName,
    readonly inputs: readonly Value[],
    readonly params: Primitives[Primitive],
    readonly shape: Shape,
    readonly dtype: DType,
  ) {}

  static is(x: unknown): x is Value {
    return typeof x === "object" && x !== null && brand in x;
  }

  /** Number of axes. */
  get ndim(): number {
    return this.shape.length;
  }
  /** Number of elements. */
  get size(): number {
    return this.shape.reduce((n, d) => n * d, 1);
  }
  /** The transpose: axes in reverse order. */
  get T(): Value {
    return np.transpose(this);
  }

  add(y: Operand): Value {
    return np.add(this, y);
  }
  sub(y: Operand): Value {
    return np.subtract(this, y);
  }
  mul(y: Operand): Value {
    return np.multiply(this, y);
  }
  div(y: Operand): Value {
    return np.divide(this, y);
  }
  neg(): Value {
    return np.negative(this);
  }
  /** A whole power, by multiplication. */
  pow(n: number): Value {
    return np.power(this, n);
  }
  abs(): Value {
    return np.abs(this);
  }
  maximum(y: Operand): Value {
    return np.maximum(this, y);
  }
  minimum(y: Operand): Value {
    return np.minimum(this, y);
  }

  less(y: Operand): Value {
    return np.less(this, y);
  }
  lessEqual(y: Operand): Value {
    return np.lessEqual(this, y);
  }
  greater(y: Operand): Value {
    return np.greater(this, y);
  }
  greaterEqual(y: Operand): Value {
    return np.greaterEqual(this, y);
  }
  equal(y: Operand): Value {
    return np.equal(this, y);
  }
  notEqual(y: Operand): Value {
    return np.notEqual(this, y);
  }

  sum(axis?: Axes, options?: ReduceOptions): Value {
    return np.sum(this, axis, options);
  }
  mean(axis?: Axes, options?: ReduceOptions): Value {
    return np.mean(this, axis, options);
  }
  max(axis?: Axes, options?: ReduceOptions): Value {
    return np.max(this, axis, options);
  }
  min(axis?: Axes, options?: ReduceOptions): Value {
    return np.min(this, axis, options);
  }

  /** The same elements in another shape; one extent may be −1. */
  reshape(shape: Shape): Value {
    return np.reshape(this, shape);
  }
  flatten(): Value {
    return np.reshape(this, [-1]);
  }
  transpose(permutation?: readonly number[]): Value {
    return np.transpose(this, permutation);
  }
  /** One item an axis, from the first: `x.slice(0)`, `x.slice([1, 3])`, `x.slice(null, [null, null, -1])`. */
  slice(...items: SliceItem[]): Value {
    return np.slice(this, ...items);
  }
  dot(y: Value): Value {
    return np.dot(this, y);
  }
  matmul(y: Value): Value {
    return np.matmul(this, y);
  }
  /** Converts the elements; `np.float32` stands for the working precision. */
  astype(dtype: DType): Value {
    return np.astype(this, dtype);
  }

  /** A traced value has no number: comparing it with `>`, adding with `+`, `Number(x)` cannot work. @throws always */
  [Symbol.toPrimitive](): never {
    return fail(
      "a traced value",
      "has a shape but no number, so it cannot be used with JavaScript's operators or in a condition (use .add, .greater, np.where)",
      `${showType(this)} in such a place`,
    );
  }

  /** A graph is not JSON: programs are (see `trace`). @throws always */
  toJSON(): never {
    return fail("a traced value", "has no numbers to write as JSON", showType(this));
  }

  /** `Value float32[2,3] of add`: what `console.log` shows in Node, in place of the whole graph. */
  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return `Value ${showType(this)} of ${this.op}`;
  }
}
