import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { InstalledCommand } from "./command.js";

const file = (name: string) => readFile(fileURLToPath(new URL(`../../${name}`, import.meta.url)), "utf8");
const template = await file("cli/templates/problem.ts");
/** The rows of the page's table of mistakes: three cells of code each. */
const mistakes = [...(await file("docs/your-own-problem.md")).matchAll(/^\| `(.+?)` \| `(.+?)` \| `(.+?)` \|$/gm)].map(
  ([, ...cells]) => cells,
);

let command: InstalledCommand;
beforeAll(async () => {
  command = await InstalledCommand.make();
});
afterAll(() => command.remove());

describe("mistakes that docs/your-own-problem.md shows", () => {
  it("are there", () => expect(mistakes.length).toBeGreaterThanOrEqual(5));

  it.each(mistakes)("%s → %s", async (before, after, sentence) => {
    expect(template).toContain(before);
    const project = await command.project({ "my-problem.ts": template.replace(before, after) });
    const { code, stderr } = await command.call(project, "run", "./my-problem.ts", "--outer-steps", "20");
    expect(stderr).toContain(sentence);
    expect(code).toBe(2);
  });
});
