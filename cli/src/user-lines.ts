import { fileURLToPath } from "node:url";
import { framesOf, isUsers } from "ufom/internal/core/problem/stack-frames";
import type { Place } from "./show-place.js";

/** The command's own folders: as it was compiled, and as source maps show it. */
const own = ["./", "../src/"].map(folder => new URL(folder, import.meta.url).href);

/** Where in a user's file an error arose: the first frame of its stack (its cause's before its own) outside the command, the library and node_modules. */
export function userPlace(error: unknown): Place | undefined {
  if (!(error instanceof Error)) return undefined;
  for (const { url, line } of framesOf(error.stack)) {
    if (url.startsWith("file:") && isUsers(url) && !own.some(folder => url.startsWith(folder)))
      return userPlace(error.cause) ?? { file: fileURLToPath(url), line: Number(line) };
  }
  return userPlace(error.cause);
}
