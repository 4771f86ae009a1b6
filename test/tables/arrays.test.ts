import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { PNG } from "pngjs";
import { describe, expect, it } from "vitest";
import { withFeatureFile } from "../../cli/src/tables/feature-file.js";
import { readTable, type TableOptions } from "../../cli/src/tables/read-table.js";
import { writeSafeTensors } from "../../src/files/safetensors.js";
import { parquetFile } from "../support/parquet-writer.js";
import { cellsOf } from "../support/table-cells.js";
import { npyFile, tableFolder } from "../support/table-files.js";

const { folder, write } = tableFolder();
const cells = async (file: string, options?: TableOptions) => cellsOf(await readTable(file, options));

describe("arrays", () => {
  it.each(["txt", "csv", "npy"])("a .npy file with labels in a file .%s", async kind => {
    const file = write("x.npy", npyFile([3, 2], Float32Array.of(0.5, 1, 1.5, 2, 2.5, 4)));
    const labels = kind === "npy" ? npyFile([3], Int32Array.of(1, 0, 1)) : kind === "csv" ? "label\n1\n0\n1\n" : "1\n0\n1\n";
    const table = await readTable(file, { labels: write(`y.${kind}`, labels), task: "classes" });
    expect(cellsOf(table)).toEqual({ "x[0]": [0.5, 1.5, 2.5], "x[1]": [1, 2, 4], label: ["1", "0", "1"] });
  });

  it("elements of every type, in either order, and axes that are laid side by side", async () => {
    const bytes = (of: string, data: Uint8Array, shape: readonly number[], order = "False") =>
      write(
        "t.npy",
        npyFile(shape, data, head => head.replace("|u1", of).replace("False", order)),
      );
    const read = async (file: string) => Object.values(await cells(file, { types: {} }));
    expect(await read(bytes("<f2", Uint8Array.of(0, 0x3c, 0, 0xc1, 1, 0, 0, 0x7c), [4]))).toEqual([[1, -2.5, 2 ** -24, null]]);
    expect(await read(bytes(">i2", Uint8Array.of(0, 7, 255, 255), [2]))).toEqual([[7, -1]]);
    expect(await read(bytes("|i1", Uint8Array.of(1, 2, 3, 4, 5, 6), [2, 3], "True"))).toEqual([
      [1, 2],
      [3, 4],
      [5, 6],
    ]);
    expect(await read(bytes("|i1", Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 9), [2, 2, 2]))).toEqual([
      [1, 5],
      [2, 6],
      [3, 7],
      [4, 9],
    ]);
    expect(await read(bytes("<U2", new Uint8Array(utf32("ab", "c\0")), [2]))).toEqual([["ab", "c"]]);
    expect(await read(bytes("|S2", Uint8Array.of(97, 98, 99, 0), [2]))).toEqual([["ab", "c"]]);
    expect(await read(bytes("|b1", Uint8Array.of(1, 0), [2]))).toEqual([[1, 0]]);
  });

  it("features of another file take the place of a table's own", async () => {
    const table = await readTable(write("labels.csv", "id,y\n1,a\n2,\n3,b\n"), { label: "y" });
    const numbers = Float32Array.of(1, 2, 3, 4, 5, 6);
    const tensors = new Map([
      ["features", { shape: [3, 2], dtype: "float32" as const, data: numbers }],
      ["other", { shape: [1], dtype: "float32" as const, data: Float32Array.of(0) }],
    ]);
    const files = [
      write("f.safetensors", writeSafeTensors({ tensors, metadata: {} })),
      write("f.npy", npyFile([3, 2], numbers)),
      write("f.csv", "p,q\n1,2\n3,4\n5,6\n"),
      write(
        "f.parquet",
        parquetFile([
          {
            name: "e",
            kind: "list",
            cells: [
              [1, 2],
              [3, 4],
              [5, 6],
            ],
          },
        ]),
      ),
    ];
    for (const file of files) {
      expect(Object.values(cellsOf(await withFeatureFile(table, file)))).toEqual([
        [1, 5],
        [2, 6],
        ["a", "b"],
      ]);
    }
    await expect(withFeatureFile(table, write("short.csv", "p,q\n1,2\n"))).rejects.toThrow(
      /short\.csv must have a row for each of the 3 rows of .*labels\.csv; received 1 row\.$/,
    );
    await expect(withFeatureFile(table, write("words.csv", "p,q\n1,2\n3,x\n5,6\n"))).rejects.toThrow('received "x" in column "q", row 2.');
  });
});

const utf32 = (...texts: readonly string[]): ArrayBuffer => Uint32Array.from([...texts.join("")], letter => letter.codePointAt(0)!).buffer;

it("a folder of class folders", async () => {
  const root = path.join(folder, "pictures");
  process.env.XDG_CACHE_HOME = path.join(folder, "cache");
  for (const [name, grey] of [
    ["cat", 0],
    ["dog", 255],
  ] as const) {
    mkdirSync(path.join(root, name), { recursive: true });
    const png = new PNG({ width: 2, height: 1 });
    png.data.fill(255);
    png.data.fill(grey, 0, 3);
    writeFileSync(path.join(root, name, "1.png"), PNG.sync.write(png));
  }
  const table = await readTable(root, { types: { "pixel[0]": "number", "pixel[1]": "number" } });
  expect(cellsOf(table)).toEqual({ "pixel[0]": [0, 1], "pixel[1]": [1, 1], label: ["cat", "dog"] });
  expect(table.files!.map(file => path.basename(path.dirname(file)))).toEqual(["cat", "dog"]);
});

describe("a sample", () => {
  const rows = Array.from({ length: 3000 }, (_, i) => i);
  const options = { sample: { rows: 500, seed: 3 } };

  it.each([
    ["csv", `n,m\n${rows.map(i => `${i},${i / 2}`).join("\n")}\n`],
    ["jsonl", rows.map(i => `{"n":${i},"m":${i / 2}}`).join("\n")],
    ["npy", npyFile([3000, 2], Float64Array.from(rows.flatMap(i => [i, i / 2])))],
    [
      "parquet",
      parquetFile(
        [
          { name: "n", kind: "int32", cells: rows },
          { name: "m", kind: "double", cells: rows.map(i => i / 2) },
        ],
        "none",
        700,
      ),
    ],
  ])(
    "of a file .%s has whole rows in their order, every one as likely as any other, and the same ones for a seed",
    async (kind, content) => {
      const file = write(`sampled.${kind}`, content);
      const [first, again, other] = [
        await readTable(file, options),
        await readTable(file, options),
        await readTable(file, { sample: { rows: 500, seed: 4 } }),
      ];
      const taken = [...first.rowNumbers];
      expect(Object.values(cellsOf(first))).toEqual([taken, taken.map(i => i / 2)]);
      expect([new Set(taken).size, taken]).toEqual([500, [...taken].sort((a, b) => a - b)]);
      expect([...again.rowNumbers]).toEqual(taken);
      expect([...other.rowNumbers]).not.toEqual(taken);
      // Of 500 uniform numbers in order, the mean is within 4.5 standard errors of the middle.
      expect(Math.abs(taken.reduce((sum, i) => sum + i, 0) / 500 - 1499.5)).toBeLessThan((4.5 * 3000) / Math.sqrt(12 * 500));
      expect(first.notes).toContain("500 of 3000 rows taken at random.");
      await expect(readTable(file, { memory: 2000 })).rejects.toThrow(
        /must fit in 2 kB of memory; --sample ROWS takes that many rows of it at random; received /,
      );
    },
  );
});
