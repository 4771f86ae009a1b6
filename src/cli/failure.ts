/** What was given on the command line, or in the user's module, cannot be run: one sentence, exit code 2. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** 0 done, 1 the run failed (with its outcome), 2 bad usage. */
export const exitCode = { done: 0, failed: 1, usage: 2 } as const;
export type ExitCode = (typeof exitCode)[keyof typeof exitCode];
