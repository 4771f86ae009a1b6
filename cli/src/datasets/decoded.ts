import { createHash } from "node:crypto";
import { mkdir, open, rm, stat } from "node:fs/promises";
import type { FileHandle } from "node:fs/promises";
import path from "node:path";
import { crc32 } from "node:zlib";
import { moveFile } from "../durable.js";
import { about, fileSentence, ifAbsent, isSystemError } from "../file-errors.js";
import type { PackedClass, PackedSet } from "./packed-classes.js";
import { decodedFolder } from "./places.js";

/** Told what takes a while, and what was decided, a line each. */
export type Say = (text: string) => void;

/** Raised when images come out otherwise than before: other files are made then. */
const version = 1;
const magic = "ufom-img";

/** The head of a file of decoded images; the images follow, class by class. */
interface Head extends Omit<PackedSet, "classes"> {
  readonly classes: readonly (Omit<PackedClass, "images"> & { readonly bytes: number })[];
  /** Of all images. */
  readonly crc32: number;
}

/** What tells a file from others, and from itself as it was before it was changed. */
export async function stamp(file: string): Promise<readonly [string, number, number]> {
  const { size, mtimeMs } = await about(file, () => stat(file));
  return [path.resolve(file), size, mtimeMs];
}

async function write(file: string, set: PackedSet): Promise<void> {
  const classes = set.classes.map(({ images, ...rest }) => ({ ...rest, bytes: images.length }));
  const { channels, height, width, parts } = set;
  const sum = set.classes.reduce((so, { images }) => crc32(images, so), 0);
  const head = Buffer.from(JSON.stringify({ channels, height, width, parts, classes, crc32: sum } satisfies Head));
  const start = Buffer.alloc(16);
  start.write(magic, "latin1");
  start.writeUInt32LE(version, 8);
  start.writeUInt32LE(head.length, 12);
  // Two processes may make the same file at once.
  const next = `${file}.${process.pid}.tmp`;
  try {
    const handle = await open(next, "w");
    try {
      await about(next, async () => {
        for (const part of [start, head, ...set.classes.map(({ images }) => images)]) await handle.writeFile(part);
        await handle.sync();
      });
    } finally {
      await handle.close();
    }
    await moveFile(next, file);
  } catch (error) {
    await rm(next, { force: true });
    throw error;
  }
}

async function readExactly(handle: FileHandle, bytes: number, position: number): Promise<Buffer | undefined> {
  const buffer = Buffer.allocUnsafe(bytes);
  for (let done = 0; done < bytes;) {
    const { bytesRead } = await handle.read(buffer, done, bytes - done, position + done);
    if (bytesRead === 0) return undefined;
    done += bytesRead;
  }
  return buffer;
}

/** @returns nothing if it is not a whole file of this version */
async function parse(handle: FileHandle): Promise<PackedSet | undefined> {
  const start = await readExactly(handle, 16, 0);
  if (start === undefined || start.toString("latin1", 0, 8) !== magic || start.readUInt32LE(8) !== version) return undefined;
  const length = start.readUInt32LE(12);
  const { size } = await handle.stat();
  if (16 + length > size) return undefined;
  const text = await readExactly(handle, length, 16);
  if (text === undefined) return undefined;
  let head: Head;
  try {
    head = JSON.parse(text.toString("utf8")) as Head;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
  const classes: PackedClass[] = [];
  let sum = 0;
  let at = 16 + length;
  for (const { bytes, ...rest } of head.classes) {
    const images = await readExactly(handle, bytes, at);
    if (images === undefined) return undefined;
    sum = crc32(images, sum);
    at += bytes;
    classes.push({ ...rest, images });
  }
  return sum === head.crc32 && at === size ? { ...head, classes } : undefined;
}

async function read(file: string, say: Say): Promise<PackedSet | undefined> {
  const handle = await open(file).catch(ifAbsent);
  if (handle === undefined) return undefined;
  try {
    const set = await about(file, () => parse(handle));
    if (set === undefined) say(`${file} is damaged, and made anew.`);
    return set;
  } finally {
    await handle.close();
  }
}

/** What the system refuses about kept images costs time and nothing else: it is told. */
const tell =
  (what: string, say: Say) =>
  (error: unknown): undefined => {
    if (!isSystemError(error)) throw error;
    say(`${what}: ${fileSentence(error).replace(/^ufom: /, "")}`);
  };

/**
 * Decoded images, kept in one file for the next start.
 * @param name the first part of the file's name
 * @param madeFrom all that the images depend on; a hash of it is the second part
 * @param make called where there is no such file, or it is damaged
 */
export async function decodedOnce(name: string, madeFrom: unknown, say: Say, make: () => Promise<PackedSet>): Promise<PackedSet> {
  const hash = createHash("sha256")
    .update(JSON.stringify([version, name, madeFrom]))
    .digest("hex")
    .slice(0, 16);
  const file = path.join(decodedFolder(), `${name}-${hash}.images`);
  const kept = await read(file, say).catch(tell("Images that were decoded before are not used", say));
  if (kept !== undefined) return kept;
  const set = await make();
  await mkdir(path.dirname(file), { recursive: true })
    .then(() => write(file, set))
    .catch(tell("The decoded images are not kept for the next start", say));
  return set;
}
