// A small data set in the format of Omniglot: archives of the same names, with black-and-white PNGs of the same size.
import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { deflateRawSync, deflateSync } from "node:zlib";
import { stream } from "../../src/core/random/index.js";
import { crc32 } from "../../src/files/crc32.js";

const size = 105,
  drawings = 20;

/** Alphabets of the archives and the number of their characters; those that the example keeps for the end are among them. */
export const alphabets = {
  images_background_small1: { Greek: 6, Korean: 6 },
  images_background_small2: { Greek: 6, Tagalog: 6 },
} as const;

/** Whether there is ink at x, y of a drawing: three strokes that belong to the character, each moved. */
export function drawing(alphabet: string, character: number, k: number): (x: number, y: number) => boolean {
  const name = [...alphabet].reduce((sum, letter) => 31 * sum + letter.charCodeAt(0), character) % 100_000;
  const shape = stream(name, "strokes").uniform([3, 4], 15, 90).data,
    moved = stream(name, "drawing", k).uniform([3, 4], -20, 20).data,
    strokes = shape.map((v, i) => v + moved[i]);
  return (x, y) =>
    [0, 4, 8].some(at => {
      const [ax, ay, bx, by] = strokes.subarray(at, at + 4),
        t = Math.max(0, Math.min(1, ((x - ax) * (bx - ax) + (y - ay) * (by - ay)) / ((bx - ax) ** 2 + (by - ay) ** 2)));
      return Math.hypot(x - ax - t * (bx - ax), y - ay - t * (by - ay)) < 3;
    });
}

/** A chunk of a PNG. */
export const chunk = (type: string, data: Uint8Array): Buffer => {
  const body = Buffer.concat([Buffer.from(type, "latin1"), data]),
    ends = Buffer.alloc(8);
  ends.writeUInt32BE(data.length, 0);
  ends.writeUInt32BE(crc32(body), 4);
  return Buffer.concat([ends.subarray(0, 4), body, ends.subarray(4)]);
};

/** A black-and-white PNG, black where there is ink. */
function png(ink: (x: number, y: number) => boolean): Buffer {
  const header = Buffer.from([0, 0, 0, size, 0, 0, 0, size, 1, 0, 0, 0, 0]),
    stride = 1 + Math.ceil(size / 8),
    rows = Buffer.alloc(size * stride);
  for (let y = 0; y < size; y++) for (let x = 0; x < size; x++) if (!ink(x, y)) rows[y * stride + 1 + (x >> 3)] |= 0x80 >> (x & 7);
  return Buffer.concat([
    Buffer.from("\x89PNG\r\n\x1a\n", "latin1"),
    chunk("IHDR", header),
    chunk("IDAT", deflateSync(rows)),
    chunk("IEND", new Uint8Array()),
  ]);
}

/** A zip archive as Info-ZIP writes it from a pipe: sizes stand behind the data and in the directory. */
export function zip(files: readonly (readonly [string, Buffer])[]): Buffer {
  const parts: Buffer[] = [],
    directory: Buffer[] = [];
  let at = 0;
  for (const [name, data] of files) {
    // Folders are stored, files deflated.
    const stored = data.length === 0,
      packed = stored ? data : deflateRawSync(data),
      fields = Buffer.alloc(46),
      descriptor = Buffer.alloc(stored ? 0 : 16),
      path = Buffer.from(name, "utf8");
    fields.writeUInt32LE(0x02014b50, 0);
    fields.writeUInt16LE(20, 6);
    fields.writeUInt16LE(stored ? 0 : 8, 8);
    fields.writeUInt16LE(stored ? 0 : 8, 10);
    const local = Buffer.concat([Buffer.from("PK\x03\x04", "latin1"), fields.subarray(6, 32)]);
    local.writeUInt16LE(path.length, 26);
    if (!stored) {
      descriptor.write("PK\x07\x08", 0, "latin1");
      [crc32(data), packed.length, data.length].forEach((field, i) => descriptor.writeUInt32LE(field, 4 + 4 * i));
    }
    fields.writeUInt32LE(crc32(data), 16);
    fields.writeUInt32LE(packed.length, 20);
    fields.writeUInt32LE(data.length, 24);
    fields.writeUInt16LE(path.length, 28);
    fields.writeUInt32LE(at, 42);
    directory.push(fields, path);
    parts.push(local, path, packed, descriptor);
    at += local.length + path.length + packed.length + descriptor.length;
  }
  const entries = Buffer.concat(directory),
    end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(files.length, 8);
  end.writeUInt16LE(files.length, 10);
  end.writeUInt32LE(entries.length, 12);
  end.writeUInt32LE(at, 16);
  return Buffer.concat([...parts, entries, end]);
}

const two = (n: number) => String(n).padStart(2, "0");

/** Writes the archives into a new folder, which UFOM_DATA has to name. */
export function omniglotFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "ufom-omniglot-"));
  mkdirSync(join(folder, "omniglot"));
  for (const [archive, sizes] of Object.entries(alphabets)) {
    const files: [string, Buffer][] = [[`${archive}/`, Buffer.alloc(0)]];
    for (const [alphabet, characters] of Object.entries(sizes))
      for (let c = 1; c <= characters; c++)
        for (let k = 1; k <= drawings; k++)
          files.push([`${archive}/${alphabet}/character${two(c)}/${two(c)}_${two(k)}.png`, png(drawing(alphabet, c, k))]);
    writeFileSync(join(folder, "omniglot", `${archive}.zip`), zip(files));
  }
  return folder;
}
