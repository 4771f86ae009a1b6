import { fail } from "../../tensor/error.js";
import { checkOptions } from "../../tensor/options.js";

/** Which library computes large products, how many threads each has, and which are large. Plain data, so that it can be sent to a worker. */
export interface NativeChoice {
  /** A file, or the name by which the system finds it; if absent the first that is found of those that are looked for. */
  readonly path?: string;
  /** Threads of a product; if absent 1 where a meta-batch has several tasks, which threads compute side by side, and else as many as there are cores. */
  readonly threads?: number;
  /** Products of at least so many multiplications are handed over; if absent what was measured on this machine. */
  readonly threshold?: number;
}

/** The machine's own library of matrix products: the first that is found (`true`), the one of a path, or none. */
export type NativeOption = boolean | string | NativeChoice;

/** What an option means; undefined for no library. @throws UfomError if it is none */
export function nativeChoice(given: NativeOption | undefined): NativeChoice | undefined {
  if (given === undefined || given === false) return undefined;
  if (given === true) return {};
  if (typeof given === "string" && given !== "") return { path: given };
  if (typeof given !== "object" || (given as object | null) === null || Array.isArray(given))
    return fail("native", "must be true, the path of a library, or { path, threads, threshold }", JSON.stringify(given));
  const { path, threads, threshold } = checkOptions("native", given, { path: true, threads: true, threshold: true });
  if (path !== undefined && (typeof path !== "string" || path === ""))
    fail("native.path", "must be the path of a library", JSON.stringify(path));
  const whole = (name: string, n: number | undefined, least: number) => {
    if (n !== undefined && (!Number.isSafeInteger(n) || n < least))
      fail(`native.${name}`, `must be a whole number of at least ${least}`, String(n));
  };
  whole("threads", threads, 1);
  whole("threshold", threshold, 0);
  return given;
}

/**
 * A choice where so many tasks are computed. The number of threads of a product, which its bits may depend on, follows from the number of tasks and not
 * from that of the threads which compute them.
 */
export const besideOthers = (choice: NativeChoice, tasks: number): NativeChoice =>
  choice.threads === undefined && tasks > 1 ? { ...choice, threads: 1 } : choice;
