import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { readTable, type TableOptions } from "../../cli/src/tables/read-table.js";
import { parquetFile, type Codec } from "../support/parquet-writer.js";
import { cellsOf } from "../support/table-cells.js";
import { tableFolder, utf16 } from "../support/table-files.js";

const { write } = tableFolder();

const cells = async (file: string, options?: TableOptions) => cellsOf(await readTable(file, options));

const people = { age: [30.5, 41, null, 22], job: ["clerk", "clerk, senior", "cook", "clerk"], y: ["a", "b", "a", "b"] };

describe("delimited text", () => {
  const csv = 'age,job,y\n30.5,clerk,a\n41,"clerk, senior",b\nNA,cook,a\n22,clerk,b\n';
  const withTabs = csv.replace('"clerk, senior"', "clerk@ senior").replaceAll(",", "\t").replace("@", ",");

  it.each([
    ["commas", csv],
    ["carriage returns and line feeds", csv.replaceAll("\n", "\r\n")],
    ["carriage returns", csv.replaceAll("\n", "\r")],
    ["ends of lines of every kind", csv.replace("\n", "\r\n").replace("b\n", "b\r")],
    ["no end of the last line", csv.trimEnd()],
    ["semicolons", withTabs.replaceAll("\t", ";")],
    ["bars", withTabs.replaceAll("\t", "|")],
    ["tabs", withTabs],
    ["spaces after commas", csv.replaceAll(",", ", ").replace("clerk,  senior", "clerk, senior")],
    ["a mark of UTF-8", `\ufeff${csv}`],
    ["UTF-16", utf16(csv, "le")],
    ["UTF-16, the other way round", utf16(csv, "be")],
    ["gzip", gzipSync(csv)],
    ["UTF-16 in gzip", gzipSync(utf16(csv, "le"))],
    ["empty lines", csv.replace("41", "\n41").replace("NA", "  \nNA")],
    ["a header that is repeated", csv.replace("NA", "age,job,y\nNA")],
  ])("%s", async (name, content) => {
    expect(await cells(write(`${name}.csv`, content), { label: "y" })).toEqual(people);
  });

  it("says what was found", async () => {
    const found = async (content: string | Uint8Array) => (await readTable(write("told.csv", content))).format;
    expect(await found(csv)).toBe('CSV (delimiter ",", UTF-8)');
    expect(await found(utf16(withTabs, "be"))).toBe("CSV (delimiter tab, UTF-16BE)");
    expect(await found(gzipSync(withTabs.replaceAll("\t", ";")))).toBe('CSV (delimiter ";", UTF-8, gzip)');
    const { notes } = await readTable(write("lines.csv", csv.replace("41", "\n41").replace("22", "age,job,y\n22")));
    expect(notes).toEqual(["1 empty line left out.", "1 row that repeats the header left out."]);
  });

  it("quotes hold delimiters, ends of lines and quotes, across pieces of the file", async () => {
    const long = 'x\n,"'.repeat(100_000);
    const file = write("quotes.csv", `t,n\n"a ""b""\nc",1\n"${long.replaceAll('"', '""')}",2\n`);
    const { columns } = await readTable(file, { types: { t: "category" } });
    expect(columns[0]).toMatchObject({ levels: ['a "b"\nc', long.trim()] });
  });

  it("letters of several bytes lie across pieces of the file", async () => {
    const file = write("wide.csv", `t,n\n${"é€😀,1\n".repeat(30_000)}`);
    const { columns, rowCount } = await readTable(file, { types: { t: "category", n: "number" } });
    expect([rowCount, columns[0]]).toMatchObject([30_000, { levels: ["é€😀"] }]);
  });

  it("an encoding may be told", async () => {
    const file = write("latin.csv", Buffer.from("t,n\ncafé,1\nthé,2\n", "latin1"));
    await expect(readTable(file)).rejects.toThrow(
      /latin\.csv must be text in UTF-8, or in another encoding that --encoding names \(.*windows-1252\); received bytes that are none\.$/,
    );
    expect(await cells(file, { encoding: "windows-1252" })).toEqual({ t: ["café", "thé"], n: [1, 2] });
  });

  it("without a header, columns are numbered", async () => {
    const file = write("bare.csv", "5.1,a\n4.9,b\n");
    expect((await readTable(file)).notes).toEqual(['No header: the first row holds numbers, so columns are called "column 1" and so on.']);
    expect(await cells(file)).toEqual({ "column 1": [5.1, 4.9], "column 2": ["a", "b"] });
    const { columns } = await readTable(write("pixels.csv", "label,0,1,2\n7,0,3,9\n1,4,0,8\n"));
    expect(columns.map(({ name }) => name)).toEqual(["label", "0", "1", "2"]);
    expect(Object.keys(await cells(file, { header: true }))).toEqual(["5.1", "a"]);
  });

  it("a second row of names or units is left out", async () => {
    const { notes, rowCount, rowNumbers } = await readTable(write("two.csv", "length,width,y\n(cm),(cm),\n1.5,2,a\n2.5,3,b\n"));
    expect(notes).toEqual(["A second row of names or units below the header left out."]);
    expect([rowCount, [...rowNumbers]]).toEqual([2, [1, 2]]);
  });

  it("rows are numbered as in the file where some are left out", async () => {
    const table = await readTable(write("unlabelled.csv", "x,y\n1,a\n2,\n3,b\n4,a\n5,b\n"), { label: "y" });
    expect([table.notes, [...table.rowNumbers], table.totalRows]).toEqual([["1 row without a label left out (1 empty)."], [0, 2, 3, 4], 5]);
    expect(cellsOf(table)).toEqual({ x: [1, 3, 4, 5], y: ["a", "b", "a", "b"] });
  });
});

