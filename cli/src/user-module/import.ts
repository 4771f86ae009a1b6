import { realpathSync } from "node:fs";
import { register as registerHooks } from "node:module";
import path from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import type { HooksData } from "./hooks.js";

/** `.js` in the published package, `.ts` while the command runs from its sources. */
const extension = path.extname(fileURLToPath(import.meta.url));
const beside = (module: string): string => new URL(module + extension, import.meta.url).href;

async function registerAll(): Promise<void> {
  const library = path.dirname(fileURLToPath(import.meta.resolve("ufom/package.json")));
  const data: HooksData = { index: import.meta.resolve("ufom"), folder: realpathSync(library) };
  // First, as it is needed in any case: its hundreds of modules would go through the hooks' thread one by one, for half a second.
  await import("ufom");
  process.setSourceMapsEnabled(true);
  const { register } = await import("tsx/esm/api");
  // Node asks the last one first. Ours has to be on both sides of tsx: before it where "ufom" is looked for (a tsconfig's
  // `paths` may name it), after it where the format of a file is decided.
  registerHooks(`${beside("./hooks")}?after`, { data });
  register();
  registerHooks(`${beside("./hooks")}?before`, { data });
}

let registered: Promise<void> | undefined;

/** Imports a user's module, JavaScript or TypeScript; `"ufom"` is found in it wherever it lies. */
export async function importUserModule(file: string): Promise<Readonly<Record<string, unknown>>> {
  await (registered ??= registerAll());
  return (await import(pathToFileURL(file).href)) as Record<string, unknown>;
}
