import { mkdirSync, readFileSync, writeFileSync, existsSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { cleanFile } from "../../cli/src/commands/clean.js";
import type { CleanOptions } from "../../cli/src/clean/options.js";
import type { Terminal } from "../../cli/src/terminal.js";
import { formatTable } from "../../cli/src/terminal-table.js";
import { wrap } from "../../cli/src/terminal-width.js";
import { stream } from "../../src/core/random/index.js";
import { codeBlocks } from "../docs/blocks.js";
import { greyPng } from "../support/pictures.js";
import { tableFolder, utf16 } from "../support/table-files.js";

const iris = fileURLToPath(new URL("../../examples/iris.csv", import.meta.url)),
  /** Rows of it whose species were changed. */
  changed = [12, 39, 59, 81, 85, 92, 119, 120, 134, 143];
const { folder, write } = tableFolder();
const at = (name: string): string => path.join(folder, name);

interface Said {
  readonly code: number;
  readonly lines: readonly string[];
  readonly json: Record<string, unknown>;
}

/** The command in this process, on a terminal of 80 columns. */
async function clean(file: string, options: CleanOptions): Promise<Said> {
  const lines: string[] = [];
  let json: unknown;
  const terminal: Terminal = {
    line: text => void lines.push(...text.split("\n")),
    text: text => void lines.push(...wrap(text, 80, "  ")),
    table: table => void lines.push(...formatTable(table, 80).split("\n")),
    banner: () => {},
    json: document => void (json = document),
    note: text => void lines.push(text),
  };
  const code = await cleanFile(file, options, terminal);
  return { code, lines, json: json as Record<string, unknown> };
}

/** The rows of a CSV file without quotes, by the names of its columns. */
function csv(file: string): Record<string, string>[] {
  const [head, ...rows] = readFileSync(file, "utf8")
    .trimEnd()
    .split("\n")
    .map(line => line.split(","));
  return rows.map(cells => Object.fromEntries(head.map((name, i) => [name, cells[i]])));
}

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
      /About \d+ of 105 labels are wrong \(95 %: \d+ to \d+\)/,
      "Most suspect rows",
    ])
      expect(text).toMatch(part);
    expect(text.replaceAll(/\s+/g, " ")).toMatch(
      /Accuracy on 45 held-out trusted rows: [\d.]+ % \([\d.]+ to [\d.]+\) trained on all labels, [\d.]+ % \([\d.]+ to [\d.]+\) without the suspects; difference/,
    );
    expect(lines.filter(line => line.length > 80 && !line.includes(iris))).toEqual([]);
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
      /No rows are trusted, .*weaker.*Accuracy before and after: not measured, as no rows are trusted\./,
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
    const { json } = await clean(write("train.csv", text(train)), {
      label: "label",
      trusted: write("trusted.csv", text(trusted)),
      features: write("e.csv", numbers(train)),
      trustedFeatures: write("te.csv", numbers(trusted)),
      method: "disagreement",
    });
    const { suspects } = json as { suspects: { row: number }[] };
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
      const bar = (x: number, y: number) => ((wide ? y : x) === 2 + (i % 3) ? 250 - i : (x * y * i) % 40);
      writeFileSync(at(`shapes/${said}/${i}.png`), greyPng(7, 7, bar));
    }
    const { json, lines } = await clean(at("shapes"), { method: "disagreement", out: at("shapes.csv"), report: at("shapes.html") }),
      { suspects } = json as { suspects: { file: string; suggested: string }[] };
    const found = suspects.map(({ file }) => path.basename(file)).sort();
    expect(found).toEqual(expect.arrayContaining(["12.png", "7.png"]));
    expect(found.length).toBeLessThanOrEqual(4);
    expect(lines.join("\n")).toContain("60 pictures of 2 classes");
    const table = csv(at("shapes.csv"));
    expect(Object.keys(table[0])).toEqual(["file", "label", "weight", "rank", "p_wrong", "suspect", "suggested_label"]);
    expect(
      table
        .filter(row => row.suspect === "true")
        .map(row => path.basename(row.file))
        .sort(),
    ).toEqual(found);
    expect(readFileSync(at("shapes.html"), "utf8").match(/data:image\/png;base64/g)!.length).toBeGreaterThanOrEqual(2);
  });
});

