import { PNG } from "pngjs";
import { decodeOneBit } from "./one-bit.js";
import { fromRgba, mostPixels, type Picture } from "./picture.js";

const signature = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];

export const isPng = (bytes: Uint8Array): boolean => signature.every((byte, i) => bytes[i] === byte);

/**
 * Decodes a PNG of any kind: 1 to 16 bits, grey, a palette or colour, with alpha over white.
 * @param bytes the whole file
 * @param file its name, for messages
 * @throws Error one sentence naming the file and what is wrong with it
 */
export function decodePng(bytes: Uint8Array, file: string): Picture {
  const refuse = (received: string): never => {
    throw new Error(`ufom: ${file} must be a whole PNG; received ${received}.`);
  };
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (!isPng(bytes)) refuse("a file that does not begin as one");
  // The header is the first chunk: its length, its name, width and height.
  if (view.length < 33 || view.toString("latin1", 12, 16) !== "IHDR") refuse(`${view.length} bytes without a header`);
  const [width, height] = [view.readUInt32BE(16), view.readUInt32BE(20)];
  if (width === 0 || height === 0 || width * height > mostPixels) refuse(`one of ${width} × ${height} pixels`);
  const black = decodeOneBit(view, width, height);
  if (black !== undefined) return black;
  let decoded: { readonly data: Uint8Array };
  try {
    decoded = PNG.sync.read(view);
  } catch (error) {
    return refuse(`one that is damaged or cut off (${reason(error)})`);
  }
  if (decoded.data.length !== 4 * width * height) refuse(`pixels for ${decoded.data.length / 4} of ${width} × ${height}`);
  return fromRgba(decoded.data, height, width);
}

/** A decoder's words, to stand within a sentence. */
export const reason = (error: unknown): string => (error instanceof Error ? error.message : String(error)).trim().replace(/[.\s]+$/, "");
