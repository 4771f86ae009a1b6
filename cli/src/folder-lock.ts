import { link, readFile, rename, rm } from "node:fs/promises";
import { randomUUID } from "node:crypto";
import { hostname } from "node:os";
import path from "node:path";
import { writeWhole } from "./durable.js";
import { UsageError } from "./failure.js";
import { ifAbsent, isSystemError, readIfThere } from "./file-errors.js";
import { showPath } from "./show-place.js";

/** The file that says who writes to a folder. */
export const lockName = "run.lock";

/** Who writes to a folder. */
interface Owner {
  readonly pid: number;
  readonly host: string;
  /** When the process began, as the system counts, where it says so: another process may have the number later. */
  readonly began: string | undefined;
  /** Names this lock among all. */
  readonly id: string;
}

/** The locks of this process. */
const own = new Set<string>();

/** When a process began, on Linux: the machine's start, and the clock ticks since then. */
async function beginOf(pid: number): Promise<string | undefined> {
  if (process.platform !== "linux") return undefined;
  const [boot, stat] = await Promise.all(
    ["/proc/sys/kernel/random/boot_id", `/proc/${pid}/stat`].map(file => readFile(file, "utf8").catch(ifUnreadable)),
  );
  // The second field is the name in parentheses, which may hold blanks; the begin is the 22nd.
  const ticks = stat?.slice(stat.lastIndexOf(")") + 2).split(" ")[19];
  return boot === undefined || ticks === undefined ? undefined : `${boot.trim()}:${ticks}`;
}

/** The system does not say: then the number of the process has to do. */
function ifUnreadable(error: unknown): undefined {
  if (!isSystemError(error)) throw error;
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // It is there, and another user's.
    return isSystemError(error) && error.code === "EPERM";
  }
}

/**
 * Whether the one who made a lock may still write: processes of this machine are asked for; of another machine's nobody here can know, so that
 * it counts as running.
 */
async function mayWrite({ pid, host, began, id }: Owner): Promise<boolean> {
  if (host !== hostname()) return true;
  if (pid === process.pid) return own.has(id);
  if (!isRunning(pid)) return false;
  const now = await beginOf(pid);
  return began === undefined || now === undefined || began === now;
}

/** Who made a lock; nothing if its text is no owner, as one that was cut off by a loss of power. */
function parseOwner(text: string): Owner | undefined {
  try {
    const owner = JSON.parse(text) as Partial<Owner> | null;
    return Number.isSafeInteger(owner?.pid) && typeof owner?.host === "string" && typeof owner.id === "string"
      ? (owner as Owner)
      : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** Puts a lock where there is none, with its text in it from the first moment. @returns whether there was none */
async function put(file: string, owner: Owner): Promise<boolean> {
  const text = `${JSON.stringify(owner)}\n`;
  const draft = `${file}.${owner.id}`;
  const taken = (error: unknown): false => {
    if (isSystemError(error) && error.code === "EEXIST") return false;
    throw error;
  };
  await writeWhole(draft, text, "wx");
  try {
    return await link(draft, file).then(
      () => true,
      async error => {
        if (isSystemError(error) && error.code === "EEXIST") return false;
        // A file system without links: the file itself, which is empty for a moment.
        return writeWhole(file, text, "wx").then(() => true, taken);
      },
    );
  } finally {
    await rm(draft, { force: true });
  }
}

/** Removes a lock that was found stale, unless another has taken its place meanwhile. */
async function removeStale(file: string, stale: string): Promise<void> {
  const aside = `${file}.${randomUUID()}`;
  try {
    await rename(file, aside);
  } catch (error) {
    return ifAbsent(error);
  }
  if ((await readFile(aside, "utf8")) !== stale)
    await link(aside, file).catch((error: unknown) => {
      if (!isSystemError(error) || error.code !== "EEXIST") throw error;
    });
  await rm(aside, { force: true });
}

/** The right to write to a folder, which one process has at a time. */
export class FolderLock {
  private constructor(
    readonly file: string,
    readonly owner: Owner,
  ) {}

  /**
   * Takes the lock of a folder. One whose process has ended is stale and is taken over.
   * @throws UsageError naming the process, if another writes there
   */
  static async take(folder: string): Promise<FolderLock> {
    const file = path.join(folder, lockName);
    const owner: Owner = { pid: process.pid, host: hostname(), began: await beginOf(process.pid), id: randomUUID() };
    own.add(owner.id);
    for (;;) {
      if (await put(file, owner)) return new FolderLock(file, owner);
      const text = (await readIfThere(file))?.toString("utf8");
      if (text === undefined) continue;
      const other = parseOwner(text);
      if (other !== undefined && (await mayWrite(other))) {
        own.delete(owner.id);
        const elsewhere = other.host === hostname() ? "" : ` of ${other.host} (if that one has ended, remove ${showPath(file)})`;
        throw new UsageError(
          `ufom: ${showPath(folder)} must not be written by two processes; process ${other.pid}${elsewhere} writes there.`,
        );
      }
      await removeStale(file, text);
    }
  }

  /** @throws UsageError if the lock is another's by now, as after it was removed by hand */
  async check(): Promise<void> {
    const text = (await readIfThere(this.file))?.toString("utf8");
    const owner = text === undefined ? undefined : parseOwner(text);
    if (owner?.id === this.owner.id) return;
    const who = owner === undefined ? "it is gone" : `it is process ${owner.pid}'s`;
    throw new UsageError(`ufom: the lock ${showPath(this.file)} must stay this process's while it writes there; ${who}.`);
  }

  async release(): Promise<void> {
    own.delete(this.owner.id);
    const text = (await readIfThere(this.file))?.toString("utf8");
    if (text !== undefined && parseOwner(text)?.id === this.owner.id) await rm(this.file, { force: true });
  }
}

/** Whether a name in a folder is a lock's, or a draft of one. */
export const isLock = (name: string): boolean => name === lockName || name.startsWith(`${lockName}.`);