describe("what cannot be cleaned is refused in one sentence", () => {
  const good = "x,y,label\n1,2,a\n2,1,b\n3,5,a\n4,4,b\n",
    refused = (file: string, options: CleanOptions) => expect(clean(file, options)).rejects;
  const lines = (n: number, line: (i: number) => string): string => Array.from({ length: n }, (_, i) => line(i)).join("\n");
  it.each<[string, string | Uint8Array, CleanOptions, RegExp]>([
    [
      "no label is named",
      good,
      {},
      /^ufom: \S+ needs --label COLUMN, the column whose labels are looked at; received none; its columns are "x", "y", "label"\.$/,
    ],
    ["no such column", good, { label: "lable" }, /must have a column "lable" \(did you mean "label"\?\); received columns/],
    [
      "one class only",
      "x,label\n1,a\n2,a\n3,a\n",
      { label: "label" },
      /must have at least two classes in "label"; received "a" in every row\.$/,
    ],
    [
      "a label that occurs once",
      `${good}5,5,c\n`,
      { label: "label" },
      /must have each label at least twice in "label".*; received "c" once, in row 5\.$/,
    ],
    [
      "numbers to be predicted",
      "x,label\n1,1.5\n2,2.5\n3,0.1\n",
      { label: "label" },
      /must have classes in "label": wrong numbers are not looked for .*; received numbers to be predicted\.$/,
    ],
    [
      "text where numbers belong",
      `x,label\n${lines(60, i => `${i === 30 ? "abc" : i / 7},${"ab"[i % 2]}`)}\n`,
      { label: "label" },
      /received "abc"/,
    ],
    ["no rows", "x,label\n", { label: "label" }, /must have rows; received none\.$/],
    ["an empty file", "", { label: "label" }, /must hold a table; received an empty file\.$/],
    ["ragged rows", "x,label\n1,a\n2\n3,b\n", { label: "label" }, /must have 2 cells in every row; received 1 on line 3\.$/],
    ["a quote that never closes", 'x,label\n1,"a\n2,b\n3,b\n', { label: "label" }, /quote/],
    [
      "10,000 columns",
      `${lines(10_000, i => `c${i}`).replaceAll("\n", ",")}\n1\n`,
      { label: "c1" },
      /must have at most 8192 columns; received 10000\.$/,
    ],
    ["nothing to learn from", "x,label\n1,a\n1,b\n1,a\n1,b\n", { label: "label" }, /must have a column to learn from/],
    [
      "a feature that there is not",
      good,
      { label: "label", features: "x,z" },
      /--features must be columns of \S+, apart by commas, or a file; received "z"/,
    ],
    ["the label as a feature", good, { label: "label", features: "x,label" }, /received "label", which says the label\.$/],
    ["a column of trust that there is not", good, { label: "label", trustedColumn: "ok" }, /must have a column "ok"/],
    [
      "a column of trust that says other things",
      good,
      { label: "label", trustedColumn: "x" },
      /must say yes or no .* in "x".*; received "2" in row 2\.$/,
    ],
    ["a type that there is not", good, { label: "label", types: "x=flot" }, /--types takes number/],
    [
      "a method that there is not",
      good,
      { label: "label", method: "los" },
      /--method must be auto or .* \(did you mean loss\?\); received "los"\.$/,
    ],
    ["both kinds of trust", good, { label: "label", trusted: "t.csv", trustedColumn: "x" }, /received both\.$/],
    ["a review for programs", good, { label: "label", review: true, json: true }, /received both\.$/],
    ["answers that are not there", good, { label: "label", answers: "none.jsonl" }, /there must be a file none\.jsonl/],
    ["a table of another kind", good, { label: "label", out: "x.xlsx" }, /--out must be a file that ends in \.csv; received "x\.xlsx"\.$/],
    ["a folder that is not there", good, { label: "label", out: "/nowhere/x.csv" }, /--out must be a file in a folder that is there/],
  ])("%s", async (_, content, options, sentence) => {
    const error = await clean(write("bad.csv", content), options).then(
      () => undefined,
      (thrown: unknown) => thrown as Error,
    );
    expect(error?.message).toMatch(/^ufom: [^\n]*\.$/);
    expect(error?.message).toMatch(sentence);
  });

  it("its own input as output, by whatever name", async () => {
    const file = write("own.csv", good);
    for (const out of [file, path.join(folder, ".", "x/../own.csv")])
      await refused(file, { label: "label", out }).toThrow(/--out must be another file than those that are read, which are never changed/);
    expect(readFileSync(file, "utf8")).toBe(good);
  });

  it("trusted rows that the file has too, and classes of which too few are trusted", async () => {
    const train = write("t.csv", `x,y,label\n${lines(40, i => `${i + 0.5},${(i * 7) % 40},${"ab"[i % 2]}`)}\n`);
    await refused(train, { label: "label", trusted: write("same.csv", "x,y,label\n0.5,0,b\n77,3,a\n78,3,a\n79,3,b\n") }).toThrow(
      /must hold no rows that \S+ has, or what is measured on it is too good; received 1 row of it, 1 of them with another label\.$/,
    );
    await refused(train, { label: "label", trusted: write("few.csv", "x,y,label\n77,0,b\n77,3,a\n78,3,a\n") }).toThrow(
      /trusted rows \(\S+few\.csv\) must have each class at least twice; received "b" in one\.$/,
    );
    await refused(train, { label: "label", trusted: write("other.csv", "x,y,label\n77,0,c\n77,3,a\n78,3,a\n") }).toThrow(/"c" in row 1/);
  });

  it("but these are read: marks, UTF-16, a second header, dates, NaN and ∞, and what was decided is told", async () => {
    const random = stream(2, "dates"),
      rows = lines(60, i => {
        const x = 3 * (i % 2) + random.next();
        return `${i === 4 ? "NaN" : i === 5 ? "inf" : x},${x + random.next()},2024-0${1 + (i % 9)}-11,${"ab"[i % 2]}`;
      });
    const { lines: said } = await clean(write("odd.csv", utf16(`x,w,day,label\ncm,kg,date,name\n${rows}\n`, "le")), {
      label: "label",
      method: "disagreement",
      out: at("odd-out.csv"),
    });
    for (const part of ["UTF-16LE", "A second row of names or units", "date", "NaN", "±∞"]) expect(said.join("\n")).toContain(part);
    expect(csv(at("odd-out.csv"))[0]).toMatchObject({ x: "cm", label: "name", suspect: "" });
  });
});

it("a time that is over before anything is known writes nothing, and says so", async () => {
  const { code, lines, json } = await clean(iris, { label: "species", ignore: "checked", budget: 0.001, out: at("late.csv") });
  expect(code).toBe(1);
  expect(json).toMatchObject({ outcome: "budget", missing: "no row was scored" });
  expect(lines.at(-1)).toBe("The time was over before any row was scored; nothing is written.");
  expect(existsSync(at("late.csv"))).toBe(false);
});
