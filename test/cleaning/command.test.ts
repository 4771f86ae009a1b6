import { mkdirSync, readFileSync, writeFileSync, existsSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { PNG } from "pngjs";
import { describe, expect, it } from "vitest";
import { stream } from "../../src/core/random/index.js";
import { codeBlocks } from "../docs/blocks.js";
import { clean, csv } from "../support/clean-command.js";
import { greyPng, pngOf } from "../support/pictures.js";
import { tableFolder } from "../support/table-files.js";

const iris = fileURLToPath(new URL("../../examples/iris.csv", import.meta.url)),
  /** Rows of it whose species were changed. */
  changed = [12, 39, 59, 81, 85, 92, 119, 120, 134, 143];
const { folder, write } = tableFolder();
const at = (name: string): string => path.join(folder, name);

describe("a file that people have", () => {
  it("is cleaned, and everything is said: columns, suspects, how many, accuracy, whether p_wrong holds", async () => {
    const before = readFileSync(iris),
      { code, lines, json } = await clean(iris, {
        label: "species",
        trustedColumn: "checked",
        out: at("cleaned.csv"),
        report: at("report.html"),
      }),
      text = lines.join("\n");
    expect(code).toBe(0);
    expect(readFileSync(iris).equals(before)).toBe(true);
    for (const part of [
      "petal length",
      "Trusted: 45 rows",
      "Method auto",
      /About \d+ of 105 labels are wrong \(95 % interval: \d+ to \d+\)/,
      "Most suspect rows",
    ])
      expect(text).toMatch(part);
    expect(text.replaceAll(/\s+/g, " ")).toMatch(
      /a classifier is right on [\d.]+ % \([\d.]+ to [\d.]+\) of 45 trusted rows that it has not seen; without the suspects on [\d.]+ % \([\d.]+ to [\d.]+\): [+−][\d.]+ points/,
    );
    expect(lines.filter(line => line.length > 80)).toEqual([]);
    // docs/clean.md shows this run.
    const page = readFileSync(fileURLToPath(new URL("../../docs/clean.md", import.meta.url)), "utf8"),
      shown = codeBlocks("docs/clean.md", page)
        .find(({ words }) => words.includes("output"))!
        .code.split("\n");
    expect(shown.length).toBeGreaterThan(10);
    expect(shown.filter(line => !lines.includes(line))).toEqual([]);
    const { wrong, accuracy, suspects, reliability } = json as {
      wrong: { low: number; high: number };
      accuracy: { rows: number };
      suspects: { row: number; given: string; suggested: string }[];
      reliability: { rows: number; share: number }[];
    };
    expect(wrong.low).toBeLessThan(10);
    expect(wrong.high).toBeGreaterThan(10);
    expect(accuracy.rows).toBe(45);
    const hits = suspects.filter(({ row }) => changed.includes(row));
    expect(hits.length).toBeGreaterThanOrEqual(7);
    expect(suspects.length - hits.length).toBeLessThanOrEqual(3);
    expect(reliability.reduce((sum, bin) => sum + bin.rows, 0)).toBeGreaterThan(80);

    const table = csv(at("cleaned.csv")),
      own = csv(iris);
    expect(table).toHaveLength(150);
    table.forEach((row, i) => expect(row).toMatchObject(own[i]));
    expect(table.map((row, i) => (row.suspect === "true" ? i + 1 : 0)).filter(Boolean)).toEqual(
      suspects.map(({ row }) => row).sort((a, b) => a - b),
    );
    expect(table.filter(row => row.checked === "yes").every(row => row.weight === "1" && row.rank === "" && row.suspect === "false")).toBe(
      true,
    );
    expect(table.flatMap(row => (row.rank === "" ? [] : [Number(row.rank)])).sort((a, b) => a - b)).toEqual(
      Array.from({ length: 105 }, (_, i) => i + 1),
    );
    for (const { row, suggested } of suspects) expect(table[row - 1].suggested_label).toBe(suggested);

    const report = readFileSync(at("report.html"), "utf8");
    for (const part of [
      "Most suspect rows",
      "Does p_wrong hold?",
      "How sure it is",
      "Suspects by given label",
      "prefers-color-scheme: dark",
      "--trusted-column checked",
    ])
      expect(report).toContain(part);
    expect(report).not.toMatch(/(src|href)="(https?:|\/)/);
  });

  it("without trusted rows says that this is weaker; and what is found is what the seed says", async () => {
    const options = { label: "species", ignore: "checked", method: "transition", out: at("weak.csv") },
      { lines, json } = await clean(iris, options),
      first = readFileSync(at("weak.csv"), "utf8");
    expect(lines.join(" ").replaceAll(/\s+/g, " ")).toMatch(
      /No rows are trusted, .*weaker.*Accuracy before and after cleaning: not measured, as no rows are trusted\./,
    );
    expect(json.reliability).toEqual([]);
    await clean(iris, options);
    expect(readFileSync(at("weak.csv"), "utf8")).toBe(first);
  });

  it("with trusted rows of a file of their own, and features of another", async () => {
    const random = stream(1, "two clouds"),
      rows = (n: number, mistakes: boolean) =>
        Array.from({ length: n }, (_, i) => ({
          y: i % 2,
          x: random.normal([1], 1).data[0] + 4 * (i % 2),
          given: mistakes && i % 10 === 0 ? 1 - (i % 2) : i % 2,
        }));
    const [train, trusted] = [rows(100, true), rows(20, false)],
      text = (all: typeof train) => `name,label\n${all.map(({ given }, i) => `n${i},${"ab"[given]}`).join("\n")}\n`,
      numbers = (all: typeof train) => `e\n${all.map(({ x }) => x).join("\n")}\n`;
    const { json, lines } = await clean(write("train.csv", text(train)), {
      label: "label",
      trusted: write("trusted.csv", text(trusted)),
      features: write("e.csv", numbers(train)),
      trustedFeatures: write("te.csv", numbers(trusted)),
      method: "disagreement",
    });
    const { suspects } = json as { suspects: { row: number }[] };
    // Beside a suspect stands what the file has, not the numbers that were made of it.
    expect(lines.join("\n")).toMatch(/^row +given +suggested +p_wrong +name$/m);
    // One row in ten is wrong, the first of them.
    expect(suspects.filter(({ row }) => row % 10 === 1).length).toBeGreaterThanOrEqual(8);
    expect(suspects.length).toBeLessThanOrEqual(12);
    expect(json.trusted).toBe(20);
  });
});

describe("pictures in class folders", () => {
  it("are cleaned too: the table has their files, the report shows them", async () => {
    for (let i = 0; i < 60; i++) {
      const wide = i % 2 === 0,
        said = i === 7 ? "wide" : i === 12 ? "tall" : wide ? "wide" : "tall";
      mkdirSync(at(`shapes/${said}`), { recursive: true });
      const bar = (x: number, y: number) => ((wide ? y : x) === 2 + (i % 3) ? 250 - i : (x * y * i) % 20);
      const colour = {
        width: 7,
        height: 7,
        depth: 8,
        colour: 2,
        rows: Array.from({ length: 7 }, (_, y) => Array.from({ length: 21 }, (__, s) => (s % 3 === 0 ? 20 : bar(Math.floor(s / 3), y)))),
      };
      writeFileSync(at(`shapes/${said}/${i}.png`), i === 0 ? pngOf(colour) : greyPng(7, 7, bar));
    }
    const { json, lines } = await clean(at("shapes"), { method: "disagreement", out: at("shapes.csv"), report: at("shapes.html") }),
      { suspects } = json as { suspects: { file: string; suggested: string }[] };
    const found = suspects.map(({ file }) => path.basename(file)).sort();
    expect(found).toEqual(expect.arrayContaining(["12.png", "7.png"]));
    expect(found.length).toBeLessThanOrEqual(8);
    expect(lines.join("\n")).toContain("60 pictures of 2 classes");
    const table = csv(at("shapes.csv"));
    expect(Object.keys(table[0])).toEqual(["file", "label", "weight", "rank", "p_wrong", "suspect", "suggested_label"]);
    expect(
      table
        .filter(row => row.suspect === "true")
        .map(row => path.basename(row.file))
        .sort(),
    ).toEqual(found);
    await expect(clean(at("shapes"), { out: at("shapes/wide/x.csv") })).rejects.toThrow(
      /--out must be another file than those that are read/,
    );
    const shown = Buffer.from(/data:image\/png;base64,([^"]+)/.exec(readFileSync(at("shapes.html"), "utf8"))![1], "base64"),
      { width, height, data } = PNG.sync.read(shown),
      { file } = suspects[0],
      source = PNG.sync.read(readFileSync(file));
    // The picture itself, in colour as one of them is.
    expect(shown[25]).toBe(2);
    expect([width, height]).toEqual([7, 7]);
    expect(data.equals(source.data)).toBe(true);
    expect(readFileSync(at("shapes.html"), "utf8").match(/data:image\/png;base64/g)!.length).toBeGreaterThanOrEqual(2);
  });
});

it("a time that is over before anything is known writes nothing, and says so", async () => {
  const { code, lines, json } = await clean(iris, { label: "species", ignore: "checked", budget: 0.001, out: at("late.csv") });
  expect(code).toBe(1);
  expect(json).toMatchObject({ outcome: "budget", missing: "no row was scored" });
  expect(lines.at(-1)).toBe("The time was over before any row was scored; nothing is written.");
  expect(existsSync(at("late.csv"))).toBe(false);
});
