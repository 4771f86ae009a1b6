import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { mistype, penguinSlips } from "../../bench/typing-errors.js";
import type { CleanOptions } from "../../cli/src/clean/options.js";
import { InstalledCommand } from "../cli/command.js";
import { codeBlocks } from "../docs/blocks.js";
import { clean, csv } from "../support/clean-command.js";
import { tableFolder } from "../support/table-files.js";

const example = (name: string): string => fileURLToPath(new URL(`../../examples/${name}`, import.meta.url)),
  masses = example("penguin-masses.csv"),
  { slips } = mistype(readFileSync(example("penguins.csv"), "utf8"), "body_mass_g", penguinSlips);
const { folder, write } = tableFolder();
const at = (name: string): string => path.join(folder, name);

describe("a column of numbers", () => {
  it("of the example is what its seed makes of penguins", () => {
    const { table } = mistype(readFileSync(example("penguins.csv"), "utf8"), "body_mass_g", penguinSlips);
    expect(readFileSync(masses, "utf8")).toBe(table);
  });

  it("is cleaned, and everything is said: suspects, how many, the error before and after, whether p_wrong holds", async () => {
    const before = readFileSync(masses),
      { code, lines, json } = await clean(masses, {
        label: "body_mass_g",
        trustedColumn: "checked",
        out: at("cleaned.csv"),
        report: at("report.html"),
      }),
      text = lines.join("\n").replaceAll(/\s+/g, " ");
    expect(code).toBe(0);
    expect(readFileSync(masses).equals(before)).toBe(true);
    for (const part of [
      /Label "body_mass_g": a number, 365 to 50,000/,
      /"body_mass_g" is taken for a number to be predicted; --types "body_mass_g=category" takes it for classes\./,
      /Trusted: 80 rows \(column "checked"\)\./,
      /Method auto\. [\w-]+ by 5-fold cross-validation on 80 trusted rows/,
      /About \d+ of 262 values are wrong \(95 % interval: \d+ to \d+\)\./,
      /Trained on all values, a model has a root mean squared error of [\d.]+ \([\d.]+ to [\d.]+\) on 80 trusted rows that it has not seen; without the suspects of [\d.]+ \([\d.]+ to [\d.]+\): −/,
    ])
      expect(text).toMatch(part);
    // docs/clean.md shows this run.
    const page = readFileSync(fileURLToPath(new URL("../../docs/clean.md", import.meta.url)), "utf8"),
      shown = codeBlocks("docs/clean.md", page)
        .filter(({ words }) => words.includes("output"))[1]
        .code.split("\n");
    expect(shown.length).toBeGreaterThan(10);
    expect(shown.filter(line => !lines.includes(line))).toEqual([]);

    const { wrong, error, suspects } = json as {
      wrong: { low: number; high: number };
      error: { rows: number; before: { value: number }; after: { value: number }; gain: { low: number } };
      suspects: { row: number; given: number; suggested: number }[];
    };
    expect(wrong.low).toBeLessThan(slips.length);
    expect(wrong.high).toBeGreaterThan(slips.length);
    const slipAt = new Map(slips.map(slip => [slip.row, slip])),
      hits = suspects.filter(({ row }) => slipAt.has(row));
    expect(suspects.length - hits.length).toBeLessThanOrEqual(2);
    // Slips that change a number by half of it and more all stand out; a few hundred grams do not.
    const loud = slips.filter(({ right, typed }) => Math.abs(Number(typed) / Number(right) - 1) > 0.5);
    expect(loud.length).toBeGreaterThan(9);
    expect(loud.filter(({ row }) => !hits.some(hit => hit.row === row))).toEqual([]);
    // What is suggested is near what was there: three times as far as penguins scatter is far.
    for (const { row, suggested } of hits) expect(Math.abs(suggested - Number(slipAt.get(row)!.right))).toBeLessThan(1000);
    expect(error.rows).toBe(80);
    expect(error.after.value).toBeLessThan(0.7 * error.before.value);
    expect(error.gain.low).toBeGreaterThan(0);

    const table = csv(at("cleaned.csv"));
    csv(masses).forEach((row, i) => expect(table[i]).toMatchObject(row));
    for (const { row, suggested } of suspects)
      expect(table[row - 1]).toMatchObject({ suspect: "true", suggested_label: String(suggested) });
    for (const row of table) {
      if (row.suspect === "false") expect(row.suggested_label).toBe(row.body_mass_g);
      if (row.checked === "yes") expect(row).toMatchObject({ weight: "1", rank: "", p_wrong: "0", suspect: "false" });
      if (row.body_mass_g === "") expect(row).toMatchObject({ weight: "", rank: "", p_wrong: "", suspect: "", suggested_label: "" });
    }
    expect(table.flatMap(row => (row.rank === "" ? [] : [Number(row.rank)])).sort((a, b) => a - b)).toEqual(
      Array.from({ length: 262 }, (_, i) => i + 1),
    );
    const report = readFileSync(at("report.html"), "utf8");
    for (const part of [
      "which numbers are wrong",
      "Given against predicted",
      "Does p_wrong hold?",
      "Most suspect rows",
      "--trusted-column checked",
    ])
      expect(report).toContain(part);
  });

  it("comes with a trusted file, and decimal commas are written as they were", async () => {
    const line = (i: number, y: number): string => `${i};${String(y).replace(".", ",")}`,
      value = (i: number): number => Number((i / 4 + (((i * 37) % 11) - 5) / 10).toFixed(2)),
      train = Array.from({ length: 60 }, (_, i) => line(i, i === 30 ? 75.25 : value(i))),
      trusted = Array.from({ length: 12 }, (_, i) => line(5 * i + 100, value(5 * i + 100)));
    const { json } = await clean(write("commas.csv", `x;y\n${train.join("\n")}\n`), {
      label: "y",
      types: "x=number",
      trusted: write("right.csv", `x;y\n${trusted.join("\n")}\n`),
      method: "residual",
      out: at("commas-out.csv"),
    });
    const { suspects, trusted: n } = json as { suspects: { row: number; suggested: number }[]; trusted: number };
    expect(n).toBe(12);
    expect(suspects[0]).toMatchObject({ row: 31 });
    expect(Math.abs(suspects[0].suggested - value(30))).toBeLessThan(1);
    expect(readFileSync(at("commas-out.csv"), "utf8").split("\n")[31]).toMatch(/^30,"75,25",[\d.]+,1,1,true,"?\d+(,\d+)?"?$/);
  });

  it("a time that is over before anything is known writes nothing, and says so", async () => {
    const { code, json } = await clean(masses, { label: "body_mass_g", ignore: "checked", budget: 0.001, out: at("late.csv") });
    expect(code).toBe(1);
    expect(json).toMatchObject({ outcome: "budget", missing: "no row was scored" });
  });
});

