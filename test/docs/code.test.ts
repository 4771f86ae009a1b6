import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, it } from "vitest";
import { buildIfStale } from "../../scripts/build.mjs";
import { allBlocks, type CodeBlock, codeBlocks, docstringExamples } from "./blocks.js";
import { DocumentCode, isAfterCommands } from "./program.js";

const root = fileURLToPath(new URL("../..", import.meta.url));
const typescript = (blocks: readonly CodeBlock[]) =>
  blocks.filter(({ language, words }) => /^(ts|typescript)$/.test(language) && !words.includes("fragment"));
const blocks = allBlocks(root),
  shells = blocks.filter(({ language }) => language === "sh");
const checked = typescript([...blocks, ...docstringExamples(root)]);
const executed = checked.filter(({ words }) => !words.includes("check"));

beforeAll(() => buildIfStale());

describe("TypeScript in the documents", () => {
  it("fits the package's public types", () => {
    const errors = [...new DocumentCode(root, checked, shells).typeErrors().values()].flat();
    expect(errors.join("\n")).toBe("");
  });

  it.each(executed.map(block => [`${block.document}:${block.line}`, block] as const))("%s runs", async (_, block) => {
    const output = await new DocumentCode(root, [block], shells).execute(block),
      said = blocks.find(({ document, line, words }) => document === block.document && line > block.line && words.includes("output"));
    // A block after commands is followed by what it prints.
    expect(output.trim()).toEqual(isAfterCommands(block) ? said?.code : expect.any(String));
  });
});

describe("the check of the documents", () => {
  it("takes the examples of docstrings that stand alone", () => {
    const examples = docstringExamples(root).map(({ document, code }) => [document, code.split("\n").length > 5]);
    expect(examples).toContainEqual(["src/core/estimators/implicit.ts", true]);
  });

  const markdown = [
    "# A page",
    "",
    "```ts",
    `import * as ufom from "ufom";`,
    `if (Object.keys(ufom).length === 0) throw new Error("empty");`,
    "```",
    "text",
    "",
    "  ```ts",
    "  const n: number = 1;",
    "  throw new RangeError(`${n} thing`);",
    "  ```",
    "```ts check",
    `const wrong: string = 1;`,
    "```",
    "```ts fragment",
    "so … on",
    "```",
  ].join("\n");
  const found = codeBlocks("page.md", markdown);
  const [good, throwing, wrong] = typescript(found);

  it("finds blocks and their lines", () => {
    expect(found.map(({ line, words }) => [line, ...words])).toEqual([[4], [10], [14, "check"], [17, "fragment"]]);
    expect(throwing.code.split("\n")[0]).toBe("const n: number = 1;");
    expect(() => codeBlocks("page.md", "text\n```ts\nlet a;")).toThrow("page.md:2");
  });

  it("names the document's line of a type error", () => {
    const errors = new DocumentCode(root, typescript(found)).typeErrors();
    expect([...errors.values()].flat()).toEqual(["page.md:14: Type 'number' is not assignable to type 'string'."]);
    expect(errors.get(wrong)).toHaveLength(1);
  });

  it("names the document's line of a block that fails", async () => {
    const code = new DocumentCode(root, [good, throwing]);
    await code.execute(good);
    await expect(code.execute(throwing)).rejects.toThrow(
      /page\.md:10: the block fails \(exit code 1\)[^]*page\.md-10\.ts:11[^]*RangeError: 1 thing/,
    );
  });
});
