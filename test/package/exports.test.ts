import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { buildIfStale } from "../../scripts/build.mjs";
import { bundleForBrowser } from "../../scripts/gates/bundle.mjs";
import { contentProblems, pack } from "../../scripts/gates/package.mjs";

const root = fileURLToPath(new URL("../..", import.meta.url));
const windows = process.platform === "win32";
const runFile = promisify(execFile);

/** Prints what `import "ufom"` exports, and every module that it loads, as JSON. */
const listing = `
import { register } from "node:module";
const { port1, port2 } = new MessageChannel();
const loaded = [];
port1.on("message", url => loaded.push(url));
port1.unref();
register("data:text/javascript," + encodeURIComponent(\`
  let port;
  export const initialize = data => { port = data.port; };
  export const load = (url, context, next) => { port.postMessage(url); return next(url, context); };
\`), { parentURL: import.meta.url, data: { port: port2 }, transferList: [port2] });
const ufom = await import("ufom");
const { default: { name } } = await import("ufom/package.json", { with: { type: "json" } });
const refused = await import("ufom/dist/index.js").catch(error => error.code);
const last = "data:text/javascript,";
await import(last);
while (!loaded.includes(last)) await new Promise(resolve => setTimeout(resolve, 1));
console.log(JSON.stringify({ names: Object.keys(ufom), name, refused, loaded: loaded.filter(url => url !== last) }));
`;

interface Listing {
  readonly names: string[];
  readonly name: string;
  readonly refused: string;
  readonly loaded: string[];
}

async function list(folder: string): Promise<Listing> {
  const program = join(folder, "list.mjs");
  writeFileSync(program, listing);
  const { stdout } = await runFile(process.execPath, ["--no-warnings", program], { cwd: folder });
  return JSON.parse(stdout) as Listing;
}

type Lock = Record<string, { readonly dev?: boolean; readonly dependencies?: Record<string, string> }>;

/** Installs an archive as a user would; a lock with the versions of ours lets npm take the dependencies from its cache. */
async function install(archive: string) {
  const { packages } = JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8")) as { packages: Lock };
  const { version, dependencies } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as {
    version: string;
    dependencies: object;
  };
  const user = { name: "user", version: "1.0.0", private: true, type: "module", dependencies: { ufom: `file:${archive}` } };
  const runtime = Object.entries(packages).filter(([path, { dev }]) => path !== "" && dev !== true);
  const lock = {
    ...{ name: user.name, version: user.version, lockfileVersion: 3, requires: true },
    packages: {
      "": user,
      ...Object.fromEntries(runtime),
      "node_modules/ufom": { version, resolved: `file:${archive}`, dependencies, bin: { ufom: "dist/cli/main.js" } },
    },
  };
  writeFileSync(join(folder, "package.json"), JSON.stringify(user));
  writeFileSync(join(folder, "package-lock.json"), JSON.stringify(lock));
  await runFile("npm", ["ci", "--ignore-scripts", "--prefer-offline", "--no-audit", "--no-fund", "--loglevel=error"], {
    cwd: folder,
    shell: windows,
  });
}

let folder: string;
let names: string[];
beforeAll(async () => {
  await buildIfStale();
  folder = mkdtempSync(join(tmpdir(), "ufom-package-"));
  names = Object.keys(await import(new URL("../../dist/index.js", import.meta.url).href)).sort();
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("the package", () => {
  it("imports itself by its name inside the repository", async () => {
    const here = mkdtempSync(join(root, ".cache/self-"));
    try {
      const found = await list(here);
      expect(found.names).toEqual(names);
      expect(found.names.length).toBeGreaterThan(0);
      expect(found.name).toBe("ufom");
    } finally {
      rmSync(here, { recursive: true });
    }
  });

  it("imports from an installed archive, and loads nothing but its own modules", async () => {
    const { archive, files } = await pack(join(folder, "archive"));
    await install(archive);

    const found = await list(folder);
    expect(found.names).toEqual(names);
    expect(found.name).toBe("ufom");
    expect(found.refused).toBe("ERR_PACKAGE_PATH_NOT_EXPORTED");
    expect(found.loaded.length).toBeGreaterThan(0);
    const foreign = found.loaded.filter(url => !/\/node_modules\/ufom\/(dist\/|package\.json$)/.test(url));
    expect(foreign).toEqual([]);
    expect(files).toContain("dist/index.d.ts");

    const { stdout } = await runFile("npx", ["--no-install", "ufom", "--help"], { cwd: folder, shell: windows });
    expect(stdout).toMatch(/ufom/);
  });
});

describe("the check of the package's contents", () => {
  const good = [
    "package.json",
    "README.md",
    "CHANGELOG.md",
    "LICENSE",
    "dist/index.js",
    "dist/index.d.ts",
    "dist/cli/main.js",
    "dist/tensor/a.js.map",
  ];

  it("passes a good package", () => expect(contentProblems(good, 1000)).toEqual([]));
  it.each([
    "test/a.test.ts",
    "src/index.ts",
    "dist/data/train-images.idx3-ubyte",
    "dist/mnist.gz",
    "tsconfig.json",
    "checkpoint.safetensors",
  ])("refuses %s", file => expect(contentProblems([...good, file], 1000)).toEqual([`${file} must not be published`]));
  it("misses what is not there", () => expect(contentProblems(good.slice(1), 1000)).toEqual(["package.json is missing"]));
  it("refuses an archive that is too large", () => expect(contentProblems(good, 3e6)).toHaveLength(1));
});

describe("the check of the browser bundle", () => {
  it("refuses a node: module", async () => {
    const { problems } = await bundleForBrowser(
      `import * as ufom from "ufom"; import { readFileSync } from "node:fs"; console.log(ufom, readFileSync);`,
    );
    expect(problems.join()).toMatch(/node:fs/);
  });

  it("refuses another package", async () => {
    const { problems } = await bundleForBrowser(
      `import * as ufom from "ufom"; import { Command } from "commander"; console.log(ufom, Command);`,
    );
    expect(problems.join()).toMatch(/node:|commander/);
  });
});
