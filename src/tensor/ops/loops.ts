import type { Cond, Program, Scan } from "../../program/program.js";
import { fail } from "../error.js";
import type { Operation } from "../operation.js";
import { apply } from "../operation.js";
import type { Type } from "../types.js";
import type { Value } from "../value.js";

/**
 * How the graph holds what has several results: a value of the operation `scan` or `cond`, which has no numbers of its own, and a value `result` for
 * each result that is used. A `tuple` stands for the results, tangents or cotangents of such a value, some of which may be missing (zero).
 */
export interface LoopRules extends Pick<Operation<"scan">, "pullback" | "pushforward" | "batch"> {
  /** The types of its results. */
  readonly results: readonly Type[];
  /** The operands that a function with a derivative of its own uses from outside, within a body: no derivative passes to them there. */
  lost(): readonly Value[];
  /** The outputs of its bodies. */
  readonly within: readonly Value[];
  /** The parameters of its nodes in a program, but for the result. */
  parameters(emit: EmitBody): Omit<Scan, "result"> | Omit<Cond, "result">;
}

/** Writes a piece of a graph as a program of the given inputs. */
export type EmitBody = (inputs: readonly Value[], outputs: readonly Value[]) => Program;

const loops = new WeakMap<Value, LoopRules>();
const tuples = new WeakMap<Value, readonly (Value | null)[]>();

/** What stands for something with several results; a float, so that derivatives pass through it. */
const bundle: Type = { shape: [], dtype: "float32" };

/** A value with several results and rules of its own. */
export function loopValue(op: "scan" | "cond", operands: readonly Value[], rules: LoopRules): Value {
  const value = apply(op, operands, {} as never);
  loops.set(value, rules);
  return value;
}

/** Inputs of a body that are rows, by what they are rows of. */
const rowsOf = new WeakMap<Value, Value>();

/** Remembers of what an input of a body is a row. */
export const rememberRows = (row: Value, of: Value): void => void rowsOf.set(row, of);

/** Of what a value is a row, if it is the input of a body. */
export const rowsBehind = (row: Value): Value | undefined => rowsOf.get(row);

/** The operands of a value with several results to which a derivative would be lost. */
export const lostWithin = (v: Value): readonly Value[] => loops.get(v)?.lost() ?? [];

/** The outputs of the bodies of a value that has several results. */
export const outputsWithin = (v: Value): readonly Value[] => loops.get(v)?.within ?? [];

/** Some values as one, of which some may be missing. */
export function tupleOf(parts: readonly (Value | null)[]): Value {
  const value = apply(
    "tuple",
    parts.filter(p => p !== null),
    {},
  );
  tuples.set(value, parts);
  return value;
}

/** The parts of a tuple. */
export const partsOf = (tuple: Value): readonly (Value | null)[] => tuples.get(tuple) as readonly (Value | null)[];

/** A result of a value that has several. */
export const resultOf = (of: Value, index: number): Value => apply("result", [of], { index } as never, loops.get(of)?.results[index]);

/** Which result a value is. */
export const indexOf = (result: Value): number => (result.params as { readonly index: number }).index;

/** The operation and the parameters of a result's node in a program. */
export function nodeOfResult(result: Value, emit: EmitBody): { readonly op: "scan" | "cond"; readonly params: Scan | Cond } {
  const [of] = result.inputs;
  return { op: of.op as "scan" | "cond", params: { ...rulesAt(of).parameters(emit), result: indexOf(result) } };
}

/** The sum of two cotangents of one value. */
export function plusCotangent(a: Value, b: Value): Value {
  if (a.op !== "tuple") return a.add(b);
  const second = partsOf(b);
  return tupleOf(
    partsOf(a).map((x, i) => {
      const y = second[i];
      return x && y ? x.add(y) : (x ?? y);
    }),
  );
}

const unreachable = (op: string) => () => fail(op, "is computed with the program that it is part of", "a request for its value");
const rulesAt = (y: Value): LoopRules => loops.get(y) as LoopRules;

const loop: Operation<"scan"> & Operation<"cond"> = {
  type: () => bundle,
  pullback: (y: Value, g: Value) => rulesAt(y).pullback(y as never, g),
  pushforward: (y: Value, tangents: readonly (Value | null)[]) => rulesAt(y).pushforward(y as never, tangents),
  batch: (y: Value, operands: readonly Value[], batched: readonly boolean[], size: number) =>
    rulesAt(y).batch(y as never, operands, batched, size),
  evaluate: unreachable("a loop"),
};

/** A loop over steps; `tensor/loops/scan.ts` makes its rules. */
export const scan: Operation<"scan"> = loop;
/** One of two ways; `tensor/loops/cond.ts` makes its rules. */
export const cond: Operation<"cond"> = loop;

/** Several values as one; never part of a program. */
export const tuple: Operation<"tuple"> = {
  type: () => bundle,
  pullback: unreachable("a tuple"),
  pushforward: unreachable("a tuple"),
  batch: unreachable("a tuple"),
  evaluate: unreachable("a tuple"),
};

/** One of several results; in a program it is a node of the loop. */
export const result: Operation<"result"> = {
  type: (_, __, wanted) => wanted as Type,
  pullback(y, g) {
    const { results } = rulesAt(y.inputs[0]);
    return [tupleOf(results.map((_, i) => (i === indexOf(y) ? g : null)))];
  },
  pushforward: (y, [t]) => t && partsOf(t)[indexOf(y)],
  batch: (y, [of]) => partsOf(of)[indexOf(y)] as Value,
  evaluate: unreachable("a result of a loop"),
};
