// What `ufom tune` and `ufom predict` refuse.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, describe, expect, it, vi } from "vitest";
import { runCommandLine } from "../../cli/src/run-command-line.js";
import { quick, train } from "./tune-files.js";

const scratch = mkdtempSync(path.join(tmpdir(), "ufom-tune-"));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

/** A new folder with these files. */
function project(files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(path.join(scratch, "p-"));
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
    writeFileSync(path.join(folder, name), text);
  }
  return folder;
}

/** What the command says in this process, which starts it faster, and with which code it would end. */
async function said(folder: string, args: readonly string[]): Promise<string> {
  const before = process.cwd();
  const texts: string[] = [];
  const write = (text: string | Uint8Array): boolean => texts.push(String(text)) > 0;
  const streams = [process.stdout, process.stderr];
  // Every command line watches the streams; a process has one.
  const watchers = streams.map(stream => stream.listeners("error") as (() => void)[]);
  const spies = streams.map(stream => vi.spyOn(stream, "write").mockImplementation(write));
  process.chdir(folder);
  try {
    const code = await runCommandLine(args);
    return `${code} ${texts.join("")}`.trim();
  } finally {
    process.chdir(before);
    for (const spy of spies) spy.mockRestore();
    streams.forEach((stream, i) => {
      stream.removeAllListeners("error");
      for (const watcher of watchers[i]) stream.on("error", watcher);
    });
  }
}

