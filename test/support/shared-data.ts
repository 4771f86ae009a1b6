import { existsSync, mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { root } from "../../scripts/shell.mjs";

/** Data that the project does not carry: UFOM_DATA, else shared/data beside the checkout; nothing where there is no such folder. */
export const sharedData: string | undefined = [process.env.UFOM_DATA ?? "", join(root, "../shared/data")].find(
  folder => folder !== "" && existsSync(join(folder, "omniglot")),
);

/** Stands in the name of what is skipped then. */
export const needsSharedData = "(skipped where neither UFOM_DATA nor ../shared/data has Omniglot)";

/** Lets this process find data in one folder, and keep decoded images in a new one. @returns the latter */
export function dataIn(folder: string | undefined): string {
  if (folder === undefined) delete process.env.UFOM_DATA;
  else process.env.UFOM_DATA = folder;
  process.env.XDG_CACHE_HOME = mkdtempSync(join(tmpdir(), "ufom-cache-"));
  return join(process.env.XDG_CACHE_HOME, "ufom");
}
