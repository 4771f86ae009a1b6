import { checkClosedOver } from "../../tensor/closed-over.js";
import { numbersOf } from "../../tensor/constants.js";
import { workingPrecision } from "../../tensor/precision.js";
import type { ValueTree } from "../../tensor/tree.js";
import { leaves, paths } from "../../tensor/tree.js";
import type { TypedArray } from "../../tensor/types.js";
import { isFloat, showType } from "../../tensor/types.js";
import type { Value } from "../../tensor/value.js";
import { fail } from "../../tensor/error.js";
import { failAbout } from "./where.js";

/** What a function of the user's was called with. */
export interface CalledWith {
  readonly differentiated: readonly ValueTree[];
  readonly others: readonly ValueTree[];
}

/** What values are made of, down to some inputs, operands before what they go into: in an order that follows from the graph alone. */
function madeOf(outputs: readonly Value[], inputs: ReadonlyMap<Value, number>): Value[] {
  const order: Value[] = [],
    seen = new Set<Value>(),
    stack: [value: Value, ready: boolean][] = [...outputs].reverse().map(v => [v, false]);
  for (let top = stack.pop(); top; top = stack.pop()) {
    const [v, ready] = top;
    if (ready) order.push(v);
    else if (!seen.has(v)) {
      seen.add(v);
      stack.push([v, true]);
      if (!inputs.has(v)) for (let i = v.inputs.length - 1; i >= 0; i--) stack.push([v.inputs[i], false]);
    }
  }
  return order;
}

/** Text and numbers as one short word: two hashes of 32 bits, side by side. */
class Digest {
  #a = 0x9e3779b9 | 0;
  #b = 0x85ebca6b | 0;

  add(word: number): void {
    this.#a = Math.imul(this.#a ^ word, 0x01000193);
    this.#b = Math.imul(((this.#b << 13) | (this.#b >>> 19)) ^ word, 0x5bd1e995);
  }
  text(text: string): void {
    for (let i = 0; i < text.length; i++) this.add(text.charCodeAt(i));
    this.add(-1);
  }
  /** Four lanes, which processors compute side by side: constants may be whole data sets. */
  numbers({ buffer, byteOffset, byteLength }: TypedArray): void {
    const bytes = new Uint8Array(buffer, byteOffset, byteLength),
      words = byteOffset % 4 ? new Int32Array(bytes.slice(0, byteLength & ~3).buffer) : new Int32Array(buffer, byteOffset, byteLength >> 2);
    let [p, q, r, s] = [1, 2, 3, 4],
      i = 0;
    for (; i + 3 < words.length; i += 4) {
      p = Math.imul(p, 0x01000193) ^ words[i];
      q = Math.imul(q, 0x01000193) ^ words[i + 1];
      r = Math.imul(r, 0x01000193) ^ words[i + 2];
      s = Math.imul(s, 0x01000193) ^ words[i + 3];
    }
    for (const word of [p, q, r, s, ...words.subarray(i), ...bytes.subarray(byteLength & ~3), byteLength]) this.add(word);
  }
  toString(): string {
    return `${this.#a}.${this.#b}`;
  }
}

/** Numbers that JSON has no spelling for are others too. */
const spelled = (_: string, x: unknown): unknown =>
  typeof x === "number" && (!Number.isFinite(x) || Object.is(x, -0)) ? `${1 / x} ${x}` : x;

/** A word for what outputs compute of inputs: the same for the same operations, numbers and places. */
function digestOf(names: readonly string[], outputs: readonly Value[], made: readonly Value[], inputs: ReadonlyMap<Value, number>): string {
  const digest = new Digest(),
    places = new Map(made.map((v, i) => [v, i]));
  for (const v of made) {
    const input = inputs.get(v);
    if (input !== undefined) digest.text(`input ${input}`);
    else {
      const params = v.op === "constant" || v.op === "input" ? "" : JSON.stringify(v.params, spelled);
      digest.text(`${v.op} ${showType(v)} ${params} ${v.inputs.map(x => places.get(x)).join()}`);
      if (v.op === "constant") digest.numbers(numbersOf(v).data);
    }
  }
  outputs.forEach((v, i) => digest.text(`${names[i]} ${places.get(v)}`));
  return digest.toString();
}

/** What functions were seen to compute: by the specification that they belong to, then by name and types. */
const known = new WeakMap<object, Map<string, string>>();

/**
 * What a function of the user's returned, checked as a graph: derivatives come of one call and values of another, so it must be the same
 * in every call with arguments of the same types; and a function with a derivative of its own must have what is differentiated as its argument.
 *
 * @param owner of the function
 * @throws if it computed something else before, or loses a derivative
 */
export function checkTrace<R extends ValueTree | number>(
  owner: object,
  where: string,
  { differentiated, others }: CalledWith,
  returned: R,
): R {
  const found = typeof returned === "number" ? [] : paths(where, returned).sort(([a], [b]) => (a < b ? -1 : 1)),
    outputs = found.map(([, v]) => v as Value),
    moved = differentiated.flatMap(tree => leaves(tree)),
    args = [...moved, ...others.flatMap(tree => leaves(tree))],
    // A value may be two arguments at once: it is the first of them, and calls are compared with such as have the same ones twice.
    inputs = new Map([...args.entries()].reverse().map(([i, v]) => [v, i])),
    made = madeOf(outputs, inputs);
  if (made.some(v => v.op === "customGradient")) {
    const moving = new Set(moved);
    for (const v of made) {
      if (isFloat(v) && v.op !== "stopGradient" && !inputs.has(v) && v.inputs.some(x => moving.has(x))) moving.add(v);
      checkClosedOver(v, moving, (...sentence) => failAbout(v, ...sentence));
    }
  }
  const names = found.map(([path]) => path),
    digest = typeof returned === "number" ? `${returned}` : digestOf(names, outputs, made, inputs),
    key = [where, workingPrecision(), ...args.map(v => `${showType(v)}${inputs.get(v)}`)].join(" "),
    before = known.get(owner) ?? new Map<string, string>();
  known.set(owner, before);
  if ((before.get(key) ?? digest) !== digest)
    fail(
      where,
      "must compute the same in every call, as it is traced more than once: for its value, its gradients, each precision (numbers that change belong to the task)",
      "another program than before",
    );
  before.set(key, digest);
  return returned;
}
