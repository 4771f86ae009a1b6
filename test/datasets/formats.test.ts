import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { gzipSync } from "node:zlib";
import jpeg from "jpeg-js";
import { pack } from "tar-stream";
import { beforeAll, describe, expect, it } from "vitest";
import { decodePicture } from "../../cli/src/datasets/formats/decode.js";
import { readUnpacked } from "../../cli/src/datasets/formats/gzip.js";
import { parseLabels16 } from "../../cli/src/datasets/formats/labels16.js";
import { readTarGz } from "../../cli/src/datasets/formats/tar.js";
import { readZip } from "../../cli/src/datasets/formats/zip.js";
import { stream } from "../../src/core/random/index.js";
import { zip } from "../examples/omniglot-folder.js";
import { greyPng, pngOf, pngSignature } from "../support/pictures.js";
import { sharedData } from "../support/shared-data.js";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "ufom-formats-"));
});
const put = async (name: string, bytes: Uint8Array): Promise<string> => {
  const file = path.join(folder, name);
  await writeFile(file, bytes);
  return file;
};
const decoded = (bytes: Uint8Array) => {
  const { channels, height, width, data } = decodePicture(bytes, "p.png");
  return [channels, height, width, Array.from(data)];
};
const messageOf = (work: () => unknown): string => {
  try {
    work();
  } catch (error) {
    return (error as Error).message;
  }
  return "";
};
const refusal = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => "",
    (error: Error) => error.message,
  );

