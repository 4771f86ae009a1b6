// What is published: the right files, importable, with types that every resolver finds.
import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { root, run, runTool } from "../shell.mjs";

/** Everything that may be in the package, and nothing else: no data, no tests, no sources. */
const allowed =
  /^(package\.json|README\.md|CHANGELOG\.md|LICENSE|dist\/[\w./-]+\.(js|js\.map|d\.ts|d\.ts\.map)|templates\/[\w./-]+\.(ts|json|md))$/;
const required = ["package.json", "LICENSE", "README.md", "CHANGELOG.md", "dist/index.js", "dist/index.d.ts", "dist/cli/main.js"];
/** Bytes of the packed archive; data would not fit. */
const largest = 2_000_000;

/**
 * Packs the project as `npm publish` would.
 * @param {string} folder where the archive goes
 * @returns {Promise<{ archive: string, size: number, files: string[] }>}
 */
export async function pack(folder) {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const { code, output } = await run("npm", ["pack", "--json", "--loglevel=silent", "--pack-destination", folder]);
  if (code !== 0) throw new Error(`npm pack failed:\n${output}`);
  const [{ filename, size, files }] = JSON.parse(output.slice(output.search(/^\[/m)));
  return { archive: join(folder, filename), size, files: files.map((/** @type {{ path: string }} */ file) => file.path) };
}

/**
 * What is wrong with a list of packed files; empty when nothing is.
 * @param {readonly string[]} files
 * @param {number} size of the archive in bytes
 */
export function contentProblems(files, size) {
  return [
    ...files.filter(file => !allowed.test(file)).map(file => `${file} must not be published`),
    ...required.filter(file => !files.includes(file)).map(file => `${file} is missing`),
    ...(size > largest ? [`the archive has ${size} bytes, more than ${largest}`] : []),
  ];
}

/** @type {Promise<Awaited<ReturnType<typeof pack>>> | undefined} */
let packed;
const packOnce = () => (packed ??= pack(join(root, ".cache/pack")));

/** @type {readonly import("./gate.mjs").Gate[]} */
export const packageGates = [
  {
    name: "package contents",
    judge: async () => {
      const { files, size } = await packOnce();
      const problems = contentProblems(files, size);
      return {
        ok: problems.length === 0,
        output: `${problems.join("\n")}\n`,
        note: `${files.length} files, ${Math.round(size / 1000)} kB packed`,
      };
    },
  },
  {
    name: "package exports (publint)",
    judge: async () => {
      const { archive } = await packOnce();
      const { code, output } = await runTool("publint/src/cli.js", ["--strict", archive]);
      return { ok: code === 0, output };
    },
  },
  {
    name: "package types (attw)",
    judge: async () => {
      const { archive } = await packOnce();
      const { code, output } = await runTool("@arethetypeswrong/cli/dist/index.js", [archive, "--profile", "esm-only", "--no-color"]);
      return { ok: code === 0, output };
    },
  },
];
