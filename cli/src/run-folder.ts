import { rm } from "node:fs/promises";
import path from "node:path";
import { writeState, type Saved } from "ufom/internal/files/saved-state";
import type { Checkpoint } from "./engine.js";
import { moveFile, nextName, writeWhole } from "./durable.js";
import { FolderLock } from "./folder-lock.js";
import { History } from "./history.js";
import { MetricsFile, readMetrics, type FoundMetrics } from "./metrics-file.js";
import { freshFolder, OutputFolder, type LockedPlace, type Place } from "./output-folder.js";
import type { BestTheta, StepRecord } from "./problems/problem-entry.js";
import { readBest, readCheckpoint, readConfig, runFiles } from "./saved-run.js";
import { showPath } from "./show-place.js";
import { quantity } from "ufom/internal/tensor/quantity";

/** Steps that wait in memory to be written, at most. */
const waiting = 4096;

/** An earlier run, which this process alone may go on with now. */
export interface EarlierRun {
  readonly place: LockedPlace;
  readonly config: unknown;
  readonly state: Checkpoint;
  readonly newest: boolean;
  readonly best: BestTheta | undefined;
}

/**
 * What `--resume` finds: the settings of a run, its last saved state and its best θ. The folder's lock is taken, and given back if something is wrong.
 * @throws UsageError if it is not a run's folder, nothing in it is whole, or another process writes there
 */
export async function openRun(folder: string, say: (text: string) => void): Promise<EarlierRun> {
  const config = await readConfig(folder);
  const where = path.resolve(folder);
  const lock = await FolderLock.take(where);
  try {
    const place = { path: where, isNew: false, lock };
    const found = await readCheckpoint(where, say);
    return { place, config, ...found, best: await readBest(where, say) };
  } catch (error) {
    await lock.release();
    throw error;
  }
}

/** The folder of a run: the checkpoint it can be resumed from, its metrics and its results. */
export class RunFolder extends OutputFolder {
  readonly history = new History();
  #lines: string[] = [];
  #metrics: MetricsFile | undefined;
  /** Whether checkpoint.safetensors is whole: then it is kept when the next is written. */
  #keepsNewest = false;
  /** Outer steps of the last saved state. */
  #saved: number | undefined;
  /** What was saved as the best θ. */
  #best: BestTheta | undefined;

  /** @param begin what is done to the folder before the first line is written */
  private constructor(
    folder: LockedPlace,
    readonly begin: () => Promise<MetricsFile>,
  ) {
    super(folder);
  }

  /**
   * Makes the folder of a new run.
   * @throws UsageError if there is something in it already
   */
  static async create(place: Place, config: unknown): Promise<RunFolder> {
    const folder: RunFolder = new RunFolder(await freshFolder(place, config), () => MetricsFile.create(folder.file(runFiles.metrics)));
    return folder;
  }

  /**
   * Goes on in the folder of an earlier run, whose metrics are cut back to its checkpoint; what is missing there is told. Nothing is changed
   * before the first new step.
   */
  static async reopen({ place, state, newest }: EarlierRun, config: unknown, say: (text: string) => void): Promise<RunFolder> {
    const metrics = path.join(place.path, runFiles.metrics);
    const found: { metrics?: FoundMetrics } = {};
    const run: RunFolder = new RunFolder(place, async () => {
      await run.saveConfig(config);
      return MetricsFile.reopen(metrics, state.index, found.metrics!);
    });
    found.metrics = await readMetrics(metrics, state.index, step => run.history.add(step));
    const missing = state.index - found.metrics.found;
    if (missing > 0) {
      say(
        `ufom: ${showPath(metrics)} must have a line for each of the ${quantity(state.index, "outer step")} done; ${missing} of them are missing or damaged. The run goes on, with a gap in its plots.`,
      );
    }
    run.#keepsNewest = newest;
    run.#saved = state.index;
    return run;
  }

  /** Adds a step to the metrics. It is written to disk by the next `flush` or checkpoint. */
  addStep(step: StepRecord): void {
    this.history.add(step);
    this.#lines.push(`${JSON.stringify(step)}\n`);
  }

  protected override get kept(): string {
    const { path: folder } = this;
    return this.#saved === undefined
      ? ""
      : ` ${showPath(folder)} holds the state after outer step ${this.#saved}: ufom run --resume ${showPath(folder)}`;
  }

  /** Whether so many steps wait that they should be written. */
  get isBehind(): boolean {
    return this.#lines.length >= waiting;
  }

  async flush(): Promise<void> {
    if (this.#lines.length === 0) return;
    const lines = this.#lines.length;
    await this.write(async () => {
      this.#metrics ??= await this.begin();
      await this.#metrics.append(this.#lines.slice(0, lines).join(""));
    });
    this.#lines = this.#lines.slice(lines);
  }

  /** Writes the metrics of all steps so far, then the checkpoint; the one before it is kept. */
  async saveCheckpoint(state: Checkpoint): Promise<void> {
    await this.flush();
    const bytes = writeState(state as unknown as Saved);
    const [newest, previous] = [this.file(runFiles.checkpoint), this.file(runFiles.previous)];
    await this.write(async () => {
      await this.#metrics?.sync();
      await writeWhole(nextName(newest), bytes);
      if (this.#keepsNewest) await moveFile(newest, previous);
      this.#keepsNewest = false;
      await moveFile(nextName(newest), newest);
      this.#keepsNewest = true;
    });
    this.#saved = state.index;
  }

  /** Writes the best θ so far, if it is another than the one that was written last. */
  async saveBest(best: BestTheta): Promise<void> {
    const { index, criterion, value } = best,
      saved = this.#best;
    // The same θ may be judged by a mean of more losses meanwhile.
    if (saved?.index === index && saved.criterion === criterion && Object.is(saved.value, value)) return;
    await this.replace(runFiles.best, writeState({ ...best }));
    this.#best = best;
  }

  override async discard(): Promise<void> {
    this.#lines = [];
    await this.close();
    await rm(this.file(runFiles.metrics), { force: true });
    await super.discard();
  }

  /** Writes what waits, if that goes at once, and closes the metrics. */
  async close(): Promise<void> {
    try {
      await this.flush();
    } finally {
      const metrics = this.#metrics;
      this.#metrics = undefined;
      if (metrics !== undefined) await this.write(() => metrics.close());
    }
  }
}
