// Installs what is missing. Runs before anything is installed, so it uses Node alone.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { root, run } from "./shell.mjs";

/** The oldest Node that works. */
const oldestNode = 20;

/**
 * System programs that some tests need, by the command that shows they are there, with the apt package that brings it.
 * @type {Record<string, string>}
 */
export const systemPrograms = {
  chromium: "chromium",
};

/**
 * System libraries that some tests need, by the name that the loader finds them by, with the apt package that brings it.
 * @type {Record<string, string>}
 */
export const systemLibraries = {
  "libopenblas.so.0": "libopenblas0-pthread",
};

/** @param {string} path */
const readJson = path => JSON.parse(readFileSync(join(root, path), "utf8"));

/**
 * Whether node_modules holds what the lock names: same versions, everything there that is not for another platform.
 * npm keeps its own record of what it installed in node_modules/.package-lock.json.
 */
export function packagesMatchLock() {
  const record = "node_modules/.package-lock.json";
  if (!existsSync(join(root, record))) return false;
  /** @type {Record<string, { version?: string, integrity?: string, optional?: boolean }>} */
  const wanted = readJson("package-lock.json").packages;
  const installed = readJson(record).packages;
  return Object.entries(wanted).every(([path, { version, integrity, optional }]) => {
    if (path === "") return true;
    const found = installed[path];
    if (!found) return optional === true;
    return found.version === version && found.integrity === integrity && existsSync(join(root, path, "package.json"));
  });
}

async function ensurePackages() {
  if (packagesMatchLock()) return;
  console.log("Installing packages (npm ci) …");
  const { code, output } = await run("npm", ["ci", "--no-progress", "--loglevel=error"]);
  if (code !== 0) throw new Error(`npm ci failed:\n${output}`);
}

/** @param {string} command */
const onPath = async command => (await run(process.platform === "win32" ? "where" : "which", [command])).code === 0;

/** Libraries that the loader does not know, where it tells what it knows: on Linux. @returns {Promise<string[]>} */
async function missingLibraries() {
  const { code, output } = await run("sh", ["-c", "PATH=$PATH:/sbin:/usr/sbin ldconfig -p"]);
  return code === 0 ? Object.keys(systemLibraries).filter(name => !output.includes(name)) : [];
}

/** Where there is no apt, the tests that need a program or a library say so themselves. @param {readonly string[]} commands */
async function ensureSystem(commands) {
  if (!(await onPath("apt-get"))) return;
  /** @type {string[]} */
  const missing = [];
  for (const command of commands) if (!(await onPath(command))) missing.push(command);
  missing.push(...(await missingLibraries()));
  if (missing.length === 0) return;
  const packages = missing.map(name => systemPrograms[name] ?? systemLibraries[name]);
  const administrator = process.getuid?.() === 0 ? [] : ["sudo", "-n"];
  const apt = (/** @type {readonly string[]} */ ...words) => {
    const [command, ...rest] = [...administrator, "apt-get", "-qq", ...words];
    return run(command, rest);
  };
  const install = () => apt("install", "-y", "--no-install-recommends", ...packages);
  console.log(`Installing ${packages.join(", ")} (apt-get) …`);
  let { code, output } = await install();
  if (code !== 0) {
    // A fresh system may not know its packages yet.
    await apt("update");
    ({ code, output } = await install());
  }
  if (code !== 0) throw new Error(`${missing.join(", ")} missing, and apt could not install ${packages.join(", ")}:\n${output}`);
}

/**
 * Installs whatever is missing of the project's packages and the named system programs.
 * @param {readonly string[]} [programs] keys of `systemPrograms`
 * @throws if something cannot be installed, or Node is too old
 */
export async function ensure(programs = Object.keys(systemPrograms)) {
  if (Number(process.versions.node.split(".")[0]) < oldestNode)
    throw new Error(`ufom needs Node ${oldestNode} or newer; this is ${process.version}.`);
  await ensurePackages();
  await ensureSystem(programs);
}
