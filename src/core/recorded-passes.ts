import type { Awaitable } from "../executors/executor.js";
import type { Kernels } from "./kernels.js";
import type { MemoryStrategy } from "./memory/strategy.js";
import type { Sweep } from "./pass.js";
import type { RecordedPass } from "./recorded-pass.js";
import { recordMean, recordPass } from "./recorded-pass.js";

/** A pass by the names of its sweeps and its strategy, over so many tasks. */
interface Entry {
  readonly sweeps: readonly string[];
  readonly memory: string;
  readonly tasks: number;
  readonly pass: RecordedPass | undefined;
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
    return record().then(pass => {
      entries.unshift({ sweeps: sweeps.map(({ name }) => name), memory: memory.name, tasks, pass });
      if (entries.length > MOST) entries.pop()?.pass?.dispose();
      return pass;
    });
  }

  dispose(): void {
    for (const { pass } of this.#entries.splice(0)) pass?.dispose();
  }
}

const sameNames = (names: readonly string[], sweeps: readonly Sweep[]): boolean =>
  names.length === sweeps.length && names.every((name, i) => name === sweeps[i].name);
