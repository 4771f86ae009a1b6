import { crc32, inflateRawSync } from "node:zlib";
import { fromBufferPromise, type Entry } from "yauzl";
import { readBytes } from "../package-files.js";
import { kindOf } from "./decode.js";
import { reason } from "./png.js";

/** A file in an archive. */
export interface ArchivedFile {
  /** With its folders, apart by `/`. */
  readonly name: string;
  /** Unpacks it. @throws Error one sentence if it is damaged */
  bytes(): Uint8Array;
}

/** What a single file in an archive may need unpacked. */
const mostBytes = 2 ** 28;

function unpack(archive: string, entry: Entry, packed: Uint8Array): Uint8Array {
  const refuse = (received: string): never => {
    throw new Error(`ufom: ${entry.fileName} in ${archive} must be a whole file; received one that is ${received}.`);
  };
  const { compressionMethod, uncompressedSize } = entry;
  if (entry.isEncrypted()) refuse("encrypted");
  if (compressionMethod !== 0 && compressionMethod !== 8) refuse(`packed by method ${compressionMethod}, which is not read`);
  if (uncompressedSize > mostBytes) refuse(`${uncompressedSize} bytes long`);
  if (packed.length !== entry.compressedSize) refuse(`cut off after ${packed.length} of ${entry.compressedSize} bytes`);
  let bytes = packed;
  if (compressionMethod === 8) {
    try {
      bytes = inflateRawSync(packed, { maxOutputLength: Math.max(1, uncompressedSize) });
    } catch (error) {
      refuse(`damaged (${reason(error)})`);
    }
  }
  if (bytes.length !== uncompressedSize) refuse(`${bytes.length} bytes long in place of ${uncompressedSize}`);
  if (crc32(bytes) !== entry.crc32) refuse("damaged (its checksum differs)");
  return bytes;
}

/**
 * The files in a zip archive, in the order of its directory; each is unpacked when it is asked for.
 * @throws Error one sentence if there is no such file, or it is no whole zip archive
 */
export async function readZip(archive: string): Promise<readonly ArchivedFile[]> {
  const bytes = await readBytes(archive);
  const whole = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const files: ArchivedFile[] = [];
  try {
    const zip = await fromBufferPromise(whole, { lazyEntries: true });
    for await (const entry of zip.eachEntry()) {
      if (entry.fileName.endsWith("/")) continue;
      const { fileDataStart: start } = await zip.readLocalFileHeaderPromise(entry, { minimal: true });
      files.push({
        name: entry.fileName,
        bytes: () => unpack(archive, entry, whole.subarray(start, start + entry.compressedSize)),
      });
    }
  } catch (error) {
    const what = whole.toString("latin1", 0, 2) === "PK" ? `one of ${whole.length} bytes that is damaged or cut off` : kindOf(whole);
    throw new Error(`ufom: ${archive} must be a whole zip archive; received ${what} (${reason(error)}).`, { cause: error });
  }
  return files;
}
