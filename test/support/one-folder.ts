import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Whatever tests, and what they start, put among temporary files lies in one folder, which goes with the last of them. */
export default function setup(): (() => void) | undefined {
  // Every project of vitest.config.ts comes by; the first makes the folder.
  if (process.env.UFOM_TEST_FOLDER !== undefined) return undefined;
  const folder = mkdtempSync(join(tmpdir(), "ufom-tests-"));
  Object.assign(process.env, { UFOM_TEST_FOLDER: folder, TMPDIR: folder, TEMP: folder, TMP: folder });
  return () => rmSync(folder, { recursive: true, force: true });
}
