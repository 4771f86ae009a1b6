import type { Picture } from "./picture.js";

/** The tag of the orientation in EXIF, and the type of its value, a 16-bit number. */
const tag = 0x0112;
const short = 3;

/** The orientation in a TIFF header, which EXIF is; nothing where there is none, or it is cut off. */
function inTiff(tiff: DataView): number | undefined {
  if (tiff.byteLength < 8) return undefined;
  const little = tiff.getUint16(0) === 0x4949;
  const at = tiff.getUint32(4, little);
  if (at + 2 > tiff.byteLength) return undefined;
  const entries = tiff.getUint16(at, little);
  for (let i = 0, entry = at + 2; i < entries && entry + 12 <= tiff.byteLength; i++, entry += 12) {
    if (tiff.getUint16(entry, little) === tag && tiff.getUint16(entry + 2, little) === short) return tiff.getUint16(entry + 8, little);
  }
  return undefined;
}

/** How a JPEG says that it is to be turned: 1, not at all, to 8. What it says wrongly counts as nothing, as in other programs. */
export function orientationOf(jpeg: Uint8Array): number {
  const view = new DataView(jpeg.buffer, jpeg.byteOffset, jpeg.byteLength);
  for (let at = 2; at + 4 <= jpeg.length && jpeg[at] === 0xff && jpeg[at + 1] !== 0xda;) {
    const end = at + 2 + view.getUint16(at + 2);
    if (end > jpeg.length) break;
    const isExif = jpeg[at + 1] === 0xe1 && end >= at + 10 && view.getUint32(at + 4) === 0x45786966;
    const found = isExif ? inTiff(new DataView(view.buffer, view.byteOffset + at + 10, end - at - 10)) : undefined;
    if (found !== undefined && found >= 1 && found <= 8) return found;
    at = end;
  }
  return 1;
}

/** For each orientation, whether rows are columns, and whether the stored rows and columns count from the other end. */
const turns: readonly (readonly [swapped: boolean, rows: boolean, columns: boolean])[] = [
  [false, false, false],
  [false, false, true],
  [false, true, true],
  [false, true, false],
  [true, false, false],
  [true, true, false],
  [true, true, true],
  [true, false, true],
];

/** A picture as it is to be seen. @param orientation from 1 to 8, as EXIF counts */
export function turned(picture: Picture, orientation: number): Picture {
  if (orientation === 1) return picture;
  const { channels, height: rows, width: columns, data } = picture;
  const [swapped, fromBottom, fromRight] = turns[orientation - 1];
  const [height, width] = swapped ? [columns, rows] : [rows, columns];
  const out = new Uint8Array(data.length);
  for (let c = 0, to = 0; c < channels; c++) {
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        const [row, column] = swapped ? [x, y] : [y, x];
        const line = c * rows + (fromBottom ? rows - 1 - row : row);
        out[to++] = data[line * columns + (fromRight ? columns - 1 - column : column)];
      }
    }
  }
  return { channels, height, width, data: out };
}
