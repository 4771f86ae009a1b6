import path from "node:path";

/** A place in a user's file. */
export interface Place {
  readonly file: string;
  readonly line: number;
}

/** `my-problem.ts:14`, as seen from the working directory if the file lies there. */
export function showPlace({ file, line }: Place, cwd = process.cwd()): string {
  const relative = path.relative(cwd, file);
  return `${relative.startsWith("..") || path.isAbsolute(relative) ? path.basename(file) : relative}:${line}`;
}