describe("PNG", () => {
  it("of one bit is black and white", () => {
    const png = pngOf({
      width: 10,
      height: 2,
      depth: 1,
      colour: 0,
      rows: [
        [0b10100000, 0b01000000],
        [0xff, 0xff],
      ],
    });
    expect(decoded(png)).toEqual([1, 2, 10, [255, 0, 255, 0, 0, 0, 0, 0, 0, 255, ...new Array<number>(10).fill(255)]]);
  });

  it("of one bit whose rows are filtered, or with a colour that is seen through, is read all the same", () => {
    const filtered = {
      width: 10,
      height: 2,
      depth: 1,
      colour: 0,
      rows: [
        [0b10100000, 0b01000000],
        [0, 0],
      ],
      filters: [0, 2],
    };
    const row = [255, 0, 255, 0, 0, 0, 0, 0, 0, 255];
    expect(decoded(pngOf(filtered))).toEqual([1, 2, 10, [...row, ...row]]);
    const transparent = { width: 8, height: 1, depth: 1, colour: 0, rows: [[0b10100000]], transparent: [0, 0] };
    expect(decoded(pngOf(transparent))).toEqual([1, 1, 8, new Array<number>(8).fill(255)]);
  });

  it("of 2, 4, 8 and 16 bits of grey has the range of a byte", () => {
    expect(decoded(pngOf({ width: 4, height: 1, depth: 2, colour: 0, rows: [[0b00011011]] }))).toEqual([1, 1, 4, [0, 85, 170, 255]]);
    expect(decoded(pngOf({ width: 3, height: 1, depth: 4, colour: 0, rows: [[0x0f, 0x30]] }))).toEqual([1, 1, 3, [0, 255, 51]]);
    expect(decoded(greyPng(3, 1, x => [0, 7, 200][x]))).toEqual([1, 1, 3, [0, 7, 200]]);
    expect(decoded(pngOf({ width: 2, height: 1, depth: 16, colour: 0, rows: [[0xff, 0xff, 0x80, 0x80]] }))).toEqual([1, 1, 2, [255, 128]]);
  });

  it("in colour lies channel by channel, and is grey where no pixel has a colour", () => {
    const rows = [[1, 2, 3, 4, 5, 6]];
    expect(decoded(pngOf({ width: 2, height: 1, depth: 8, colour: 2, rows }))).toEqual([3, 1, 2, [1, 4, 2, 5, 3, 6]]);
    expect(decoded(pngOf({ width: 2, height: 1, depth: 8, colour: 2, rows: [[9, 9, 9, 4, 4, 4]] }))).toEqual([1, 1, 2, [9, 4]]);
    const palette = pngOf({ width: 3, height: 1, depth: 2, colour: 3, rows: [[0b00011000]], palette: [255, 0, 0, 0, 255, 0, 0, 0, 255] });
    expect(decoded(palette)).toEqual([3, 1, 3, [255, 0, 0, 0, 255, 0, 0, 0, 255]]);
  });

  it("lies over white where it can be seen through", () => {
    expect(decoded(pngOf({ width: 3, height: 1, depth: 8, colour: 4, rows: [[0, 255, 0, 0, 100, 51]] }))).toEqual([1, 1, 3, [0, 255, 224]]);
    const colour = pngOf({ width: 2, height: 1, depth: 8, colour: 6, rows: [[255, 0, 0, 255, 0, 0, 0, 0]] });
    expect(decoded(colour)).toEqual([3, 1, 2, [255, 255, 0, 255, 0, 255]]);
    const palette = pngOf({ width: 2, height: 1, depth: 8, colour: 3, rows: [[0, 1]], palette: [0, 0, 0, 8, 8, 8], transparent: [0] });
    expect(decoded(palette)).toEqual([1, 1, 2, [255, 8]]);
  });

  it("cut off anywhere, or with a byte changed, is refused in one sentence or is still the same picture", () => {
    const png = greyPng(9, 9, (x, y) => (x * 29 + y * 53) % 256);
    for (let length = 0; length < png.length; length++)
      expect(messageOf(() => decodePicture(png.subarray(0, length), "a/b.png"))).toMatch(/^ufom: a\/b\.png must be .+; received [^\n]+\.$/);
    const whole = decoded(png);
    for (let at = 0; at < png.length; at++) {
      const broken = Buffer.from(png);
      broken[at] ^= 0x10;
      const message = messageOf(() => expect(decoded(broken)).toEqual(whole));
      if (message !== "") expect([at, message]).toEqual([at, expect.stringMatching(/^ufom: p\.png must be .+; received [^\n]+\.$/)]);
    }
  });

  it("is what a file holds, not what it is called", () => {
    expect(messageOf(() => decodePicture(Buffer.from("hello"), "p.png"))).toBe(
      "ufom: p.png must be a PNG or a JPEG; received a file that begins with 68 65 6c 6c.",
    );
    expect(messageOf(() => decodePicture(Buffer.from("GIF89a"), "p.png"))).toContain("received a GIF.");
    expect(messageOf(() => decodePicture(new Uint8Array(), "p.png"))).toContain("received an empty file.");
    const huge = greyPng(1, 1, () => 0);
    huge.writeUInt32BE(1e6, 16);
    huge.writeUInt32BE(1e6, 20);
    expect(messageOf(() => decodePicture(huge, "p.png"))).toBe(
      "ufom: p.png must be a whole PNG; received one of 1000000 × 1000000 pixels.",
    );
    expect(messageOf(() => decodePicture(pngSignature, "p.png"))).toContain("without a header");
  });
});

