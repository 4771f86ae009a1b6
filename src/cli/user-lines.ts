import { fileURLToPath } from "node:url";
import { framesOf, isUsers } from "../core/problem/stack-frames.js";
import type { Place } from "./show-place.js";

/** Where in a user's file an error arose: the first frame of its stack (its cause's before its own) outside this package and node_modules. */
export function userPlace(error: unknown): Place | undefined {
  if (!(error instanceof Error)) return undefined;
  for (const { url, line } of framesOf(error.stack)) {
    if (url.startsWith("file:") && isUsers(url)) return userPlace(error.cause) ?? { file: fileURLToPath(url), line: Number(line) };
  }
  return userPlace(error.cause);
}
