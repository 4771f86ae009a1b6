import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import ts from "typescript";
import { describe, expect, it } from "vitest";
import { root } from "../../scripts/shell.mjs";

/** Folders whose code may use what src/ exports. */
const users = ["src", "cli/src", "cli/templates", "test", "bench", "scripts", "examples"];

/** Exports that something else than an import needs. */
const allowed: Readonly<Record<string, readonly string[]>> = {
  "cli/src/user-module/hooks.ts": ["initialize", "resolve"], // Node calls them by name.
  "src/executors/native/in-page.ts": ["libraryProducts", "describeNative", "productsInThread"], // In package.json, for pages.
  "src/team/threads/same-file.ts": ["threadSource"], // The build takes it for source.ts (scripts/single-file.mjs).
  "src/team/threads/thread.ts": ["runThread"], // What bundles of a thread's code begin with (scripts/worker-source.mjs).
};

interface Module {
  /** Exported functions, constants and classes. */
  readonly exports: string[];
  /** Names taken from other modules; `*` for all that are also named here, `**` for all. */
  readonly taken: [file: string, name: string][];
  readonly identifiers: ReadonlyMap<string, number>;
}

function read(file: string, text: string): Module {
  const exports: string[] = [],
    taken: [string, string][] = [],
    identifiers = new Map<string, number>(),
    /** Modules that are imported whole, by the name they have here. */
    whole = new Map<string, ts.Node>();
  const target = (node: ts.Node | undefined) =>
    node && ts.isStringLiteralLike(node)
      ? node.text.startsWith(".")
        ? resolve(dirname(file), node.text).replace(/\.js$/, ".ts")
        : node.text.startsWith("ufom/internal/")
          ? join(root, `src/${node.text.slice("ufom/internal/".length)}.ts`)
          : undefined
      : undefined;
  const isExported = (node: ts.HasModifiers) => ts.getModifiers(node)?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword);
  const take = (node: ts.Node | undefined, names: readonly string[]) => {
    const from = target(node);
    if (from !== undefined) taken.push(...names.map((name): [string, string] => [from, name]));
  };
  const walk = (node: ts.Node): void => {
    if (ts.isIdentifier(node)) identifiers.set(node.text, (identifiers.get(node.text) ?? 0) + 1);
    if (ts.isImportDeclaration(node)) {
      const names = node.importClause?.namedBindings;
      if (names && ts.isNamespaceImport(names)) whole.set(names.name.text, node.moduleSpecifier);
      else take(node.moduleSpecifier, names ? names.elements.map(e => (e.propertyName ?? e.name).text) : ["*"]);
    } else if (ts.isIdentifier(node) && whole.has(node.text) && !ts.isNamespaceImport(node.parent)) {
      const { parent } = node;
      take(whole.get(node.text), [ts.isPropertyAccessExpression(parent) && parent.expression === node ? parent.name.text : "**"]);
    }
    if (ts.isExportDeclaration(node)) {
      const names = node.exportClause;
      take(node.moduleSpecifier, names && ts.isNamedExports(names) ? names.elements.map(e => (e.propertyName ?? e.name).text) : ["**"]);
    }
    if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) take(node.argument.literal, ["*"]);
    if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) take(node.arguments[0], ["*"]);
    if ((ts.isFunctionDeclaration(node) || ts.isClassDeclaration(node)) && isExported(node) && node.name) exports.push(node.name.text);
    if (ts.isVariableStatement(node) && isExported(node))
      for (const { name } of node.declarationList.declarations) if (ts.isIdentifier(name)) exports.push(name.text);
    ts.forEachChild(node, walk);
  };
  walk(ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true));
  return { exports, taken, identifiers };
}

/** Exports that neither another module nor their own uses. */
function unused(sources: ReadonlyMap<string, string>): string[] {
  const modules = new Map([...sources].map(([file, text]) => [file, read(file, text)]));
  return [...modules].flatMap(([file, { exports, identifiers }]) =>
    exports
      .filter(name => {
        if ((identifiers.get(name) ?? 0) > 1) return false;
        for (const { taken, identifiers: theirs } of modules.values())
          // Who takes all of a module is taken to use what it also names.
          if (
            taken.some(([from, what]) => from === file && (what === name || what === "**" || (what === "*" && (theirs.get(name) ?? 0) > 0)))
          )
            return false;
        return true;
      })
      .map(name => `${file}: ${name}`),
  );
}

it("nothing is exported that nobody uses", () => {
  const files = users.flatMap(folder =>
    readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
      .filter(name => /\.(ts|mjs)$/.test(name))
      .map(name => join(root, folder, name)),
  );
  const found = unused(new Map(files.map(file => [file, readFileSync(file, "utf8")])))
    .map(text => text.slice(root.length))
    .filter(
      text =>
        /^(cli\/)?src\//.test(text) && !Object.entries(allowed).some(([file, names]) => names.some(name => text === `${file}: ${name}`)),
    );
  expect(found).toEqual([]);
});

describe("the search for unused exports", () => {
  it("knows named, whole and later imports, re-exports and use at home", () => {
    const sources = {
      "/a.ts": "export const named = 1, lonely = 2, atHome = 3, passedOn = 4; export function f() { return atHome; } export class Whole {}",
      "/b.ts": `import { named as other } from "./a.js"; export { passedOn } from "./a.js"; import * as all from "./a.js"; all.Whole;`,
      "/c.ts": `const later = async () => { const { f } = await import("./a.js"); return [other, f, later]; };`,
    };
    expect(unused(new Map(Object.entries(sources)))).toEqual(["/a.ts: lonely"]);
  });
});
