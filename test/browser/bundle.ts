import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import type { BuildOptions } from "esbuild";
import type { Committed } from "./committed.js";

const entry = (name: string) => fileURLToPath(new URL(name, import.meta.url));

/** The library and a module of this folder as one text. */
export async function bundle(module: string, options: BuildOptions): Promise<string> {
  const {
    outputFiles: [file],
  } = await build({
    entryPoints: [entry(module)],
    bundle: true,
    platform: "browser",
    target: "es2022",
    logLevel: "silent",
    ...options,
    write: false,
  });
  return file.text;
}

/** The page that runs the suite and compares it with the committed digests; it needs no other file. */
export async function pageHtml(texts: readonly string[], committed: Committed): Promise<string> {
  const code = await bundle("page.ts", { format: "esm", minify: true, charset: "utf8" });
  const data = JSON.stringify({ texts, committed });
  // A text of the bundle that would end the element is written with an escape.
  const inline = (text: string) => text.replaceAll("</", "<\\/");
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>ufom: the same bits everywhere</title>
<style>
  body { font: 15px/1.4 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; color: #222; }
  table { border-collapse: collapse; width: 100%; }
  td, th { text-align: left; padding: 0.15rem 0.6rem 0.15rem 0; border-bottom: 1px solid #e4e4e4; }
  code { font-size: 13px; }
  .differs, .differs code { color: #b00020; font-weight: 600; }
</style>
<h1>The same bits everywhere</h1>
<p id="verdict" role="status">Running …</p>
<table>
  <thead><tr><th>program</th><th>SHA-256 of its results</th><th>beside the committed one</th></tr></thead>
  <tbody id="rows"></tbody>
</table>
<script type="application/json" id="data">${inline(data)}</script>
<script type="module">${inline(code)}</script>
</html>
`;
}
