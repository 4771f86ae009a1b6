import { fail } from "./error.js";
import type { HostArray, Shape } from "./types.js";
import { sameShape, showType } from "./types.js";

/** A number or a truth value, a typed array, or lists of them of one shape. */
export type Nested = number | boolean | ArrayLike<number> | readonly Nested[];

/** What nested lists hold. */
export interface Read {
  readonly shape: Shape;
  /** Row-major; truth values as 0 and 1. */
  readonly numbers: ArrayLike<number>;
  readonly truth: boolean;
}

const isTyped = (x: unknown): x is ArrayLike<number> & { readonly constructor: { readonly name: string } } =>
  ArrayBuffer.isView(x) && !(x instanceof DataView);
const isBig = (x: object) => x instanceof BigInt64Array || x instanceof BigUint64Array;
const isArray = (x: unknown): x is HostArray => typeof x === "object" && x !== null && "dtype" in x && "shape" in x;

/** Something in a list, as a refusal shows it. */
function show(x: unknown): string {
  if (isArray(x)) return `${"data" in x ? "a host array" : "a traced value"} ${showType(x)}`;
  if (typeof x === "string") return JSON.stringify(x);
  if (typeof x === "bigint") return `${x}n`;
  if (typeof x === "function") return "a function";
  return typeof x === "object" && x !== null ? (isTyped(x) ? `a ${x.constructor.name}` : "an object") : String(x);
}

/** ` at [1][0]`: where in nested lists something stands. */
export const positioned = (at: readonly number[]): string => (at.length ? ` at ${at.map(i => `[${i}]`).join("")}` : "");

/** The place of an element in nested lists of a shape, by its number in row-major order. */
export function placeOf(shape: Shape, element: number): number[] {
  let rest = element;
  const place = [...shape].reverse().map(n => {
    const i = rest % n;
    rest = (rest - i) / n;
    return i;
  });
  return place.reverse();
}

/**
 * Reads a number, a list or nested lists.
 * @throws on anything but numbers, or truth values, at their position; and where lists beside each other differ in shape
 */
export function readNested(who: string, data: unknown): Read {
  if (isTyped(data) && !isBig(data)) return { shape: [data.length], numbers: data, truth: false };
  const numbers: number[] = [];
  let truth: boolean | undefined;
  const add = (x: unknown, at: readonly number[]) => {
    const isTruth = typeof x === "boolean";
    if (typeof x !== "number" && !isTruth) fail(who, "takes numbers", show(x) + positioned(at));
    if ((truth ?? isTruth) !== isTruth) fail(who, "takes numbers or truth values, not both", show(x) + positioned(at));
    truth = isTruth;
    numbers.push(Number(x));
  };
  const walk = (x: unknown, at: readonly number[]): Shape => {
    const isList = Array.isArray(x) || (isTyped(x) && !isBig(x)) || (at.length === 0 && isListLike(x));
    if (!isList) {
      add(x, at);
      return [];
    }
    const list = x as ArrayLike<unknown>;
    let first: Shape | undefined;
    for (let i = 0; i < list.length; i++) {
      const shape = walk(list[i], [...at, i]);
      first ??= shape;
      if (!sameShape(shape, first))
        fail(
          who,
          `takes lists of one shape beside each other (${shapeText(first)}${positioned([...at, 0])})`,
          shapeText(shape) + positioned([...at, i]),
        );
    }
    return [list.length, ...(first ?? [])];
  };
  const shape = walk(data, []);
  return { shape, numbers, truth: truth ?? false };
}

const shapeText = (shape: Shape): string => (shape.length ? `the shape [${shape.join(",")}]` : "one number");

/** An object with a length and elements by number, such as `arguments`. */
const isListLike = (x: unknown): boolean =>
  typeof x === "object" && x !== null && !isArray(x) && Number.isSafeInteger((x as { length?: unknown }).length);
