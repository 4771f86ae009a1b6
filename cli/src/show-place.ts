import path from "node:path";

/** A place in a user's file. */
export interface Place {
  readonly file: string;
  readonly line: number;
}

/** The working directory; nothing if it was removed. */
function workingFolder(): string | undefined {
  try {
    return process.cwd();
  } catch {
    // Nothing else can be wrong with it.
    return undefined;
  }
}

/** `my-problem.ts:14`, as seen from the working directory if the file lies there. */
export function showPlace({ file, line }: Place, cwd = workingFolder()): string {
  const relative = cwd === undefined ? file : path.relative(cwd, file);
  return `${relative.startsWith("..") || path.isAbsolute(relative) ? path.basename(file) : relative}:${line}`;
}

/** A path for messages: relative to the working directory if it lies below it, absolute otherwise. */
export function showPath(file: string, cwd = workingFolder()): string {
  if (cwd === undefined || file === "") return file;
  const relative = path.relative(cwd, file);
  return relative === "" ? "." : relative.startsWith("..") ? path.resolve(file) : relative;
}
