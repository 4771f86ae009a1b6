// Compiles src/ to dist/, and makes `npx ufom` work in this checkout.
import { createHash } from "node:crypto";
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { ensure } from "./ensure.mjs";
import { root, runTool } from "./shell.mjs";

const stamp = join(root, ".cache/build-stamp");
const command = join(root, "dist/cli/main.js");
const link = join(root, "node_modules/.bin/ufom");

/** @param {string} folder */
const filesOf = folder =>
  readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile())
    .map(entry => join(entry.parentPath ?? entry.path, entry.name))
    .sort();

/** A hash of everything that dist/ is made from. */
function fingerprint() {
  const hash = createHash("sha256");
  const configuration = ["package.json", "tsconfig.json", "tsconfig.build.json"].map(name => join(root, name));
  for (const file of [...configuration, ...filesOf("src")]) hash.update(file).update("\0").update(readFileSync(file)).update("\0");
  return hash.digest("hex");
}

/** Removes what an earlier build left of modules that are gone. */
function removeStale() {
  for (const file of filesOf("dist")) {
    const source = file.slice(join(root, "dist").length).replace(/(\.d\.ts|\.js)(\.map)?$/, ".ts");
    if (!existsSync(join(root, "src", source))) rmSync(file);
  }
}

/** npm links the commands of dependencies only, not a package's own. */
function linkCommand() {
  if (!existsSync(command)) return;
  chmodSync(command, 0o755);
  if (process.platform === "win32") return;
  rmSync(link, { force: true });
  symlinkSync("../../dist/cli/main.js", link);
}

/** Whether dist/ is what src/ compiles to. */
const isFresh = () => existsSync(stamp) && existsSync(join(root, "dist/index.js")) && readFileSync(stamp, "utf8") === fingerprint();

/**
 * Compiles.
 * @returns {Promise<{ code: number, output: string }>} the compiler's answer
 */
export async function build() {
  const before = fingerprint();
  rmSync(stamp, { force: true });
  const result = await runTool("typescript/bin/tsc", ["-p", "tsconfig.build.json"]);
  if (existsSync(join(root, "dist"))) removeStale();
  linkCommand();
  if (result.code === 0) {
    mkdirSync(join(root, ".cache"), { recursive: true });
    writeFileSync(stamp, before);
  }
  return result;
}

/**
 * Compiles unless dist/ is up to date.
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
  const { code, output } = await build();
  if (output) process.stdout.write(output);
  process.exitCode = code;
}
