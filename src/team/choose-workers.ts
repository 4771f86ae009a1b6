import { moreThanTasks } from "../core/solve/workers.js";
import { nodeModule } from "./threads/port.js";

/** Threads that this machine runs at once. */
export function coresHere(): number {
  const os = nodeModule<{ availableParallelism(): number }>("os"),
    { navigator } = globalThis as { readonly navigator?: { readonly hardwareConcurrency?: number } };
  return os?.availableParallelism() ?? navigator?.hardwareConcurrency ?? 1;
}

/** Effort of a meta-batch below which handing it over takes longer than it saves, in units of `effortOf`: some tenths of a millisecond. */
const LEAST_STEP = 3e5;
/** Effort of a whole run below which starting threads is not worth it: about a second. */
const LEAST_RUN = 1e9;

/** What the number of threads is chosen from. */
export interface Work {
  /** What was asked for, if anything was. */
  readonly asked: number | undefined;
  readonly cores: number;
  readonly tasks: number;
  /** Of the evaluation of one task. */
  readonly effort: number;
  /** Meta-batches that are to come. */
  readonly batches: number;
}

/** How many threads compute, and what is to be told of it. */
export interface WorkersChoice {
  readonly workers: number;
  readonly note?: string;
}

/** Chooses how many threads compute the tasks of meta-batches: as many as were asked for, or as there are cores, where the work is worth it. */
export function chooseWorkers({ asked, cores, tasks, effort, batches }: Work): WorkersChoice {
  if (asked !== undefined) {
    const workers = Math.min(asked, tasks);
    return workers < asked ? { workers, note: moreThanTasks(asked, tasks) } : { workers };
  }
  const workers = Math.min(cores, tasks);
  if (workers < 2 || tasks * effort < LEAST_STEP || tasks * effort * batches < LEAST_RUN) return { workers: 1 };
  const why = workers < tasks ? "as many as there are cores" : "as many as a meta-batch has tasks";
  return {
    workers,
    note: `workers: ${workers} threads computed the tasks of each meta-batch, ${why}; the numbers are those of one (workers: 1 asks for one).`,
  };
}
