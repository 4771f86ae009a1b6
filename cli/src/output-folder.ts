import { mkdir, readdir, rename, rm, rmdir, stat, writeFile } from "node:fs/promises";
import path from "node:path";
import { UsageError } from "./failure.js";
import { toJson } from "./json.js";

/** Names of files that `run` and `compare` both write. */
const names = { config: "config.json", result: "result.json", report: "report.html" } as const;

/** Writes a file under a temporary name and renames it, so that a reader sees the old content or the new one and never a part. */
export async function replaceFile(file: string, content: string | Uint8Array): Promise<void> {
  await writeFile(`${file}.tmp`, content);
  await rename(`${file}.tmp`, file);
}

const exists = async (file: string): Promise<boolean> => (await stat(file).catch(() => undefined)) !== undefined;

/** The folder a command writes to. It was created by the command, or was empty. */
export interface FreshFolder {
  readonly path: string;
  /** Whether the command created the folder. */
  readonly isNew: boolean;
}

/**
 * Makes a folder for a command's output and writes its config.json.
 * @throws UsageError if there is something in it already
 */
export async function freshFolder(folder: string, config: unknown): Promise<FreshFolder> {
  if (await exists(folder)) {
    const inside = (await stat(folder)).isDirectory() ? await readdir(folder) : ["a file of that name"];
    if (inside.length > 0) {
      const goOn = inside.includes("checkpoint.safetensors") ? `, or go on with the run there (ufom run --resume ${folder})` : "";
      const some = inside.slice(0, 3).join(", ");
      throw new UsageError(`ufom: ${folder} must be a new or an empty folder; it holds ${some}: give another --out${goOn}.`);
    }
  }
  const isNew = (await mkdir(folder, { recursive: true })) !== undefined;
  await replaceFile(path.join(folder, names.config), toJson(config));
  return { path: folder, isNew };
}

/** A folder with config.json, result.json and report.html. */
export class OutputFolder {
  readonly path: string;
  readonly #isNew: boolean;

  constructor({ path: folder, isNew }: FreshFolder) {
    this.path = folder;
    this.#isNew = isNew;
  }

  file(name: string): string {
    return path.join(this.path, name);
  }

  get report(): string {
    return this.file(names.report);
  }

  async saveConfig(config: unknown): Promise<void> {
    await replaceFile(this.file(names.config), toJson(config));
  }

  async saveResult(result: unknown): Promise<void> {
    await replaceFile(this.file(names.result), toJson(result));
  }

  async saveReport(page: string): Promise<void> {
    await replaceFile(this.report, page);
  }

  /** Removes the files of a command that failed before its work began. */
  async discard(): Promise<void> {
    await rm(this.file(names.config));
    if (this.#isNew) await rmdir(this.path);
  }
}

/** `runs/toy-2026-11-24T06-03-42-ufom-0.1`: the folder of a run that was not given one; numbered if it is taken. */
export async function defaultFolder(problem: string, what: string, now = new Date()): Promise<string> {
  const date = now.toISOString().slice(0, 19).replaceAll(":", "-");
  const plain = (part: string) => part.replace(/[^\w.-]+/g, "-").replace(/^[-.]+|-+$/g, "");
  const base = path.join("runs", [problem, date, what].map(plain).join("-"));
  for (let n = 1; ; n++) {
    const folder = n === 1 ? base : `${base}-${n}`;
    if (!(await exists(folder))) return folder;
  }
}
