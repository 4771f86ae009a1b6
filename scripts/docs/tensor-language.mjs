// The tables of docs/tensor-language.md, from the sources: every name with its signature and the first sentence of its docstring.
//   node scripts/docs/tensor-language.mjs          writes them into the page
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";
import { root } from "../shell.mjs";

export const page = join(root, "docs/tensor-language.md");

/** What is listed under which heading: a module's functions, some of them, or a class's methods. */
const sections = [
  { title: "Values", prefix: "x.", module: "value.ts", members: "Value" },
  { title: "np", prefix: "np.", module: "np/index.ts" },
  { title: "nn", prefix: "nn.", module: "nn.ts" },
  { title: "lax", prefix: "lax.", module: "lax.ts" },
  { title: "linalg", prefix: "linalg.", module: "linalg.ts" },
  { title: "random", prefix: "random.", module: "random.ts" },
  { title: "tree", prefix: "tree.", module: "tree-functions.ts" },
  { title: "Transforms", prefix: "", module: "transform.ts" },
  { title: "Derivatives of one's own", prefix: "", module: "custom-gradient.ts" },
  { title: "Host arrays", prefix: "", module: "host.ts", only: ["array", "f32", "f64", "i32", "zeros", "full"] },
];

/**
 * The first sentence of a docstring.
 * @param {ts.Symbol} symbol
 * @param {ts.TypeChecker} checker
 */
function sentence(symbol, checker) {
  const text = ts.displayPartsToString(symbol.getDocumentationComment(checker)).replace(/\s+/g, " ").trim();
  const first = /^.*?\.(?= |$)/.exec(text)?.[0];
  if (first === undefined) throw new Error(`${symbol.name} has no docstring, or its first sentence has no end`);
  return first;
}

/**
 * A type as it is written, without the places of its modules.
 * @param {ts.Type} type
 * @param {ts.Node} at
 * @param {ts.TypeChecker} checker
 */
function signature(type, at, checker) {
  const flags =
    ts.TypeFormatFlags.NoTruncation | ts.TypeFormatFlags.OmitParameterModifiers | ts.TypeFormatFlags.UseAliasDefinedOutsideCurrentScope;
  const text = checker
    .typeToString(type, at, flags)
    .replace(/import\("[^"]*"\)\./g, "")
    .replace(/ \| undefined/g, "");
  // `(x) => Value` reads as the others: `(x): Value`. Functions that give functions keep their arrows.
  return text.split(" => ").length === 2 && text.startsWith("(") ? text.replace(" => ", ": ") : text;
}

/**
 * @param {string} name
 * @returns {never}
 */
function missing(name) {
  throw new Error(`there is no ${name} any more`);
}

const cell = (/** @type {string} */ text) => text.replaceAll("|", "\\|");

/** The tables as Markdown. */
export function tables() {
  const files = sections.map(({ module }) => join(root, "src/tensor", module));
  const program = ts.createProgram(files, {
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
    strict: true,
    skipLibCheck: true,
    types: [],
  });
  const checker = program.getTypeChecker();
  const blocks = sections.map(({ title, prefix, members, only }, i) => {
    const source = program.getSourceFile(files[i]);
    const module = source && checker.getSymbolAtLocation(source);
    if (!source || !module) throw new Error(`${files[i]} is no module`);
    let symbols = checker
      .getExportsOfModule(module)
      .map(s => (s.flags & ts.SymbolFlags.Alias ? { name: s.name, symbol: checker.getAliasedSymbol(s) } : { name: s.name, symbol: s }));
    if (members) {
      const owner = symbols.find(({ name }) => name === members);
      if (!owner) throw new Error(`${files[i]} exports no ${members}`);
      const type = checker.getDeclaredTypeOfSymbol(owner.symbol);
      symbols = type
        .getProperties()
        .filter(s => s.flags & (ts.SymbolFlags.Method | ts.SymbolFlags.GetAccessor) && !s.name.startsWith("__") && s.name !== "toJSON")
        .map(symbol => ({ name: symbol.name, symbol }));
    }
    if (only) symbols = only.map(name => symbols.find(s => s.name === name) ?? missing(name));
    const rows = symbols.flatMap(({ name, symbol }) => {
      const type = checker.getTypeOfSymbolAtLocation(symbol, source);
      const isFunction = type.getCallSignatures().length > 0;
      if (!isFunction && !(symbol.flags & ts.SymbolFlags.GetAccessor)) return [];
      const written = signature(type, source, checker);
      return [`| \`${prefix}${name}\` | \`${cell(isFunction ? written : `: ${written}`)}\` | ${cell(sentence(symbol, checker))} |`];
    });
    return [`### ${title}`, "", "| name | signature | |", "| --- | --- | --- |", ...rows].join("\n");
  });
  return blocks.join("\n\n");
}

const marks = ["<!-- tables: scripts/docs/tensor-language.mjs -->", "<!-- end of the tables -->"];

/**
 * The page with its tables replaced.
 * @param {string} text
 */
export function withTables(text) {
  const [from, to] = marks.map(mark => text.indexOf(mark));
  if (from < 0 || to < from) throw new Error(`${page} must hold the lines ${marks.join(" and ")}`);
  return `${text.slice(0, from + marks[0].length)}\n\n${tables()}\n\n${text.slice(to)}`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) writeFileSync(page, withTables(readFileSync(page, "utf8")));
