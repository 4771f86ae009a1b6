// The code of a thread of `src/team/threads` as one text.
import { readFileSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { root } from "./shell.mjs";

/** The module that holds the text, without its ending. */
const holder = "team/threads/source";

/** Where it is in the package. */
export const holderFile = `dist/${holder}.js`;

/**
 * Bundles the code of a thread.
 * @param {string} module the one that has `runThread`
 */
async function workerText(module) {
  const esbuild = await import("esbuild");
  const { outputFiles } = await esbuild.build({
    stdin: { contents: `import { runThread } from "./${basename(module)}"; runThread();`, resolveDir: dirname(module) },
    bundle: true,
    minify: true,
    format: "iife",
    // Node and pages run the same text, so package.json's "browser", which has no libraries, must not be heard.
    platform: "neutral",
    target: "es2022",
    legalComments: "none",
    logLevel: "error",
    write: false,
  });
  return outputFiles[0].text.trim();
}

/** @param {string} text */
const moduleOf = text => `export const threadSource = ${JSON.stringify(text)};\n`;

/** Puts the text into the compiled module that is to hold it. */
export async function writeWorkerSource() {
  const text = await workerText(join(root, "dist/team/threads/thread.js"));
  const file = join(root, holderFile);
  const map = /\n\/\/# sourceMappingURL=.*$/.exec(readFileSync(file, "utf8"))?.[0] ?? "";
  writeFileSync(file, `${moduleOf(text).trimEnd()}${map}\n`);
}

/** For who runs the sources themselves (vitest, and esbuild below): the same module with the text in it. */
export const isHolder = (/** @type {string} */ id) => id.replaceAll("\\", "/").endsWith(`/src/${holder}.ts`);

let text = /** @type {Promise<string> | undefined} */ (undefined);
export const holderModule = async () => moduleOf(await (text ??= workerText(join(root, "src/team/threads/thread.ts"))));

/** A plugin of vite. */
export const workerPlugin = {
  name: "worker-source",
  enforce: /** @type {const} */ ("pre"),
  load: (/** @type {string} */ id) => (isHolder(id) ? holderModule() : undefined),
};

/** A plugin of esbuild. @type {import("esbuild").Plugin} */
export const esbuildWorkerPlugin = {
  name: "worker-source",
  setup(build) {
    build.onLoad({ filter: /[\\/]team[\\/]threads[\\/]source\.ts$/ }, async () => ({ contents: await holderModule(), loader: "ts" }));
  },
};
