import { deflateSync } from "node:zlib";
import { chunk } from "../examples/omniglot-folder.js";

/** What a PNG is made of. */
export interface PngParts {
  readonly width: number;
  readonly height: number;
  /** Bits of a sample. */
  readonly depth: number;
  /** 0 grey, 2 colour, 3 palette, 4 grey with alpha, 6 colour with alpha. */
  readonly colour: number;
  /** Rows as they are packed, without their filter byte. */
  readonly rows: readonly (readonly number[])[];
  /** How each row is filtered; 0, not at all, if not given. */
  readonly filters?: readonly number[];
  readonly palette?: readonly number[];
  /** Alpha of the palette's colours, or the one colour that is transparent. */
  readonly transparent?: readonly number[];
}

export const pngSignature = Buffer.from("\x89PNG\r\n\x1a\n", "latin1");

/** A PNG, written by hand. */
export function pngOf({ width, height, depth, colour, rows, filters = [], palette, transparent }: PngParts): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([depth, colour, 0, 0, 0], 8);
  return Buffer.concat([
    pngSignature,
    chunk("IHDR", header),
    ...(palette === undefined ? [] : [chunk("PLTE", Uint8Array.from(palette))]),
    ...(transparent === undefined ? [] : [chunk("tRNS", Uint8Array.from(transparent))]),
    chunk("IDAT", deflateSync(Buffer.concat(rows.map((row, y) => Buffer.from([filters[y] ?? 0, ...row]))))),
    chunk("IEND", new Uint8Array()),
  ]);
}

/** A grey PNG of 8 bits. */
export const greyPng = (width: number, height: number, value: (x: number, y: number) => number): Buffer =>
  pngOf({
    width,
    height,
    depth: 8,
    colour: 0,
    rows: Array.from({ length: height }, (_, y) => Array.from({ length: width }, (_, x) => value(x, y))),
  });
