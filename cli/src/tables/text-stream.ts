import { createReadStream } from "node:fs";
import type { Readable } from "node:stream";
import { createGunzip } from "node:zlib";
import { readStart } from "../datasets/package-files.js";
import { isGzip } from "../datasets/formats/gzip.js";
import { about } from "../file-errors.js";
import type { Refuse } from "./refuse.js";

/** The encodings that are known by their first bytes, and those that must be told. */
export const encodings = ["utf-8", "utf-16le", "utf-16be", "windows-1252"] as const;
export type TextEncodingName = (typeof encodings)[number];

/** A file's text, piece by piece, and what was found about it. */
export interface TextStream {
  readonly encoding: TextEncodingName;
  readonly gzip: boolean;
  readonly pieces: AsyncIterable<string>;
}

/** What a text begins with that says how it is encoded. */
const marks: readonly (readonly [mark: readonly number[], encoding: TextEncodingName])[] = [
  [[0xef, 0xbb, 0xbf], "utf-8"],
  [[0xff, 0xfe], "utf-16le"],
  [[0xfe, 0xff], "utf-16be"],
];

const markOf = (start: Uint8Array): TextEncodingName | undefined => marks.find(([mark]) => mark.every((byte, i) => start[i] === byte))?.[1];

/** A gzip file that is damaged ends in an error of zlib, which names neither the file nor a rule. */
const isZlib = (error: unknown): error is Error => error instanceof Error && "code" in error && String(error.code).startsWith("Z_");

/**
 * A text file, unpacked if it is a gzip file, decoded by its mark or as UTF-8.
 * @param told its encoding, where it has no mark that says it
 * @throws UsageError while it is read, one sentence, if it is not text in that encoding
 */
export async function textOf(file: string, refuse: Refuse, told?: TextEncodingName): Promise<TextStream> {
  const start = await readStart(file);
  const gzip = isGzip(start);
  const open = (): Readable => {
    const bytes = createReadStream(file, { highWaterMark: 2 ** 18 });
    if (!gzip) return bytes;
    const unpacked = createGunzip({ chunkSize: 2 ** 18 });
    bytes.on("error", error => unpacked.destroy(error));
    return bytes.pipe(unpacked);
  };
  // Of a packed file the mark stands behind the packing.
  const first = gzip ? await firstOf(open(), refuse) : start;
  if (first.length === 0) refuse("must hold a table", "an empty file");
  const encoding = markOf(first) ?? told ?? "utf-8";
  return { encoding, gzip, pieces: decoded(open(), encoding, file, refuse) };
}

const damaged = (error: unknown, refuse: Refuse): never => {
  if (isZlib(error)) refuse("must be a whole gzip file", "one that is damaged or cut off");
  throw error;
};

async function firstOf(bytes: Readable, refuse: Refuse): Promise<Uint8Array> {
  try {
    for await (const chunk of bytes) return chunk as Uint8Array;
  } catch (error) {
    damaged(error, refuse);
  } finally {
    bytes.destroy();
  }
  return new Uint8Array();
}

async function* decoded(bytes: Readable, encoding: TextEncodingName, file: string, refuse: Refuse): AsyncGenerator<string, void> {
  // Takes the mark away.
  const decoder = new TextDecoder(encoding, { fatal: true });
  const decode = (chunk?: Uint8Array): string => {
    try {
      return chunk === undefined ? decoder.decode() : decoder.decode(chunk, { stream: true });
    } catch {
      return refuse(
        `must be text in ${encoding.toUpperCase()}, or in another encoding that --encoding names (${encodings.join(", ")})`,
        "bytes that are none",
      );
    }
  };
  const checked = (text: string): string => {
    if (text.includes("\0")) {
      const hint = encoding.startsWith("utf-16") ? "" : ", or UTF-16 without a mark (--encoding utf-16le reads it)";
      refuse("must be text", `a NUL character: it is a binary file${hint}`);
    }
    return text;
  };
  try {
    const iterator = bytes[Symbol.asyncIterator]() as AsyncIterator<Uint8Array, unknown>;
    for (;;) {
      const next = await about(file, () => iterator.next());
      const text = checked(decode(next.done === true ? undefined : next.value));
      if (text !== "") yield text;
      if (next.done === true) return;
    }
  } catch (error) {
    damaged(error, refuse);
  } finally {
    bytes.destroy();
  }
}
