import type { FloatType, Problem } from "ufom";
import { openNative } from "./engine.js";
import { nativeLine } from "./prepare.js";
import type { Settings } from "./settings.js";
import type { Terminal } from "./terminal.js";

/** Says what a problem's definition does that may not be meant. A user's module may have its problem from an older copy of ufom, which knew no notes. */
export function tellNotes(terminal: Terminal, problem: Partial<Pick<Problem, "notes">>, dtype: FloatType): void {
  for (const note of problem.notes?.(dtype) ?? []) terminal.note(`Note: ${note}`);
}

/** Says which library computes large products, where one does. */
export function tellNative(terminal: Terminal, { native }: Pick<Settings, "native">): void {
  if (native !== undefined) terminal.note(`Native: ${nativeLine(native)}; the last bits of numbers depend on it.`);
}

/** Says if what began with a library goes on with another. @throws if it is not there any more */
export async function tellLibrary(terminal: Terminal, { executor, native, metaBatch }: Settings, where: string): Promise<void> {
  if (native === undefined) return;
  const { library } = await openNative(executor, native.path, metaBatch);
  if (library !== native.library)
    terminal.note(`${where} began with ${native.library}, and goes on with ${library}: the last bits of its numbers may differ.`);
}
