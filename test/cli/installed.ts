// Library and command, compiled from the sources as they are now, once for all test files that start the command.
import { createHash } from "node:crypto";
import { existsSync, statSync } from "node:fs";
import { cp, mkdir, mkdtemp, readdir, readFile, rename, rm, symlink, writeFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { holderFile, holderModule } from "../../scripts/worker-source.mjs";

const root = fileURLToPath(new URL("../..", import.meta.url));
const cache = path.join(root, ".cache/command");
/** Sources of the packages, each beside a package.json. */
const packages = { ufom: "src", "ufom-cli": "cli/src" } as const;

/** Everything that is compiled: paths from the root. */
async function sources(folder: string): Promise<string[]> {
  const files = await readdir(path.join(root, folder), { recursive: true });
  return files.filter(file => file.endsWith(".ts")).map(file => path.join(folder, file));
}

/** A hash of all sources, and of how they are compiled. */
async function fingerprint(files: readonly string[]): Promise<string> {
  const hash = createHash("sha256");
  for (const file of [...files, "package.json", "cli/package.json", "test/cli/installed.ts", "scripts/worker-source.mjs"].sort())
    hash
      .update(file)
      .update("\0")
      .update(await readFile(path.join(root, file)));
  return hash.digest("hex").slice(0, 16);
}

async function compileInto(folder: string): Promise<void> {
  for (const [name, from] of Object.entries(packages)) {
    const to = path.join(folder, "node_modules", name);
    await build({
      entryPoints: (await sources(from)).map(file => path.join(root, file)),
      outdir: path.join(to, "dist"),
      outbase: path.join(root, from),
      format: "esm",
      platform: "node",
      target: "node20",
      logLevel: "error",
    });
    await cp(path.join(root, from, "../package.json"), path.join(to, "package.json"));
  }
  await writeFile(path.join(folder, "node_modules/ufom", holderFile), await holderModule());
  await symlink(path.join(root, "cli/templates"), path.join(folder, "node_modules/ufom-cli/templates"));
}

/** Removes what earlier sources were compiled to, unless a run that began within a day may still use it. */
async function removeOld(): Promise<void> {
  for (const name of await readdir(cache)) {
    const folder = path.join(cache, name),
      made = statSync(folder, { throwIfNoEntry: false })?.mtimeMs;
    if (made !== undefined && Date.now() - made > 86_400_000) await rm(folder, { recursive: true, force: true });
  }
}

/** A folder with `node_modules/ufom` and `node_modules/ufom-cli` as they are installed: dist/, templates/, package.json. */
export async function installed(): Promise<string> {
  const names = (await Promise.all(Object.values(packages).map(sources))).flat(),
    folder = path.join(cache, await fingerprint(names));
  if (existsSync(folder)) return folder;
  await mkdir(cache, { recursive: true });
  await removeOld();
  // Under another name until it is complete, as another process may make it at the same time.
  const unfinished = await mkdtemp(path.join(cache, "unfinished-"));
  await compileInto(unfinished);
  await rename(unfinished, folder).catch(async (error: NodeJS.ErrnoException) => {
    if (!existsSync(folder)) throw error;
    await rm(unfinished, { recursive: true, force: true });
  });
  return folder;
}
