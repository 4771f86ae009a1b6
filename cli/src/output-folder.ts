import { mkdir, readdir, rm, rmdir, stat } from "node:fs/promises";
import path from "node:path";
import { nextName, replaceFile } from "./durable.js";
import { FailedError, UsageError } from "./failure.js";
import { fileSentence, ifAbsent, isSystemError } from "./file-errors.js";
import { FolderLock, isLock } from "./folder-lock.js";
import { toJson } from "./json.js";
import { patiently, type Patience } from "./patience.js";
import { showPath } from "./show-place.js";

/** Names of files that `run` and `compare` both write. */
const names = { config: "config.json", result: "result.json", report: "report.html" } as const;

/** A folder for a command's output: where it is, and whether the command made it. */
export interface Place {
  /** Absolute, so that it stays the same folder whatever becomes of the working directory. */
  readonly path: string;
  readonly isNew: boolean;
}

/** A folder that this process alone writes to. */
export interface LockedPlace extends Place {
  readonly lock: FolderLock;
}

/** The folder of `--out`. @throws UsageError if it is a file */
export async function placeAt(folder: string): Promise<Place> {
  const where = path.resolve(folder);
  const found = await stat(where).catch(ifAbsent);
  if (found !== undefined && !found.isDirectory())
    throw new UsageError(`ufom: ${folder} must be a new or an empty folder; it is a file: give another --out.`);
  return { path: where, isNew: (await mkdir(where, { recursive: true })) !== undefined };
}

/** Where folders are made that have not been given a place. */
export const runsFolder = "runs";

/** Makes `runs/toy-2026-11-24T06-03-42-ufom-0.1`, the folder of a run that was not given one; numbered if another has the name, be it made at the same moment. */
export async function placeNamed(problem: string, what: string, now = new Date()): Promise<Place> {
  const date = now.toISOString().slice(0, 19).replaceAll(":", "-");
  const plain = (part: string) => part.replace(/[^\w.-]+/g, "-").replace(/^[-.]+|-+$/g, "");
  const base = path.resolve(runsFolder, [problem, date, what].map(plain).join("-"));
  await mkdir(path.dirname(base), { recursive: true });
  for (let n = 1; ; n++) {
    const folder = n === 1 ? base : `${base}-${n}`;
    try {
      await mkdir(folder);
      return { path: folder, isNew: true };
    } catch (error) {
      if (!isSystemError(error) || error.code !== "EEXIST") throw error;
    }
  }
}

/** What is in a folder besides locks and what a process left that was ended before it began. */
const contents = async (folder: string): Promise<string[]> =>
  (await readdir(folder)).filter(name => !isLock(name) && name !== nextName(names.config));

/**
 * Takes a folder for a command's output, and writes its config.json.
 * @throws UsageError if there is something in it already, or another process writes there
 */
export async function freshFolder(place: Place, config: unknown): Promise<LockedPlace> {
  const lock = await FolderLock.take(place.path);
  try {
    const inside = await contents(place.path);
    if (inside.length > 0) {
      const shown = showPath(place.path);
      const goOn = inside.includes("checkpoint.safetensors") ? `, or go on with the run there (ufom run --resume ${shown})` : "";
      const some = inside.slice(0, 3).join(", ");
      throw new UsageError(`ufom: ${shown} must be a new or an empty folder; it holds ${some}: give another --out${goOn}.`);
    }
    await replaceFile(path.join(place.path, names.config), toJson(config));
    return { ...place, lock };
  } catch (error) {
    await lock.release();
    if (place.isNew) await removeEmpty(place.path);
    throw error;
  }
}

/** Removes a folder in which nothing is left, of another process neither. */
async function removeEmpty(folder: string): Promise<void> {
  try {
    await rmdir(folder);
  } catch (error) {
    if (!isSystemError(error) || (error.code !== "ENOTEMPTY" && error.code !== "EEXIST")) throw error;
  }
}

/** A folder with config.json, result.json and report.html. */
export class OutputFolder {
  readonly path: string;
  readonly #isNew: boolean;
  readonly #lock: FolderLock;
  /** What to do where the disk is full: to wait, once somebody is there who can end that. */
  patience: Patience | undefined;

  constructor({ path: folder, isNew, lock }: LockedPlace) {
    this.path = folder;
    this.#isNew = isNew;
    this.#lock = lock;
  }

  file(name: string): string {
    return path.join(this.path, name);
  }

  get report(): string {
    return this.file(names.report);
  }

  async saveConfig(config: unknown): Promise<void> {
    await this.replace(names.config, toJson(config));
  }

  async saveResult(result: unknown): Promise<void> {
    await this.replace(names.result, toJson(result));
  }

  async saveReport(page: string): Promise<void> {
    await this.replace(names.report, page);
  }

  /** What of the command's work is safe in the folder, as a sentence with a blank before it. */
  protected get kept(): string {
    return "";
  }

  /** Writes, and waits for room where the disk is full. @throws FailedError while a run is under way, if the folder is another process's by now or the system refuses */
  protected async write(work: () => Promise<void>): Promise<void> {
    const { patience } = this;
    if (patience === undefined) return work();
    try {
      await this.#lock.check();
      await patiently(work, patience);
    } catch (error) {
      if (isSystemError(error)) throw new FailedError(`${fileSentence(error)}${this.kept}`, { cause: error });
      throw error instanceof UsageError ? new FailedError(`${error.message}${this.kept}`, { cause: error }) : error;
    }
  }

  protected replace(name: string, content: string | Uint8Array): Promise<void> {
    return this.write(() => replaceFile(this.file(name), content));
  }

  /** Lets others write to the folder. */
  async release(): Promise<void> {
    await this.#lock.release();
  }

  /** Removes the files of a command that failed before its work began. */
  async discard(): Promise<void> {
    await rm(this.file(names.config), { force: true });
    await this.release();
    if (this.#isNew) await removeEmpty(this.path);
  }
}
