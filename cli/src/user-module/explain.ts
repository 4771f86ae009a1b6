import { fileURLToPath } from "node:url";
import { UsageError } from "../failure.js";
import { showPlace } from "../show-place.js";

const pathOf = (file: string): string => (file.startsWith("file:") ? fileURLToPath(file) : file);

/** An error while a module was loaded: what its author has to change, or the error as it is if that is not known. */
export function explainImport(error: unknown, given: string): unknown {
  if (!(error instanceof Error) || error.message.startsWith("ufom: ")) return error;
  const refuse = (reason: string, file?: string, line?: string): UsageError => {
    const place = file === undefined ? "" : ` (${showPlace({ file: pathOf(file), line: Number(line) })})`;
    return new UsageError(`ufom: ${given} cannot be loaded: ${reason}${place}.`, { cause: error });
  };
  // The compiler's words: "/folder/file.ts:3:7: ERROR: Unexpected …".
  const syntax = /^(.+?):(\d+):\d+: ERROR: (.+)$/m.exec(error.message);
  if (syntax !== null) return refuse(syntax[3], syntax[1], syntax[2]);
  if (error instanceof SyntaxError) {
    // The first line of the stack is the place: "file:///folder/file.js:3".
    const at = /^(\S+?):(\d+)$/m.exec(error.stack ?? "");
    return at === null ? refuse(error.message) : refuse(error.message, at[1], at[2]);
  }
  const missing = /^Cannot find (?:package|module) '([^']+)'(?: imported from (.+))?$/m.exec(error.message);
  if (missing !== null) return refuse(`it imports ${missing[1]}, which is not there`);
  return error;
}
