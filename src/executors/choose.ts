import { fail } from "../tensor/error.js";
import type { Executor } from "./executor.js";
import { createReferenceExecutor } from "./reference/index.js";
import { createWasmExecutor } from "./wasm/index.js";

/** Executors by name; `auto` picks. To add one: its folder, and one line here. */
const makers = { wasm: createWasmExecutor, reference: createReferenceExecutor } satisfies Record<string, () => Executor>;

export type ExecutorName = "auto" | keyof typeof makers;

/** Names that can be asked for. */
export const executorNames: readonly ExecutorName[] = ["auto", ...(Object.keys(makers) as (keyof typeof makers)[])];

/** An executor that was picked, and why. */
export interface ExecutorChoice {
  readonly executor: Executor;
  readonly reason: string;
}

/** Makes an executor by name. @throws UfomError if there is none of that name */
export function chooseExecutor(name: string = "auto"): ExecutorChoice {
  if (name === "auto") return { executor: makers.wasm(), reason: "auto: WebAssembly runs everywhere, with the same bits" };
  if (!(name in makers)) fail("the executor", `must be one of ${executorNames.join(", ")}`, `"${name}"`);
  return { executor: makers[name as keyof typeof makers](), reason: "as asked" };
}

let shared: Executor | undefined;

/** The process's own executor, for calls that name none. */
export const sharedExecutor = (): Executor => (shared ??= chooseExecutor().executor);
