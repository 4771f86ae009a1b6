import { describe, expect, it } from "vitest";
import { isCategory, isNumeric, type Column, type TypeName } from "../../cli/src/tables/columns.js";
import { describeTable, summaryOf } from "../../cli/src/tables/describe.js";
import { mustOccurTwice } from "../../cli/src/tables/label.js";
import { readTable, type TableOptions } from "../../cli/src/tables/read-table.js";
import { parseTypes } from "../../cli/src/tables/types-option.js";
import { tableFolder } from "../support/table-files.js";

const { write } = tableFolder();

/** A file with one column of some cells beside a column of numbers. */
const fileOf = (cells: readonly string[]) => write("one.csv", `x;z\n${cells.map((cell, i) => `${cell};${i / 3}`).join("\n")}\n`);
const columnOf = async (cells: readonly string[], options?: TableOptions): Promise<Column> =>
  (await readTable(fileOf(cells), { delimiter: ";", header: true, ...options })).columns[0];

/** A text again and again. */
const times = (n: number, ...texts: readonly string[]) => Array.from({ length: n }, (_, i) => texts[i % texts.length]);
const counting = (n: number, text: (i: number) => string) => Array.from({ length: n }, (_, i) => text(i));

describe("types of columns", () => {
  it.each<[string, Column["type"], readonly string[]]>([
    ["numbers", "number", ["1.5", "-2", "+3e2", ".5", "NA", "7"]],
    ["whole numbers of many values", "number", counting(400, i => String((i * 7) % 40))],
    ["numbers with commas between thousands", "number", ["1,234.5", "12", "1,000,000"]],
    ["numbers with a comma before decimals", "number", ["1,5", "12", "-3,25"]],
    ["whole numbers of few values, all common", "integer-category", times(90, "1", "2", "7")],
    ["whole numbers of few values, one rare", "number", [...times(2000, "0", "1"), ...times(12, "2")]],
    ["codes that begin with 0", "category", times(40, "007", "010")],
    ["words", "category", times(40, "red", "green", "?")],
    ["true and false", "boolean", ["true", "False", "TRUE", ""]],
    ["yes and no", "boolean", ["no", "yes", "no"]],
    ["0 and 1", "boolean", ["0", "1", "1"]],
    ["dates", "date", ["2024-02-29", "1969-12-31", ""]],
    ["times", "date", ["2024-02-29T12:00:00Z", "2024-02-29 13:00"]],
    ["days before months", "date", ["31.12.2024", "1.2.2024"]],
    ["days after months", "date", ["12/31/2024", "1/2/2024"]],
    ["numbers that count up", "id", counting(20, i => String(i + 5))],
    ["a text that differs in every row", "id", counting(20, i => `u${i}x`)],
    ["sentences", "text", counting(40, i => `this is sentence number ${i % 30} of them`)],
    ["texts of which few come again", "text", counting(40, i => `w${i % 30}`)],
    ["one number", "constant", ["5", "5"]],
    ["one word", "constant", ["a", "a"]],
    ["nothing", "constant", ["", "NA", "null"]],
  ])("%s: %s", async (_, type, cells) => {
    expect((await columnOf(cells)).type).toBe(type);
  });

  it.each<[TypeName, readonly string[], readonly (number | string | null)[]]>([
    ["number", ["1", "NA", "-inf", "1e999"], [1, null, null, null]],
    ["number:thousands", ["1,234", "5"], [1234, 5]],
    ["number:decimal-comma", ["1,234", "5"], [1.234, 5]],
    ["integer-category", ["1.0", "10", "2", "?"], ["1", "10", "2", null]],
    ["category", ["1.0", "", "b"], ["1.0", null, "b"]],
    ["boolean", ["1", "0", "NA"], [1, 0, null]],
    ["boolean", ["Y", "n", "NA"], [1, 0, null]],
    ["date", ["1970-01-02", "1970-01-01T18:00:00-06:00", "0001-01-01"], [1, 1, -719162]],
    ["date:day-first", ["01/02/1970", "02/01/1970"], [31, 1]],
    ["date:month-first", ["01/02/1970", "02/01/1970"], [1, 31]],
  ])("as told, %s: %j", async (type, cells, expected) => {
    const column = await columnOf(cells, { types: { x: type } });
    const values = isNumeric(column)
      ? Array.from(column.values, x => (Number.isNaN(x) ? null : x))
      : isCategory(column) && Array.from(column.codes, code => column.levels[code] ?? null);
    expect(values).toEqual(expected);
    expect(column.missing).toBe(expected.filter(x => x === null).length);
  });

  it("levels stand in the order of numbers, or of letters", async () => {
    expect(await columnOf(["10", "9", "10"], { types: { x: "category" } })).toMatchObject({ levels: ["9", "10"] });
    expect(await columnOf(["b", "a", "B"])).toMatchObject({ levels: ["B", "a", "b"] });
  });

  it("days and months that could be exchanged are told", async () => {
    expect((await columnOf(["1/2/2024", "3/4/2024"])).remark).toBe("month-first: nothing in it says that it is not the day");
    expect((await columnOf(["1/2/2024", "13/4/2024"])).remark).toBe("day-first");
  });

  it("what counts as missing can be told", async () => {
    expect((await columnOf(["1", "-9", "3"], { missing: ["-9"] })).missingAs).toEqual(new Map([["-9", 1]]));
    await expect(columnOf(["1", "NA", "3"], { missing: [], types: { x: "number" } })).rejects.toThrow(
      'must hold numbers in column "x"; received "NA" in row 2.',
    );
  });

  it("few cells that are no numbers among many that are, are refused", async () => {
    const cells = counting(100, i => (i === 41 ? "abc" : i === 50 ? "x" : String(i * i)));
    await expect(columnOf(cells)).rejects.toThrow(
      'one.csv must hold numbers in column "x" as most of its cells are (--missing "abc" takes that for missing, --types "x=category" all for categories); received "abc" in row 42 and 1 other cell that is none.',
    );
  });
});

