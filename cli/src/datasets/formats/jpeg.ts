import jpeg from "jpeg-js";
import { fromRgba, mostPixels, type Picture } from "./picture.js";
import { reason } from "./png.js";

export const isJpeg = (bytes: Uint8Array): boolean => bytes[0] === 0xff && bytes[1] === 0xd8 && bytes[2] === 0xff;

/** Whether the marker that ends a JPEG stands somewhere behind `from`. */
const ends = (bytes: Uint8Array, from: number): boolean =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).lastIndexOf("\xff\xd9", undefined, "latin1") >= from;

/** Where the samples of a JPEG begin: behind the header of its first scan. A picture of its own within the headers ends before. */
function scanStart(bytes: Uint8Array): number {
  for (let at = 2; at + 4 <= bytes.length && bytes[at] === 0xff;) {
    const length = bytes[at + 2] * 256 + bytes[at + 3];
    // Start of a scan: what follows has no length.
    if (bytes[at + 1] === 0xda) return at + 2 + length;
    at += 2 + length;
  }
  return bytes.length;
}

/**
 * Decodes a JPEG, baseline or progressive. What it says about being turned (its EXIF orientation) is not applied.
 * @param bytes the whole file
 * @param file its name, for messages
 * @throws Error one sentence naming the file and what is wrong with it
 */
export function decodeJpeg(bytes: Uint8Array, file: string): Picture {
  const refuse = (received: string): never => {
    throw new Error(`ufom: ${file} must be a whole JPEG; received ${received}.`);
  };
  // A decoder fills up what is missing with grey.
  if (!ends(bytes, scanStart(bytes))) refuse(`one that is cut off after ${bytes.length} bytes (it has no end marker)`);
  try {
    const { data, width, height } = jpeg.decode(bytes, {
      useTArray: true,
      tolerantDecoding: false,
      maxResolutionInMP: mostPixels / 1e6,
      maxMemoryUsageInMB: 4096,
    });
    return fromRgba(data, height, width);
  } catch (error) {
    return refuse(`one that is damaged or of a kind that is not read (${reason(error)})`);
  }
}
