import { link, readFile, rename, rm } from "node:fs/promises";
import { createHash, randomUUID } from "node:crypto";
import { hostname } from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { writeWhole } from "./durable.js";
import { UsageError } from "./failure.js";
import { isSystemError, readIfThere } from "./file-errors.js";
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

/** How long a lock may stand there without an owner's name: a file system without links shows it empty while it is written. */
const draftMilliseconds = 100;

/** The one who may write by what stands in a lock; nothing if that one has ended, or if it is no lock. */
async function writerOf(file: string, text: string): Promise<Owner | undefined> {
  const found = parseOwner(text);
  if (found !== undefined) return (await mayWrite(found)) ? found : undefined;
  await sleep(draftMilliseconds);
  const later = (await readIfThere(file))?.toString("utf8"),
    owner = later === undefined || later === text ? undefined : parseOwner(later);
  return owner !== undefined && (await mayWrite(owner)) ? owner : undefined;
}

/**
 * Puts a lock where there is none that counts. A stale one is replaced by whoever holds the lock named by its text, of which there is one holder too,
 * however many find it stale at once: a stale lock is never removed, because what is removed by its name may be another's that has come in between.
 * @returns the one who has it: `owner`, or another
 */
async function obtain(file: string, owner: Owner): Promise<Owner> {
  for (;;) {
    if (await put(file, owner)) return owner;
    const text = (await readIfThere(file))?.toString("utf8");
    if (text === undefined) continue;
    const writer = await writerOf(file, text);
    if (writer !== undefined) return writer;
    const next = `${file}.${createHash("sha256").update(text).digest("hex").slice(0, 16)}`,
      holder = await obtain(next, owner),
      unchanged = (await readIfThere(file))?.toString("utf8") === text;
    if (holder.id !== owner.id) {
      if (unchanged) return holder;
    } else if (unchanged) {
      await rename(next, file);
      return owner;
    } else await rm(next, { force: true });
  }
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
    const holder = await obtain(file, owner);
    if (holder.id === owner.id) return new FolderLock(file, owner);
    own.delete(owner.id);
    const elsewhere = holder.host === hostname() ? "" : ` of ${holder.host} (if that one has ended, remove ${showPath(file)})`;
    throw new UsageError(`ufom: ${showPath(folder)} must not be written by two processes; process ${holder.pid}${elsewhere} writes there.`);
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