describe("labels", () => {
  const labelled = async (labels: readonly string[], options?: TableOptions) =>
    readTable(write("labels.csv", `x,y\n${labels.map((y, i) => `${i / 3},${y}`).join("\n")}\n`), { label: "y", ...options });

  it("are classes or numbers", async () => {
    expect((await labelled(["b", "a", "b", "a"])).label).toEqual({
      kind: "classes",
      name: "y",
      classes: ["a", "b"],
      codes: Int32Array.of(1, 0, 1, 0),
      counts: [2, 2],
    });
    expect((await labelled(times(30, "10", "9"))).label).toMatchObject({ kind: "classes", classes: ["9", "10"] });
    expect((await labelled(["1.5", "2.5", "1.5"])).label).toEqual({ kind: "number", name: "y", values: Float64Array.of(1.5, 2.5, 1.5) });
    expect((await labelled(["1", "2", "3"], { task: "classes" })).label!.kind).toBe("classes");
    expect((await labelled(["1", "2", "3"], { types: { y: "category" } })).label!.kind).toBe("classes");
    expect((await labelled(["1", "2", "3"])).notes).toEqual([
      '"y" is taken for a number to be predicted; --types "y=category" takes it for classes.',
    ]);
  });

  it("that occur once are refused where something is learned from them", async () => {
    const table = await labelled(["a", "", "a", "b", "c", "c"]);
    expect(() => mustOccurTwice(table)).toThrow(/must have each label at least twice in "y", .*; received "b" once, in row 4\.$/);
    mustOccurTwice(await labelled(["a", "a", "c", "c"]));
    mustOccurTwice(await labelled(["1.5", "2.5"]));
  });

  it.each<[string, readonly string[], TableOptions, string]>([
    ["one class only", ["a", "a"], {}, 'must have at least two classes in "y"; received "a" in every row.'],
    ["no column", ["a", "b"], { label: "Y1" }, 'must have a column "Y1" (did you mean "y"?); received columns "x", "y".'],
    ["no label at all", ["", "NA"], {}, 'must have labels in "y"; received none in any row.'],
    ["text where numbers belong", ["1", "two"], { task: "number" }, 'must hold numbers in "y"; received "two" in row 2.'],
    ["the same number everywhere", ["1", "1"], { task: "number" }, 'must hold different numbers in "y"; received 1 in every row.'],
    ["an infinite number", ["1", "2.5", "inf"], {}, 'must hold finite numbers in "y"; received ±∞ in row 3.'],
  ])("%s is refused", async (_, labels, options, sentence) => {
    await expect(labelled(labels, options)).rejects.toThrow(sentence);
  });
});

