import { crc32 } from "ufom/internal/files/crc32";
import { deflateSync } from "node:zlib";

const signature = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a);

function chunk(type: string, data: Uint8Array): Uint8Array {
  const out = new Uint8Array(12 + data.length);
  const view = new DataView(out.buffer);
  view.setUint32(0, data.length);
  out.set(new TextEncoder().encode(type), 4);
  out.set(data, 8);
  view.setUint32(8 + data.length, crc32(out.subarray(4, 8 + data.length)));
  return out;
}

/** Samples of a pixel, row by row, as a PNG file: 1 of grey, or 3 of colour. */
function png(pixels: Uint8Array, width: number, height: number, samples: 1 | 3): Uint8Array {
  if (pixels.length !== samples * width * height) {
    throw new Error(
      `ufom: an image of ${width} × ${height} needs ${samples * width * height} ${samples === 1 ? "pixels" : "samples"}; received ${pixels.length}.`,
    );
  }
  const header = new Uint8Array(13);
  const view = new DataView(header.buffer);
  view.setUint32(0, width);
  view.setUint32(4, height);
  header[8] = 8;
  // 0 grey, 2 colour.
  header[9] = samples - 1;
  const line = samples * width;
  const rows = new Uint8Array(height * (line + 1));
  for (let y = 0; y < height; y++) rows.set(pixels.subarray(y * line, (y + 1) * line), y * (line + 1) + 1);
  const parts = [signature, chunk("IHDR", header), chunk("IDAT", deflateSync(rows)), chunk("IEND", new Uint8Array(0))];
  const file = new Uint8Array(parts.reduce((n, part) => n + part.length, 0));
  let at = 0;
  for (const part of parts) {
    file.set(part, at);
    at += part.length;
  }
  return file;
}

/**
 * An 8-bit grey image as a PNG file.
 * @param pixels height × width, row by row, 0 is black
 * @see https://www.w3.org/TR/png
 */
export const greyPng = (pixels: Uint8Array, width: number, height: number): Uint8Array => png(pixels, width, height, 1);

/** An image of 8 bits a colour as a PNG file. @param pixels height × width × 3, row by row: red, green, blue */
export const colourPng = (pixels: Uint8Array, width: number, height: number): Uint8Array => png(pixels, width, height, 3);
