import { fail } from "./error.js";
import type { Shape } from "./types.js";

/** Numbers in a typed array: a row of a nested list may be one. */
export type NumberArray =
  Float32Array | Float64Array | Int8Array | Int16Array | Int32Array | Uint8Array | Uint8ClampedArray | Uint16Array | Uint32Array;

/** A number, or lists of numbers of one shape. */
export type Nested = number | NumberArray | readonly Nested[];

/** Nested lists as a shape and their numbers, row by row. */
export interface Flattened {
  readonly shape: Shape;
  readonly numbers: readonly number[];
}

const isNumbers = (x: unknown): x is ArrayLike<number> =>
  ArrayBuffer.isView(x) && !(x instanceof DataView) && typeof (x as { 0?: unknown })[0] !== "bigint";
const isList = (x: unknown): x is ArrayLike<unknown> => Array.isArray(x) || isNumbers(x);

/** What stands in a list, as a refusal names it. */
function show(x: unknown): string {
  if (isList(x)) return x.length === 0 ? "an empty list" : `a list of ${x.length}`;
  if (typeof x === "object" && x !== null) return Object.prototype.toString.call(x) === "[object Object]" ? "an object" : "no number";
  if (typeof x === "string") return JSON.stringify(x);
  return typeof x === "bigint" ? `${x}n` : typeof x === "function" ? "a function" : String(x);
}

/** The extents of the first elements, which all others must have. */
function extentsOf(list: unknown): number[] {
  const shape: number[] = [];
  for (let x = list; isList(x); x = x[0]) {
    shape.push(x.length);
    if (x.length === 0) break;
  }
  return shape;
}

const at = (path: readonly number[]) => (path.length ? ` at ${path.map(i => `[${i}]`).join("")}` : "");

/**
 * Nested lists as a shape and a flat list, row-major: [[1, 2], [3, 4]] is [2, 2] and [1, 2, 3, 4]. A row may be a typed array.
 * @param who refuses
 * @param list a number, or lists of numbers of one shape
 * @throws with the position, if a list is longer or shorter than the first beside it, or something is no number
 */
export function flattenNested(who: string, list: unknown): Flattened {
  const shape = extentsOf(list);
  const numbers: number[] = [];
  const path: number[] = [];
  const refuse = (rule: string, x: unknown): never => fail(who, rule, `${show(x)}${at(path)}`);
  const walk = (x: unknown, depth: number): void => {
    if (depth === shape.length) {
      if (typeof x === "number") numbers.push(x);
      else refuse(isList(x) && depth > 0 ? "takes nested lists of one shape" : "takes numbers in nested lists", x);
      return;
    }
    if (!isList(x)) return refuse(typeof x === "number" ? "takes nested lists of one shape" : "takes numbers in nested lists", x);
    if (x.length !== shape[depth]) refuse(`takes nested lists of one shape, here of ${shape[depth]}`, x);
    for (let i = 0; i < x.length; i++) {
      path.push(i);
      walk(x[i], depth + 1);
      path.pop();
    }
  };
  walk(list, 0);
  return { shape, numbers };
}
