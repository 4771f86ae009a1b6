import { readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, posix } from "node:path";
import { pathToFileURL } from "node:url";
import { compileFunction } from "node:vm";
import { transform } from "esbuild";
import { beforeAll, expect, it } from "vitest";
import { root } from "../../scripts/shell.mjs";

const source = join(root, "src");
/** Importing this one runs the command. */
const entry = "cli/main.ts";

type Exports = Record<string, unknown>;
type Body = (require: (specifier: string) => Exports, exports: Exports, module: { exports: Exports }) => void;
const bodies = new Map<string, Body>();
const packages = createRequire(import.meta.url);

/**
 * A module as a CommonJS function. Imports stay in their order, exports are bound before the first of them, and what is not
 * initialized yet throws when it is read: cyclic imports behave as they do in ECMAScript modules.
 */
async function bodyOf(file: string): Promise<Body> {
  const url = JSON.stringify(pathToFileURL(join(source, file)).href);
  const { code } = await transform(readFileSync(join(source, file), "utf8"), {
    loader: "ts",
    format: "cjs",
    target: "es2022",
    define: { "import.meta.url": url },
    supported: { "dynamic-import": true },
  });
  return compileFunction(code, ["require", "exports", "module"]) as Body;
}

/** Imports one module before all others, into a process that has none of them. @throws what it throws */
function importFirst(first: string): void {
  const loaded = new Map<string, { exports: Exports }>();
  const load = (file: string): Exports => {
    const known = loaded.get(file);
    if (known) return known.exports;
    const module = { exports: {} as Exports };
    loaded.set(file, module);
    const require = (specifier: string): Exports =>
      specifier.startsWith(".") ? load(posix.join(dirname(file), specifier).replace(/\.js$/, ".ts")) : (packages(specifier) as Exports);
    bodies.get(file)!(require, module.exports, module);
    return module.exports;
  };
  load(first);
}

beforeAll(async () => {
  const files = readdirSync(source, { recursive: true, encoding: "utf8" }).map(file => file.replaceAll("\\", "/"));
  const modules = files.filter(file => file.endsWith(".ts") && file !== entry);
  await Promise.all(modules.map(async file => bodies.set(file, await bodyOf(file))));
});

it("lets every module come first", () => {
  expect(bodies.size).toBeGreaterThan(250);
  const failures = [...bodies.keys()].flatMap(file => {
    try {
      importFirst(file);
      return [];
    } catch (error) {
      return [`${file}: ${(error as Error).message}`];
    }
  });
  expect(failures).toEqual([]);
});
