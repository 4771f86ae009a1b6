import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { pipeline } from "node:stream/promises";
import { about } from "../../file-errors.js";

/** A file's SHA-256 in hexadecimal; it is read piece by piece. */
export async function sha256Of(file: string): Promise<string> {
  const hash = createHash("sha256");
  await about(file, () => pipeline(createReadStream(file), hash));
  return hash.digest("hex");
}

/** What a file should be. */
interface Known {
  readonly bytes: number;
  readonly sha256: string;
}

/** What a file is instead of the published one, in words; nothing if it is that. The size is asked first, since it is there at once. */
export async function difference(file: string, { bytes, sha256 }: Known): Promise<string | undefined> {
  const { size } = await about(file, () => stat(file));
  if (size !== bytes) return `${size} bytes in place of ${bytes}`;
  const found = await sha256Of(file);
  return found === sha256 ? undefined : `SHA-256 ${found} in place of ${sha256}`;
}
