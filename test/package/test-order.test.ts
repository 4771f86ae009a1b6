import { existsSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { longest } from "../../scripts/longest-first.mjs";
import { root } from "../../scripts/shell.mjs";

it("the files that run first are there, each once", () => {
  expect(longest.filter(file => !existsSync(join(root, file)))).toEqual([]);
  expect(new Set(longest).size).toBe(longest.length);
});