describe("bad files", () => {
  it.each<[string, string | Uint8Array, string | RegExp]>([
    ["empty.csv", "", "empty.csv must hold a table; received an empty file."],
    ["mark.csv", "\ufeff", "mark.csv must hold a table; received a text without a row."],
    ["bare.csv", "a,b\n", "bare.csv must have rows; received none."],
    ["short.csv", "a,b\n1,2\n3\n", "short.csv must have 2 cells in every row; received 1 on line 3."],
    ["long.csv", 'a,b\n"x\n",2\n3,4,5\n', "long.csv must have 2 cells in every row; received 3 on line 4."],
    ["open.csv", 'a,b\n1,2\n3,"4\n5,6\n', "open.csv must close every quote; received one that is open from a row on line 3 to the end."],
    [
      "shut.csv",
      'a,b\n1,"2"x\n',
      /shut\.csv must have a delimiter or a line's end after a closing quote .*; received something else on line 2\.$/,
    ],
    ["inside.csv", 'a,b\n1,2"3\n', /inside\.csv must have quotes around whole cells .*; received one within a cell on line 2\.$/],
    ["twice.csv", "a,b,a\n1,2,3\n", 'twice.csv must name every column differently; received "a" more than once.'],
    ["wide.csv", `${counting(10_000, i => `c${i}`).join(",")}\n`, "wide.csv must have at most 8192 columns; received 10000."],
    [
      "nul.csv",
      "a,b\n1,\0\n",
      "nul.csv must be text; received a NUL character: it is a binary file, or UTF-16 without a mark (--encoding utf-16le reads it).",
    ],
    [
      "cut.csv",
      new Uint8Array([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 75]),
      "cut.csv must be a whole gzip file; received one that is damaged or cut off.",
    ],
    ["book.xlsx", "PK\x03\x04", "book.xlsx must be CSV, JSON lines, Parquet, .npy or safetensors; received a spreadsheet: save it as CSV."],
    ["page.csv", "<html>", "page.csv must be CSV, JSON lines, Parquet, .npy or safetensors; received a text (markup)."],
    ["bad.jsonl", '{"a":1}\n{"a":\n', 'bad.jsonl must hold a JSON object a line; received "{\\"a\\":" on line 2.'],
    ["list.jsonl", "[1,2]\n", 'list.jsonl must hold an object a row; received "1" in row 1.'],
    [
      "deep.jsonl",
      '{"a":'.repeat(12) + "1" + "}".repeat(12),
      "deep.jsonl must nest objects at most 8 deep; received deeper ones on line 1.",
    ],
    [
      "no.parquet",
      "PAR1 this is none, PAR1",
      /no\.parquet must be a whole Parquet file of columns that are read; received one that is damaged or of another kind \(.*\)\.$/,
    ],
    [
      "objects.npy",
      `\x93NUMPY\x01\0\x3a\0${"{'descr': '|O', 'fortran_order': False, 'shape': (1,), }".padEnd(57)}\n`,
      "received Python objects (pickled), which are programs.",
    ],
  ])("%s", async (name, content, sentence) => {
    const bytes = typeof content === "string" && name.endsWith(".npy") ? Buffer.from(content, "latin1") : content;
    await expect(readTable(write(name, bytes))).rejects.toThrow(sentence);
  });

  it("a file that is not there, and options about columns that are not", async () => {
    await expect(readTable("no/such.csv")).rejects.toThrow("ufom: there must be a file or folder no/such.csv; there is none.");
    await expect(columnOf(["1", "2"], { types: { xx: "number" } })).rejects.toThrow(
      'must have the columns that --types names; received "xx" (did you mean "x"?); it has "x", "z".',
    );
    await expect(columnOf(["1", "b"], { types: { x: "boolean" } })).rejects.toThrow(
      'must hold yes or no, true or false, 1 or 0 in column "x"; received "b" in row 2.',
    );
    await expect(columnOf(["2024-01-01", "2024-02-30"], { types: { x: "date" } })).rejects.toThrow(
      'in column "x"; received "2024-02-30" in row 2.',
    );
  });
});

it("--types", () => {
  expect(parseTypes("a=category,b\\,c=number:plain, d=e = date")).toEqual({ a: "category", "b,c": "number:plain", "d=e": "date" });
  expect(() => parseTypes("a")).toThrow('ufom: --types takes column=type, apart by commas; received "a".');
  expect(() => parseTypes("a=categry")).toThrow(/\(did you mean category\?\); received "categry" for "a"\.$/);
  expect(() => parseTypes("a=id,a=id")).toThrow('received two for "a".');
});

it("what a table is, as a page and as data", async () => {
  const rows = counting(40, i =>
    [
      `r${i}`,
      i % 3 === 0 ? "NA" : String(i / 4),
      ["red", "green"][i % 2],
      `2024-01-${String(1 + (i % 28)).padStart(2, "0")}`,
      "1",
      ["u", "v"][i % 2],
    ].join(","),
  );
  const table = await readTable(write("all.csv", `key,size,colour,day,one,y\n${rows.join("\n")}\n`), { label: "y" });
  expect(summaryOf(table).columns.map(({ name, type, used, missing }) => [name, type, used, missing])).toEqual([
    ["key", "id", false, 0],
    ["size", "number", true, 14],
    ["colour", "category", true, 0],
    ["day", "date", true, 0],
    ["one", "constant", false, 0],
  ]);
  expect(describeTable(table).replace(/^.*all\.csv/, "all.csv")).toMatchInlineSnapshot(`
    "all.csv: CSV (delimiter ",", UTF-8), 40 rows, 3 columns of 5 used.
    Label "y": 2 classes ("u" 20, "v" 20).

    column  type                        values  missing  remark
    ────────────────────────────────────────────────────────────────────────────────────────────
    key     id                                           left out: a different text in every row
    size    number     0.25 to 9.5, mean 4.875  14 "NA"
    colour  category  2 values, mostly "green"
    day     date      2024-01-01 to 2024-01-28           year-first
    one     constant                                     left out: always 1"
  `);
});

it("of many columns those are shown of which something was decided", async () => {
  const names = counting(100, i => `n${i}`),
    row = (i: number) => [...names.map((_, k) => (k === 80 && i === 3 ? "NA" : String(i / (k + 2)))), "same"].join(","),
    text = describeTable(await readTable(write("wide.csv", [[...names, "word"].join(","), ...counting(30, row)].join("\n"))));
  expect(text).toMatch(/^n80 +number .*1 "NA"$/m);
  expect(text).toMatch(/^word +constant .*left out: always "same"$/m);
  expect(text).not.toMatch(/^n79 /m);
  expect(text).toMatch(/^… and 99 columns of numbers, none of them missing\.$/m);
});
