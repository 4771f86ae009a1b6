import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { page, withTables } from "../../scripts/docs/tensor-language.mjs";

it("docs/tensor-language.md lists what there is (node scripts/docs/tensor-language.mjs writes it)", () => {
  const text = readFileSync(page, "utf8");
  expect(text).toBe(withTables(text));
});
