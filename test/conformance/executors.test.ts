import { describe, expect, test } from "vitest";
import { chooseExecutor, createWasmExecutor } from "../../src/index.js";
import { executorNames } from "../../src/executors/choose.js";
import { countingExecutor } from "../support/counting-executor.js";
import { linking, runExecutorTests } from "./suites/executor.js";

const noLink = (reason: string) => [{ reason, tests: linking }];

// Every executor that has a name, and what is excused.
const skip: Readonly<Record<string, ReturnType<typeof noLink>>> = { reference: noLink("evaluates node by node: a call costs nothing") };
for (const name of executorNames.filter(n => n !== "auto"))
  runExecutorTests(name, { create: () => chooseExecutor(name).executor, skip: skip[name] });

runExecutorTests("one that answers later", {
  create: () => countingExecutor(createWasmExecutor(), { later: true }),
  skip: noLink("counts single calls"),
});

describe("chooseExecutor", () => {
  test("makes every executor that has a name, and says why", () => {
    expect(executorNames).toContain("auto");
    for (const name of executorNames) {
      const { executor, reason } = chooseExecutor(name);
      expect(name === "auto" ? ["wasm"] : [name]).toContain(executor.name);
      expect(reason.length).toBeGreaterThan(0);
    }
  });

  test("refuses others", () => {
    expect(() => chooseExecutor("gpu")).toThrowErrorMatchingInlineSnapshot(
      `[UfomError: ufom: the executor must be one of auto, wasm, reference; received "gpu".]`,
    );
  });
});
