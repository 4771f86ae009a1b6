import type { Awaitable } from "../../executors/executor.js";
import type { Choice, Estimator } from "../estimators/estimator.js";
import { isPromise } from "../evaluation/awaitable.js";
import type { CompiledProblem } from "../evaluation/compiled-problem.js";
import type { Continuation, RecordedBatch } from "./recorded-batch.js";
import { FEW_PLANS, Plans } from "./plans.js";
import { recordBatch } from "./recorded-batch.js";

/** A recording of an estimator over so many tasks, with all plans that were asked for so far. */
interface Entry {
  readonly estimator: Estimator;
  readonly tasks: number;
  readonly continuation: Continuation | undefined;
  readonly plans: Plans;
  /** Whether it takes no more plans: with them it would be too long, or too large. */
  readonly full: boolean;
  /** A promise while it is being recorded, so that who asks meanwhile waits for the same one; undefined: to be run call by call. */
  batch: Awaitable<RecordedBatch | undefined>;
  /** While it is being recorded: those that wait for it, and what ends it when the last of them has gone. */
  readonly wait: Wait;
}

/** Those that wait for a recording. */
class Wait {
  readonly #stop = new AbortController();
  #waiting = 0;

  get signal(): AbortSignal {
    return this.#stop.signal;
  }

  /** What is waited for, or the signal's reason as soon as it is aborted. */
  for<R>(promise: Promise<R>, signal: AbortSignal | undefined): Promise<R> {
    this.#waiting++;
    if (!signal) return promise;
    const waited = new Promise<R>((resolve, reject) => {
      const leave = (): void => {
        // When the last one goes, the recording ends at its next pause.
        if (--this.#waiting === 0) this.#stop.abort(signal.reason);
        reject(signal.reason as Error);
      };
      if (signal.aborted) leave();
      else signal.addEventListener("abort", leave, { once: true });
      void promise.then(resolve, reject).finally(() => {
        signal.removeEventListener("abort", leave);
      });
    });
    // Some only look whether it is there: whoever awaits it is told of its end.
    waited.catch(() => undefined);
    return waited;
  }
}

/** Recordings that are kept, those used last. */
const MOST = 8;

/** What was recorded of a compiled problem, each when it is first asked for. */
class Recordings {
  /** The one used last comes first. */
  readonly #entries: Entry[] = [];

  constructor(private readonly compiled: CompiledProblem) {}

  /** A batch that knows all of the plans. */
  recall(
    estimator: Estimator,
    choices: readonly Choice[],
    continuation?: Continuation,
    signal?: AbortSignal,
  ): Awaitable<RecordedBatch | undefined> {
    if ((estimator.facts.plans?.(this.compiled.steps) ?? 1) > FEW_PLANS) return undefined;
    const entries = this.#entries,
      tasks = choices.length,
      k = entries.findIndex(
        entry =>
          entry.estimator === estimator
          && entry.tasks === tasks
          && entry.continuation === continuation
          && !(isPromise(entry.batch) && entry.wait.signal.aborted),
      );
    if (k > 0) entries.unshift(...entries.splice(k, 1));
    const known = k >= 0 ? entries[0] : undefined;
    if (!known)
      return this.#record(
        { estimator, tasks, continuation, plans: new Plans(choices), full: false, batch: undefined, wait: new Wait() },
        signal,
      );
    const missing = known.plans.unknown(choices);
    if (!missing.length) return isPromise(known.batch) ? known.wait.for(known.batch, signal) : known.batch;
    const plans = isFull(known) ? undefined : known.plans.with(missing, tasks);
    // Until then a draw with a new plan is run call by call.
    if (!plans) return undefined;
    entries.shift();
    return this.#record({ ...known, plans, wait: new Wait() }, signal, known);
  }

  /** @param before what it takes the place of, which comes back if that fails, and takes no more plans if it was too long with them */
  #record(entry: Entry, signal: AbortSignal | undefined, before?: Entry): Awaitable<RecordedBatch | undefined> {
    const entries = this.#entries,
      { estimator, tasks, continuation, plans, wait } = entry;
    const replaceBy = (back: Entry | undefined): void => {
      const at = entries.indexOf(entry);
      if (at >= 0) entries.splice(at, 1, ...(back ? [back] : []));
      else if (back) dispose(back);
    };
    const batch = recordBatch(this.compiled, estimator, plans.choices, tasks, continuation, wait.signal).then(
      batch => {
        entry.batch = batch;
        if (!batch && before) replaceBy({ ...before, full: true });
        else if (before) dispose(before);
        return batch;
      },
      (error: unknown) => {
        replaceBy(before);
        throw error;
      },
    );
    entry.batch = batch;
    entries.unshift(entry);
    for (const old of entries.splice(MOST)) dispose(old);
    return wait.for(batch, signal);
  }

  dispose(): void {
    for (const entry of this.#entries.splice(0)) dispose(entry);
  }
}

/** Whether what an entry has is all that it will have. */
const isFull = ({ full, batch }: Entry): boolean => full || batch === undefined;

function dispose({ batch }: Entry): void {
  if (isPromise(batch))
    void batch.then(
      late => late?.dispose(),
      // Whoever asked for it is told; there is nothing to give back.
      () => undefined,
    );
  else batch?.dispose();
}

const known = new WeakMap<CompiledProblem, Recordings>();

/**
 * A recording of an estimator over as many tasks as there are choices; nothing if they are to be run call by call.
 * @throws the signal's reason, if it is aborted meanwhile
 */
export function recording(
  compiled: CompiledProblem,
  estimator: Estimator,
  choices: readonly Choice[],
  continuation?: Continuation,
  signal?: AbortSignal,
): Awaitable<RecordedBatch | undefined> {
  let recordings = known.get(compiled);
  if (!recordings) {
    const made = (recordings = new Recordings(compiled));
    known.set(compiled, made);
    compiled.onDispose(() => {
      made.dispose();
    });
  }
  return recordings.recall(estimator, choices, continuation, signal);
}
