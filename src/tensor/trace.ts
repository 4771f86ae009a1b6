import type { Node, Primitive, Primitives, Program } from "../program/program.js";
import { numbersOf } from "./constants.js";
import { fail } from "./error.js";
import { apply } from "./operation.js";
import { nodeOfResult } from "./ops/loops.js";
import { withPrecision } from "./precision.js";
import type { Traced } from "./tree.js";
import { mapTree, valuePaths } from "./tree.js";
import type { FloatType, HostArray, Type } from "./types.js";
import { showType } from "./types.js";
import type { Value } from "./value.js";
import { nextId } from "./value.js";

/** A type in the working precision: float32 in user data stands for it. */
export const inPrecision = ({ shape, dtype }: Type, precision: FloatType): Type => ({
  shape,
  dtype: dtype === "float32" ? precision : dtype,
});

/** What a function returned, as a tree of the positions of the program's outputs, and the program. */
export interface TracedFunction {
  readonly program: Program;
  /** The arguments' trees with their leaves' types, and the result's. */
  readonly inputs: readonly unknown[];
  readonly output: unknown;
  /** How many values were made before that of each node. */
  readonly made: readonly number[];
  /** The same of the nodes of a program within, at any depth. */
  readonly madeWithin: (body: Program) => readonly number[];
}

/**
 * Traces a function into a program: it is called once, with a value for every leaf of the arguments.
 * Inputs are the leaves of the arguments in order; outputs are the leaves of the result in order.
 * @param args trees of host arrays or of types
 * @param names of the arguments, for printing
 */
export const trace = (
  f: (...args: never[]) => unknown,
  args: readonly unknown[],
  precision: FloatType = "float32",
  names: readonly string[] = [],
): TracedFunction => traceOpen(values => (f as (...a: readonly unknown[]) => unknown)(...values), args, precision, names);

/** As `trace`, for a function that finds out on the way which further inputs it needs: they come after those of the arguments. */
export function traceOpen(
  f: (args: readonly unknown[], addInput: (type: Type, name: string) => Value) => unknown,
  args: readonly unknown[],
  precision: FloatType,
  names: readonly string[],
): TracedFunction {
  return withPrecision(precision, () => {
    const first = nextId();
    const inputs: Value[] = [];
    const addInput = (type: Type, name: string) => {
      const value = apply("input", [], { index: inputs.length, name }, inPrecision(type, precision));
      inputs.push(value);
      return value;
    };
    const values = args.map((arg, i) =>
      mapTypes(arg, (type, path) => addInput(type, [names[i] ?? `x${i}`, path].filter(Boolean).join("."))),
    );
    const result = f(values, addInput);
    const outputs = valuePaths("a traced function's result", result).map(([, v]) => v);
    const ids: number[] = [];
    const program = emit(inputs, outputs, ids);
    return {
      program,
      inputs: values.map(typesOf),
      output: typesOf(result),
      made: ids.map(id => id - first),
      madeWithin: body => idsWithin(body).map(id => id - first),
    };
  });
}

/** Whether a node of a tree is a leaf with a type. */
export const isType = (x: unknown): x is Type =>
  typeof x === "object" && x !== null && Array.isArray((x as Type).shape) && typeof (x as Type).dtype === "string";

/** Maps the leaves of a tree of types (host arrays and values are types too). */
export function mapTypes<R>(tree: unknown, f: (type: Type, path: string) => R, at = ""): unknown {
  if (isType(tree)) return f(tree, at);
  if (typeof tree !== "object" || tree === null) return mapTree("a tree", () => tree, [tree], at);
  const child = (k: string) => mapTypes((tree as Record<string, unknown>)[k], f, at ? `${at}.${k}` : k);
  return Array.isArray(tree) ? tree.map((_, i) => child(String(i))) : Object.fromEntries(Object.keys(tree).map(k => [k, child(k)]));
}

/** The tree with types for its leaves. */
export const typesOf = (tree: unknown): unknown => mapTypes(tree, ({ shape, dtype }) => ({ shape, dtype }));

/** The leaves' types in order. */
export function leafTypes(tree: unknown): Type[] {
  const out: Type[] = [];
  mapTypes(tree, t => out.push(t));
  return out;
}

/** Everything that the outputs are made of, and the inputs, in the order of creation. @throws on arguments of another function */
function reachable(inputs: readonly Value[], outputs: readonly Value[]): Value[] {
  const own = new Set(inputs);
  const seen = new Set(inputs);
  const stack = [...outputs];
  for (let v = stack.pop(); v; v = stack.pop()) {
    if (seen.has(v)) continue;
    seen.add(v);
    if (v.op === "input" && !own.has(v)) {
      fail("a traced function", "can use its own arguments only, not values kept from another one (or from inside a vmap)", showType(v));
    }
    // A rule's own operands are not part of the value.
    for (const x of v.op === "customGradient" ? v.inputs.slice(0, 1) : v.inputs) stack.push(x);
  }
  return [...seen].sort((a, b) => a.id - b.id);
}

/** The ids of the values that the nodes of programs within programs stand for. */
const writtenFrom = new WeakMap<Program, readonly number[]>();

const idsWithin = (body: Program): readonly number[] => writtenFrom.get(body) ?? [];

/**
 * The graph behind some values as plain data: nodes in the order of their creation, unreachable ones left out.
 * @param inputs where the graph ends, whatever made them
 * @param ids takes the `id` of each node's value
 * @throws if the graph has inputs that are not among those given
 */
export function emit(inputs: readonly Value[], outputs: readonly Value[], ids: number[] = []): Program {
  const nodes: Node[] = [];
  const constants: HostArray[] = [];
  const position = new Map<Value, number>();
  const at = (v: Value) => position.get(v) as number;
  // Field by field, here and where passes copy nodes: a spread takes nine times as long.
  const add = (v: Value, { op, inputs: operands, params }: Omit<Node, "shape" | "dtype">) => {
    position.set(v, nodes.push({ op, inputs: operands, params, shape: v.shape, dtype: v.dtype }) - 1);
    ids.push(v.id);
  };
  const ends = new Map(inputs.map((v, index) => [v, index]));
  for (const v of reachable(inputs, outputs)) {
    const { op } = v;
    const index = ends.get(v);
    if (index !== undefined) add(v, { op: "input", inputs: [], params: op === "input" ? { ...v.params, index } : { index } });
    else if (op === "identity" || op === "stopGradient" || op === "customGradient" || op === "bounded") position.set(v, at(v.inputs[0]));
    else if (op === "result") add(v, { ...nodeOfResult(v, emitWithin), inputs: v.inputs[0].inputs.map(at) });
    else if (op !== "scan" && op !== "cond" && op !== "tuple") {
      const params: Primitives[Primitive] = op === "constant" ? { index: constants.push(numbersOf(v)) - 1 } : v.params;
      add(v, { op, inputs: v.inputs.map(at), params });
    }
  }
  return { inputs: inputs.map(({ shape, dtype }) => ({ shape, dtype })), constants, nodes, outputs: outputs.map(at) };
}

/** As `emit`, of a program within another; whose values its nodes are is remembered. */
function emitWithin(inputs: readonly Value[], outputs: readonly Value[]): Program {
  const ids: number[] = [],
    program = emit(inputs, outputs, ids);
  writtenFrom.set(program, ids);
  return program;
}

export type { Traced };
