import { readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import type { CleanOptions } from "../../cli/src/clean/options.js";
import { stream } from "../../src/core/random/index.js";
import { clean, csv } from "../support/clean-command.js";
import { tableFolder, utf16 } from "../support/table-files.js";

const { folder, write } = tableFolder();
const at = (name: string): string => path.join(folder, name);

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
      "too few numbers to be predicted",
      "x,label\n1,1.5\n2,2.5\n3,0.1\n",
      { label: "label" },
      /must have 20 rows or more with a number in "label", or nothing shows which are wrong; received 3 rows\.$/,
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
