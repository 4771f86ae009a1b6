import { open, readFile, rm, type FileHandle } from "node:fs/promises";
import path from "node:path";
import type { StepRecord } from "./problems/problem-entry.js";
import { readState, writeState, type Saved } from "ufom/internal/files/saved-state";
import { UsageError } from "./failure.js";
import { freshFolder, OutputFolder, replaceFile, type FreshFolder } from "./output-folder.js";

/** What a run's folder holds besides config.json, result.json and report.html. */
const names = { metrics: "metrics.jsonl", checkpoint: "checkpoint.safetensors" } as const;

/** A number of metrics.jsonl: null there stands for a number that was not finite. */
const finite = (x: number | null): number => x ?? NaN;

function parseStep(line: string): StepRecord {
  const step = JSON.parse(line) as StepRecord;
  return { ...step, loss: finite(step.loss), gradientNorm: finite(step.gradientNorm) };
}

/** The folder of a run: the checkpoint it can be resumed from, its metrics and its results. */
export class RunFolder extends OutputFolder {
  #lines: string[] = [];
  #metrics: Promise<FileHandle> | undefined;

  /** @param begin what is done to the folder before the first line is written */
  private constructor(
    folder: FreshFolder,
    readonly begin: () => Promise<void>,
  ) {
    super(folder);
  }

  /**
   * Makes the folder of a new run.
   * @throws UsageError if there is something in it already
   */
  static async create(folder: string, config: unknown): Promise<RunFolder> {
    return new RunFolder(await freshFolder(folder, config), () => Promise.resolve());
  }

  /**
   * Opens the folder of an earlier run, whose metrics are cut back to its last checkpoint. Nothing is changed before the
   * first new step.
   * @throws UsageError if its metrics do not reach the checkpoint
   */
  static async reopen(folder: string, index: number, config: unknown): Promise<{ run: RunFolder; steps: StepRecord[] }> {
    const metrics = path.join(folder, names.metrics);
    const text = await readFile(metrics, "utf8").catch(() => "");
    const lines = text.split("\n").slice(0, index).filter(Boolean);
    const steps = lines.map(parseStep);
    if (steps.length !== index || steps.some((step, i) => step.index !== i + 1)) {
      throw new UsageError(`ufom: ${metrics} must have one line for each of the ${index} outer steps done; it has ${steps.length}.`);
    }
    const run: RunFolder = new RunFolder({ path: folder, isNew: false }, async () => {
      await run.saveConfig(config);
      await replaceFile(metrics, lines.map(line => `${line}\n`).join(""));
    });
    return { run, steps };
  }

  /** Adds a step to the metrics. It is written to disk by the next `flush` or checkpoint. */
  addStep(step: StepRecord): void {
    this.#lines.push(`${JSON.stringify(step)}\n`);
  }

  async flush(): Promise<void> {
    const text = this.#lines.join("");
    this.#lines = [];
    if (text === "") return;
    const metrics = await (this.#metrics ??= this.begin().then(() => open(this.file(names.metrics), "a")));
    await metrics.appendFile(text);
  }

  /** Writes the metrics of all steps so far, then the checkpoint. */
  async saveCheckpoint(state: Saved): Promise<void> {
    await this.flush();
    await replaceFile(this.file(names.checkpoint), writeState(state));
  }

  override async discard(): Promise<void> {
    await this.close();
    await rm(this.file(names.metrics), { force: true });
    await super.discard();
  }

  async close(): Promise<void> {
    await this.flush();
    await (await this.#metrics)?.close();
    this.#metrics = undefined;
  }
}

/** The steps that a run has written down; none if there is no such file. */
export async function readSteps(folder: string): Promise<StepRecord[]> {
  const text = await readFile(path.join(folder, names.metrics), "utf8").catch(() => "");
  return text.split("\n").filter(Boolean).map(parseStep);
}

/** What `--resume` finds: the settings of the run and its last saved state. @throws UsageError if it is not a run's folder */
export async function readRunFolder(folder: string): Promise<{ readonly config: unknown; readonly state: Saved }> {
  const configFile = path.join(folder, "config.json");
  const config = await readFile(configFile, "utf8").catch(() => undefined);
  if (config === undefined) throw new UsageError(`ufom: --resume needs the folder of a run (with config.json); ${folder} is not one.`);
  const file = path.join(folder, names.checkpoint);
  const checkpoint = await readFile(file).catch(() => undefined);
  if (checkpoint === undefined) throw new UsageError(`ufom: --resume needs the state of a run; there is no ${file}.`);
  let parsed: unknown;
  try {
    parsed = JSON.parse(config);
  } catch (error) {
    throw new UsageError(`ufom: ${configFile} must be JSON; ${(error as Error).message}.`, { cause: error });
  }
  return { config: parsed, state: readState(checkpoint, file) };
}
