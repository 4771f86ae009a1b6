import { resultOf } from "../ops/loops.js";
import type { Type } from "../types.js";
import type { Value } from "../value.js";
import type { Body } from "./body.js";

/** A loop over steps, as in a program, whose body is a piece of the graph. */
export interface ScanSpec {
  /** Inputs: constants, carry, x. Outputs: carry, y. */
  readonly body: Body;
  readonly constants: number;
  readonly carry: number;
  readonly length: number;
  readonly reverse: boolean;
  readonly every: number;
}

/** A loop in the graph. */
export interface ScanValue extends ScanSpec {
  readonly value: Value;
}

/** Makes a loop of operands in the order of the body's inputs. */
export type MakeScan = (spec: ScanSpec, operands: readonly Value[]) => ScanValue;

const yields = ({ body, carry }: ScanSpec): number => body.outputs.length - carry;
const range = (n: number, from = 0): number[] => Array.from({ length: n }, (_, i) => from + i);

/** The results by kind. */
export const lastCarry = (s: ScanValue): Value[] => range(s.carry).map(k => resultOf(s.value, k));
export const rowsOfY = (s: ScanValue): Value[] => range(yields(s), s.carry).map(k => resultOf(s.value, k));
export const histories = (s: ScanValue): Value[] => range(s.carry, s.body.outputs.length).map(k => resultOf(s.value, k));

/** Rows of a history. */
export const historyRows = ({ length, every }: ScanSpec): number => Math.ceil(length / every);

/** The types of all results: the last carry, ys, histories. */
export function resultTypes(spec: ScanSpec): Type[] {
  const { carry, length, body } = spec,
    kept = body.outputs.slice(0, carry);
  const rows =
    (n: number) =>
    (t: Type): Type => ({ shape: [n, ...t.shape], dtype: t.dtype });
  return [...kept, ...body.outputs.slice(carry).map(rows(length)), ...kept.map(rows(historyRows(spec)))];
}

/** A list of what belongs to the operands, or to the body's inputs, by kind. */
export function byKind<T>(
  { constants, carry }: ScanSpec,
  all: readonly T[],
): { constants: readonly T[]; carry: readonly T[]; xs: readonly T[] } {
  const first = constants + carry;
  return { constants: all.slice(0, constants), carry: all.slice(constants, first), xs: all.slice(first) };
}

/** A list of what belongs to the results, by kind. */
export function byResult<T>(spec: ScanSpec, all: readonly T[]): { carry: readonly T[]; ys: readonly T[]; histories: readonly T[] } {
  const { carry } = spec,
    n = carry + yields(spec);
  return { carry: all.slice(0, carry), ys: all.slice(carry, n), histories: all.slice(n) };
}
