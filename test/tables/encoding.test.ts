import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { encode, readLike } from "../../cli/src/tables/encode.js";
import { encodingFrom } from "../../cli/src/tables/encoding-json.js";
import { encodingNotes, featureNames, fitEncoding, type Encoding } from "../../cli/src/tables/encoding.js";
import { readTable, type TableOptions } from "../../cli/src/tables/read-table.js";
import { mustShareNoRows, sharedRows } from "../../cli/src/tables/shared-rows.js";
import { stream } from "../../src/core/random/index.js";
import { greyPng } from "../support/pictures.js";
import { tableFolder } from "../support/table-files.js";

const { folder, write } = tableFolder();
const train = [
  "age,job,day,ok,id2,y",
  "10,cook,01/02/2024,yes,7,a",
  "20,clerk,13/02/2024,no,7,b",
  "NA,cook,14/02/2024,yes,7,a",
  "60,baker,15/02/2024,no,7,b",
].join("\n");
const learned = async (options?: TableOptions) =>
  readTable(write("train.csv", train), { label: "y", types: { job: "category" }, ...options });
/** As a model carries it. */
const carried = (encoding: Encoding) => encodingFrom(JSON.parse(JSON.stringify(encoding)), "model.json");
const rowsOf = ({ data, width, rows }: { data: Float32Array; width: number; rows: number }) =>
  Array.from({ length: rows }, (_, i) => [...data.subarray(i * width, (i + 1) * width)]);
const otherFile = async (content: string, options?: TableOptions) => {
  const encoding = carried(fitEncoding(await learned()));
  const table = await readLike(encoding, write("other.csv", content), options);
  return { table, ...encode(encoding, table) };
};

