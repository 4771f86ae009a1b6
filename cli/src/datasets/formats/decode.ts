import { isJpeg, decodeJpeg } from "./jpeg.js";
import type { Picture } from "./picture.js";
import { decodePng, isPng } from "./png.js";

/** How files of other kinds begin. */
const others: readonly (readonly [start: string, kind: string])[] = [
  ["GIF8", "a GIF"],
  ["BM", "a BMP"],
  ["II*\0", "a TIFF"],
  ["MM\0*", "a TIFF"],
  ["PK\x03\x04", "a zip archive"],
  ["\x1f\x8b", "a gzip file"],
  ["%PDF", "a PDF"],
  ["<", "a text (markup)"],
  ["version https://git-lfs", "a pointer of Git LFS in place of the file"],
];

/** What a file is instead, in words. */
export function kindOf(bytes: Uint8Array): string {
  if (bytes.length === 0) return "an empty file";
  const start = Buffer.from(bytes.subarray(0, 32)).toString("latin1");
  if (isPng(bytes)) return "a PNG";
  if (isJpeg(bytes)) return "a JPEG";
  if (start.startsWith("RIFF") && start.slice(8, 12) === "WEBP") return "a WebP";
  const known = others.find(([begin]) => start.startsWith(begin));
  if (known !== undefined) return known[1];
  return `a file that begins with ${Array.from(bytes.subarray(0, 4), b => b.toString(16).padStart(2, "0")).join(" ")}`;
}

/**
 * Decodes a PNG or a JPEG, by what it holds and not by what it is called.
 * @param bytes the whole file
 * @param file its name, for messages
 * @throws Error one sentence naming the file and what is wrong with it
 */
export function decodePicture(bytes: Uint8Array, file: string): Picture {
  if (isPng(bytes)) return decodePng(bytes, file);
  if (isJpeg(bytes)) return decodeJpeg(bytes, file);
  throw new Error(`ufom: ${file} must be a PNG or a JPEG; received ${kindOf(bytes)}.`);
}
