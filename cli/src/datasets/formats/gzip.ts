import { promisify } from "node:util";
import { gunzip } from "node:zlib";
import { readBytes } from "../package-files.js";
import { kindOf } from "./decode.js";
import { reason } from "./png.js";

export const isGzip = (bytes: Uint8Array): boolean => bytes[0] === 0x1f && bytes[1] === 0x8b;

/**
 * The bytes of a file, unpacked if it is a gzip file.
 * @throws Error one sentence if there is no such file, or it is called `….gz` and is none, or is damaged
 */
export async function readUnpacked(file: string): Promise<Uint8Array> {
  const bytes = await readBytes(file);
  if (!isGzip(bytes)) {
    if (file.endsWith(".gz")) throw new Error(`ufom: ${file} must be a gzip file; received ${kindOf(bytes)}.`);
    return bytes;
  }
  try {
    return await promisify(gunzip)(bytes);
  } catch (error) {
    throw new Error(`ufom: ${file} must be a whole gzip file; received one that is damaged or cut off (${reason(error)}).`, {
      cause: error,
    });
  }
}
