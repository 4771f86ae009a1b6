// The examples of outer transforms and schedules in their docstrings, executed: each makes a transform that takes a step.
import { readdirSync, readFileSync } from "node:fs";
import { runInNewContext } from "node:vm";
import { describe, expect, test } from "vitest";
import * as ufom from "../../src/index.js";
import { HostOuter } from "../support/host-outer.js";
import { stepCodes } from "../../src/core/outer/outer-programs.js";
import { createReferenceExecutor } from "../../src/executors/reference/index.js";

const folder = new URL("../../src/core/outer/", import.meta.url);
const examples = readdirSync(folder).flatMap(file =>
  [...readFileSync(new URL(file, folder), "utf8").matchAll(/@example\n((?: \* .+\n)+)/g)].map(([, lines]) => [
    file,
    lines.replace(/^ \* /gm, "").trim(),
  ]),
);

describe("examples in docstrings", () => {
  test("every transform and schedule that the package exports has one", () => {
    const documented = examples.map(([, code]) => code).join("\n");
    for (const name of [
      "adam",
      "adamw",
      "addDecayedWeights",
      "chain",
      "clipByGlobalNorm",
      "clipByValue",
      "constant",
      "cosine",
      "joinSchedules",
      "linear",
      "momentum",
      "perLeaf",
      "powerDecay",
      "reduceOnPlateau",
      "sgd",
    ])
      expect(documented).toContain(`${name}(`);
  });

  // Those of what reads spellings are claims, which test/docs/docstrings.test.ts holds.
  test.each(examples.filter(([, code]) => code.startsWith("const ")))("%s: %s", async (_, code) => {
    const names = Object.keys(ufom).filter(name => code.includes(`${name}(`)),
      [, made] = /^const (\w+) = /.exec(code) ?? [];
    const value: unknown = runInNewContext(
      `${code}\n${made};`,
      Object.fromEntries(names.map(name => [name, ufom[name as keyof typeof ufom]])),
    );
    const transform = typeof value === "function" ? ufom.sgd(value as ufom.Schedule) : (value as ufom.OuterTransform),
      theta = { net: { w: ufom.f32([1, 2]), b: ufom.f32([3]) }, rate: ufom.f32([0.1]) },
      outer = new HostOuter(transform, theta, { executor: createReferenceExecutor(), dtype: "float32" }),
      step = await outer.update(theta, await outer.init(theta), theta, 2, 1);
    expect(step.code).toBe(stepCodes.fine);
    expect(step.theta).not.toEqual(theta);
  });
});
