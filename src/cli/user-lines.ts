import path from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

/** A place in a user's file. */
export interface Place {
  readonly file: string;
  readonly line: number;
}

/** The folder of ufom's modules, and of the sources that stack traces with source maps show in its place. */
const folder = new URL("..", import.meta.url).href,
  folders = [folder, folder.replace(/\/dist\/$/, "/src/")];
const isOwn = (url: string): boolean => folders.some(own => url.startsWith(own));

function placeOf(frame: string): Place | undefined {
  const match = /(?:\(|\bat (?:async )?)((?:file:\/\/)?(?:\/|[A-Za-z]:[\\/])[^()]*?)(?:\?[^()]*?)?:(\d+):\d+\)?$/.exec(frame.trim());
  if (match === null) return undefined;
  const file = match[1].startsWith("file:") ? fileURLToPath(match[1]) : path.normalize(match[1]);
  const foreign = isOwn(pathToFileURL(file).href) || file.split(path.sep).includes("node_modules");
  return foreign ? undefined : { file, line: Number(match[2]) };
}

/** Where in a user's file an error arose: the first frame of its stack (its cause's before its own) outside this package and node_modules. */
export function userPlace(error: unknown): Place | undefined {
  if (!(error instanceof Error)) return undefined;
  const frames = (error.stack ?? "").split("\n").filter(line => /^\s*at /.test(line));
  for (const frame of frames) {
    const place = placeOf(frame);
    if (place !== undefined) return userPlace(error.cause) ?? place;
  }
  return userPlace(error.cause);
}

/** `my-problem.ts:14`, as seen from the working directory if the file lies there. */
export function showPlace({ file, line }: Place, cwd = process.cwd()): string {
  const relative = path.relative(cwd, file);
  return `${relative.startsWith("..") || path.isAbsolute(relative) ? path.basename(file) : relative}:${line}`;
}
