import type { Awaitable } from "../../executors/executor.js";
import { isPromise } from "../evaluation/awaitable.js";
import type { Kernels } from "../evaluation/compiled-problem.js";
import type { MemoryStrategy } from "../memory/strategy.js";
import type { Sweep } from "./pass.js";
import type { RecordedPass } from "./recorded-pass.js";
import { recordMean, recordPass } from "./recorded-pass.js";

/** A pass by the names of its sweeps and its strategy, over so many tasks. */
interface Entry {
  readonly sweeps: readonly string[];
  readonly memory: string;
  readonly tasks: number;
  /** A promise while it is being recorded, so that who asks meanwhile waits for the same one. */
  pass: Awaitable<RecordedPass | undefined>;
}

/** Passes that are kept, those used last. */
const MOST = 8;

/** The passes that kernels have recorded, each when it is first asked for; undefined stands for one that is to be run call by call. */
export class RecordedPasses {
  /** The one used last comes first. */
  readonly #entries: Entry[] = [];

  constructor(private readonly kernels: Kernels) {}

  /** A pass over one task. */
  single(sweeps: readonly Sweep[], memory: MemoryStrategy): Awaitable<RecordedPass | undefined> {
    return this.#recall(sweeps, memory, 1, () => recordPass(this.kernels, sweeps, memory));
  }

  /** The mean over so many tasks. */
  mean(sweep: Sweep, memory: MemoryStrategy, tasks: number): Awaitable<RecordedPass | undefined> {
    return this.#recall([sweep], memory, tasks, () => recordMean(this.kernels, sweep, memory, tasks));
  }

  #recall(
    sweeps: readonly Sweep[],
    memory: MemoryStrategy,
    tasks: number,
    record: () => Promise<RecordedPass | undefined>,
  ): Awaitable<RecordedPass | undefined> {
    const entries = this.#entries,
      k = entries.findIndex(e => e.tasks === tasks && e.memory === memory.name && sameNames(e.sweeps, sweeps));
    if (k > 0) entries.unshift(...entries.splice(k, 1));
    if (k >= 0) return entries[0].pass;
    const entry: Entry = { sweeps: sweeps.map(({ name }) => name), memory: memory.name, tasks, pass: undefined };
    entry.pass = record().then(
      pass => (entry.pass = pass),
      (error: unknown) => {
        const at = entries.indexOf(entry);
        if (at >= 0) entries.splice(at, 1);
        throw error;
      },
    );
    entries.unshift(entry);
    for (const old of entries.splice(MOST)) disposeOf(old);
    return entry.pass;
  }

  dispose(): void {
    for (const entry of this.#entries.splice(0)) disposeOf(entry);
  }
}

function disposeOf({ pass }: Entry): void {
  if (isPromise(pass)) void pass.then(late => late?.dispose());
  else pass?.dispose();
}

const sameNames = (names: readonly string[], sweeps: readonly Sweep[]): boolean =>
  names.length === sweeps.length && names.every((name, i) => name === sweeps[i].name);
