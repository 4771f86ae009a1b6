import type { FloatType, Problem } from "ufom";
import type { Terminal } from "./terminal.js";

/** Says what a problem's definition does that may not be meant. A user's module may have its problem from an older copy of ufom, which knew no notes. */
export function tellNotes(terminal: Terminal, problem: Partial<Pick<Problem, "notes">>, dtype: FloatType): void {
  for (const note of problem.notes?.(dtype) ?? []) terminal.note(`Note: ${note}`);
}
