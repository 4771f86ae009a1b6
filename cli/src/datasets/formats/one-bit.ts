import { crc32, inflateSync } from "node:zlib";
import type { Picture } from "./picture.js";

/** The image data of a PNG whose chunks are whole; nothing if one is not, or says what is seen through. */
function imageData(png: Buffer): Buffer | undefined {
  const data: Buffer[] = [];
  for (let at = 8; at + 12 <= png.length;) {
    const end = at + 12 + png.readUInt32BE(at);
    if (end > png.length || crc32(png.subarray(at + 4, end - 4)) !== png.readUInt32BE(end - 4)) return undefined;
    const type = png.toString("latin1", at + 4, at + 8);
    if (type === "tRNS") return undefined;
    if (type === "IDAT") data.push(png.subarray(at + 8, end - 4));
    if (type === "IEND") return end === png.length ? Buffer.concat(data) : undefined;
    at = end;
  }
  return undefined;
}

function inflated(data: Buffer, length: number): Buffer | undefined {
  try {
    const rows = inflateSync(data, { maxOutputLength: length });
    return rows.length === length ? rows : undefined;
  } catch {
    // What is wrong with it the general decoder says.
    return undefined;
  }
}

/**
 * The PNGs of Omniglot are black and white, with rows as they are: eight pixels a byte. There are 32,460, and the general decoder takes a millisecond for
 * each; this takes a tenth of that.
 * @returns nothing for any other kind, and for what is damaged: the general decoder judges
 */
export function decodeOneBit(png: Buffer, width: number, height: number): Picture | undefined {
  // Bits, colour, compression, filter, interlace.
  if (png[24] !== 1 || png[25] !== 0 || png[26] !== 0 || png[27] !== 0 || png[28] !== 0) return undefined;
  const stride = 1 + Math.ceil(width / 8);
  const packed = imageData(png);
  const rows = packed === undefined ? undefined : inflated(packed, stride * height);
  if (rows === undefined) return undefined;
  const data = new Uint8Array(width * height);
  for (let y = 0, out = 0; y < height; y++) {
    const row = y * stride;
    if (rows[row] !== 0) return undefined;
    for (let x = 0; x < width; x++) data[out++] = -((rows[row + 1 + (x >> 3)] >> (7 - (x & 7))) & 1);
  }
  return { channels: 1, height, width, data };
}
