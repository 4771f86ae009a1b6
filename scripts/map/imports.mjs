// Which module of src/ imports which, as TypeScript reads them: static, dynamic, re-exports and types.
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve, sep } from "node:path";
import ts from "typescript";

/**
 * One import. `types` says that nothing of it is left when the code runs.
 * @typedef {{ from: string, to: string, types: boolean }} Import
 */

/**
 * Whether a declaration imports or re-exports types alone.
 * @param {ts.ImportDeclaration | ts.ExportDeclaration} node
 */
function typesOnly(node) {
  if (ts.isExportDeclaration(node)) {
    const names = node.exportClause;
    return node.isTypeOnly || (names !== undefined && ts.isNamedExports(names) && names.elements.every(name => name.isTypeOnly));
  }
  const clause = node.importClause;
  if (!clause) return false;
  if (clause.isTypeOnly) return true;
  const names = clause.namedBindings;
  return !clause.name && names !== undefined && ts.isNamedImports(names) && names.elements.every(name => name.isTypeOnly);
}

/**
 * The modules that a source text names.
 * @param {string} file name of the text
 * @param {string} text
 * @returns {{ name: string, types: boolean }[]}
 */
export function importsOf(file, text) {
  /** @type {{ name: string, types: boolean }[]} */
  const found = [];
  const add = (/** @type {ts.Node | undefined} */ node, /** @type {boolean} */ types) => {
    if (node && ts.isStringLiteralLike(node)) found.push({ name: node.text, types });
  };
  /** @param {ts.Node} node */
  const walk = node => {
    if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) add(node.moduleSpecifier, typesOnly(node));
    else if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) add(node.argument.literal, true);
    else if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) add(node.arguments[0], false);
    ts.forEachChild(node, walk);
  };
  walk(ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true));
  return found;
}

/**
 * All modules of a folder and the imports between them; names are relative to the folder, with `/`.
 * @param {string} folder
 * @returns {{ modules: string[], imports: Import[] }}
 */
export function readFolder(folder) {
  const modules = readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter(name => /(?<!\.d)\.ts$/.test(name))
    .map(name => name.split(sep).join("/"))
    .sort();
  const known = new Set(modules);
  const imports = modules.flatMap(from => {
    const path = join(folder, from);
    return importsOf(from, readFileSync(path, "utf8"))
      .filter(({ name }) => name.startsWith("."))
      .map(({ name, types }) => {
        const to = relative(folder, resolve(dirname(path), name))
          .split(sep)
          .join("/")
          .replace(/\.js$/, ".ts");
        if (!known.has(to)) throw new Error(`${from} imports ${name}, which is not there`);
        return { from, to, types };
      });
  });
  return { modules, imports };
}
