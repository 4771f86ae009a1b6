import { open, rename, rm } from "node:fs/promises";
import path from "node:path";
import { about, isSystemError } from "./file-errors.js";

/** What file systems answer that cannot put a folder on the disk at once: Windows, and some that are mounted from afar. */
const cannot = new Set(["EISDIR", "EPERM", "EINVAL", "ENOTSUP", "EACCES"]);

/** Puts the names in a folder on the disk, so that they outlast a loss of power, where the file system can. */
async function syncFolder(folder: string): Promise<void> {
  try {
    const handle = await open(folder, "r");
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  } catch (error) {
    if (!isSystemError(error) || !cannot.has(error.code)) throw error;
  }
}

/** Moves a file to another name in its folder, in the place of what had that name. */
export async function moveFile(from: string, to: string): Promise<void> {
  await rename(from, to);
  await about(to, () => syncFolder(path.dirname(to)));
}

/** Writes a file that must not be there, or anew, and puts it on the disk. What could not be written whole is removed. */
export async function writeWhole(file: string, content: string | Uint8Array, flag: "w" | "wx" = "w"): Promise<void> {
  const handle = await open(file, flag);
  try {
    await about(file, async () => {
      await handle.writeFile(content);
      await handle.sync();
    });
  } catch (error) {
    await handle.close();
    await rm(file, { force: true });
    throw error;
  }
  await handle.close();
}

/** The name of a file's next content while it is being written. */
export const nextName = (file: string): string => `${file}.tmp`;

/**
 * Writes a file under another name, puts it on the disk and renames it: whenever the process or the machine stops, a reader sees the old
 * content or the new one and never a part.
 */
export async function replaceFile(file: string, content: string | Uint8Array): Promise<void> {
  const next = nextName(file);
  await writeWhole(next, content);
  try {
    await moveFile(next, file);
  } catch (error) {
    await rm(next, { force: true });
    throw error;
  }
}
