// `import "ufom"` in a page: bundles without a node: module and without another package, and loads with a browser's globals.
import { runInNewContext } from "node:vm";
import { gzipSync } from "node:zlib";
import { root } from "../shell.mjs";

/** What both a page and Node offer beyond the language itself. */
const globals = () => ({
  console,
  performance,
  TextEncoder,
  TextDecoder,
  setTimeout,
  clearTimeout,
  queueMicrotask,
  structuredClone,
  AbortController,
  AbortSignal,
  crypto,
});

/**
 * Bundles a module for browsers.
 * @param {string} source TypeScript-free module text, resolved from the repository's root
 * @returns {Promise<{ code: string, problems: string[] }>}
 */
export async function bundleForBrowser(source) {
  const { build } = await import("esbuild");
  try {
    const { outputFiles, metafile } = await build({
      stdin: { contents: source, resolveDir: root, sourcefile: "page.js" },
      bundle: true,
      write: false,
      metafile: true,
      minify: true,
      logLevel: "silent",
      platform: "browser",
      format: "iife",
      target: "es2022",
      absWorkingDir: root,
    });
    const foreign = Object.keys(metafile.inputs).filter(input => input !== "page.js" && !input.startsWith("dist/"));
    return { code: outputFiles[0].text, problems: foreign.map(input => `${input} is bundled, but import "ufom" must load dist/ alone`) };
  } catch (error) {
    const { errors } = /** @type {import("esbuild").BuildFailure} */ (error);
    if (!errors) throw error;
    return { code: "", problems: errors.map(({ text, location }) => `${location?.file ?? ""}:${location?.line ?? ""}: ${text}`) };
  }
}

/** @type {import("./gate.mjs").Gate} */
export const bundleGate = {
  name: "browser bundle",
  judge: async () => {
    const { code, problems } = await bundleForBrowser(`import * as ufom from "ufom"; globalThis.names = Object.keys(ufom);`);
    if (problems.length > 0) return { ok: false, output: `${problems.join("\n")}\n` };
    const page = { ...globals(), names: /** @type {string[]} */ ([]) };
    runInNewContext(code, page);
    const here = Object.keys(await import("ufom"));
    const missing = here.filter(name => !page.names.includes(name));
    if (here.length === 0) return { ok: false, output: `import "ufom" exports nothing\n` };
    const size = `${(code.length / 1000).toFixed(0)} kB, ${(gzipSync(code).length / 1000).toFixed(0)} kB compressed`;
    return { ok: missing.length === 0, output: `missing in the bundle: ${missing.join(", ")}\n`, note: `${here.length} exports, ${size}` };
  },
};
