// The estimators that docs/own-estimator.md makes, as it has them, in the suite that it names.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import type { Definition, Estimator } from "../../src/index.js";
import { codeBlocks } from "../docs/blocks.js";
import type { Skip } from "./suites/estimator.js";
import { runEstimatorTests } from "./suites/estimator.js";

interface Example {
  create(): Estimator;
  /** Definitions of its own. */
  readonly own?: readonly Definition[];
  /** Whether it has more outcomes than can be listed. */
  readonly tooMany?: boolean;
}

const page = "docs/own-estimator.md",
  root = fileURLToPath(new URL("../..", import.meta.url)),
  folder = `${root}/.cache/own-estimators`;
mkdirSync(folder, { recursive: true });
const examples: Example[] = [];
for (const { code, language, line, words } of codeBlocks(page, readFileSync(`${root}/${page}`, "utf8"))) {
  if (language !== "ts" || words.length) continue;
  const file = `${folder}/line-${line}.ts`;
  writeFileSync(file, code);
  examples.push((await import(file)) as Example);
}

test("the page has three examples", () => {
  expect(examples.map(({ create }) => create().name)).toEqual(["warm-up:3", "series:5", "perturbation:0.01"]);
});

for (const { create, own, tooMany } of examples) {
  const skip: Skip[] = [{ reason: "the command does not know it", tests: ["spelling"] }];
  if (tooMany) skip.push({ reason: "its draws are too many to list; the page compares its mean", tests: ["mean"] });
  runEstimatorTests({ name: create().name, create, definitions: own, skip });
}