describe("what cannot be cleaned is refused in one sentence", () => {
  const rows = (n: number, y: (i: number) => string): string =>
    `x,y\n${Array.from({ length: n }, (_, i) => `${(i * 7) % 50},${y(i)}`).join("\n")}\n`;
  const numbers = rows(60, i => String(i / 4));
  it.each<[string, string, CleanOptions, RegExp]>([
    [
      "text where numbers belong",
      rows(60, i => (i === 30 ? "12o" : String(i / 4))),
      {},
      /must hold numbers in "y" as most of its cells are \(mend the cell or empty it; --types "y=category" takes all for classes\); received "12o" in row 31\.$/,
    ],
    ["infinity", rows(60, i => (i === 3 ? "inf" : String(i / 4))), {}, /must hold finite numbers in "y"; received ±∞ in row 4\.$/],
    ["the same number everywhere", rows(60, () => "2.5"), {}, /must hold different numbers in "y"; received 2\.5 in every row\.$/],
    [
      "too few rows",
      rows(12, i => String(i / 4)),
      {},
      /must have 20 rows or more with a number in "y", or nothing shows which are wrong; received 12 rows\.$/,
    ],
    [
      "a method for classes",
      numbers,
      { method: "loss" },
      /--method must be auto or residual or noise-model or hyper-cleaning where labels are numbers; received "loss"\.$/,
    ],
    [
      "a method for numbers",
      rows(60, i => "ab"[i % 2]),
      { method: "residual" },
      /--method must be auto or .* where labels are classes; received "residual"\.$/,
    ],
    ["too few trusted rows", numbers, { trusted: "few.csv" }, /there must be 5 trusted rows or more \(\S+few\.csv\); received 3 rows\.$/],
  ])("%s", async (_, content, options, sentence) => {
    write("few.csv", "x,y\n100,1\n101,2\n102,3\n");
    const given = { label: "y", ...options, ...(options.trusted === undefined ? {} : { trusted: at(options.trusted) }) },
      error = await clean(write("bad.csv", content), given).then(
        () => undefined,
        (thrown: unknown) => thrown as Error,
      );
    expect(error?.message).toMatch(/^ufom: [^\n]*\.$/);
    expect(error?.message).toMatch(sentence);
  });

  it("but whole numbers with few values are classes, and what --types says is done", async () => {
    const text = rows(60, i => String(i % 3));
    expect((await clean(write("few-values.csv", text), { label: "y", method: "disagreement" })).json.classes).toEqual(["0", "1", "2"]);
    expect((await clean(write("few-values.csv", text), { label: "y", types: "y=number", method: "residual" })).json.kind).toBe("number");
  });

  it("NaN stands for no number, which is told", async () => {
    const { lines, json } = await clean(
      write(
        "nan.csv",
        rows(60, i => (i === 3 ? "NaN" : String(i / 4))),
      ),
      { label: "y", method: "residual" },
    );
    expect(json.rows).toBe(59);
    expect(lines.join(" ")).toContain('1 row without a label left out (1 "NaN").');
  });
});

