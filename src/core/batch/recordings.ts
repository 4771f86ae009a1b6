import type { Awaitable } from "../../executors/executor.js";
import type { Choice, Estimator } from "../estimators/estimator.js";
import { isPromise } from "../evaluation/awaitable.js";
import type { CompiledProblem } from "../evaluation/compiled-problem.js";
import type { Continuation, RecordedBatch } from "./recorded-batch.js";
import { planKey, recordBatch } from "./recorded-batch.js";

/** A recording of an estimator over so many tasks, with all plans that were asked for so far. */
interface Entry {
  readonly estimator: Estimator;
  readonly tasks: number;
  readonly continuation: Continuation | undefined;
  /** One choice of each plan. */
  choices: ReadonlyMap<string, Choice>;
  /** A promise while it is being recorded, so that who asks meanwhile waits for the same one; undefined: to be run call by call. */
  batch: Awaitable<RecordedBatch | undefined>;
}

/** Recordings that are kept, those used last. */
const MOST = 8;
/** An estimator with more plans than this is run call by call. */
const MOST_PLANS = 16;

/** What was recorded of a compiled problem, each when it is first asked for. */
class Recordings {
  /** The one used last comes first. */
  readonly #entries: Entry[] = [];

  constructor(private readonly compiled: CompiledProblem) {}

  /** A batch that knows all of the plans. */
  recall(estimator: Estimator, choices: readonly Choice[], continuation?: Continuation): Awaitable<RecordedBatch | undefined> {
    const entries = this.#entries,
      tasks = choices.length,
      k = entries.findIndex(entry => entry.estimator === estimator && entry.tasks === tasks && entry.continuation === continuation);
    if (k > 0) entries.unshift(...entries.splice(k, 1));
    const known = k >= 0 ? entries[0] : undefined,
      missing = known ? unknownOf(known, choices) : choices;
    if (known && !missing.length) return known.batch;
    const all = new Map([...(known?.choices ?? []), ...missing.map(choice => [planKey(choice), choice] as const)]);
    if (known) {
      if (all.size > MOST_PLANS) return undefined;
      entries.shift();
      dispose(known);
    }
    return this.#record({ estimator, tasks, continuation, choices: all, batch: undefined });
  }

  #record(entry: Entry): Awaitable<RecordedBatch | undefined> {
    const entries = this.#entries,
      { estimator, tasks, continuation, choices } = entry;
    entry.batch = recordBatch(this.compiled, estimator, [...choices.values()], tasks, continuation).then(
      batch => (entry.batch = batch),
      (error: unknown) => {
        const at = entries.indexOf(entry);
        if (at >= 0) entries.splice(at, 1);
        throw error;
      },
    );
    entries.unshift(entry);
    for (const old of entries.splice(MOST)) dispose(old);
    return entry.batch;
  }

  dispose(): void {
    for (const entry of this.#entries.splice(0)) dispose(entry);
  }
}

/** Choices whose plan an entry does not know; mostly all are one object. */
function unknownOf({ choices: known }: Entry, choices: readonly Choice[]): Choice[] {
  const unknown: Choice[] = [];
  let last: Choice | undefined;
  for (const choice of choices) {
    if (choice === last) continue;
    if (!known.has(planKey(choice))) unknown.push(choice);
    last = choice;
  }
  return unknown;
}

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

/** A recording of an estimator over as many tasks as there are choices; nothing if they are to be run call by call. */
export function recording(
  compiled: CompiledProblem,
  estimator: Estimator,
  choices: readonly Choice[],
  continuation?: Continuation,
): Awaitable<RecordedBatch | undefined> {
  let recordings = known.get(compiled);
  if (!recordings) {
    const made = (recordings = new Recordings(compiled));
    known.set(compiled, made);
    compiled.onDispose(() => {
      made.dispose();
    });
  }
  return recordings.recall(estimator, choices, continuation);
}
