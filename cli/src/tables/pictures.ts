import path from "node:path";
import { loadClassFolders } from "../datasets/class-folders.js";
import { walkPictures } from "../datasets/folder-files.js";
import { showPath } from "../show-place.js";
import { pixelName } from "./columns.js";
import { MemoryBudget, mostColumns } from "./memory.js";
import type { RawColumn, RawTable } from "./raw.js";
import type { ReadOptions } from "./read-options.js";
import { refuserOf } from "./refuse.js";
import { sampledRows } from "./sample.js";
import { TextCells } from "./text-cells.js";

/**
 * Reads a folder of class folders with PNG or JPEG files: a row is a picture, its columns are the pixels (0 black, 1 white; channel by channel, row by row),
 * its label the name of its folder.
 * @throws Error one sentence naming the file or folder that is not what it should be
 */
export async function readPictures(folder: string, shown: string, options: ReadOptions): Promise<RawTable> {
  const refuse = refuserOf(shown);
  const notes: string[] = [];
  const set = await loadClassFolders(folder, {
    ...(options.size === undefined ? {} : { size: options.size }),
    progress: text => notes.push(`${text}.`),
  });
  const { channels, height, width } = set;
  const pixels = channels * height * width;
  if (pixels > mostColumns) {
    refuse(
      `must have pictures of at most ${mostColumns} numbers; --size 28 brings them to 28 × 28`,
      `${channels} × ${height} × ${width} = ${pixels}`,
    );
  }
  const { folders } = await walkPictures(path.resolve(folder));
  const classes = Array.from({ length: set.count }, (_, c) => set.at(c));
  const places = classes.flatMap((one, c) =>
    Array.from({ length: one.count }, (_, i) => ({ one, i, file: showPath(folders[c].pictures[i]) })),
  );
  const rowNumbers = sampledRows(places.length, options.sample);
  new MemoryBudget(options.memory, refuse).add(rowNumbers.length * pixels);
  const images = Array.from(rowNumbers, row => places[row].one.image(places[row].i));
  const columns = Array.from({ length: pixels }, (_, p): RawColumn => ({
    kind: "number",
    name: pixelName(p),
    values: Float64Array.from(images, image => image[p] / 255),
  }));
  const label = new TextCells();
  for (const row of rowNumbers) label.push(places[row].one.name);
  return {
    file: shown,
    format: `pictures in class folders (${channels} × ${height} × ${width})`,
    rowCount: rowNumbers.length,
    totalRows: places.length,
    rowNumbers,
    columns: [...columns, { kind: "text", name: "label", cells: label }],
    notes,
    files: Array.from(rowNumbers, row => places[row].file),
  };
}
