import { describe, expect, it } from "vitest";
import { countTests } from "../../scripts/gates/tests.mjs";
import { circleComplaints, circlesOf, wayAround } from "../../scripts/lint/circles.mjs";
import { forbidden } from "../../scripts/lint/layers.mjs";
import { root } from "../../scripts/shell.mjs";

describe("the count of tests", () => {
  const file = (status: string, ...tests: string[]) => ({ status, assertionResults: tests.map(status => ({ status })) });

  it("adds passed and failed, and leaves out what was skipped", () =>
    expect(countTests([file("passed", "passed", "passed", "skipped"), file("failed", "passed", "failed")])).toEqual({
      passed: 3,
      failed: 1,
    }));
  it("counts a file that does not load as one failure", () => expect(countTests([file("failed")])).toEqual({ passed: 0, failed: 1 }));
});

describe("the layers of src/", () => {
  const place = (module: string) => (module.startsWith("cli/") ? module.replace("cli/", "cli/src/") : `src/${module}`);
  const from = (module: string, specifier: string, typeOnly = false) => forbidden(`${root}/${place(module)}`, specifier, typeOnly);

  it.each([
    ["core/solve/solve.ts", "../../tensor/value.js"],
    ["core/solve/solve.ts", "../../executors/executor.js"],
    ["core/estimators/ufom.ts", "./estimator.js"],
    ["tensor/trace.ts", "../program/program.js"],
    ["executors/wasm/executor.ts", "../../program/program.js"],
    ["executors/wasm/compile.ts", "../../compiler/schedule/schedule.js"],
    ["cli/problems/toy/index.ts", "ufom"],
    ["cli/problems/toy/index.ts", "ufom/internal/tensor/error"],
    ["cli/problems/hyper-cleaning/index.ts", "../../datasets/mnist.js"],
    ["cli/main.ts", "commander"],
    ["index.ts", "./executors/choose.js"],
  ])("%s may import %s", (module, specifier) => expect(from(module, specifier)).toBeUndefined());

  it.each([
    ["compiler/graph/contract.ts", "../../executors/wasm/target.js"],
    ["core/solve/solve.ts", "../../executors/wasm/executor.js"],
    ["core/solve/solve.ts", "../../executors/choose.js"],
    ["core/solve/solve.ts", "node:fs"],
    ["tensor/trace.ts", "../core/problem/problem.js"],
    ["tensor/trace.ts", "../executors/executor.js"],
    ["program/hash.ts", "node:crypto"],
    ["executors/wasm/executor.ts", "../../core/evaluation/compiled-problem.js"],
    ["executors/wasm/executor.ts", "onnxruntime-node"],
    ["cli/problems/toy/index.ts", "ufom/internal/executors/choose"],
    ["cli/problems/toy/index.ts", "ufom/internal/core/solve/solve"],
    ["cli/problems/toy/index.ts", "../../engine.js"],
    ["cli/problems/toy/index.ts", "commander"],
    ["core/solve/solve.ts", "ufom"],
  ])("%s may not import %s", (module, specifier) => expect(from(module, specifier)).toMatch(/must not import/));

  it("tells a type from what runs", () => {
    expect(from("cli/problems/toy/index.ts", "ufom/internal/core/solve/result", true)).toBeUndefined();
    expect(from("core/solve/solve.ts", "../../executors/wasm/executor.js", true)).toMatch(
      /src\/core must not import src\/executors\/wasm\/executor\.ts/,
    );
  });
});

describe("circles of imports", () => {
  const graph = new Map([
    ["a", ["b", "e"]],
    ["b", ["c", "d"]],
    ["c", ["a"]],
    ["d", ["e"]],
    ["e", []],
    ["f", ["f"]],
  ]);

  it("are found, and not what hangs on them", () => expect(circlesOf(graph)).toEqual([["a", "b", "c"], ["f"]]));
  it("are named by a way around", () => {
    expect(wayAround(graph, ["a", "b", "c"])).toEqual(["a", "b", "c", "a"]);
    expect(wayAround(graph, ["f"])).toEqual(["f", "f"]);
  });
  it("are not in src/, but for those that have a reason", () => expect([...circleComplaints().values()]).toEqual([]));
});
