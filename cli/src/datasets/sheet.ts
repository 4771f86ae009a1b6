import { PNG } from "pngjs";
import { replaceFile } from "../durable.js";
import { about } from "../file-errors.js";
import type { ImageClass, ImageClasses } from "./image-classes.js";
import { letterWidth, spelled, write } from "./sheet/letters.js";

export interface SheetOptions {
  /** Rows of the sheet. Default 20, or all classes if there are fewer. */
  readonly classes?: number;
  /** Images of each. Default 10. */
  readonly images?: number;
}

/** Grey between the images, distance between them and longest name in letters. */
const table = 214,
  gap = 3,
  longest = 22;
/** Small images are shown larger, by a whole factor: about so many pixels high. */
const shown = 48;

/** Classes that lie evenly over the collection. */
function rowsOf(data: ImageClasses, rows: number): ImageClass[] {
  const n = Math.min(rows, data.count);
  return Array.from({ length: n }, (_, i) => data.at(Math.floor((i * data.count) / n)));
}

/** A name in one line or two, `Greek/character03` at the slash; what is too long loses its beginning. */
function linesOf(name: string): string[] {
  const cut = name.lastIndexOf("/");
  const lines = cut < 0 ? [name] : [name.slice(0, cut), name.slice(cut + 1)];
  return lines.map(line => spelled(line).trim()).map(line => (line.length > longest ? `…${line.slice(1 - longest)}` : line));
}

/**
 * A contact sheet as a PNG: a row for each of some classes that lie evenly over the collection, its name and its first images.
 * @returns the file's bytes, and the names of the classes from top to bottom
 */
export function contactSheet(
  data: ImageClasses,
  { classes = 20, images = 10 }: SheetOptions = {},
): { readonly png: Uint8Array; readonly names: readonly string[] } {
  const { channels, height, width } = data;
  const rows = rowsOf(data, classes);
  const factor = Math.max(1, Math.round(shown / height));
  const names = rows.map(({ name }) => linesOf(name));
  const letters = Math.max(...names.flat().map(line => line.length));
  const left = 2 * letterWidth * letters + 2 * gap;
  const [stepX, stepY] = [width * factor + gap, height * factor + gap];
  const sheet = new PNG({ width: left + images * stepX, height: gap + rows.length * stepY });
  sheet.data.fill(table);
  for (let i = 3; i < sheet.data.length; i += 4) sheet.data[i] = 255;
  const set = (x: number, y: number, r: number, g: number, b: number): void => {
    sheet.data.set([r, g, b], 4 * (y * sheet.width + x));
  };
  for (const [row, shownClass] of rows.entries()) {
    const top = gap + row * stepY;
    for (const [line, text] of names[row].entries()) {
      const middle = top + Math.floor((height * factor) / 2) + (line - names[row].length / 2) * 14;
      write(text, (x, y) => {
        for (let k = 0; k < 4; k++) set(gap + 2 * x + (k & 1), Math.floor(middle) + 2 * y + (k >> 1), 40, 40, 40);
      });
    }
    for (let column = 0; column < Math.min(images, shownClass.count); column++) {
      const pixels = shownClass.image(column);
      const at = (channel: number, place: number): number => pixels[(channels === 1 ? 0 : channel * height * width) + place];
      for (let y = 0; y < height * factor; y++) {
        for (let x = 0; x < width * factor; x++) {
          const place = Math.floor(y / factor) * width + Math.floor(x / factor);
          set(left + column * stepX + x, top + y, at(0, place), at(1, place), at(2, place));
        }
      }
    }
  }
  const png = PNG.sync.write(sheet, { colorType: channels === 1 ? 0 : 2, inputHasAlpha: true, deflateLevel: 9 });
  return { png, names: rows.map(({ name }) => name) };
}

/** Writes a contact sheet to a file. @returns the names of its rows */
export async function writeSheet(data: ImageClasses, file: string, options: SheetOptions = {}): Promise<readonly string[]> {
  const { png, names } = contactSheet(data, options);
  await about(file, () => replaceFile(file, png));
  return names;
}
