import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { findWrong } from "../../cli/src/clean/find.js";
import type { FindOptions } from "../../cli/src/clean/find.js";
import { createWasmExecutor } from "../../src/index.js";
import { stream } from "../../src/core/random/index.js";
import { InstalledCommand } from "../cli/command.js";

const iris = readFileSync(fileURLToPath(new URL("../../examples/iris.csv", import.meta.url)), "utf8");
let command: InstalledCommand;
beforeAll(async () => {
  command = await InstalledCommand.make();
});
afterAll(() => command.remove());

describe("ufom clean --review", () => {
  it("asks about suspects, saves each answer, takes answers back, and trusts them the next time", async () => {
    const project = await command.project({ "iris.csv": iris }),
      words = ["clean", "iris.csv", "--label", "species", "--ignore", "checked", "--method", "disagreement"],
      run = (keys: string, ...more: string[]) =>
        spawnSync(process.execPath, [command.main, ...words, ...more], {
          cwd: project,
          input: keys,
          encoding: "utf8",
          env: { ...process.env, COLUMNS: "80" },
        }),
      saved = () =>
        readFileSync(path.join(project, "iris.review.jsonl"), "utf8")
          .trimEnd()
          .split("\n")
          .map(line => JSON.parse(line) as { row: number; given: string; label: string });
    // Kept, taken back, relabelled; skipped; another class by its beginning; a key that there is not.
    const first = run("k\nu\nr\ns\no\nvirg\nz\nq\n", "--review", "--out", "out.csv");
    // Standard error has progress, where that takes long.
    expect(first.status).toBe(0);
    expect(first.stdout).toMatch(/1 of \d+, row \d+: given "\w+", suggested "\w+"/);
    expect(first.stdout).toMatch(/\[k\]eep .* \[s\]kip, \[u\]ndo, \[q\]uit/s);
    expect(first.stdout).toContain('"z" is none of k, r, o, s, u, q.');
    expect(first.stdout.split("\n").filter(line => line.length > 80)).toEqual([]);
    const [head, ...answers] = saved();
    expect(head).toMatchObject({ format: "ufom.review", version: 1, label: "species" });
    expect(answers).toHaveLength(2);
    expect(answers[0].label).not.toBe(answers[0].given);
    expect(answers[1].label).toBe("virginica");
    const cells = (row: number) => readFileSync(path.join(project, "out.csv"), "utf8").split("\n")[row].split(",");
    for (const { row, given, label } of answers) {
      // The file's own label stands; weight, rank, p_wrong, suspect and suggested label are those of the answer.
      expect(cells(row).slice(5)).toEqual([given, "1", "", "0", "false", label]);
    }
    const again = run("", "--answers", "iris.review.jsonl", "--json"),
      document = JSON.parse(again.stdout) as { answers: number; suspects: { row: number }[] };
    expect(document.answers).toBe(2);
    expect(document.suspects.map(({ row }) => row)).not.toEqual(expect.arrayContaining([answers[0].row]));

    // The label of that row is another one now.
    const third = ["setosa", "versicolor", "virginica"].find(name => name !== answers[0].given)!,
      edited = iris.split("\n").map((line, i) => (i === answers[0].row ? line.replace(answers[0].given, third) : line));
    writeFileSync(path.join(project, "iris.csv"), edited.join("\n"));
    const other = run("", "--answers", "iris.review.jsonl");
    expect(other.status).toBe(2);
    expect(other.stderr).toMatch(
      /^ufom: iris\.review\.jsonl must hold answers about the rows of iris\.csv; received row \d+ with label "\w+", which has "\w+" there\.\n$/,
    );
  });
});

describe("work that is stopped", () => {
  const random = stream(5, "stopped"),
    side = (n: number, mistakes: boolean) => {
      const truth = Int32Array.from({ length: n }, (_, i) => i % 2);
      return {
        features: Float32Array.from({ length: n }, (_, i) => 3 * truth[i] + random.normal([1], 1).data[0]),
        labels: truth.map((y, i) => (mistakes && i % 9 === 0 ? 1 - y : y)),
      };
    },
    input = { rows: side(90, true), width: 1, classes: 2, trusted: side(24, false) };
  const find = (until: RegExp) => {
    const stop = new AbortController(),
      options: FindOptions = {
        method: "auto",
        seed: 1,
        executor: createWasmExecutor(),
        classes: ["a", "b"],
        stop: stop.signal,
        progress: what => void (until.test(what) && stop.abort()),
      };
    return findWrong(input, options);
  };

  it("before any row was scored has nothing to say", async () => {
    expect(await find(/given labels/)).toEqual({ outcome: "stopped", missing: "no row was scored" });
  });
  it("with no more than a first classifier keeps its ranking, without p_wrong", async () => {
    const { outcome, verdict, missing } = await find(/^classifiers of the true labels/);
    expect(outcome).toBe("stopped");
    expect(verdict).toMatchObject({ method: "disagreement" });
    expect(verdict?.pWrong).toBeUndefined();
    expect(verdict?.rank).toHaveLength(90);
    expect(missing).toMatch(/no p_wrong/);
  });
  it("at the slowest method keeps the noise model's word", async () => {
    const { outcome, verdict, missing } = await find(/^weights by hypergradients/);
    expect({ outcome, method: verdict?.method }).toEqual({ outcome: "stopped", method: "transition" });
    expect(verdict?.pWrong).toHaveLength(90);
    expect(missing).toMatch(/^the other methods/);
  });
  it("while accuracy is measured keeps everything else", async () => {
    const { outcome, verdict, accuracy, missing } = await find(/^accuracy/);
    expect({ outcome, method: verdict?.method, accuracy, missing }).toEqual({
      outcome: "stopped",
      method: "auto",
      accuracy: undefined,
      missing: "the accuracy on trusted rows",
    });
  });
});