describe("features", () => {
  it("are standardized numbers, indicators and one-hot categories of the rows that were learned from", async () => {
    const table = await learned();
    const encoding = fitEncoding(table, [0, 1, 2]);
    expect(featureNames(encoding)).toEqual(["age", "age missing", "job=clerk", "job=cook", "day", "ok"]);
    expect(encoding.leftOut).toEqual(["id2"]);
    expect(encoding.target).toEqual({ name: "y", kind: "classes", classes: ["a", "b"] });
    const { data, notes, ...size } = encode(encoding, table);
    const [age, missing, clerk, cook, , ok] = [0, 1, 2, 3, 4, 5].map(f => rowsOf({ data, ...size }).map(row => row[f]));
    // 10 and 20: mean 15, deviation 5.
    expect(age).toEqual([-1, 1, 0, 9]);
    expect(missing).toEqual([0, 0, 1, 0]);
    expect([clerk, cook]).toEqual([
      [0, 1, 0, 0],
      [1, 0, 1, 0],
    ]);
    // 1, 0, 1: mean 2/3, deviation √2/3.
    ok.forEach((x, i) => expect(x).toBeCloseTo((Number(i % 2 === 0) - 2 / 3) / (Math.SQRT2 / 3), 6));
    expect(notes).toEqual(['Column "job": 1 unknown category that was in no row that was learned from.']);
  });

  it("of pictures are centred one by one, and divided by the deviation of all pixels together", async () => {
    // 3 × 2 pixels: one that is always black, one that is white once, and others of all kinds.
    const random = stream(7, "pixels"),
      pictures = Array.from({ length: 12 }, (_, i) =>
        Array.from({ length: 6 }, (__, k) => (k === 0 ? 0 : k === 1 ? (i === 5 ? 255 : 0) : random.integer(256))),
      );
    pictures.forEach((pixels, i) => {
      mkdirSync(path.join(folder, "scaled", "ab"[i % 2]), { recursive: true });
      writeFileSync(
        path.join(folder, "scaled", "ab"[i % 2], `${i + 10}.png`),
        greyPng(3, 2, (x, y) => pixels[3 * y + x]),
      );
    });
    const table = await readTable(path.join(folder, "scaled")),
      { data, width, rows } = encode(carried(fitEncoding(table)), table),
      order = table.files!.map(file => pictures[Number(/(\d+)\.png$/.exec(file)![1]) - 10]),
      mean = Array.from({ length: 6 }, (_, k) => pictures.reduce((sum, pixels) => sum + pixels[k], 0) / 12),
      deviation = Math.sqrt(pictures.flatMap(pixels => pixels.map((x, k) => (x - mean[k]) ** 2)).reduce((a, b) => a + b) / 72);
    expect(width).toBe(5);
    rowsOf({ data, width, rows }).forEach((row, i) =>
      row.forEach((x, k) => expect(x).toBeCloseTo((order[i][k + 1] - mean[k + 1]) / deviation, 5)),
    );
  });

  it("of another file are those of the first where its rows are the same", async () => {
    const table = await learned();
    const encoding = fitEncoding(table);
    const whole = rowsOf(encode(encoding, table));
    const { table: other, ...features } = await otherFile(`y,ok,job,day,age,id2\nb,no,baker,15/02/2024,60,zz\na,yes,cook,01/02/2024,10,\n`);
    expect(rowsOf(features)).toEqual([whole[3], whole[0]]);
    expect(other.label).toMatchObject({ classes: ["a", "b"], counts: [1, 1] });
  });

  it("of a file without labels, and of one class only", async () => {
    expect((await otherFile("age,job,day,ok\n1,cook,1/2/2024,no\n")).table.label).toBeUndefined();
    expect((await otherFile("age,job,day,ok,y\n1,cook,1/2/2024,no,b\n")).table.label).toMatchObject({ counts: [0, 1] });
  });

  it.each([
    [
      "a column too few",
      "age,jobs,ok,day\n1,cook,no,1/2/2024\n",
      'must have the columns that were learned from, as "job"; received none of that name (did you mean "jobs"?).',
    ],
    [
      "a column too many",
      "age,job,day,ok,z\n1,cook,1/2/2024,no,1\n",
      'must have no columns but those that were learned from (--ignore leaves some out); received "z".',
    ],
    ["another type", "age,job,day,ok\nold,cook,1/2/2024,no\n", 'must hold numbers in column "age"; received "old" in row 1.'],
    [
      "another class",
      "age,job,day,ok,y\n1,cook,1/2/2024,no,c\n",
      'must have one of the 2 classes that were learned from in "y"; received "c" in row 1.',
    ],
  ])("%s is refused", async (_, content, sentence) => {
    await expect(otherFile(content)).rejects.toThrow(sentence);
  });

  it("a table read without the types that were learned is refused too", async () => {
    const encoding = fitEncoding(await learned());
    const table = await readTable(write("plain.csv", "age,job,day,ok\n1,2.5,1/2/2024,no\n2,3.5,1/2/2024,yes\n"), {
      types: { day: "date" },
    });
    expect(() => encode(encoding, table)).toThrow('must hold categories in "job", as when it was learned; received numbers.');
  });

  it("columns may be told to be ignored, and what was missing in no row is told", async () => {
    const { notes } = await otherFile("age,job,day,ok,z\n1,,1/2/2024,no,1\n", { ignore: ["z"] });
    expect(notes).toEqual(['Column "job": 1 missing value that was in no row that was learned from.']);
  });

  it("heavy tails are scaled by quartiles and cut off, whatever the size of numbers", async () => {
    for (const size of [1, 1e200, 1e-200]) {
      const values = Array.from({ length: 401 }, (_, i) => (i === 400 ? 1e6 * size : (i - 200) * size));
      const table = await readTable(write("heavy.csv", `x,z\n${values.map((x, i) => `${x},${i / 7}`).join("\n")}\n`));
      const encoding = fitEncoding(table);
      const { data } = encode(encoding, table);
      // Sorted, the numbers are −200 … 199 and the large one: the median is 0, the quartiles ±100.
      expect(encoding.columns[0]).toMatchObject({ robust: true, center: 0 });
      expect(data[2 * 300]).toBeCloseTo(100 / (100 / 0.67449), 4);
      expect(data[2 * 400]).toBe(10);
      expect(encoding.columns[1]).toMatchObject({ robust: false });
      const second = Array.from({ length: 401 }, (_, i) => data[2 * i + 1]);
      expect(second.reduce((a, b) => a + b, 0) / 401).toBeCloseTo(0, 5);
      expect(second.reduce((a, b) => a + b * b, 0) / 401).toBeCloseTo(1, 5);
    }
  });

  it("numbers of any size become numbers that float32 has", async () => {
    const table = await readTable(write("huge.csv", "x,y\n1.7e308,1e-320\n-1.7e308,2e-320\n1e300,5.5\n"));
    const encoding = fitEncoding(table, [0, 1]);
    const { data } = encode(encoding, table);
    expect(data.every(Number.isFinite)).toBe(true);
    expect([data[0], data[2]]).toEqual([1, -1]);
  });

  it("of categories with many levels the most frequent have features, the others share one", async () => {
    const levels = Array.from({ length: 300 }, (_, i) => `l${Math.floor(Math.sqrt(i))}`);
    const table = await readTable(write("levels.csv", `c,x\n${levels.map((l, i) => `${l},${i / 7}`).join("\n")}\n`));
    const encoding = fitEncoding(table, undefined, 3);
    expect(featureNames(encoding)).toEqual(["c=l14", "c=l15", "c=l16", "c other", "x"]);
    expect(encodingNotes(encoding)).toEqual(['Column "c": the 3 most frequent values have a feature each, 15 others share one.']);
    const sums = rowsOf(encode(encoding, table)).map(row => row.slice(0, 4).reduce((a, b) => a + b, 0));
    expect(new Set(sums)).toEqual(new Set([1]));
  });

  it("come back from JSON, or what is none is refused", async () => {
    const encoding = fitEncoding(await learned());
    expect(carried(encoding)).toEqual(encoding);
    const [column] = encoding.columns;
    const { center: _, ...without } = { center: 0, ...column };
    const bad: readonly (readonly [unknown, string])[] = [
      [[1], 'model.json must hold features (format "ufom.features"); received "[1]".'],
      [{ ...encoding, version: 2 }, "model.json must hold features of version 1; received 2."],
      [{ ...encoding, columns: {} }, 'model.json must hold a list of columns; received "{}".'],
      [{ ...encoding, columns: [without] }, "model.json must say of every column its name, its type and what it becomes; received "],
      [{ ...encoding, leftOut: ["a", "a"] }, "model.json must name the columns that are left out; received "],
      [{ ...encoding, target: { name: "y", kind: "classes", classes: ["a"] } }, "model.json must say what is predicted; received "],
    ];
    for (const [json, sentence] of bad)
      expect(() => encodingFrom(JSON.parse(JSON.stringify(json)), "model.json")).toThrow(`ufom: ${sentence}`);
  });

  it("need a column to learn from", async () => {
    const table = await readTable(write("nothing.csv", "c,y\n1,a\n1,b\n"), { label: "y" });
    expect(() => fitEncoding(table)).toThrow(
      /nothing\.csv must have a column to learn from; received those that are left out, or always the same\.$/,
    );
  });
});

