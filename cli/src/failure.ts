import { fileSentence, isSystemError } from "./file-errors.js";
import { showPlace } from "./show-place.js";

/** What was given on the command line, or in the user's module, cannot be run: one sentence, exit code 2. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** What a run met on its way, and could do nothing about: one sentence or two, exit code 1. */
export class FailedError extends Error {
  override readonly name = "FailedError";
}

/** 0 done, 1 the run failed (with its outcome), 2 bad usage. */
export const exitCode = { done: 0, failed: 1, usage: 2 } as const;
export type ExitCode = (typeof exitCode)[keyof typeof exitCode];

/** What is said about an error, and with which code the command ends. */
export interface Failure {
  readonly sentence: string;
  readonly code: ExitCode;
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error)).trim();

/** `… (inner.loss)` and a place become `… (inner.loss, my-problem.ts:14)`. */
function withPlace(sentence: string, place: string): string {
  const bare = sentence.replace(/\.$/, "");
  return bare.endsWith(")") && /\([\w.]+\)$/.test(bare) ? `${bare.slice(0, -1)}, ${place}).` : `${bare} (${place}).`;
}

/**
 * An error as one sentence. Errors of ufom begin with "ufom: " and are about what was given; so is everything that a
 * user's own file throws, and what the system refuses before a run has begun. Anything else is a failure of the run.
 */
export async function failureOf(error: unknown): Promise<Failure> {
  const message = messageOf(error);
  if (error instanceof FailedError) return { sentence: message, code: exitCode.failed };
  // Loaded when something went wrong, and not before: the command starts fast.
  const { userPlace } = await import("./user-lines.js");
  const place = error instanceof UsageError ? undefined : userPlace(error);
  if (message.startsWith("ufom: ")) {
    const named = /:\d+\)\.?$/.test(message);
    return { sentence: place === undefined || named ? message : withPlace(message, showPlace(place)), code: exitCode.usage };
  }
  if (place !== undefined)
    return { sentence: `ufom: an error in your module: ${withPlace(message, showPlace(place))}`, code: exitCode.usage };
  if (isSystemError(error)) return { sentence: fileSentence(error), code: exitCode.usage };
  return { sentence: `ufom: this should not have happened: ${message} (UFOM_DEBUG=1 shows where).`, code: exitCode.failed };
}
