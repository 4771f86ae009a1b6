import { UsageError } from "../failure.js";
import { nearest } from "ufom/internal/tensor/nearest";

/** Refuses what was given in one sentence. */
export type Refuse = (rule: string, received: string) => never;

/** Sentences about a file: `ufom: FILE RULE; received WHAT.` */
export const refuserOf =
  (file: string): Refuse =>
  (rule, received) => {
    throw new UsageError(`ufom: ${file} ${rule}; received ${received}.`);
  };

/** The longest part of a cell that a sentence shows. */
const longestShown = 40;

/** A text of a file as a sentence shows it: in quotes, on one line, not too long. */
export const quoted = (text: string): string =>
  JSON.stringify(text.length > longestShown ? `${text.slice(0, longestShown)}…` : text)
    .replace(/[\u007f-\u009f\u2028\u2029]/g, c => `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`)
    .replace(/[\ud800-\udfff]/gu, "\ufffd");

/** The start of a list of names, and how many more there are. */
export function some(names: readonly string[], most = 8): string {
  const shown = names.slice(0, most).map(quoted).join(", ");
  return names.length > most ? `${shown} and ${names.length - most} more` : shown;
}

/** ` (did you mean "age"?)`, or nothing. */
export function didYouMean(name: string, names: readonly string[]): string {
  const near = nearest(name, names);
  return near === undefined ? "" : ` (did you mean ${quoted(near)}?)`;
}

/** `1 row`, `2 rows`. */
export const count = (n: number, thing: string, plural = `${thing}s`): string => `${n} ${n === 1 ? thing : plural}`;