describe("JSON", () => {
  it("lines of objects: a column for each name, NaN as Python writes it, objects and lists inside", async () => {
    const lines = [
      '{"a":1,"b":"x","e":[0.5,1]}',
      "",
      '{"b":"NaN x","a":NaN,"e":[1,-Infinity]}',
      '{"a":3,"c":{"d":true},"b":null,"e":[2,null]}',
    ];
    const file = write("some.jsonl", lines.join("\n"));
    expect(await cells(file, { types: { b: "category" } })).toEqual({
      a: [1, null, 3],
      b: ["x", "NaN x", null],
      "e[0]": [0.5, 1, 2],
      "e[1]": [1, null, null],
      "c.d": [null, null, "true"],
    });
  });

  it("one array of objects", async () => {
    const table = await readTable(write("array.json", JSON.stringify([{ a: 1.5 }, { a: 2 }], undefined, 2)));
    expect([table.format, cellsOf(table)]).toEqual(["JSON (UTF-8)", { a: [1.5, 2] }]);
  });
});

describe("Parquet", () => {
  const columns = [
    { name: "i", kind: "int32", cells: [1, -2, null, 40, 5, 6] },
    { name: "l", kind: "int64", cells: [1n, 2n, 3n, null, 5n, 2n ** 40n] },
    { name: "big", kind: "int64", cells: [9007199254740993n, 1n, 1n, 1n, 9007199254740993n, 1n] },
    { name: "f", kind: "float", cells: [0.5, NaN, 1.5, Infinity, 2.5, 3.5] },
    { name: "s", kind: "string", cells: ["a", "b", null, "é", "a", "b"] },
    { name: "dict", kind: "string", cells: ["u", "v", "u", null, "v", "u"], dictionary: true },
    { name: "b", kind: "boolean", cells: [true, false, null, true, true, false] },
    { name: "day", kind: "date", cells: [0, 19723, null, 3, 4, 5] },
    { name: "ms", kind: "timestamp-ms", cells: [0, 43_200_000, null, 86_400_000, 1, 2] },
    { name: "us", kind: "timestamp-us", cells: [0, 86_400_000_000, null, 5, 6, 7] },
    {
      name: "e",
      kind: "list",
      cells: [
        [1, 2],
        [3, 4],
        [5, 6],
        [7, 8],
        [9, 10],
        [11, 12],
      ],
    },
  ] as const;
  const expected = {
    i: [1, -2, null, 40, 5, 6],
    l: [1, 2, 3, null, 5, 2 ** 40],
    big: ["9007199254740993", "1", "1", "1", "9007199254740993", "1"],
    f: [0.5, null, 1.5, null, 2.5, 3.5],
    s: ["a", "b", null, "é", "a", "b"],
    dict: ["u", "v", "u", null, "v", "u"],
    b: [1, 0, null, 1, 1, 0],
    day: [0, 19723, null, 3, 4, 5],
    ms: [0, 0.5, null, 1, 1 / 86_400_000, 2 / 86_400_000],
    us: [0, 1, null, 5 / 86_400_000_000, 6 / 86_400_000_000, 7 / 86_400_000_000],
    "e[0]": [1, 3, 5, 7, 9, 11],
    "e[1]": [2, 4, 6, 8, 10, 12],
  };

  it.each<[Codec, number]>([
    ["none", Infinity],
    ["snappy", 4],
    ["gzip", 2],
    ["brotli", 1],
  ])("packed with %s, in groups of %d rows", async (codec, rows) => {
    // Texts that are not whole numbers exactly are names and stay as they are.
    const table = await readTable(write(`${codec}.parquet`, parquetFile(columns, codec, rows)), { types: { big: "category" } });
    expect(cellsOf(table)).toEqual(expected);
    expect(table.columns.filter(({ type }) => type === "date").map(({ name }) => name)).toEqual(["day", "ms", "us"]);
    expect(table.columns.find(({ name }) => name === "f")).toMatchObject({
      missing: 2,
      missingAs: new Map([
        ["NaN", 1],
        ["∞", 1],
      ]),
    });
  });
});
