import type { RawColumn } from "./raw.js";

/** What stands for a missing value, unless told otherwise. */
export const missingTexts: readonly string[] = [
  "",
  "NA",
  "N/A",
  "n/a",
  "#N/A",
  "<NA>",
  "NaN",
  "nan",
  "NaT",
  "NULL",
  "Null",
  "null",
  "None",
  "?",
];

/** Missing cells by what stood there; `NaN` and `∞` for numbers of typed files. */
export function missingIn(raw: RawColumn, missing: ReadonlySet<string>): ReadonlyMap<string, number> {
  const found = new Map<string, number>();
  const add = (text: string) => found.set(text, (found.get(text) ?? 0) + 1);
  if (raw.kind === "text") {
    for (const cell of raw.cells) {
      const text = cell.trim();
      if (missing.has(text)) add(text);
    }
  } else for (const x of raw.values) if (!Number.isFinite(x)) add(Number.isNaN(x) ? "NaN" : "∞");
  return found;
}

/** `3 "NA", 2 empty`. */
export const missingWords = (found: ReadonlyMap<string, number>): string =>
  [...found]
    .sort(([, a], [, b]) => b - a)
    .map(([text, n]) => `${n} ${text === "" ? "empty" : text === "∞" ? "±∞" : JSON.stringify(text)}`)
    .join(", ");

export const sum = (found: ReadonlyMap<string, number>): number => [...found.values()].reduce((a, b) => a + b, 0);
