import { fail } from "../../tensor/error.js";
import { convert } from "../../tensor/np/promote.js";
import * as np from "../../tensor/np/index.js";
import type { ValueTree } from "../../tensor/tree.js";
import { describeTree, isBranch, mapTree } from "../../tensor/tree.js";
import type { Tree } from "../../tensor/types.js";
import { isFloat, showType } from "../../tensor/types.js";
import { Value } from "../../tensor/value.js";

/** A number or a scalar value, or what gives one at the step k = 1 … r (an int32 scalar): the schedules of the outer loop do. */
export type Scalar = Value | number | ((step: Value) => Value | number);

/** A scalar, or a tree like φ of numbers and values that broadcast to φ's leaves; or what gives one of these at the step k. */
export type PerArray = Tree<Value | number> | ((step: Value) => Tree<Value | number>);

/** What numbers a hyperparameter may have. */
export interface Range {
  readonly rule: string;
  has(x: number): boolean;
}
export const nonNegative: Range = { rule: "a finite number ≥ 0", has: x => x >= 0 && x < Infinity };
export const positive: Range = { rule: "a finite number > 0", has: x => x > 0 && x < Infinity };
export const share: Range = { rule: "a number in [0, 1)", has: x => x >= 0 && x < 1 };

/** Checks the numbers that are known before anything is traced. @throws if one is out of range, or what is given is no hyperparameter */
export function checkGiven(who: string, given: unknown, range: Range, perArray = false): void {
  if (typeof given === "function" || Value.is(given)) return;
  const form = perArray ? ", a value, a tree of these like φ" : ", a scalar value";
  const refuse = (x: unknown): never => fail(who, `must be ${range.rule}${form}, or a schedule`, describeTree(x));
  if (typeof given === "number") return range.has(given) ? undefined : refuse(given);
  if (!perArray || !isBranch(given)) return refuse(given);
  for (const part of Object.values(given)) checkGiven(who, typeof part === "function" ? refuse(part) : part, range, true);
}

const at = <T>(given: T | ((step: Value) => T), step: Value): T =>
  typeof given === "function" ? (given as (step: Value) => T)(step) : given;

/** A scalar hyperparameter at a step: a number, or a scalar in the working precision. @throws if it is neither, or out of range */
export function scalarAt(who: string, given: Scalar, range: Range, step: Value): Value | number {
  const x: unknown = at(given, step);
  if (typeof x === "number") {
    if (!range.has(x)) fail(who, `must be ${range.rule}`, `${x}`);
    return x;
  }
  if (!Value.is(x) || x.ndim !== 0 || !isFloat(x)) return fail(who, "must be a number or a floating point scalar", describeTree(x));
  return x.astype(np.float32);
}

/** 1 − x: of a number in double precision, as 1 − 0.999 in float32 has lost five digits. */
export const oneMinus = (x: Value | number): Value | number => (typeof x === "number" ? 1 - x : np.subtract(1, x));

/** A hyperparameter at a step as a tree like φ, of values that broadcast to its leaves. @throws if it is not like φ, or out of range */
export function likePhi(who: string, given: PerArray, range: Range, phi: ValueTree, step: Value): ValueTree {
  const found = at(given, step);
  if (typeof found === "number" || (Value.is(found) && found.ndim === 0)) {
    const one = scalarAt(who, found, range, step);
    return mapTree(who, ([p]) => leafOf(one, p as Value), [phi]) as ValueTree;
  }
  checkGiven(who, found, range, true);
  return mapTree(
    who,
    ([p, x], path) => {
      const value = leafOf(x as Value, p as Value),
        place = path ? ` at ${path}` : "";
      if (!broadcasts(value, p as Value)) fail(who, `must broadcast to ${showType(p)}${place}`, showType(x));
      return value;
    },
    [phi, lifted(found)],
  ) as ValueTree;
}

const leafOf = (x: Value | number, p: Value): Value => (typeof x === "number" ? np.full([], x, p.dtype) : convert(x, p.dtype));

const broadcasts = (x: Value, p: Value) => x.ndim <= p.ndim && x.shape.every((d, i) => d === 1 || d === p.shape[i + p.ndim - x.ndim]);

/** A tree whose numbers are values. */
export function lifted(tree: unknown): unknown {
  if (typeof tree === "number") return np.full([], tree);
  if (Array.isArray(tree)) return tree.map(lifted);
  return isBranch(tree) ? Object.fromEntries(Object.entries(tree).map(([key, x]) => [key, lifted(x)])) : tree;
}