describe("JPEG", () => {
  const [width, height] = [16, 8];
  const rgba = Uint8Array.from({ length: 4 * width * height }, (_, i) => (i % 4 === 3 ? 255 : [200, 90, 10][i % 4]));
  const bytes = jpeg.encode({ data: rgba, width, height }, 95).data;

  it("has the colours that it was made of, nearly", () => {
    const { channels, data, ...extent } = decodePicture(bytes, "p.jpg");
    expect([channels, extent]).toEqual([3, { height, width }]);
    for (const [c, value] of [200, 90, 10].entries())
      for (const sample of data.subarray(c * width * height, (c + 1) * width * height)) expect(Math.abs(sample - value)).toBeLessThan(6);
  });

  it.each([true, false])("is turned as its EXIF orientation says (little-endian: %s)", little => {
    // Four quarters, stored in this order: a dark one, and three lighter and lighter.
    const quarters = [10, 80, 150, 220];
    const stored = Uint8Array.from({ length: 4 * 16 * 32 }, (_, i) => {
      const [x, y] = [(i >> 2) % 16, Math.floor((i >> 2) / 16)];
      return i % 4 === 3 ? 255 : quarters[2 * Number(y >= 16) + Number(x >= 8)];
    });
    const plain = jpeg.encode({ data: stored, width: 16, height: 32 }, 100).data;
    const number = (value: number, size: number) => {
      const digits = Array.from({ length: size }, (_, i) => (value >> (8 * i)) & 255);
      return little ? digits : digits.reverse();
    };
    const withOrientation = (orientation: number) => {
      const entry = [...number(0x0112, 2), ...number(3, 2), ...number(1, 4), ...number(orientation, 2), 0, 0];
      const tiff = [...(little ? [0x49, 0x49] : [0x4d, 0x4d]), ...number(42, 2), ...number(8, 4), ...number(1, 2), ...entry, 0, 0, 0, 0];
      return Buffer.concat([
        plain.subarray(0, 2),
        Buffer.from([0xff, 0xe1, 0, tiff.length + 8]),
        Buffer.from("Exif\0\0"),
        Buffer.from(tiff),
        plain.subarray(2),
      ]);
    };
    /** The quarters of what is seen, row by row. */
    const seen = (bytes: Buffer) => {
      const { height, width, data } = decodePicture(bytes, "p.jpg");
      const at = (y: number, x: number) => quarters.findIndex(value => Math.abs(value - data[y * width + x]) < 20);
      return [height, width, at(2, 2), at(2, width - 3), at(height - 3, 2), at(height - 3, width - 3)];
    };
    // As EXIF defines them by where the first row and the first column are seen: top left, top right, bottom right, bottom left, …
    expect([1, 2, 3, 4, 5, 6, 7, 8, 9].map(o => seen(withOrientation(o)))).toEqual([
      [32, 16, 0, 1, 2, 3],
      [32, 16, 1, 0, 3, 2],
      [32, 16, 3, 2, 1, 0],
      [32, 16, 2, 3, 0, 1],
      [16, 32, 0, 2, 1, 3],
      [16, 32, 2, 0, 3, 1],
      [16, 32, 3, 1, 2, 0],
      [16, 32, 1, 3, 0, 2],
      [32, 16, 0, 1, 2, 3],
    ]);
  });

  it("cut off anywhere is refused in one sentence", () => {
    const noise = Uint8Array.from(stream(1, "noise").uniform([4 * 40 * 40], 0, 256).data, Math.floor);
    for (const whole of [bytes, jpeg.encode({ data: noise, width: 40, height: 40 }, 90).data])
      for (let length = 3; length < whole.length; length += whole === bytes ? 1 : 17)
        expect([length, messageOf(() => decodePicture(whole.subarray(0, length), "p.jpg"))]).toEqual([
          length,
          expect.stringMatching(/^ufom: p\.jpg must be a whole JPEG; received one that is damaged, cut off [^\n]+\.$/),
        ]);
  });
});

