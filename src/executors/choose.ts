import type { Program } from "../program/program.js";
import { fail } from "../tensor/error.js";
import { DeclinedError } from "./executor.js";
import type { Executor } from "./executor.js";
import { automaticOrder, executorNames } from "./names.js";
import type { ExecutorName } from "./names.js";
import { describeNative } from "./native/index.js";
import type { NativeChoice } from "./native/index.js";
import { createReferenceExecutor } from "./reference/index.js";
import { createWasmExecutor } from "./wasm/index.js";

export { executorNames } from "./names.js";
export type { ExecutorName } from "./names.js";

/** Executors by name. To add one: its folder, its name in `names.ts`, and one line here. */
export const executorMakers: { readonly [N in Exclude<ExecutorName, "auto">]: () => Executor } = {
  wasm: () => createWasmExecutor(),
  reference: () => createReferenceExecutor(),
};

/** An executor that was picked, and why. */
export interface ExecutorChoice {
  readonly executor: Executor;
  readonly reason: string;
}

/** What `auto` tries, in order. */
export interface Candidate {
  readonly create: () => Executor;
  /** Why it is the one, if it takes all programs. */
  readonly reason: string;
}

const reasons: { readonly [N in Exclude<ExecutorName, "auto">]: string } = {
  wasm: "WebAssembly runs everywhere, with the same bits",
  reference: "plain TypeScript takes any program",
};

/** Makes an executor, or answers why there can be none here. */
function made(create: () => Executor): Executor | DeclinedError {
  try {
    return create();
  } catch (error) {
    if (error instanceof DeclinedError) return error;
    throw error;
  }
}

/**
 * The first of some executors that can be made here and declines none of the programs.
 * @throws DeclinedError if each of them declines one
 */
export function firstThatTakes(programs: readonly Program[], candidates: readonly Candidate[]): ExecutorChoice {
  const declined: string[] = [];
  for (const { create, reason } of candidates) {
    const executor = made(create);
    if (executor instanceof DeclinedError) {
      declined.push(executor.message.replace(/^ufom: (.*)\.$/, "$1"));
      continue;
    }
    const refusal = programs.map(program => executor.refuse?.(program)).find(text => text !== undefined);
    if (refusal === undefined) return { executor, reason: ["auto", ...declined, reason].join(": ") };
    executor.dispose();
    declined.push(`not ${executor.name}, as a program ${refusal}`);
  }
  throw new DeclinedError(`ufom: no executor takes all programs: ${declined.join("; ")}.`);
}

/**
 * Makes an executor by name.
 * @param programs that are to run, if they are known: `auto` passes over an executor that declines one of them
 * @param native the library that computes larger products, for the wasm executor
 * @throws UfomError if there is none of that name, or no such library
 *
 * @example
 * chooseExecutor("reference").executor.name; // "reference"
 */
export function chooseExecutor(name: string = "auto", programs: readonly Program[] = [], native?: NativeChoice): ExecutorChoice {
  if (native) return withLibrary(name, native);
  if (name === "auto")
    return firstThatTakes(
      programs,
      automaticOrder.map(own => ({ create: executorMakers[own], reason: reasons[own] })),
    );
  if (!Object.hasOwn(executorMakers, name)) fail("the executor", `must be one of ${executorNames.join(", ")}`, `"${name}"`);
  return { executor: executorMakers[name as Exclude<ExecutorName, "auto">](), reason: "as asked" };
}

function withLibrary(name: string, native: NativeChoice): ExecutorChoice {
  if (name !== "auto" && name !== "wasm") fail("native", "goes with the executor wasm", `"${name}"`);
  const executor = createWasmExecutor({ native });
  return { executor, reason: `native: ${describeNative(executor.native!)}` };
}

let shared: Executor | undefined;

/** The process's own executor, for calls that name none. */
export const sharedExecutor = (): Executor => (shared ??= chooseExecutor().executor);
