import { createReadStream } from "node:fs";
import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";
import { extract } from "tar-stream";
import { isSystemError } from "../../file-errors.js";
import { readStart } from "../package-files.js";
import { kindOf } from "./decode.js";
import { isGzip } from "./gzip.js";
import { reason } from "./png.js";

/**
 * Files in a tar.gz archive by their names, unpacked.
 * @param wanted which of them
 * @throws Error one sentence if there is no such file, or it is no whole tar.gz archive
 */
export async function readTarGz(archive: string, wanted: (name: string) => boolean): Promise<ReadonlyMap<string, Uint8Array>> {
  const start = await readStart(archive);
  if (!isGzip(start)) throw new Error(`ufom: ${archive} must be a tar.gz archive; received ${kindOf(start)}.`);
  const files = new Map<string, Uint8Array>();
  const tar = extract();
  tar.on("entry", (header, stream, next) => {
    const keep = header.type === "file" && wanted(header.name);
    const chunks: Buffer[] = [];
    stream.on("data", (chunk: unknown) => {
      if (keep) chunks.push(chunk as Buffer);
    });
    stream.on("error", next);
    stream.on("end", () => {
      if (keep) files.set(header.name, Buffer.concat(chunks));
      next();
    });
  });
  try {
    await pipeline(createReadStream(archive), createGunzip(), tar);
  } catch (error) {
    if (isSystemError(error)) throw error;
    throw new Error(`ufom: ${archive} must be a whole tar.gz archive; received one that is damaged or cut off (${reason(error)}).`, {
      cause: error,
    });
  }
  return files;
}
