import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";
import { describe, expect, it } from "vitest";
import { root } from "../../scripts/shell.mjs";
import { free } from "./other-math.js";

/** What makes the numbers of a run. */
const folders = [
  "src/compiler",
  "src/core",
  "src/executors/wasm",
  "src/program",
  "src/team",
  "src/tensor",
  "cli/src/datasets",
  "cli/src/problems",
];

/** Modules that may use such functions all the same, and why nobody's θ sees it. */
const excused: Readonly<Record<string, string>> = {
  "src/core/theory/bounds.ts": "bounds, for who reads them",
  "src/compiler/describe.ts": "counts of operations, for who reads them",
  "src/program/sha256.ts": "32 bits of each cube root, which an error in the last of 53 does not reach",
  "src/tensor/ops/functions.ts": "rules of the reference executor; the passes leave them to run time",
  "src/tensor/special.ts": "the same",
  "cli/src/problems/toy/family.ts": "the closed form that figures are drawn from",
  "cli/src/problems/hyper-cleaning/detection.ts": "figures of a report",
};

/** Uses of functions whose last bits the language leaves to the engine; powers of two are exact in all of them. */
function usesIn(source: ts.SourceFile): string[] {
  const found: string[] = [];
  const visit = (node: ts.Node): void => {
    if (
      ts.isPropertyAccessExpression(node)
      && node.expression.getText(source) === "Math"
      && (free as readonly string[]).includes(node.name.text)
    )
      found.push(node.getText(source));
    if (ts.isBinaryExpression(node)) {
      const { kind } = node.operatorToken;
      const isPower = kind === ts.SyntaxKind.AsteriskAsteriskToken || kind === ts.SyntaxKind.AsteriskAsteriskEqualsToken;
      if (isPower && node.left.getText(source) !== "2") found.push(node.getText(source));
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

const parse = (name: string, text: string) => ts.createSourceFile(name, text, ts.ScriptTarget.ES2022);
const modules = folders.flatMap(folder =>
  readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
    .filter(name => name.endsWith(".ts"))
    .map(name => `${folder}/${name.replaceAll("\\", "/")}`),
);
const using = new Map(
  modules.map(name => [name, usesIn(parse(name, readFileSync(join(root, name), "utf8")))] as const).filter(([, uses]) => uses.length > 0),
);

describe("functions whose last bits are the engine's choice", () => {
  it("are found", () => {
    const text = "Math.exp(x) + x ** 2 + 2 ** 3; const f = Math.log; /* Math.sin(x) */ x **= 3; Math.max(1, Math.sqrt(2));";
    expect(usesIn(parse("a.ts", text))).toEqual(["Math.exp", "x ** 2", "Math.log", "x **= 3"]);
    expect(modules.length).toBeGreaterThan(100);
  });

  it("are not used where numbers of a run are made", () => {
    expect(
      [...using].filter(([name]) => !(name in excused)),
      "src/core/elementary.ts has log; what programs compute is the executor's own",
    ).toEqual([]);
  });

  it("are still used where that is excused", () => expect(Object.keys(excused).filter(name => !using.has(name))).toEqual([]));
});
