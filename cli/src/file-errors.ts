import { readFile } from "node:fs/promises";
import { getSystemErrorMap } from "node:util";
import { showPath } from "./show-place.js";

/** An error of the operating system: its code, what was asked of it, and of which file. */
export interface SystemError extends Error {
  readonly code: string;
  readonly syscall: string;
  path?: string;
  readonly dest?: string;
}

/** Whether an error came from the operating system. */
export function isSystemError(error: unknown): error is SystemError {
  const { code, syscall } = (error instanceof Error ? error : {}) as Partial<SystemError>;
  return typeof code === "string" && /^E[A-Z0-9]+$/.test(code) && typeof syscall === "string";
}

/** Whether a file or folder is not there, which is an answer and no failure. */
export const isAbsent = (error: unknown): boolean => isSystemError(error) && (error.code === "ENOENT" || error.code === "ENOTDIR");

/** For `catch`: undefined if the file is not there. @throws any other error as it is */
export function ifAbsent(error: unknown): undefined {
  if (!isAbsent(error)) throw error;
}

/** Whether there is no room left to write to. */
export const isFull = (error: unknown): boolean => isSystemError(error) && (error.code === "ENOSPC" || error.code === "EDQUOT");

/** What could not be done, by the system's call. */
const done: Readonly<Record<string, string>> = {
  mkdir: "made",
  open: "opened",
  write: "written",
  fsync: "written",
  ftruncate: "written",
  close: "written",
  rename: "written",
  link: "written",
  copyfile: "written",
  read: "read",
  readfile: "read",
  scandir: "read",
  stat: "read",
  lstat: "read",
  readlink: "read",
  realpath: "read",
  unlink: "removed",
  rmdir: "removed",
  rm: "removed",
};

/** Why, by the code. What is not here has the system's own words. */
const reasons: Readonly<Record<string, string>> = {
  EACCES: "this user may not",
  EPERM: "this user may not",
  EROFS: "it is on a file system that can only be read",
  ENOSPC: "the disk is full",
  EDQUOT: "this user's share of the disk is used up",
  ENOENT: "it, or the folder that it is in, is not there",
  ENOTDIR: "a part of that path is a file and no folder",
  EISDIR: "it is a folder",
  EEXIST: "it is there already",
  ENAMETOOLONG: "that name is too long for the file system",
  EMFILE: "this process has too many files open (ulimit -n)",
  ENFILE: "the machine has too many files open",
  ELOOP: "its links lead round in a circle",
  EIO: "the disk failed",
  EFBIG: "it is larger than the file system allows",
};

const systemWords = (code: string): string =>
  [...getSystemErrorMap().values()].find(([name]) => name === code)?.[1] ?? "the system refused";

/** An error of the operating system as a sentence, the only place that makes them: `ufom: runs/a cannot be made: this user may not (EACCES).` */
export function fileSentence({ code, syscall, path, dest }: SystemError): string {
  if (syscall === "uv_cwd") return `ufom: the working directory must be there; it was removed (${code}).`;
  const file = dest ?? path;
  const what = file === undefined ? `the system's ${syscall}` : showPath(file) || '""';
  const verb = file === undefined ? "done" : (done[syscall] ?? `had (${syscall})`);
  return `ufom: ${what} cannot be ${verb}: ${reasons[code] ?? systemWords(code)} (${code}).`;
}

/** The bytes of a file; nothing if it is not there. */
export const readIfThere = (file: string): Promise<Buffer | undefined> => about(file, () => readFile(file)).catch(ifAbsent);

/** Does something with a file; an error of the system that does not say which file it was about says so then. */
export async function about<R>(file: string, work: () => Promise<R>): Promise<R> {
  try {
    return await work();
  } catch (error) {
    if (isSystemError(error)) error.path ??= file;
    throw error;
  }
}
