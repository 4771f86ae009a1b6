// Whoever writes options down before they are given needs a name for their type.
import { join } from "node:path";
import ts from "typescript";
import { expect, test } from "vitest";
import { root } from "../../scripts/shell.mjs";

/** Names of types that a function is told how to do its work by. */
const isOptions = (name: string): boolean => /Options$/.test(name);

/** What a module gives away: all types that can be imported by a name of their own or of a namespace, and the options that its functions take. */
class Exports {
  readonly types = new Set<ts.Symbol>();
  /** By the type, the functions. */
  readonly taken = new Map<ts.Symbol, string[]>();
  readonly #checker: ts.TypeChecker;

  constructor(program: ts.Program, file: string) {
    this.#checker = program.getTypeChecker();
    this.#module(this.#checker.getSymbolAtLocation(program.getSourceFile(file)!)!, "");
  }

  /** Options that functions take and nobody can name, with the functions. */
  missing(): string[] {
    return [...this.taken].filter(([type]) => !this.types.has(type)).map(([type, functions]) => `${type.name} of ${functions.join(", ")}`);
  }

  #resolved(symbol: ts.Symbol): ts.Symbol {
    return symbol.flags & ts.SymbolFlags.Alias ? this.#checker.getAliasedSymbol(symbol) : symbol;
  }

  #module(module: ts.Symbol, prefix: string): void {
    for (const exported of this.#checker.getExportsOfModule(module)) {
      // Of a class that is a type only, nobody calls the constructor.
      const isType = exported.declarations?.some(d => ts.isTypeOnlyImportOrExportDeclaration(d)) ?? false;
      this.#one(this.#resolved(exported), prefix + exported.name, isType);
    }
  }

  #one(symbol: ts.Symbol, name: string, isType: boolean): void {
    if (symbol.flags & (ts.SymbolFlags.Interface | ts.SymbolFlags.TypeAlias)) this.types.add(symbol);
    if (symbol.flags & (ts.SymbolFlags.ValueModule | ts.SymbolFlags.NamespaceModule)) this.#module(symbol, `${name}.`);
    for (const declaration of symbol.declarations ?? []) this.#declared(declaration, name, isType);
  }

  #declared(node: ts.Declaration, name: string, isType: boolean): void {
    if (ts.isTypeAliasDeclaration(node) && ts.isTypeReferenceNode(node.type)) this.types.add(this.#named(node.type.typeName)!);
    if (ts.isVariableDeclaration(node)) {
      // np: typeof npModule
      if (node.type && ts.isTypeQueryNode(node.type)) this.#module(this.#named(node.type.exprName)!, `${name}.`);
      else if (node.initializer && ts.isFunctionLike(node.initializer)) this.#parameters(node.initializer, name);
    } else if (ts.isClassDeclaration(node)) {
      for (const member of node.members)
        if (ts.isFunctionLike(member) && !(isType && ts.isConstructorDeclaration(member)))
          this.#parameters(member, `${name}.${member.name?.getText() ?? "new"}`);
    } else if (ts.isFunctionLike(node)) this.#parameters(node, name);
  }

  #parameters({ parameters }: ts.SignatureDeclaration, name: string): void {
    const walk = (node: ts.Node): void => {
      if (ts.isTypeReferenceNode(node)) {
        const symbol = this.#named(node.typeName);
        if (symbol && isOptions(symbol.name)) this.taken.set(symbol, [...(this.taken.get(symbol) ?? []), name]);
      }
      ts.forEachChild(node, walk);
    };
    for (const { type } of parameters) if (type) walk(type);
  }

  #named(name: ts.EntityName): ts.Symbol | undefined {
    const symbol = this.#checker.getSymbolAtLocation(name);
    return symbol && this.#resolved(symbol);
  }
}

test("the type of all options that a public function takes can be imported", () => {
  const file = join(root, "src/index.ts"),
    // Without the library's types: nothing is checked, names are followed.
    program = ts.createProgram([file], {
      noLib: true,
      types: [],
      target: ts.ScriptTarget.ES2022,
      module: ts.ModuleKind.NodeNext,
      moduleResolution: ts.ModuleResolutionKind.NodeNext,
    }),
    found = new Exports(program, file);
  const names = [...found.taken.keys()].map(({ name }) => name);
  for (const some of ["ScanOptions", "SolveOptions", "ReduceOptions", "ConvLayerOptions", "AdaptiveOptions", "PlateauOptions"])
    expect(names, some).toContain(some);
  expect(found.missing()).toEqual([]);
});
