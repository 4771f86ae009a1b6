import { UfomError } from "../tensor/error.js";

// Files on disk, for Node and what is like it. What reads and writes them is loaded when a path is first used: in a page there is none.

/** What is used of node:fs/promises. */
interface FileSystem {
  readFile(path: string | URL): Promise<Uint8Array>;
  writeFile(path: string, content: Uint8Array): Promise<void>;
  rename(from: string, to: string): Promise<void>;
  mkdir(path: string, options: { recursive: true }): Promise<unknown>;
  readdir(path: string): Promise<string[]>;
}

/** What the codes of the operating system mean. */
const meanings: Readonly<Record<string, string>> = {
  ENOENT: "there is no such file or folder",
  EACCES: "that is not allowed",
  EPERM: "that is not allowed",
  EISDIR: "it is a folder",
  ENOTDIR: "a part of the path is no folder",
  EEXIST: "it is no folder",
  ENAMETOOLONG: "the name is too long",
  ENOSPC: "the disk is full",
  EDQUOT: "the disk's quota is used up",
  EROFS: "the disk can only be read",
  EMFILE: "too many files are open",
  ERR_INVALID_ARG_VALUE: "the path holds a character that no path may have",
};

/** @throws where there are no files */
function fileSystem(who: string, path: string | URL): FileSystem {
  // What Node has and pages have not; asked for by a function, so that bundlers for pages do not look for it.
  const { process } = globalThis as { readonly process?: { getBuiltinModule?(name: string): unknown } },
    found = process?.getBuiltinModule?.("node:fs/promises");
  if (found === undefined)
    throw new UfomError(
      `ufom: ${who} takes a path where there are files, as in Node; in a page give bytes, a Blob or a Response; received ${String(path)}.`,
    );
  return found as FileSystem;
}

function refuse(who: string, doing: string, path: string | URL, error: unknown): never {
  const { code, message } = error as { readonly code?: string; readonly message: string },
    why = code !== undefined && Object.hasOwn(meanings, code) ? `${meanings[code]} (${code})` : message;
  throw new UfomError(`ufom: ${who} cannot ${doing} ${String(path)}: ${why}.`, { cause: error });
}

const missing = (error: unknown): boolean => (error as { readonly code?: string }).code === "ENOENT";

/** The bytes of a file. @throws one sentence with the cause */
export async function readPath(who: string, path: string | URL): Promise<Uint8Array> {
  const fs = fileSystem(who, path);
  try {
    return await fs.readFile(path);
  } catch (error) {
    return refuse(who, "read", path, error);
  }
}

/** A file of a folder; undefined if there is none of that name, though there is the folder. @throws one sentence with the cause */
export async function readInFolder(who: string, folder: string, name: string): Promise<Uint8Array | undefined> {
  const fs = fileSystem(who, folder);
  try {
    return await fs.readFile(`${folder}/${name}`);
  } catch (error) {
    if (missing(error)) return undefined;
    return refuse(who, "read", `${folder}/${name}`, error);
  }
}

/** The names in a folder; undefined if there is no folder. @throws one sentence with the cause */
export async function namesIn(who: string, folder: string): Promise<readonly string[] | undefined> {
  const fs = fileSystem(who, folder);
  try {
    return await fs.readdir(folder);
  } catch (error) {
    if (missing(error)) return undefined;
    return refuse(who, "read", folder, error);
  }
}

/** Writes a file of a folder, which is made if need be: under another name first, so that a reader sees the old content or the new one. */
export async function writeInFolder(who: string, folder: string, name: string, content: Uint8Array): Promise<void> {
  const fs = fileSystem(who, folder),
    file = `${folder}/${name}`;
  try {
    await fs.mkdir(folder, { recursive: true });
    await fs.writeFile(`${file}.tmp`, content);
    await fs.rename(`${file}.tmp`, file);
  } catch (error) {
    refuse(who, "write", file, error);
  }
}
