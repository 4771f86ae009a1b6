import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import type { CleanOptions } from "../../cli/src/clean/options.js";
import { stream } from "../../src/core/random/index.js";
import { clean, csv } from "../support/clean-command.js";
import { greyPng } from "../support/pictures.js";
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

  describe("a folder of pictures", () => {
    const picture = (width: number, i: number) => greyPng(width, 6, (x, y) => ((i % 2 === 0 ? x : y) < 3 ? 200 + i : (x * y * i) % 30)),
      /** Twelve pictures of two classes, with other files beside them. */
      folderWith = (name: string, more: Readonly<Record<string, string | Uint8Array>>, n = 12): string => {
        for (const [file, bytes] of [
          ...Array.from({ length: n }, (_, i) => [`${"ab"[i % 2]}/${i}.png`, picture(6, i)] as const),
          ...Object.entries(more),
        ]) {
          mkdirSync(path.dirname(at(`${name}/${file}`)), { recursive: true });
          writeFileSync(at(`${name}/${file}`), bytes);
        }
        return at(name);
      };
    it.each<[string, Readonly<Record<string, string | Uint8Array>>, number, RegExp]>([
      [
        "that is none",
        { "a/odd.png": "words" },
        12,
        /a\/odd\.png must be a PNG or a JPEG; received a file that begins with 77 6f 72 64\.$/,
      ],
      ["with a JPEG that is none", { "a/odd.jpg": "words" }, 12, /a\/odd\.jpg must be a PNG or a JPEG; received/],
      [
        "with one that is cut off",
        { "a/odd.png": picture(6, 0).subarray(0, 60) },
        12,
        /a\/odd\.png must be a whole PNG; received one that is damaged or cut off/,
      ],
      [
        "of another size",
        { "b/wide.png": picture(7, 1) },
        12,
        /must be of one size where none is asked for, as --size 28 does; received \S+ of 6 × 6 and \S+wide\.png of 7 × 6 pixels\.$/,
      ],
      [
        "in no class",
        { "a.png": picture(6, 0) },
        0,
        /must be a folder of class folders; received pictures outside of one, as \S+a\.png\.$/,
      ],
      [
        "of one class",
        { "a/0.png": picture(6, 0), "a/1.png": picture(6, 1) },
        0,
        /must have at least two classes in "label"; received "a" in every row\.$/,
      ],
      ["with one picture of a class", { "c/0.png": picture(6, 0) }, 12, /must have each label at least twice .*; received "c" once/],
      [
        "with a class of none",
        { "c/words.txt": "words" },
        12,
        /a class folder must hold PNG or JPEG files; received \S+c, which holds none\.$/,
      ],
      ["without any", { "words.txt": "words" }, 0, /must be a folder of class folders with PNG or JPEG files; received one without\.$/],
    ])("%s", async (name, more, n, sentence) => {
      await expect(clean(folderWith(`odd-${name.replaceAll(" ", "-")}`, more, n), { method: "disagreement" })).rejects.toThrow(sentence);
    });
    it("of several sizes is read where one is asked for", async () => {
      const sizes = folderWith("sizes", { "b/wide.png": picture(7, 1) });
      expect((await clean(sizes, { method: "disagreement", size: 6 })).json.rows).toBe(13);
    });
  });

  it("UTF-16 without its mark, which is read where it is told; a mark before UTF-8", async () => {
    const random = stream(3, "marks"),
      text = `x,label\n${lines(40, i => `${(3 * (i % 2) + random.next()).toFixed(3)},${"ab"[i % 2]}`)}\n`,
      bare = write("bare.csv", utf16(text, "le").subarray(2)),
      options = { label: "label", method: "disagreement" };
    await refused(bare, options).toThrow(/must be text; received a NUL character: .*\(--encoding utf-16le reads it\)\.$/);
    const read = [
      await clean(bare, { ...options, encoding: "utf-16le" }),
      await clean(write("mark.csv", `\ufeff${text}`), options),
      await clean(write("be.csv", utf16(text, "be")), options),
    ];
    expect(read.map(({ json }) => [json.rows, json.wrong])).toEqual(read.map(() => [40, read[0].json.wrong]));
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
