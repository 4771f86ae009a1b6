import { digits, writeAdded } from "../clean/write-table.js";
import { numbersIn } from "../tables/numbers.js";
import { missingTexts } from "../tables/missing.js";
import type { ValueAnswer } from "./answer.js";
import type { ValuesFile } from "./read.js";

/** The table with what was found of each row behind it. A value that stands is written as the file has it. */
export const writeValues = (path: string, out: string, file: ValuesFile, rows: readonly ValueAnswer[]): Promise<void> =>
  writeAdded(path, out, file, labels => {
    const comma = labels.kind === "text" && numbersIn(labels.cells, new Set(missingTexts)).style === "decimal-comma",
      written = (x: number): string => (comma ? String(x).replace(".", ",") : String(x));
    return (row, at) => {
      const { weight, rank, pWrong, suspect, given, suggested } = rows[row],
        stands = suggested === given && labels.kind === "text";
      return [
        digits(weight),
        rank === undefined ? "" : String(rank),
        pWrong === undefined ? "" : digits(pWrong),
        String(suspect),
        stands ? labels.cells.at(at).trim() : written(suggested),
      ];
    };
  });
