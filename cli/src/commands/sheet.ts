import path from "node:path";
import { loadImageClasses } from "../datasets/load.js";
import { registry } from "../datasets/registry.js";
import { UsageError, exitCode, type ExitCode } from "../failure.js";
import { showPath } from "../show-place.js";
import type { Terminal } from "../terminal.js";

/** More rows make no picture that anyone looks at. */
const mostRows = 200;

/** `ufom data NAME|FOLDER --sheet FILE.png`: a picture of some classes of a data set or of a folder of class folders, to look at. */
export async function sheet(name: string, file: string | undefined, rows: number | undefined, terminal: Terminal): Promise<ExitCode> {
  if (file === undefined) throw new UsageError("ufom: --rows goes with --sheet FILE.png.");
  if (!/\.png$/i.test(file)) throw new UsageError(`ufom: --sheet must be a file that ends in .png; received ${JSON.stringify(file)}.`);
  if (rows !== undefined && rows > mostRows) throw new UsageError(`ufom: --rows must be at most ${mostRows}; received ${rows}.`);
  const images = await loadImageClasses(name, { progress: text => terminal.note(text) });
  const { writeSheet } = await import("../datasets/sheet.js");
  const classes = await writeSheet(images, file, { classes: rows });
  terminal.json({ name, sheet: path.resolve(file), classes });
  terminal.text(`${name}: ${Object.hasOwn(registry, name) ? registry[name].summary : images.origin}`);
  terminal.line(`${showPath(file)}: ${classes.length} classes, a row each, from ${classes[0]} to ${classes[classes.length - 1]}`);
  return exitCode.done;
}
