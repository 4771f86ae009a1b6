import path from "node:path";
import { nearest } from "ufom/internal/tensor/nearest";
import { drawnSets } from "../datasets/strokes/sets.js";
import { UsageError, exitCode, type ExitCode } from "../failure.js";
import { showPath } from "../show-place.js";
import type { Terminal } from "../terminal.js";

/** More rows make no picture that anyone looks at. */
const mostRows = 200;

/** `ufom data NAME --sheet FILE.png`: a picture of some classes of a data set, to look at. */
export async function sheet(name: string, file: string | undefined, rows: number | undefined, terminal: Terminal): Promise<ExitCode> {
  if (file === undefined) throw new UsageError("ufom: --rows goes with --sheet FILE.png.");
  if (!/\.png$/i.test(file)) throw new UsageError(`ufom: --sheet must be a file that ends in .png; received ${JSON.stringify(file)}.`);
  if (rows !== undefined && rows > mostRows) throw new UsageError(`ufom: --rows must be at most ${mostRows}; received ${rows}.`);
  const set = Object.entries(drawnSets).find(([known]) => known === name)?.[1];
  if (set === undefined) {
    const names = Object.keys(drawnSets);
    const near = nearest(name, names);
    throw new UsageError(
      `ufom: --sheet shows ${names.join(", ")}; received ${JSON.stringify(name)}${near === undefined ? "" : ` (did you mean ${near}?)`}.`,
    );
  }
  const { writeSheet } = await import("../datasets/sheet.js");
  const classes = await writeSheet(await set.load({}), file, { classes: rows });
  terminal.json({ name, sheet: path.resolve(file), classes });
  terminal.text(`${name}: ${set.summary}`);
  terminal.line(`${showPath(file)}: ${classes.length} classes, a row each, from ${classes[0]} to ${classes[classes.length - 1]}`);
  return exitCode.done;
}
