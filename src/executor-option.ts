import type { ExecutorName } from "./executors/choose.js";
import { chooseExecutor, sharedExecutor } from "./executors/choose.js";
import type { Executor } from "./executors/executor.js";

/** Where programs run: an executor, or the name of one (`auto`, `wasm`, `reference`). */
export interface ExecutorOption {
  readonly executor?: ExecutorName | Executor;
}

const named = new Map<ExecutorName, Executor>();

/** The executor that an option means; one of a name is made once. @throws if there is none of that name */
export function executorOf(option: ExecutorOption["executor"]): Executor {
  if (option === undefined || option === "auto") return sharedExecutor();
  if (typeof option !== "string") return option;
  let executor = named.get(option);
  if (!executor) named.set(option, (executor = chooseExecutor(option).executor));
  return executor;
}
