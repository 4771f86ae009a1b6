import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";
import { about, isSystemError } from "../../file-errors.js";
import { isGzip } from "../formats/gzip.js";
import { readStart } from "../package-files.js";

/** A file's SHA-256 in hexadecimal; it is read piece by piece. */
export async function sha256Of(file: string): Promise<string> {
  const hash = createHash("sha256");
  await about(file, () => pipeline(createReadStream(file), hash));
  return hash.digest("hex");
}

/** The SHA-256 of what a gzip file holds; nothing if it is none, or is damaged. */
async function unpackedSha256(file: string): Promise<string | undefined> {
  if (!isGzip(await readStart(file))) return undefined;
  const hash = createHash("sha256");
  try {
    await about(file, () => pipeline(createReadStream(file), createGunzip(), hash));
  } catch (error) {
    if (isSystemError(error)) throw error;
    return undefined;
  }
  return hash.digest("hex");
}

/** What a file should be. */
export interface Known {
  readonly bytes: number;
  readonly sha256: string;
  /** What a gzip file holds: packed again by somebody, it is the same data all the same. */
  readonly unpacked?: { readonly sha256: string };
}

/** What a file is instead of the published one, in words; nothing if it is that. The size is asked first, since it is there at once. */
export async function difference(file: string, { bytes, sha256, unpacked }: Known): Promise<string | undefined> {
  const { size } = await about(file, () => stat(file));
  const found = size === bytes ? await sha256Of(file) : undefined;
  if (found === sha256) return undefined;
  if (unpacked !== undefined && (await unpackedSha256(file)) === unpacked.sha256) return undefined;
  return found === undefined ? `${size} bytes in place of ${bytes}` : `SHA-256 ${found} in place of ${sha256}`;
}