describe("refuses in one sentence", () => {
  const of = (args: string[], files: Record<string, string> = {}) => said(project({ "train.tsv": train, ...files }), args);
  const csv = (target: (i: number) => string, count = 60) =>
    ["x,y", ...Array.from({ length: count }, (_, i) => `${((i * 7919) % 101) / 10},${target(i)}`)].join("\n");
  const tune = (...more: string[]) => ["tune", "a.csv", "--target", "y", ...more];

  it.each([
    [
      "no such column",
      ["tune", "train.tsv", "--target", "ratng"],
      {},
      '2 ufom: train.tsv must have a column "ratng" (did you mean "rating"?); received columns "x", "z", "city", "rating", "price".',
    ],
    [
      "no target",
      ["tune", "train.tsv"],
      {},
      '2 ufom: tune needs --target, the column to predict: one of "x", "z", "city", "rating", "price".',
    ],
    ["one class", tune(), { "a.csv": csv(() => "a") }, '2 ufom: a.csv must have at least two classes in "y"; received "a" in every row.'],
    [
      "text where numbers belong",
      tune("--types", "y=number"),
      { "a.csv": csv(i => (i === 4 ? "many" : `${i}.5`)) },
      '2 ufom: a.csv must hold numbers in "y"; received "many" in row 5.',
    ],
    [
      "±∞ in the target",
      tune(),
      { "a.csv": csv(i => (i === 9 ? "inf" : `${i}.5`)) },
      '2 ufom: a.csv must hold finite numbers in "y"; received ±∞ in row 10.',
    ],
    [
      "a target that is always missing",
      tune(),
      { "a.csv": csv(() => "NaN") },
      '2 ufom: a.csv must have labels in "y"; received none in any row.',
    ],
    [
      "too few rows",
      tune(),
      { "a.csv": csv(i => "ab"[i % 2], 8) },
      "2 ufom: a.csv must have rows for a held-out 25 % and 5 folds, 14 or more; received 8 rows with a label.",
    ],
    [
      "classes of one row",
      tune("--types", "y=category"),
      { "a.csv": csv(i => (i === 3 ? "b" : "a")) },
      '2 ufom: a.csv must have each label at least twice in "y", or nothing can be learned of it (mend the row or take it out); received "b" once, in row 4.',
    ],
    [
      "a class whose rows are all held out",
      tune("--held-out", "0.7"),
      { "a.csv": csv(i => (i < 2 ? "b" : "a")) },
      "2 ufom: a.csv must have at least two classes with 2 rows each beside those held out; received 1 class.",
    ],
    [
      "a report over the table",
      tune("--report", "a.html"),
      { "a.csv": csv(i => "ab"[i % 2]), "a.html/a.txt": "" },
      "2 ufom: --report must be a file; received the folder a.html.",
    ],
    [
      "a report that is no page",
      tune("--report", "a.txt"),
      { "a.csv": csv(i => "ab"[i % 2]) },
      '2 ufom: --report must be a file that ends in .html; received "a.txt".',
    ],
    [
      "predictions over the rows that are predicted",
      tune("--test", "train.tsv", "--predictions", "train.tsv"),
      { "a.csv": csv(i => "ab"[i % 2]) },
      "2 ufom: --predictions must be another file than those that are read, which are never changed; received train.tsv.",
    ],
    [
      "predictions over the report",
      tune("--test", "train.tsv", "--predictions", "p.html", "--report", "./p.html"),
      { "a.csv": csv(i => "ab"[i % 2]) },
      "2 ufom: --predictions and --report must be two files; received p.html for both.",
    ],
    [
      "a model among the pictures",
      ["tune", "pictures", "--target", "label", "--out", "pictures/m"],
      { "pictures/cats/a.txt": "" },
      "2 ufom: --out must be a folder outside of pictures, which is never changed; received pictures/m.",
    ],
    [
      "predictions over their rows",
      ["predict", "m", "train.tsv", "--out", "train.tsv"],
      {},
      "2 ufom: --out must be another file than those that are read, which are never changed; received train.tsv.",
    ],
    [
      "predictions over their model",
      ["predict", "m", "train.tsv", "--out", "m/manifest.json"],
      { "m/manifest.json": "{}" },
      "2 ufom: --out must be another file than those that are read, which are never changed; received m/manifest.json.",
    ],
    [
      "numbers that shall be balanced",
      ["tune", "train.tsv", "--target", "price", "--balanced"],
      {},
      '2 ufom: --balanced goes with classes; train.tsv has numbers in "price".',
    ],
    [
      "predictions of nothing",
      ["tune", "train.tsv", "--target", "rating", "--predictions", "p.csv"],
      {},
      "2 ufom: --predictions goes with --test FILE, the rows to predict.",
    ],
    [
      "an unknown knob",
      ["tune", "train.tsv", "--target", "rating", "--learn", "penalty"],
      {},
      '2 ufom: --learn takes penalties, rate, schedule, length, class-weights, smoothing; received "penalty".',
    ],
    [
      "a time without a unit",
      ["tune", "train.tsv", "--target", "rating", "--budget", "2"],
      {},
      '2 ufom: --budget must be a time with its unit, as 90s, 2m or 1h; received "2".',
    ],
    [
      "all rows held out",
      ["tune", "train.tsv", "--target", "rating", "--held-out", "1"],
      {},
      '2 ufom: --held-out must be a number from 0 to below 1; received "1".',
    ],
    [
      "no model",
      ["predict", "m", "train.tsv"],
      {},
      "2 ufom: m must be the folder of a model, as ufom tune writes it, with manifest.json and model.safetensors; received nothing of that name.",
    ],
    [
      "a folder that is no model",
      ["predict", "m", "train.tsv"],
      { "m/readme.txt": "" },
      "2 ufom: m must be the folder of a model, as ufom tune writes it, with manifest.json and model.safetensors; received a folder without manifest.json.",
    ],
    [
      "another manifest",
      ["predict", "m", "train.tsv"],
      { "m/manifest.json": '{"name":"app"}', "m/model.safetensors": "" },
      '2 ufom: m/manifest.json must be the manifest of a model ("format": "ufom.model"); received {"name":"app"}.',
    ],
  ])("%s", async (_, args, files, sentence) => expect(await of(args, files as Record<string, string>)).toBe(sentence));

  it("nothing, but ends with the untuned model, where the time is over before anything is tried", async () => {
    const folder = project({ "train.tsv": train });
    const args = ["tune", "train.tsv", "--target", "rating", "--out", "m", "--report", "copy.html", ...quick];
    const text = await said(folder, [...args, "--budget", "0.001s"]);
    expect(text).toMatch(/^0 /);
    expect(text).toContain("Note: The time was over before hypergradient, grid, random, halving had tried anything");
    expect(text).toContain("Kept: the untuned model, trained on all rows; nothing else was tried.");
    const result = JSON.parse(readFileSync(path.join(folder, "m/result.json"), "utf8")) as Record<string, unknown>;
    expect(result).toMatchObject({ outcome: "budget", untried: ["hypergradient", "grid", "random", "halving"], chosen: "untuned" });
    const [inside, copy] = ["m/report.html", "copy.html"].map(file => readFileSync(path.join(folder, file), "utf8"));
    expect(copy).toBe(inside);
    expect(await said(folder, ["predict", "m", "train.tsv"])).toMatch(/^0 Predictions: predictions\.csv, 120 rows/);
  });

  it("a test file with other columns, before anything is trained", async () => {
    const less = await of(["tune", "train.tsv", "--target", "rating", "--test", "b.tsv", "--out", "m", ...quick], {
      "b.tsv": train.replace("city", "town"),
    });
    expect(less).toBe('2 ufom: b.tsv must have the columns that were learned from, as "city"; received none of that name.');
    const more = await of(["tune", "train.tsv", "--target", "rating", "--test", "b.tsv", "--out", "m", ...quick], {
      "b.tsv": train.replace("city", "city\tage").replaceAll(/\t(Rome|Oslo|Lima)/g, "\t$1\t3"),
    });
    expect(more).toBe('2 ufom: b.tsv must have no columns but those that were learned from (--ignore leaves some out); received "age".');
  });
});
