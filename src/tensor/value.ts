import * as np from "./np/index.js";
import type { Constant } from "./constants.js";
import { fail } from "./error.js";
import { answeringValues } from "./foreign-names.js";
import type { Extents } from "./extents.js";
import type { Primitive, Primitives } from "../program/program.js";
import type { DType, Shape, Type } from "./types.js";
import { showType } from "./types.js";

/**
 * Operations of a graph: the primitives of programs, the identity that tells a differentiated value apart, values with a rule of their own,
 * indices whose bound is known, and what holds several results of a loop.
 */
export type OperationName = Primitive | "identity" | "customGradient" | "bounded" | "tuple" | "result";

/** One number, traced or known. */
export type Scalar = Value | number;

/** A value, or a constant: a number or nested lists, which take the dtype of what they meet, or a host array. */
export type Operand = Value | Constant;

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

/** How a value came to be: the stack then, and the value whose derivative it belongs to, if it does. */
export interface Birth {
  readonly stack: string | undefined;
  readonly derivativeOf: Value | undefined;
}

/** Who waits for a value to be made. */
let watch: { readonly id: number; made(birth: Birth): void } | undefined;

/** The value whose derivative is being made. */
let differentiated: Value | undefined;

/** Makes the derivative of a value. */
export function inDerivative<R>(of: Value, make: () => R): R {
  const outer = differentiated;
  differentiated = of;
  try {
    return make();
  } finally {
    differentiated = outer;
  }
}

/** The `id` of the value that is made next. */
export const nextId = (): number => created;

/** Runs what makes values, and says how the one of this `id` came to be, if it did. */
export function birthOf(id: number, run: () => void): Birth | undefined {
  const outer = watch;
  let found: Birth | undefined;
  watch = { id, made: birth => (found = birth) };
  try {
    run();
  } finally {
    watch = outer;
  }
  return found;
}

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
  ) {
    if (watch?.id === this.id) watch.made({ stack: new Error().stack, derivativeOf: differentiated });
  }

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

  /** This plus y, broadcast: `np.add`. */
  add(y: Operand): Value {
    return np.add(this, y);
  }
  /** This minus y, broadcast: `np.subtract`. */
  sub(y: Operand): Value {
    return np.subtract(this, y);
  }
  /** This times y element by element, broadcast: `np.multiply`. */
  mul(y: Operand): Value {
    return np.multiply(this, y);
  }
  /** This divided by y, broadcast: `np.divide`. */
  div(y: Operand): Value {
    return np.divide(this, y);
  }
  /** The negative: `np.negative`. */
  neg(): Value {
    return np.negative(this);
  }
  /** A power: by multiplication if whole, else of positive numbers: `np.power`. */
  pow(y: Operand): Value {
    return np.power(this, y);
  }
  /** The absolute value; its derivative at 0 is 0: `np.abs`. */
  abs(): Value {
    return np.abs(this);
  }
  /** The larger of this and y; ties share the derivative: `np.maximum`. */
  maximum(y: Operand): Value {
    return np.maximum(this, y);
  }
  /** The smaller of this and y; ties share the derivative: `np.minimum`. */
  minimum(y: Operand): Value {
    return np.minimum(this, y);
  }

  /** Whether this < y, as bool: `np.less`. */
  less(y: Operand): Value {
    return np.less(this, y);
  }
  /** Whether this ≤ y, as bool: `np.lessEqual`. */
  lessEqual(y: Operand): Value {
    return np.lessEqual(this, y);
  }
  /** Whether this > y, as bool: `np.greater`. */
  greater(y: Operand): Value {
    return np.greater(this, y);
  }
  /** Whether this ≥ y, as bool: `np.greaterEqual`. */
  greaterEqual(y: Operand): Value {
    return np.greaterEqual(this, y);
  }
  /** Whether this = y, as bool: `np.equal`. */
  equal(y: Operand): Value {
    return np.equal(this, y);
  }
  /** Whether this ≠ y, as bool: `np.notEqual`. */
  notEqual(y: Operand): Value {
    return np.notEqual(this, y);
  }

  /** Sum over axes (absent: all): `np.sum`. */
  sum(axis?: Axes, options?: ReduceOptions): Value {
    return np.sum(this, axis, options);
  }
  /** Mean over axes (absent: all): `np.mean`. */
  mean(axis?: Axes, options?: ReduceOptions): Value {
    return np.mean(this, axis, options);
  }
  /** Largest element over axes (absent: all); ties share the derivative: `np.max`. */
  max(axis?: Axes, options?: ReduceOptions): Value {
    return np.max(this, axis, options);
  }
  /** Smallest element over axes (absent: all); ties share the derivative: `np.min`. */
  min(axis?: Axes, options?: ReduceOptions): Value {
    return np.min(this, axis, options);
  }

  /** The same elements in another shape, as a list or one by one; one extent may be −1: `np.reshape`. @throws if the number of elements differs */
  reshape(...shape: Extents): Value {
    return np.reshape(this, ...shape);
  }
  /** All elements along one axis. */
  flatten(): Value {
    return np.reshape(this, [-1]);
  }
  /** Axes in another order, as a list or one by one; absent: reversed: `np.transpose`. */
  transpose(...permutation: Extents | [permutation?: undefined]): Value {
    return np.transpose(this, ...permutation);
  }
  /** One item an axis, from the first, as NumPy: `x.slice(0)`, `x.slice([1, 3])`, `x.slice(null, [null, null, -1])`: `np.slice`. */
  slice(...items: SliceItem[]): Value {
    return np.slice(this, ...items);
  }
  /** Inner product over the last axis of this and the second-to-last (or only) axis of y: `np.dot`. */
  dot(y: Operand): Value {
    return np.dot(this, y);
  }
  /** Matrix product over the last two axes, leading axes broadcast: `np.matmul`. */
  matmul(y: Operand): Value {
    return np.matmul(this, y);
  }
  /** Converts the elements; `np.float32` stands for the working precision: `np.astype`. */
  astype(dtype: DType): Value {
    return np.astype(this, dtype);
  }

  /** A traced value has no number: comparing it with `>`, adding with `+`, `Number(x)` cannot work. @throws always */
  [Symbol.toPrimitive](): never {
    return fail(
      "a traced value",
      "has a shape but no number, so it cannot be used with JavaScript's operators, as an index or in a condition (use .add, .greater, np.where, np.take)",
      `${showType(this)} in such a place`,
    );
  }

  static {
    // What a value does not have, NumPy's or PyTorch's may have: it is answered with what there is.
    const own = this.prototype as object;
    Object.setPrototypeOf(
      own,
      answeringValues(() => [...Object.getOwnPropertyNames(own), "shape", "dtype"]),
    );
    // Not a method, so that the compiler refuses `[...x]` and `for (const row of x)` too.
    Object.defineProperty(this.prototype, Symbol.iterator, {
      value(this: Value): never {
        return fail("a traced value", "has no numbers to go through (use .slice, np.split, vmap; np.max for Math.max)", showType(this));
      },
    });
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
