import { fail } from "../../tensor/error.js";

/** @throws UfomError unless it is a number of threads, or nothing */
export function checkWorkers(who: string, workers: number | undefined): void {
  if (workers === undefined) return;
  if (!Number.isSafeInteger(workers) || workers < 1) fail(`${who}'s workers`, "must be a whole number of at least 1", String(workers));
}

/** What is told where more threads were asked for than there are tasks. */
export const moreThanTasks = (workers: number, tasks: number): string =>
  `workers: ${workers} threads were asked for; ${tasks === 1 ? "one task has work for one" : `a meta-batch of ${tasks} tasks has work for ${tasks}`}.`;
