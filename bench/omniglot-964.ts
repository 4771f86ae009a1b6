import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { gunzipSync } from "node:zlib";
import { parseIdx } from "../cli/src/datasets/idx.js";
import type { ImageClasses } from "../cli/src/datasets/image-classes.js";

const shared = process.env.UFOM_DATA ?? fileURLToPath(new URL("../../shared/data", import.meta.url));

/** 15,993 drawings of 964 characters of Omniglot; they are no part of this repository. */
export const omniglotFile = path.join(shared, "omniglot964-images-idx3-ubyte.gz");
export const omniglotIsHere = existsSync(omniglotFile);

/** Those drawings at their 32 × 32 pixels, dark on light, as plainly as they can be read. */
export function readOmniglot(): ImageClasses {
  const { data } = parseIdx(gunzipSync(readFileSync(omniglotFile)), omniglotFile, 3);
  const labels = gunzipSync(readFileSync(path.join(shared, "omniglot964-labels-u16.gz"))).subarray(8);
  const images: Uint8Array[][] = [];
  for (let i = 0; 2 * i < labels.length; i++) {
    const dark = data.slice(1024 * i, 1024 * (i + 1)).map(grey => 255 - grey);
    (images[labels.readUInt16BE(2 * i)] ??= []).push(dark);
  }
  const at = (c: number) => ({ name: `${c}`, group: `${c}`, count: images[c].length, image: (i: number) => images[c][i] });
  return { name: "omniglot", origin: shared, channels: 1, height: 32, width: 32, count: images.length, at };
}