describe("zip", () => {
  it("gives files as they were packed", async () => {
    const text = Buffer.from("some words, some words, some words");
    const file = await put(
      "a.zip",
      zip([
        ["f/", Buffer.alloc(0)],
        ["f/a.txt", text],
        ["b.bin", Buffer.from([1])],
      ]),
    );
    const files = await readZip(file);
    expect(files.map(({ name }) => name)).toEqual(["f/a.txt", "b.bin"]);
    expect(files.map(one => Buffer.from(one.bytes()).toString("latin1"))).toEqual([text.toString(), "\x01"]);
  });

  it("cut off, foreign or damaged is refused in one sentence", async () => {
    const whole = zip([["f/a.txt", Buffer.from("some words, some words, some words")]]);
    for (const length of [2, 40, whole.length - 30, whole.length - 1])
      expect(await refusal(readZip(await put("cut.zip", whole.subarray(0, length))))).toMatch(
        /^ufom: \S+cut\.zip must be a whole zip archive; received one of \d+ bytes that is damaged or cut off \([^\n]+\)\.$/,
      );
    expect(await refusal(readZip(await put("no.zip", Buffer.from("<html>not found</html>"))))).toMatch(/received a text \(markup\) \(/);
    expect(await refusal(readZip(path.join(folder, "none.zip")))).toMatch(/^ufom: there must be a file \S+none\.zip; there is none\.$/);
    const damaged = Buffer.from(whole);
    damaged[30 + "f/a.txt".length + 4] ^= 0xff;
    const [one] = await readZip(await put("damaged.zip", damaged));
    expect(messageOf(() => one.bytes())).toMatch(
      /^ufom: f\/a\.txt in \S+damaged\.zip must be a whole file; received one that is [^\n]+\.$/,
    );
  });
});

describe("tar.gz and gzip", () => {
  async function tarGz(files: Readonly<Record<string, string>>): Promise<Buffer> {
    const tar = pack();
    for (const [name, text] of Object.entries(files)) tar.entry({ name }, text);
    tar.finalize();
    const chunks: Buffer[] = [];
    for await (const chunk of tar) chunks.push(chunk as Buffer);
    return gzipSync(Buffer.concat(chunks));
  }

  it("give the files that are wanted", async () => {
    const file = await put("a.tar.gz", await tarGz({ "d/a": "first", "d/b": "second", "d/c": "x".repeat(100_000) }));
    const files = await readTarGz(file, name => name !== "d/b");
    expect([...files].map(([name, bytes]) => [name, bytes.length])).toEqual([
      ["d/a", 5],
      ["d/c", 100_000],
    ]);
    expect(Buffer.from(files.get("d/a")!).toString()).toBe("first");
  });

  it("cut off or foreign are refused in one sentence", async () => {
    const whole = await tarGz({ "d/a": "first", "d/b": "second" });
    for (const length of [10, 60, whole.length - 1])
      expect(await refusal(readTarGz(await put("cut.tar.gz", whole.subarray(0, length)), () => true))).toMatch(
        /^ufom: \S+cut\.tar\.gz must be a whole tar\.gz archive; received one that is damaged or cut off \([^\n]+\)\.$/,
      );
    expect(await refusal(readTarGz(await put("no.tar.gz", Buffer.from("PK\x03\x04")), () => true))).toMatch(
      /must be a tar\.gz archive; received a zip archive\.$/,
    );
    expect(await refusal(readTarGz(await put("text.tar.gz", gzipSync("no archive".repeat(100))), () => true))).toMatch(
      /damaged or cut off/,
    );
    expect(await refusal(readUnpacked(await put("cut.gz", gzipSync("words".repeat(99)).subarray(0, 20))))).toMatch(
      /^ufom: \S+cut\.gz must be a whole gzip file; received one that is damaged or cut off \([^\n]+\)\.$/,
    );
    expect(await refusal(readUnpacked(await put("no.gz", Buffer.from("words"))))).toMatch(
      /must be a gzip file; received a file that begins with/,
    );
    expect(Buffer.from(await readUnpacked(await put("plain", Buffer.from("words")))).toString()).toBe("words");
  });
});

describe("16-bit labels", () => {
  const labels = (head: readonly number[], ...rest: number[]) => Uint8Array.from([...head, ...rest]);

  it("are read big-endian", () => {
    expect(Array.from(parseLabels16(labels([0, 0, 11, 1, 0, 0, 0, 3], 0, 1, 3, 195, 255, 255), "l"))).toEqual([1, 963, 65535]);
  });

  it.each([
    [labels([0, 0, 11]), "it must begin with a head of 8 bytes; received 3 bytes."],
    [labels([0, 0, 8, 1, 0, 0, 0, 1], 0, 1), "it must begin with 00 00 0b 01; received 00 00 08 01."],
    [labels([0, 0, 11, 1, 0, 0, 0, 2], 0, 1, 0), "its 2 labels need 12 bytes; received 11 (truncated)."],
    [labels([0, 0, 11, 1, 0, 0, 0, 1], 0, 1, 0), "its 1 labels need 10 bytes; received 11 (too long)."],
  ])("refuses what is not such a file (%#)", (bytes, message) => {
    expect(messageOf(() => parseLabels16(bytes, "l"))).toBe(`ufom: l is not the file of labels it should be: ${message}`);
  });
});

it.skipIf(sharedData === undefined)("a published archive has its files (skipped where there is none)", async () => {
  const files = await readZip(path.join(sharedData!, "omniglot/images_background_small1.zip"));
  const pictures = files.filter(({ name }) => name.endsWith(".png"));
  expect(pictures.length).toBe(136 * 20);
  const { channels, height, width, data } = decodePicture(pictures[0].bytes(), pictures[0].name);
  expect([channels, height, width, new Set(data)]).toEqual([1, 105, 105, new Set([0, 255])]);
});
