// Compiles the library to dist/ and the command to cli/dist/, and makes `npx ufom` work in this checkout.
import { createHash } from "node:crypto";
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { ensure } from "./ensure.mjs";
import { root, runTool } from "./shell.mjs";
import { singleFile, writeSingleFile } from "./single-file.mjs";
import { writeWorkerSource } from "./worker-source.mjs";

const stamp = join(root, ".cache/build-stamp");

/** What is compiled, in this order: the command sees the compiled library. */
const packages = [
  { project: "tsconfig.build.json", sources: "src", output: "dist" },
  { project: "cli/tsconfig.build.json", sources: "cli/src", output: "cli/dist" },
];

/** @param {string} folder */
const filesOf = folder =>
  readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile())
    .map(entry => join(entry.parentPath ?? entry.path, entry.name))
    .sort();

/** A hash of everything that is compiled. */
function fingerprint() {
  const hash = createHash("sha256");
  const names = [
    "package.json",
    "cli/package.json",
    "tsconfig.json",
    ...packages.map(({ project }) => project),
    "scripts/build.mjs",
    "scripts/single-file.mjs",
    "scripts/worker-source.mjs",
  ];
  const files = [...names.map(name => join(root, name)), ...packages.flatMap(({ sources }) => filesOf(sources))];
  for (const file of files) hash.update(file).update("\0").update(readFileSync(file)).update("\0");
  return hash.digest("hex");
}

/** Removes what an earlier build left of modules that are gone. @param {(typeof packages)[number]} of */
function removeStale({ sources, output }) {
  if (!existsSync(join(root, output))) return;
  for (const file of filesOf(output)) {
    const source = file.slice(join(root, output).length).replace(/(\.d\.ts|\.js)(\.map)?$/, ".ts");
    if (!existsSync(join(root, sources, source)) && !file.includes(".min.js")) rmSync(file);
  }
}

/** npm linked the command while it was not yet there. */
function linkCommand() {
  const command = join(root, "cli/dist/main.js");
  if (!existsSync(command)) return;
  chmodSync(command, 0o755);
  if (process.platform === "win32") return;
  const link = join(root, "node_modules/.bin/ufom");
  rmSync(link, { force: true });
  symlinkSync("../../cli/dist/main.js", link);
}

/** Whether everything compiled is what the sources compile to. */
const isFresh = () =>
  existsSync(stamp)
  && existsSync(join(root, singleFile))
  && existsSync(join(root, "cli/dist/main.js"))
  && readFileSync(stamp, "utf8") === fingerprint();

/**
 * Compiles.
 * @returns {Promise<{ code: number, output: string }>} the compiler's answer
 */
export async function build() {
  const before = fingerprint();
  rmSync(stamp, { force: true });
  let result = { code: 0, output: "" };
  for (const one of packages) {
    result = await runTool("typescript/bin/tsc", ["-p", one.project]);
    removeStale(one);
    if (result.code !== 0) return result;
    if (one.output === "dist") await writeWorkerSource();
  }
  await writeSingleFile();
  linkCommand();
  mkdirSync(join(root, ".cache"), { recursive: true });
  writeFileSync(stamp, before);
  return result;
}

/**
 * Compiles unless everything is up to date.
 * @throws if the sources do not compile
 */
export async function buildIfStale() {
  if (isFresh()) {
    linkCommand();
    return;
  }
  const { code, output } = await build();
  if (code !== 0) throw new Error(`The build failed:\n${output}`);
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  await ensure([]);
  if (process.argv.includes("--if-stale")) await buildIfStale();
  else {
    const { code, output } = await build();
    if (output) process.stdout.write(output);
    process.exitCode = code;
  }
}
