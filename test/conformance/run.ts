import type { Executor } from "../../src/executors/executor.js";
import { executorMakers } from "../../src/executors/choose.js";
import { createReferenceExecutor } from "../../src/executors/reference/index.js";
import { optimize } from "../../src/program/passes/index.js";
import type { Program } from "../../src/program/program.js";
import { mapTypes, trace } from "../../src/tensor/trace.js";
import { mapTree, paths } from "../../src/tensor/tree.js";
import type { FloatType, HostArray, HostTree, Type } from "../../src/tensor/types.js";
import { allocate } from "../../src/tensor/types.js";
import { nativeExecutor, withoutLibrary } from "../native/available.js";

const optimized = new WeakMap<Program, Program>();
/** A program that was traced for several executors goes through the passes once. */
function optimizedOnce(program: Program): Program {
  const known = optimized.get(program) ?? optimize(program);
  optimized.set(program, known);
  return known;
}

/** Where the cases run: the operations' own rules on the program as traced, every other executor on the optimized one. */
export const executors: Readonly<Record<string, { create: () => Executor; prepare: (program: Program) => Program }>> = Object.fromEntries(
  Object.entries(executorMakers).map(([name, create]) => [name, { create, prepare: name === "reference" ? p => p : optimizedOnce }]),
);

/** WebAssembly beside a library that computes all products, whatever their size, where there is one. */
const native: Readonly<typeof executors> =
  withoutLibrary === undefined ? { native: { create: () => nativeExecutor(0), prepare: optimizedOnce } } : {};

/** All executors but the one that they are compared with. */
export const compared = Object.entries({ ...executors, ...native }).filter(([name]) => name !== "reference");

/** A function that was traced and compiled: trees of numbers to a tree of numbers. */
export type Compiled<R> = (...inputs: readonly HostTree[]) => Promise<R>;

const leavesOf = (tree: unknown) => paths("a test's arguments", tree).map(([, leaf]) => leaf as HostArray);

/** User data says float32 and means the working precision. */
const asData = (tree: HostTree): HostTree =>
  mapTree("a test", ([{ shape, dtype }]) => arrayOf({ shape, dtype: dtype === "float64" ? "float32" : dtype }), [tree]) as HostTree;
const arrayOf = (type: Type): HostArray => ({ ...type, data: allocate(type) });

/** A function as a program, and the tree of its results. */
export interface Traced {
  readonly program: Program;
  readonly output: unknown;
}

/** Traces f in a precision for inputs like the given ones. */
export function traced(precision: FloatType, f: (...inputs: never[]) => unknown, inputs: readonly HostTree[]): Traced {
  const { program, output } = trace(f, inputs.map(asData), precision);
  return { program, output };
}

/** Compiles what was traced. Floats are given in float64. @typeParam R the tree of its results */
export async function compileTraced<R>(
  executor: Executor,
  prepare: (program: Program) => Program,
  { program, output }: Traced,
): Promise<Compiled<R>> {
  const executable = await executor.compile(prepare(program));
  return async (...given) => {
    const buffers = leavesOf(given).map(({ shape, data }, k) => {
      const array = arrayOf({ shape, dtype: program.inputs[k].dtype });
      array.data.set(data);
      return executor.upload(array);
    });
    const results = await executable.run(buffers);
    const numbers: HostArray[] = [];
    for (const result of results) numbers.push(await executor.read(result));
    for (const buffer of [...buffers, ...results]) executor.free(buffer);
    let k = 0;
    return mapTypes(output, () => numbers[k++]) as R;
  };
}

/** Traces f in a precision for inputs like the given ones, and compiles it. Floats are given in float64. @typeParam R the tree of its results */
export const compile = <R>(
  executor: Executor,
  prepare: (program: Program) => Program,
  precision: FloatType,
  f: (...inputs: never[]) => unknown,
  inputs: readonly HostTree[],
): Promise<Compiled<R>> => compileTraced<R>(executor, prepare, traced(precision, f, inputs));

const reference = createReferenceExecutor();

/** What was traced in float64, by the operations' own rules. @typeParam R the tree of its results */
export const compileOwnRules = <R>(what: Traced): Promise<Compiled<R>> => compileTraced<R>(reference, program => program, what);

/** The same on the reference executor in float64. */
export const compileReference = <R>(f: (...inputs: never[]) => unknown, inputs: readonly HostTree[]): Promise<Compiled<R>> =>
  compileOwnRules<R>(traced("float64", f, inputs));

/** Runs a program once, and leaves nothing behind. */
export async function runOnce(executor: Executor, program: Program, inputs: readonly HostArray[]): Promise<HostArray[]> {
  const executable = await executor.compile(program),
    given = inputs.map(x => executor.upload(x)),
    results = await executable.run(given),
    read = await executor.readAll(results);
  for (const buffer of [...given, ...results]) executor.free(buffer);
  executable.dispose();
  return read;
}