describe("ufom clean --review of numbers", () => {
  let command: InstalledCommand;
  beforeAll(async () => {
    command = await InstalledCommand.make();
  });
  afterAll(() => command.remove());

  it("asks about suspects, saves each answer, takes answers back, and trusts them the next time", async () => {
    const project = await command.project({ "masses.csv": readFileSync(masses, "utf8") }),
      words = ["clean", "masses.csv", "--label", "body_mass_g", "--ignore", "checked", "--method", "residual"],
      run = (keys: string, ...more: string[]) =>
        spawnSync(process.execPath, [command.main, ...words, ...more], {
          cwd: project,
          input: keys,
          encoding: "utf8",
          env: { ...process.env, COLUMNS: "80" },
        });
    // Kept, taken back, the suggestion; skipped; a number of one's own, after a text that is none; a key that there is not.
    const first = run("k\nu\nt\ns\nn\n4k\nn\n3900\nz\nq\n", "--review", "--out", "out.csv");
    expect(first.stderr.replaceAll(/^.*%\n/gm, "")).toBe("");
    expect(first.status).toBe(0);
    expect(first.stdout).toMatch(/1 of \d+, row \d+: given \d+, suggested \d+, p_wrong 1\.00\./);
    expect(first.stdout).toContain('"4k" is no number, as 3.5 or -1e4 are');
    expect(first.stdout).toContain('"z" is none of k, t, n, s, u, q.');
    expect(first.stdout.split("\n").filter(line => line.length > 80)).toEqual([]);
    const [head, ...answers] = readFileSync(path.join(project, "masses.review.jsonl"), "utf8")
      .trimEnd()
      .split("\n")
      .map(line => JSON.parse(line) as { row: number; given: number; label: number });
    expect(head).toMatchObject({ format: "ufom.review", version: 1, label: "body_mass_g" });
    expect(answers).toHaveLength(2);
    expect(answers[0].label).not.toBe(answers[0].given);
    expect(answers[1].label).toBe(3900);
    const out = csv(path.join(project, "out.csv"));
    for (const { row, given, label } of answers)
      expect(out[row - 1]).toMatchObject({
        ...{ body_mass_g: String(given), weight: "1", rank: "", p_wrong: "0", suspect: "false", suggested_label: String(label) },
      });
    const again = run("", "--answers", "masses.review.jsonl", "--json"),
      document = JSON.parse(again.stdout) as { answers: number; suspects: { row: number }[] };
    expect(document.answers).toBe(2);
    for (const { row } of answers) expect(document.suspects.map(suspect => suspect.row)).not.toContain(row);
  });
});
