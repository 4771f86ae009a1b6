// Runs in Node's loader thread: nothing but node: modules may be imported here.
import { readFileSync, realpathSync, statSync } from "node:fs";
import type { InitializeHook, ResolveHook } from "node:module";
import path from "node:path";
import { fileURLToPath } from "node:url";

/** What the command tells the loader thread. */
export interface HooksData {
  /** URL of the library's index that the command itself uses; a user's module imports it too, so that both share one instance. */
  readonly index: string;
  /** The folder of that library. */
  readonly folder: string;
}

let own: HooksData;

export const initialize: InitializeHook<HooksData> = data => {
  own = data;
};

/** The package `ufom` that `import` would find from the user's module, if one is installed. */
function installed(parentUrl: string | undefined): string | undefined {
  if (parentUrl === undefined || !parentUrl.startsWith("file:")) return undefined;
  for (let folder = path.dirname(fileURLToPath(parentUrl)); ; folder = path.dirname(folder)) {
    const candidate = path.join(folder, "node_modules", "ufom");
    if (statSync(candidate, { throwIfNoEntry: false })?.isDirectory() === true) return realpathSync(candidate);
    if (path.dirname(folder) === folder) return undefined;
  }
}

/** TypeScript, and JavaScript that is written as a module: what the nearest package.json says about `.js` does not matter. */
function isUsersModule(url: string): boolean {
  const [, file, extension] = /^(file:[^?#]*\.(ts|js))(?:\?|#|$)/.exec(url) ?? [];
  if (file === undefined || file.includes("/node_modules/")) return false;
  return extension === "ts" || /^\s*(import|export)[\s{*]/m.test(readFileSync(fileURLToPath(file), "utf8"));
}

/**
 * `import "ufom"` finds the copy installed beside a user's module, or the command's own where there is none; and a user's
 * TypeScript is a module also where the nearest package.json does not say `"type": "module"`.
 */
export const resolve: ResolveHook = async (specifier, context, nextResolve) => {
  if (specifier === "ufom") {
    const folder = installed(context.parentURL);
    if (folder === undefined || folder === own.folder) return { url: own.index, format: "module", shortCircuit: true };
  }
  const resolved = await nextResolve(specifier, context);
  return isUsersModule(resolved.url) ? { ...resolved, format: "module" } : resolved;
};
