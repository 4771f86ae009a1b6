import { readFile } from "node:fs/promises";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { InstalledCommand } from "../cli/command.js";

let command: InstalledCommand;
beforeAll(async () => {
  command = await InstalledCommand.make();
});
afterAll(() => command.remove());

const small = ["--set", "train=60", "--set", "validation=60", "--set", "test=100", "--set", "retrain=5", "--inner-steps", "4"];

test("ufom run hyper-cleaning: protocol, tables, figures and JSON", async () => {
  const folder = await command.project();
  const { code, stdout } = await command.run(folder, "run", "hyper-cleaning", ...small, "--outer-steps", "3", "--out", "run");
  expect({ code, stdout }).toMatchObject({ code: 0 });
  expect(stdout).toContain("exactly 30 of the training labels replaced by a different class");
  for (const title of ["Accuracy on 100 test images", "Finding the 30 wrong labels", "What it took", "Report: run/report.html"]) {
    expect(stdout).toContain(title);
  }
  const report = await readFile(path.join(folder, "run", "report.html"), "utf8");
  for (const title of ["Learned weights", "Labels trusted least", "F1 of the wrong labels found"]) expect(report).toContain(title);

  const again = await command.call(folder, "run", "hyper-cleaning", ...small, "--outer-steps", "3", "--json");
  const json = JSON.parse(again.stdout);
  expect(json).toMatchObject({ problem: "hyper-cleaning", estimator: "exact", seed: 1, outcome: "finished", peakStates: 4 });
  expect(json.counts).toEqual({ step: 12, product: 12, outer: 3 });
  for (const name of ["accuracyNone", "accuracyCleaned", "accuracyOracle", "precision", "recall", "f1"]) {
    expect(json.metrics[name]).toBeGreaterThanOrEqual(0);
    expect(json.metrics[name]).toBeLessThanOrEqual(1);
  }
});

test.each([
  [["--estimator", "first-order", ...small], /^ufom: first-order makes no sense on hyper-cleaning: .*the gradient is zero/],
  [
    ["--set", "train=40000", "--set", "validation=30000"],
    /draws train and validation from the 60000 training images of MNIST; received 40000 \+ 30000\.$/,
  ],
  [["--set", "corruption=1.5"], /--set corruption must be a number from 0 to 0\.9; received "1\.5"\.$/],
])("ufom run hyper-cleaning %j is refused with one sentence and exit code 2", async (args, sentence) => {
  const { code, stdout } = await command.call(await command.project(), "run", "hyper-cleaning", ...args, "--json");
  expect(code).toBe(2);
  expect(JSON.parse(stdout).error).toMatch(sentence);
});

test("ufom compare toy: first-order ends at its level, the others below", async () => {
  const folder = await command.project();
  const args = ["--seeds", "1..2", "--budget-evaluations", "30000", "--out", "cmp", "--json"];
  const { code, stdout } = await command.call(folder, "compare", "toy", ...args);
  expect(code).toBe(0);
  const { runs } = JSON.parse(stdout) as { runs: { estimator: string; metrics: { gradientNorm: number } }[] };
  expect(runs.map(({ estimator }) => estimator)).toEqual(["first-order", "ufom:0.1", "exact", "first-order", "ufom:0.1", "exact"]);
  const norms = (name: string) => runs.filter(({ estimator }) => estimator === name).map(({ metrics }) => metrics.gradientNorm);
  for (const norm of norms("first-order")) expect(Math.abs(norm - Math.sqrt(0.12))).toBeLessThan(0.05);
  for (const norm of norms("exact")) expect(norm).toBeLessThan(0.05);
  const report = await readFile(path.join(folder, "cmp", "report.html"), "utf8");
  expect(report).toContain("true |∇M(θ)|");
  expect(report).toContain("√(2·0.06)");
});
