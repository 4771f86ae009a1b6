// Omniglot's two small background sets as they were published (github.com/brendenlake/omniglot, folder python): zip archives of
// black-and-white PNGs of 105 × 105 pixels, twenty drawings of each character. The environment variable UFOM_DATA names the folder
// whose subfolder omniglot/ holds them.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { inflateRawSync, inflateSync } from "node:zlib";

/** Drawings of one character: 28 × 28 numbers each, 0 where the paper is and 1 where the ink is. */
export type Character = { alphabet: string; drawings: Float32Array[] };

const archives = ["images_background_small1.zip", "images_background_small2.zip"];

/** The archives' files. @throws a sentence if they are not there */
function archiveFiles(): string[] {
  const folder = process.env.UFOM_DATA,
    files = archives.map(name => join(folder ?? "", "omniglot", name));
  if (folder !== undefined && files.every(file => existsSync(file))) return files;
  const rule = `needs UFOM_DATA to name a folder with omniglot/${archives.join(" and omniglot/")} (from github.com/brendenlake/omniglot)`;
  throw new Error(`ufom: this example ${rule}; received ${folder ?? "no UFOM_DATA"}.`);
}

/** All characters, in the order of their names. @throws a sentence if the archives are not there */
export function omniglot(): Character[] {
  // ARCHIVE/ALPHABET/characterNN/NNNN_MM.png; two alphabets stand in both archives, and one file is as good as the other.
  const pictures = new Map<string, Buffer>();
  for (const file of archiveFiles())
    for (const [name, png] of unzip(readFileSync(file))) if (name.endsWith(".png")) pictures.set(name.replace(/^[^/]*\//, ""), png);
  const characters = new Map<string, Character>();
  for (const [name, png] of [...pictures].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const [alphabet, number] = name.split("/"),
      key = `${alphabet}/${number}`,
      character = characters.get(key) ?? { alphabet, drawings: [] };
    character.drawings.push(shrink(ink(png, name)));
    characters.set(key, character);
  }
  return [...characters.values()];
}

/** The files of a zip archive by name. */
function* unzip(bytes: Buffer): Generator<[string, Buffer]> {
  const end = bytes.lastIndexOf("PK\x05\x06");
  let at = bytes.readUInt32LE(end + 16);
  for (let left = bytes.readUInt16LE(end + 10); left > 0; left--) {
    const [method, packed] = [bytes.readUInt16LE(at + 10), bytes.readUInt32LE(at + 20)],
      [name, extra, comment] = [28, 30, 32].map(field => bytes.readUInt16LE(at + field)),
      local = bytes.readUInt32LE(at + 42),
      from = local + 30 + bytes.readUInt16LE(local + 26) + bytes.readUInt16LE(local + 28),
      data = bytes.subarray(from, from + packed);
    yield [bytes.toString("utf8", at + 46, at + 46 + name), method === 0 ? data : inflateRawSync(data)];
    at += 46 + name + extra + comment;
  }
}

const size = 105,
  small = 28;

/** The pixels of a PNG of this kind, 1 where the ink is. */
function ink(png: Buffer, name: string): Uint8Array {
  const parts: Buffer[] = [];
  for (let at = 8; at < png.length; at += 12 + png.readUInt32BE(at))
    if (png.toString("latin1", at + 4, at + 8) === "IDAT") parts.push(png.subarray(at + 8, at + 8 + png.readUInt32BE(at)));
  const rows = inflateSync(Buffer.concat(parts)),
    stride = 1 + Math.ceil(size / 8);
  if (rows.length !== size * stride || png[24] !== 1 || png[25] !== 0)
    throw new Error(`ufom: ${name} must be a black-and-white PNG of ${size} × ${size} pixels.`);
  const out = new Uint8Array(size * size);
  for (let y = 0; y < size; y++)
    for (let x = 0; x < size; x++) out[y * size + x] = 1 - ((rows[y * stride + 1 + (x >> 3)] >> (7 - (x & 7))) & 1);
  return out;
}

/** The share of ink in each of 28 × 28 squares. */
function shrink(pixels: Uint8Array): Float32Array {
  const out = new Float32Array(small * small),
    edge = size / small;
  for (let y = 0; y < small; y++)
    for (let x = 0; x < small; x++) {
      let sum = 0,
        n = 0;
      for (let v = Math.floor(y * edge); v < (y + 1) * edge; v++)
        for (let u = Math.floor(x * edge); u < (x + 1) * edge; u++, n++) sum += pixels[v * size + u];
      out[y * small + x] = sum / n;
    }
  return out;
}
