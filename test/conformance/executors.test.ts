import { describe, expect, test } from "vitest";
import { chooseExecutor, createReferenceExecutor, createWasmExecutor, f32, type Executor, type Value } from "../../src/index.js";
import { executorMakers, executorNames, firstThatTakes } from "../../src/executors/choose.js";
import { DeclinedError } from "../../src/executors/executor.js";
import { trace } from "../../src/tensor/trace.js";
import { countingExecutor } from "../support/counting-executor.js";
import { linking, runExecutorTests } from "./suites/executor.js";

const noLink = (reason: string) => [{ reason, tests: linking }];

// Every executor that has a name, and what is excused.
const skip: Readonly<Record<string, ReturnType<typeof noLink>>> = { reference: noLink("evaluates node by node: a call costs nothing") };
for (const [name, create] of Object.entries(executorMakers)) runExecutorTests(name, { create, skip: skip[name] });

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

  const program = trace((x: never) => (x as Value).mul(2), [f32([1, 2])]).program;
  const declining = (name: string): Executor => ({ ...createReferenceExecutor(), name, refuse: () => "needs what is not there" });

  test("passes over an executor that declines a program, and says so", () => {
    const candidates = [
      { create: () => declining("first"), reason: "the fastest" },
      { create: createReferenceExecutor, reason: "takes any" },
    ];
    expect(firstThatTakes([], candidates).reason).toBe("auto: the fastest");
    const { executor, reason } = firstThatTakes([program], candidates);
    expect(executor.name).toBe("reference");
    expect(reason).toBe("auto: not first, as a program needs what is not there: takes any");
  });

  test("says why none takes a program", () => {
    const none = () => firstThatTakes([program], [{ create: () => declining("only"), reason: "" }]);
    expect(none).toThrow(DeclinedError);
    expect(none).toThrow("ufom: no executor takes all programs: not only, as a program needs what is not there.");
  });

  test("by default takes the reference executor for what exceeds WebAssembly's memory, which its compile declines", () => {
    const large = trace((x: never) => (x as Value).sum(), [{ shape: [2 ** 31], dtype: "float32" }]).program;
    expect(chooseExecutor("auto", [program]).executor.name).toBe("wasm");
    expect(chooseExecutor("auto", [large]).executor.name).toBe("reference");
    expect(() => createWasmExecutor().compile(large, "sum")).toThrow(DeclinedError);
    expect(() => createWasmExecutor().compile(large, "sum")).toThrow(/^ufom: sum needs 8.59 GB \(.*\); the wasm executor holds at most /);
  });
});
