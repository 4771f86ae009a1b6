import { mkdir, open, readdir, readFile, rename, rm, rmdir, stat, writeFile, type FileHandle } from "node:fs/promises";
import path from "node:path";
import type { StepRecord } from "../problems/problem-entry.js";
import { readState, writeState, type Saved } from "../report/saved-state.js";
import { UsageError } from "./failure.js";
import { toJson } from "./json.js";

/** The files of a run. */
const names = {
  config: "config.json",
  metrics: "metrics.jsonl",
  checkpoint: "checkpoint.safetensors",
  result: "result.json",
  report: "report.html",
} as const;

/** Replaced at one stroke: whoever reads sees the old file or the new one. */
async function replace(file: string, content: string | Uint8Array): Promise<void> {
  await writeFile(`${file}.tmp`, content);
  await rename(`${file}.tmp`, file);
}

const exists = async (file: string): Promise<boolean> => (await stat(file).catch(() => undefined)) !== undefined;

/** A number that JSON could not hold was not finite. */
const finite = (x: number | null): number => x ?? NaN;

function parseStep(line: string): StepRecord {
  const step = JSON.parse(line) as StepRecord;
  return { ...step, loss: finite(step.loss), gradientNorm: finite(step.gradientNorm) };
}

/** The folder in which a run keeps all it needs to go on, and all it found. */
export class RunFolder {
  #lines: string[] = [];
  #metrics: Promise<FileHandle> | undefined;

  /** @param begin what is done to the folder before the first line is written */
  private constructor(
    readonly path: string,
    readonly begin: () => Promise<void>,
    private readonly isNew: boolean,
  ) {}

  /**
   * Makes the folder of a new run.
   * @throws UsageError if there is something in it already
   */
  static async create(folder: string, config: unknown): Promise<RunFolder> {
    if (await exists(folder)) {
      const inside = (await stat(folder)).isDirectory() ? await readdir(folder) : ["a file of that name"];
      if (inside.length > 0) {
        const goOn = inside.includes(names.config) ? `, or go on with the run there (ufom run --resume ${folder})` : "";
        const some = inside.slice(0, 3).join(", ");
        throw new UsageError(`ufom: ${folder} must be a new or an empty folder; it holds ${some}: give another --out${goOn}.`);
      }
    }
    const isNew = (await mkdir(folder, { recursive: true })) !== undefined;
    await replace(path.join(folder, names.config), toJson(config));
    await replace(path.join(folder, names.metrics), "");
    return new RunFolder(folder, () => Promise.resolve(), isNew);
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
    const begin = async () => {
      await replace(path.join(folder, names.config), toJson(config));
      await replace(metrics, lines.map(line => `${line}\n`).join(""));
    };
    return { run: new RunFolder(folder, begin, false), steps };
  }

  file(name: keyof typeof names): string {
    return path.join(this.path, names[name]);
  }

  /** Notes a step; it is on disk after the next `flush` or checkpoint. */
  addStep(step: StepRecord): void {
    this.#lines.push(`${JSON.stringify(step)}\n`);
  }

  async flush(): Promise<void> {
    const text = this.#lines.join("");
    this.#lines = [];
    if (text === "") return;
    const metrics = await (this.#metrics ??= this.begin().then(() => open(this.file("metrics"), "a")));
    await metrics.appendFile(text);
  }

  /** Saves a state after all steps that led to it. */
  async saveCheckpoint(state: Saved): Promise<void> {
    await this.flush();
    await replace(this.file("checkpoint"), writeState(state));
  }

  async saveResult(result: unknown): Promise<void> {
    await replace(this.file("result"), toJson(result));
  }

  async saveReport(page: string): Promise<void> {
    await replace(this.file("report"), page);
  }

  /** Removes what a run that never began has written. */
  async discard(): Promise<void> {
    await this.close();
    await rm(this.file("config"));
    await rm(this.file("metrics"));
    if (this.isNew) await rmdir(this.path);
  }

  async close(): Promise<void> {
    await this.flush();
    await (await this.#metrics)?.close();
    this.#metrics = undefined;
  }
}

/** What `--resume` finds: the settings of the run and its last saved state. @throws UsageError if it is not a run's folder */
export async function readRunFolder(folder: string): Promise<{ readonly config: unknown; readonly state: Saved }> {
  const config = await readFile(path.join(folder, names.config), "utf8").catch(() => undefined);
  if (config === undefined) throw new UsageError(`ufom: --resume needs the folder of a run (with ${names.config}); ${folder} is not one.`);
  const file = path.join(folder, names.checkpoint);
  const checkpoint = await readFile(file).catch(() => undefined);
  if (checkpoint === undefined) throw new UsageError(`ufom: --resume needs the state of a run; there is no ${file}.`);
  let parsed: unknown;
  try {
    parsed = JSON.parse(config);
  } catch (error) {
    throw new UsageError(`ufom: ${path.join(folder, names.config)} must be JSON; ${(error as Error).message}.`, { cause: error });
  }
  return { config: parsed, state: readState(checkpoint, file) };
}

/** `runs/toy-2026-11-24T06-03-42-ufom-0.1`: the folder of a run that was not given one; numbered if it is taken. */
export async function defaultFolder(problem: string, what: string, now = new Date()): Promise<string> {
  const date = now.toISOString().slice(0, 19).replaceAll(":", "-");
  const base = path.join("runs", [problem, date, what].map(part => part.replace(/[^\w.-]+/g, "-").replace(/^[-.]+|-+$/g, "")).join("-"));
  for (let n = 1; ; n++) {
    const folder = n === 1 ? base : `${base}-${n}`;
    if (!(await exists(folder))) return folder;
  }
}
