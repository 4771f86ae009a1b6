import { readFileSync, rmSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { LOOPS, messageOf, withMessages } from "./mistakes.js";
import { exampleNames } from "./modules.js";
import { omniglotFolder } from "./omniglot-folder.js";

const page = fileURLToPath(new URL("../../docs/mistakes.md", import.meta.url));

let folder: string;
beforeAll(() => {
  folder = omniglotFolder();
  vi.stubEnv("UFOM_DATA", folder);
});
afterAll(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});

describe("docs/mistakes.md", () => {
  const found: { example: string; sentence: string }[] = [];

  test("shows what is said (npx vitest run test/examples/mistakes.test.ts -u writes it)", async () => {
    const text = await withMessages(readFileSync(page, "utf8"), async mistake => {
      const sentence = await messageOf(mistake);
      found.push({ example: mistake.example, sentence });
      return sentence;
    });
    await expect(text).toMatchFileSnapshot(page);
  });

  test("has three mistakes in each example", () => {
    for (const name of [...exampleNames.map(example => `${example}.ts`), LOOPS])
      expect(found.filter(({ example }) => example === name).length, name).toBeGreaterThanOrEqual(3);
  });

  test("has sentences that name who refuses, what was received and a line of the example", () => {
    for (const { example, sentence } of found)
      expect(sentence).toMatch(new RegExp(`^ufom: [^\\n]*; received [^\\n]* \\([^()]+, ${example}:\\d+\\)\\.$`));
  });
});
