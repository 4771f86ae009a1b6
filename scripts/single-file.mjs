// The whole library as one file, for pages without a bundler.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "./shell.mjs";

export const singleFile = "dist/ufom.min.js";

const dist = join(root, "dist"),
  entry = join(dist, "single-file.js");

/** @param {string} name of a module, without its ending */
const moduleNamed = name => join(dist, `${name}.js`);

/**
 * The file's text. Its threads load the file itself (team/threads/same-file.ts), for which it has one name more than the package; of Node's own
 * code (package.json, "browser") it has none.
 */
export async function singleFileText() {
  // It makes one file and chooses short names, both better than esbuild: 3 % after compression. It is not told that writing a property has no
  // effect, which would save 2 % more: what is written into objects here is read elsewhere, and numbers would be others.
  const { rolldown } = await import("rolldown");
  const bundle = await rolldown({
    input: entry,
    platform: "browser",
    plugins: [
      {
        name: "single-file",
        resolveId: id => (id === entry ? id : undefined),
        load: id => {
          if (id === entry)
            return [
              `export * from ${JSON.stringify(moduleNamed("index"))};`,
              `export { runThread } from ${JSON.stringify(moduleNamed("team/threads/thread"))};`,
            ].join("\n");
          return id === moduleNamed("team/threads/source")
            ? `export * from ${JSON.stringify(moduleNamed("team/threads/same-file"))};`
            : undefined;
        },
      },
    ],
  });
  const { output } = await bundle.generate({ format: "esm", minify: true, codeSplitting: false });
  await bundle.close();
  return output[0].code;
}

export async function writeSingleFile() {
  writeFileSync(join(root, singleFile), await singleFileText());
}
