import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import ts from "typescript";
import { describe, expect, it } from "vitest";
import { root } from "../../scripts/shell.mjs";
import * as ufom from "../../src/index.js";
import { documented, moduleOf, show } from "./examples.js";

/** Where every public function has an example. */
const places = /^src\/(api\.ts|evaluate\.ts|files\/|core\/(estimators|memory|optimizers|outer|theory|problem|random)\/|executors\/)/;

const functions = documented(root),
  publicNames = Object.keys(ufom),
  withExample = functions.filter(({ example }) => example !== undefined);

/** Inside the repository, so that "ufom" is found; a folder for each of the processes that may run this. */
const folder = join(root, ".cache/docstrings", String(process.pid));
const fileOf = (name: string) => join(folder, `${name}.ts`);

function write(): void {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  for (const { name, example } of withExample) writeFileSync(fileOf(name), moduleOf(example!, publicNames));
}

describe("examples in docstrings", () => {
  write();

  it("stand at every estimator, memory strategy, outer transform, theorem and entry", () => {
    const without = functions.filter(({ file, example }) => places.test(file) && example === undefined).map(({ name }) => name);
    expect(without).toEqual([]);
  });

  it("fit the types", () => {
    const program = ts.createProgram(
      withExample.map(({ name }) => fileOf(name)),
      {
        target: ts.ScriptTarget.ES2022,
        lib: ["lib.es2023.d.ts", "lib.dom.d.ts", "lib.dom.iterable.d.ts"],
        module: ts.ModuleKind.NodeNext,
        moduleResolution: ts.ModuleResolutionKind.NodeNext,
        moduleDetection: ts.ModuleDetectionKind.Force,
        paths: { ufom: [join(root, "src/index.ts")] },
        strict: true,
        skipLibCheck: true,
        noEmit: true,
        types: ["node"],
        typeRoots: [join(root, "node_modules/@types")],
      },
    );
    const errors = ts
      .getPreEmitDiagnostics(program)
      .map(({ file, messageText }) => `${file?.fileName.split("/").pop()}: ${ts.flattenDiagnosticMessageText(messageText, "\n")}`);
    expect(errors).toEqual([]);
  });

  it.each(withExample.map(({ name }) => name))("%s: runs, and gives what it says", async name => {
    const { claims } = (await import(pathToFileURL(fileOf(name)).href)) as { claims: [unknown, string][] };
    expect(claims.map(([found]) => show(found))).toEqual(claims.map(([, claimed]) => claimed));
  });
});

describe("the reading of examples", () => {
  it("imports public names that are used, and collects what lines claim", () => {
    const text = moduleOf('const outer = adam(1e-3); // the usual one\nouter.name; // "adam(0.001)"\nx.sgd();', ["adam", "sgd", "chain"]);
    expect(text.split("\n")).toEqual([
      `import { adam } from "ufom";`,
      "export const claims: [found: unknown, claimed: string][] = [];",
      "const outer = adam(1e-3); // the usual one",
      `claims.push([await (outer.name), "\\"adam(0.001)\\""]);`,
      "x.sgd();",
      "",
    ]);
  });

  it("shows values as they are written", () => {
    expect([show(0.1 + 0.2), show([1, "a"]), show({ a: 1, b: [true] }), show(undefined), show(Float32Array.of(0.5))]).toEqual([
      "0.3",
      `[1, "a"]`,
      "{ a: 1, b: [true] }",
      "undefined",
      "[0.5]",
    ]);
  });
});
