import jpeg from "jpeg-js";
import { orientationOf, turned } from "./orientation.js";
import { fromRgba, mostPixels, type Picture } from "./picture.js";
import { reason } from "./png.js";

export const isJpeg = (bytes: Uint8Array): boolean => bytes[0] === 0xff && bytes[1] === 0xd8 && bytes[2] === 0xff;

/**
 * Decodes a JPEG, baseline or progressive, and turns it as its EXIF orientation says.
 * @param bytes the whole file
 * @param file its name, for messages
 * @throws Error one sentence naming the file and what is wrong with it
 */
export function decodeJpeg(bytes: Uint8Array, file: string): Picture {
  const refuse = (received: string): never => {
    throw new Error(`ufom: ${file} must be a whole JPEG; received ${received}.`);
  };
  try {
    const { data, width, height } = jpeg.decode(bytes, {
      useTArray: true,
      // Otherwise what is missing becomes grey.
      tolerantDecoding: false,
      maxResolutionInMP: mostPixels / 1e6,
      maxMemoryUsageInMB: 4096,
    });
    return turned(fromRgba(data, height, width), orientationOf(bytes));
  } catch (error) {
    return refuse(`one that is damaged, cut off or of a kind that is not read (${reason(error)})`);
  }
}
