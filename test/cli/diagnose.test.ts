// What `ufom diagnose` prints, draws and writes down, from a diagnosis of the toy problem; and what it refuses.
import { beforeAll, describe, expect, it } from "vitest";
import { diagnosisJson, diagnosisTables, interval } from "../../cli/src/diagnosis-output.js";
import { bytes } from "../../cli/src/arguments.js";
import { divergenceProblem } from "../../cli/src/problems/toy/family.js";
import { scalarProblem } from "../../cli/src/problems/toy/problem.js";
import { diagnosisReport } from "../../cli/src/report/diagnosis-report.js";
import { diagnose, type Diagnosis } from "../../src/index.js";

let found: Diagnosis;
beforeAll(async () => {
  const problem = scalarProblem("toy", divergenceProblem(), { low: -10, high: 30 });
  found = await diagnose(problem, {
    outer: "sgd:10/k",
    outerSteps: 6,
    points: 3,
    tasks: 8,
    dtype: "float64",
    resamples: 100,
    loopSteps: 2,
  });
});

it("has a row for each candidate, each θ, each step along the loop, each cost and each estimator that fits", () => {
  const tables = diagnosisTables(found);
  expect(tables.map(({ title }) => title)).toEqual([
    "Beside the exact gradient",
    "Along the run: D²/V²",
    "Along the inner loop",
    "Metasmoothness",
    "Costs",
    "Predicted time to equal accuracy, as a part of the cheapest exact gradient's",
  ]);
  const [candidates, points, loop, smooth, costs, predictions] = tables;
  expect(candidates.rows.map(([name]) => name)).toEqual(["zero", "first-order", "truncated:3", "truncated:5", "head:3", "head:5"]);
  expect(points.rows.map(([step]) => step)).toEqual(["0", "3", "6"]);
  expect(loop.rows.map(([step]) => step)).toEqual(["1 of 10", "10 of 10"]);
  expect(smooth.rows).toEqual([["1", "0.01", "8"]]);
  expect(costs.rows.map(([what]) => what)).toContain("C_rnd: exact beside it, recompute");
  expect(predictions.rows.map(([, states]) => states)).toContain("1");
  for (const { columns, rows } of tables) for (const row of rows) expect(row).toHaveLength(columns.length);
});

it("is the documented JSON, with θ where it is small", () => {
  const json = JSON.parse(JSON.stringify(diagnosisJson("toy", found, "/folder"))) as Record<string, never>;
  for (const field of [
    "problem",
    "d2",
    "v2",
    "rho",
    "scale",
    "bias",
    "costs",
    "q",
    "reason",
    "recommendation",
    "metasmoothness",
    "predictions",
    "folder",
  ])
    expect(json).toHaveProperty(field);
  for (const quantity of ["d2", "v2", "rho", "scale", "bias"]) expect(Object.keys(json[quantity])).toEqual(["value", "low", "high"]);
  expect(Object.keys(json.q).sort()).toEqual(["0.5", "1", "2"]);
  expect(Object.keys((json.costs as { rnd: object }).rnd)).toEqual(expect.arrayContaining(["store", "checkpoint", "recompute"]));
  const points = json.points as unknown as { theta: { x: number[] } }[];
  expect(points.map(({ theta }) => theta.x)).toEqual(
    found.points.map(({ theta }) => [...(theta as unknown as { x: { data: Float64Array } }).x.data]),
  );
});

it("draws D²/V², cosine and bias along the run and the time against q, and says what to take", async () => {
  const page = await diagnosisReport({
    problem: "toy",
    summary: "two tasks",
    protocol: [],
    diagnosis: found,
    settings: [["seed", "1"]],
    commands: ["ufom diagnose toy"],
    version: "0",
  });
  for (const title of [
    "Distance from the exact gradient",
    "Cosine to the exact gradient",
    "Length of the bias",
    "Predicted time of UFOM over",
  ])
    expect(page).toContain(title);
  expect(page.match(/<svg /g)).toHaveLength(4);
  expect(page).toContain(found.recommended);
});

describe("its numbers", () => {
  it("are as long as their intervals allow", () => {
    expect(interval({ value: 0.3612, low: 0.3333, high: 0.4149 })).toBe("0.36 (0.33–0.41)");
    expect(interval({ value: 1, low: 1, high: 1 })).toBe("1");
    expect(interval({ value: NaN, low: NaN, high: NaN })).toBe("?");
    expect(interval({ value: 1.26e-7, low: 0, high: 123456 })).toBe("1.3e-7 (0–1.2e5)");
  });

  it("of --memory are bytes with their unit", () => {
    expect(["500MB", "1.5GB", "64kB", "800B"].map(bytes("--memory"))).toEqual([500e6, 1.5e9, 64e3, 800]);
    for (const text of ["500", "MB", "-1MB", "0MB", "1 GB", "1TB"])
      expect(() => bytes("--memory")(text)).toThrow(
        `ufom: --memory must be a number of bytes with its unit, as 500MB; received "${text}".`,
      );
  });
});
