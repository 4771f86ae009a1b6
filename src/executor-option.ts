import type { ExecutorName } from "./executors/choose.js";
import { chooseExecutor, sharedExecutor } from "./executors/choose.js";
import type { Executor } from "./executors/executor.js";
import { besideOthers, nativeChoice } from "./executors/native/index.js";
import type { NativeOption } from "./executors/native/index.js";
import { fail } from "./tensor/error.js";

/** Where programs run: an executor, or the name of one (`auto`, `wasm`, `reference`), and whether a library of the machine takes part. */
export interface ExecutorOption {
  readonly executor?: ExecutorName | Executor;
  /** The machine's own library of matrix products computes the larger ones; bits then depend on it (docs/native.md). */
  readonly native?: NativeOption;
}

const named = new Map<string, Executor>();

/**
 * The executor that an option means; one of a name and library is made once.
 * @param tasks that are computed side by side
 * @throws if there is none of that name, or no such library
 */
export function executorOf({ executor: option, native }: ExecutorOption, tasks = 1): Executor {
  const given = nativeChoice(native),
    choice = given && besideOthers(given, tasks);
  if (option !== undefined && typeof option !== "string") {
    if (choice) fail("native", "is given beside the name of an executor, or to createWasmExecutor", `an executor, ${option.name}`);
    return option;
  }
  if (!choice && (option === undefined || option === "auto")) return sharedExecutor();
  const key = choice ? JSON.stringify([option ?? "auto", choice.path, choice.threads, choice.threshold]) : option!;
  let executor = named.get(key);
  if (!executor) named.set(key, (executor = chooseExecutor(option, [], choice).executor));
  return executor;
}