it("rows that a trusted file shares are found, whatever their labels and ids are", async () => {
  const rows = Array.from({ length: 50 }, (_, i) => [
    `r${i}`,
    i / 4,
    i % 7 === 0 ? "" : i % 5,
    i % 3 === 0 ? "u" : "v",
    i % 2 === 0 ? "a" : "b",
  ]);
  const table = await readTable(write("all.csv", `id,p,q,c,y\n${rows.map(row => row.join(",")).join("\n")}\n`), { label: "y" });
  const trusted = [
    ["t1", "2.50", 0, "v", "a"], // row 10
    ["t2", 3.5, "", "v", "b"], // row 14, of another class
    ["t3", 3.5, 3, "v", "a"], // no row
    ["t4", 0.25, 1, "u", "a"], // no row
  ];
  const other = await readLike(fitEncoding(table), write("trusted.csv", `id,p,q,c,y\n${trusted.map(row => row.join(",")).join("\n")}\n`));
  expect(sharedRows(table, other)).toEqual({
    rows: [
      { row: 10, trustedRow: 0 },
      { row: 14, trustedRow: 1 },
    ],
    otherLabel: 1,
  });
  expect(() => mustShareNoRows(table, other)).toThrow(
    /trusted\.csv must hold no rows that .*all\.csv has, .*; received 2 rows of it, 1 of them with another label\.$/,
  );
  const apart = await readLike(fitEncoding(table), write("apart.csv", `id,p,q,c,y\nt3,3.5,3,v,a\n`));
  expect(() => mustShareNoRows(table, apart)).not.toThrow();
});
