// What is published: the right files, importable, with types that every resolver finds.
import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { singleFile } from "../single-file.mjs";
import { root, run, runTool } from "../shell.mjs";

/**
 * What may be in a package, and nothing else (no data, no tests, no sources), and what must be.
 * @typedef {{ workspace: string, allowed: RegExp, required: readonly string[] }} Contents
 */

/** @type {Readonly<Record<"ufom" | "ufom-cli", Contents>>} */
export const contents = {
  ufom: {
    workspace: ".",
    allowed:
      /^(package\.json|README\.md|CHANGELOG\.md|LICENSE|bin\/ufom\.mjs|dist\/[\w./-]+\.(js|js\.map|d\.ts|d\.ts\.map)|docs\/[\w-]+\.(md|svg|png))$/,
    required: [
      "package.json",
      "LICENSE",
      "README.md",
      "CHANGELOG.md",
      "bin/ufom.mjs",
      "dist/index.js",
      "dist/index.d.ts",
      singleFile,
      "docs/architecture.md",
    ],
  },
  "ufom-cli": {
    workspace: "cli",
    allowed: /^(package\.json|README\.md|LICENSE|dist\/[\w./-]+\.(js|js\.map)|templates\/[\w./-]+\.(ts|json|md))$/,
    required: ["package.json", "LICENSE", "README.md", "dist/main.js", "templates/problem.ts"],
  },
};
/** @typedef {keyof typeof contents} PackageName */

/** Bytes of a packed archive; data would not fit. */
const largest = 2_250_000;

/**
 * Packs a package as `npm publish` would.
 * @param {PackageName} name
 * @param {string} folder where the archive goes
 * @returns {Promise<{ archive: string, size: number, files: string[] }>}
 */
export async function pack(name, folder) {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const { code, output } = await run("npm", [
    "pack",
    "--json",
    "--workspace",
    contents[name].workspace,
    "--loglevel=silent",
    "--pack-destination",
    folder,
  ]);
  if (code !== 0) throw new Error(`npm pack failed:\n${output}`);
  const [{ filename, size, files }] = JSON.parse(output.slice(output.search(/^\[/m)));
  return { archive: join(folder, filename), size, files: files.map((/** @type {{ path: string }} */ file) => file.path) };
}

/**
 * What is wrong with a list of packed files; empty when nothing is.
 * @param {PackageName} name
 * @param {readonly string[]} files
 * @param {number} size of the archive in bytes
 */
export function contentProblems(name, files, size) {
  const { allowed, required } = contents[name];
  return [
    ...files.filter(file => !allowed.test(file)).map(file => `${file} must not be published`),
    ...required.filter(file => !files.includes(file)).map(file => `${file} is missing`),
    ...(size > largest ? [`the archive has ${size} bytes, more than ${largest}`] : []),
  ];
}

/** @param {PackageName} name @returns {import("./gate.mjs").Gate[]} */
function gatesOf(name) {
  /** @type {Promise<Awaited<ReturnType<typeof pack>>> | undefined} */
  let packed;
  const packOnce = () => (packed ??= pack(name, join(root, ".cache/pack", name)));
  return [
    {
      name: `contents of ${name}`,
      judge: async () => {
        const { files, size } = await packOnce();
        const problems = contentProblems(name, files, size);
        return {
          ok: problems.length === 0,
          output: `${problems.join("\n")}\n`,
          note: `${files.length} files, ${Math.round(size / 1000)} kB packed`,
        };
      },
    },
    {
      name: `exports of ${name} (publint)`,
      judge: async () => {
        const { archive } = await packOnce();
        const { code, output } = await runTool("publint/src/cli.js", ["--strict", archive]);
        return { ok: code === 0, output };
      },
    },
  ];
}

/** @type {readonly import("./gate.mjs").Gate[]} */
export const packageGates = [
  ...gatesOf("ufom"),
  {
    name: "types of ufom (attw)",
    judge: async () => {
      const { archive } = await pack("ufom", join(root, ".cache/pack/types"));
      // The single file is for pages; its types are those of the package.
      const { code, output } = await runTool("@arethetypeswrong/cli/dist/index.js", [
        ...[archive, "--profile", "esm-only", "--no-color"],
        ...["--exclude-entrypoints", "./ufom.min.js"],
      ]);
      return { ok: code === 0, output };
    },
  },
  ...gatesOf("ufom-cli"),
];
