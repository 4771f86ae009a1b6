import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { page, withTables } from "../../scripts/docs/tensor-language.mjs";
import { publicFunctions } from "../conformance/cases.js";

const text = readFileSync(page, "utf8");

it("docs/tensor-language.md lists what there is (node scripts/docs/tensor-language.mjs writes it)", () => {
  expect(text).toBe(withTables(text));
});

it("docs/tensor-language.md has a row for each function that the conformance suite runs", () => {
  expect(publicFunctions.filter(name => !text.includes(`| \`${name}\` |`))).toEqual([]);
});
