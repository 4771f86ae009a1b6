import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { buildIfStale } from "../../scripts/build.mjs";
import { bundleForBrowser } from "../../scripts/gates/bundle.mjs";
import { contentProblems, pack, type PackageName } from "../../scripts/gates/package.mjs";

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

type Lock = Record<string, { readonly dev?: boolean; readonly link?: boolean }>;
const readJson = <T>(file: string) => JSON.parse(readFileSync(join(root, file), "utf8")) as T;

/** Installs archives as a user would; a lock with the versions of ours lets npm take the dependencies from its cache. */
async function install(folder: string, archives: Partial<Record<PackageName, string>>) {
  const named = Object.entries(archives).map(([name, archive]) => [name, `file:${archive}`] as const);
  const user = { name: "user", version: "1.0.0", private: true, type: "module", dependencies: Object.fromEntries(named) };
  // Of the library's own packages there are none; what the lock holds for people belongs to the command.
  const others = "ufom-cli" in archives ? Object.entries(readJson<{ packages: Lock }>("package-lock.json").packages) : [];
  const runtime = others.filter(([path, { dev, link }]) => path.startsWith("node_modules/") && dev !== true && link !== true);
  const lock = {
    ...{ name: user.name, version: user.version, lockfileVersion: 3, requires: true },
    packages: {
      "": user,
      ...Object.fromEntries(runtime),
      ...Object.fromEntries(
        named.map(([name, resolved]) => {
          const { version, dependencies, bin } = readJson<Record<string, object>>(name === "ufom" ? "package.json" : "cli/package.json");
          return [`node_modules/${name}`, { version, resolved, dependencies, bin }];
        }),
      ),
    },
  };
  writeFileSync(join(folder, "package.json"), JSON.stringify(user));
  writeFileSync(join(folder, "package-lock.json"), JSON.stringify(lock));
  await runFile("npm", ["ci", "--ignore-scripts", "--prefer-offline", "--no-audit", "--no-fund", "--loglevel=error"], {
    cwd: folder,
    shell: windows,
  });
}

const command = (folder: string, ...args: string[]) => runFile("npx", ["--no-install", "ufom", ...args], { cwd: folder, shell: windows });

let folder: string;
let names: string[];
/** The library as it is published: packed once. */
let library: Awaited<ReturnType<typeof pack>>;
beforeAll(async () => {
  await buildIfStale();
  folder = mkdtempSync(join(tmpdir(), "ufom-package-"));
  library = await pack("ufom", join(folder, "archive"));
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

  it("imports from an installed archive, and loads nothing but its own modules; its command says where the command is", async () => {
    const { archive, files } = library;
    await install(folder, { ufom: archive });
    expect(readdirSync(join(folder, "node_modules")).filter(name => !name.startsWith("."))).toEqual(["ufom"]);

    const found = await list(folder);
    expect(found.names).toEqual(names);
    expect(found.name).toBe("ufom");
    expect(found.refused).toBe("ERR_PACKAGE_PATH_NOT_EXPORTED");
    expect(found.loaded.length).toBeGreaterThan(0);
    const foreign = found.loaded.filter(url => !/\/node_modules\/ufom\/(dist\/|package\.json$)/.test(url));
    expect(foreign).toEqual([]);
    expect(files).toContain("dist/index.d.ts");

    await expect(command(folder, "--help")).rejects.toMatchObject({
      code: 2,
      stdout: "",
      stderr: "ufom: this package is the library; the command is in the package ufom-cli: npm install ufom-cli\n",
    });
  });

  it("runs as a command where ufom-cli is installed too", async () => {
    const both = join(folder, "both");
    mkdirSync(both);
    const cli = await pack("ufom-cli", join(both, "cli"));
    await install(both, { ufom: library.archive, "ufom-cli": cli.archive });
    const { stdout } = await command(both, "--version");
    expect(stdout.trim()).toBe(readJson<{ version: string }>("cli/package.json").version);
    // Whichever of the two programs named ufom npm has linked.
    const launched = await runFile(process.execPath, ["node_modules/ufom/bin/ufom.mjs", "list", "--json"], { cwd: both });
    expect(launched.stdout).toContain('"toy"');
  });

  it("has one version, as a whole", () => {
    const [library, cli] = ["package.json", "cli/package.json"].map(file =>
      readJson<{ version: string; engines: { node: string }; dependencies?: Record<string, string> }>(file),
    );
    expect([cli.version, cli.dependencies?.ufom]).toEqual([library.version, library.version]);
    expect(cli.engines).toEqual(library.engines);
    expect(readFileSync(join(root, "CONTRIBUTING.md"), "utf8")).toContain(`Node ${library.engines.node.replace(">=", "≥ ")}`);
    expect(library.dependencies).toBe(undefined);
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
    "dist/ufom.min.js",
    "dist/tensor/a.js.map",
    "bin/ufom.mjs",
    "docs/architecture.md",
  ];

  it("passes a good package", () => expect(contentProblems("ufom", good, 1000)).toEqual([]));
  it.each([
    "test/a.test.ts",
    "src/index.ts",
    "dist/data/train-images.idx3-ubyte",
    "dist/mnist.gz",
    "tsconfig.json",
    "dist/cli.ts",
    "checkpoint.safetensors",
  ])("refuses %s", file => expect(contentProblems("ufom", [...good, file], 1000)).toEqual([`${file} must not be published`]));
  it("misses what is not there", () => expect(contentProblems("ufom", good.slice(1), 1000)).toEqual(["package.json is missing"]));
  it("refuses an archive that is too large", () => expect(contentProblems("ufom", good, 3e6)).toHaveLength(1));
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
