import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Digests } from "./suite/index.js";
import { digestOfAll } from "./suite/index.js";

/** What every machine gives. */
export interface Committed {
  /** One digest of all. */
  readonly all: string;
  readonly digests: Digests;
}

const file = fileURLToPath(new URL("digest.json", import.meta.url));

export const readDigest = (): Committed => JSON.parse(readFileSync(file, "utf8")) as Committed;

export const writeDigest = (digests: Digests): void => {
  writeFileSync(file, `${JSON.stringify({ all: digestOfAll(digests), digests } satisfies Committed, null, 2)}\n`);
};
