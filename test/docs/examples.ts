// The `@example`s of the public functions, as modules that can be checked and run.
import { join, relative } from "node:path";
import ts from "typescript";

/** A public function or constant, where it is declared, and the code of its `@example`, if it has one. */
export interface Documented {
  readonly name: string;
  /** From the repository's root. */
  readonly file: string;
  readonly example: string | undefined;
}

/** The code of an `@example`: what is fenced, or the first paragraph. What comes after it is text. */
function codeOf(text: string): string {
  const fenced = /```\w*\n([^]*?)\n```/.exec(text)?.[1];
  return (fenced ?? text.split(/\n\s*\n/)[0]).trim();
}

/** Everything that src/index.ts exports by name and that runs. */
export function documented(root: string): Documented[] {
  const index = join(root, "src/index.ts");
  const program = ts.createProgram([index], {
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
    target: ts.ScriptTarget.ES2022,
    strict: true,
  });
  const checker = program.getTypeChecker(),
    exported = checker.getExportsOfModule(checker.getSymbolAtLocation(program.getSourceFile(index)!)!);
  return exported.flatMap(symbol => {
    const target = symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol,
      [declaration] = target.declarations ?? [];
    if (!(target.flags & (ts.SymbolFlags.Function | ts.SymbolFlags.Variable)) || !declaration) return [];
    const tag = target.getJsDocTags(checker).find(({ name }) => name === "example");
    const example = tag && codeOf(ts.displayPartsToString(tag.text));
    return [{ name: symbol.name, file: relative(root, declaration.getSourceFile().fileName), example }];
  });
}

/**
 * An example as a module: public names that it uses without importing them come from "ufom", and a line `expression; // value` claims
 * that value, to 12 digits.
 */
export function moduleOf(example: string, publicNames: readonly string[]): string {
  const declared = new Set(
    [...example.matchAll(/(?:const|let|function) +(\w+)|import +\{([^}]*)\}/g)].flatMap(([, name, names]) =>
      (name ?? names).split(/[\s,]+/),
    ),
  );
  const used = publicNames.filter(name => new RegExp(`(?<![.\\w])${name}\\b`).test(example) && !declared.has(name));
  const lines = example.split("\n").map(line => {
    const [, expression, value] = /^(?!const |let |import |\/\/)(.+?); +\/\/ (.+)$/.exec(line) ?? [];
    return expression === undefined ? line : `claims.push([await (${expression}), ${JSON.stringify(value)}]);`;
  });
  return [
    ...(used.length > 0 ? [`import { ${used.join(", ")} } from "ufom";`] : []),
    "export const claims: [found: unknown, claimed: string][] = [];",
    ...lines,
    "",
  ].join("\n");
}

/** A value as examples write it: numbers to 12 digits. */
export function show(x: unknown): string {
  if (typeof x === "number") return String(Number(x.toPrecision(12)));
  if (Array.isArray(x) || ArrayBuffer.isView(x)) return `[${Array.from(x as ArrayLike<unknown>, show).join(", ")}]`;
  if (typeof x !== "object" || x === null) return typeof x === "string" ? JSON.stringify(x) : String(x);
  return `{ ${Object.entries(x)
    .map(([key, value]) => `${key}: ${show(value)}`)
    .join(", ")} }`;
}
