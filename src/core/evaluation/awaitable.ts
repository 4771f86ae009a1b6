import type { Awaitable } from "../../executors/executor.js";

/** Whether an answer is still to come: awaiting one that is there already would cost a turn of the event loop a call. */
export const isPromise = <T>(x: Awaitable<T>): x is Promise<T> =>
  typeof x === "object" && x !== null && "then" in x && typeof x.then === "function";
