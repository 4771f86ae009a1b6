import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { gzipSync } from "node:zlib";
import jpeg from "jpeg-js";
import { PNG } from "pngjs";
import { expect, it } from "vitest";
import { isCategory, isFeature } from "../../cli/src/tables/columns.js";
import { describeTable } from "../../cli/src/tables/describe.js";
import { encode } from "../../cli/src/tables/encode.js";
import { fitEncoding } from "../../cli/src/tables/encoding.js";
import { readTable, type TableOptions } from "../../cli/src/tables/read-table.js";
import { stream, type Random } from "../../src/core/random/index.js";
import { writeSafeTensors } from "../../src/files/safetensors.js";
import { parquetFile, type Codec, type ParquetColumn } from "../support/parquet-writer.js";
import { npyFile, tableFolder, utf16 } from "../support/table-files.js";

/** `UFOM_TABLE_FUZZ=20000 npx vitest run test/tables/fuzz.test.ts` for more of them, `UFOM_TEST_SEED=2` for others. */
const mutations = Number(process.env.UFOM_TABLE_FUZZ ?? 2000);
const seed = Number(process.env.UFOM_TEST_SEED ?? 1);

const { folder, write } = tableFolder();
process.env.XDG_CACHE_HOME = path.join(folder, "cache");

const n = 24;
const rows = Array.from({ length: n }, (_, i) => i);
const csv = `age,job,when,ok,note,y\n${rows.map(i => [i % 5 === 0 ? "NA" : 20 + i / 4, ["clerk", '"cook, ""senior"""', "baker"][i % 3], `2024-01-${10 + (i % 9)}`, ["yes", "no"][i % 2], `word ${i}`, ["a", "b"][(i >> 1) % 2]].join(",")).join("\n")}\n`;
const json = rows.map(i =>
  JSON.stringify({
    age: i % 5 === 0 ? null : i / 3,
    job: ["x", "é", "z"][i % 3],
    deep: { e: [i, 0.5] },
    ok: i % 2 === 0,
    y: ["a", "b"][i % 2],
  }),
);
const columns: readonly ParquetColumn[] = [
  { name: "i", kind: "int32", cells: rows.map(i => (i % 7 === 0 ? null : i)) },
  { name: "l", kind: "int64", cells: rows.map(i => BigInt(i) ** 9n) },
  { name: "d", kind: "double", cells: rows.map(i => i / 3) },
  { name: "s", kind: "string", cells: rows.map(i => ["p", "q", null][i % 3]), dictionary: true },
  { name: "t", kind: "timestamp-us", cells: rows.map(i => i * 1e9) },
  { name: "b", kind: "boolean", cells: rows.map(i => i % 2 === 0) },
  { name: "e", kind: "list", cells: rows.map(i => [i, 1]) },
  { name: "y", kind: "string", cells: rows.map(i => ["a", "b"][i % 2]) },
];
const picture = new PNG({ width: 3, height: 2 });
picture.data.fill(200);

/** A file of each kind. @param options by which it is read */
const bases: readonly (readonly [name: string, bytes: Uint8Array, options: TableOptions])[] = [
  ["a.csv", Buffer.from(csv), { label: "y" }],
  ["b.csv", utf16(csv, "le"), { label: "y" }],
  ["c.tsv", Buffer.from(csv.replaceAll("cook, ", "cook").replaceAll(",", "\t")), { label: "y", sample: { rows: 9, seed: 1 } }],
  ["d.csv.gz", gzipSync(csv), { label: "y" }],
  ["e.csv", Buffer.from(csv), { label: "age", task: "number", types: { when: "date", job: "category" } }],
  ["f.jsonl", Buffer.from(json.join("\n")), { label: "y" }],
  ["g.json", Buffer.from(`[${json.join(",\n")}]`), { label: "y" }],
  ...(["none", "snappy", "gzip", "brotli"] as const).map(
    (codec: Codec) => [`h-${codec}.parquet`, parquetFile(columns, codec, 10), { label: "y" }] as const,
  ),
  [
    "i.npy",
    npyFile(
      [n, 2],
      Float64Array.from({ length: 2 * n }, (_, i) => i / 3),
    ),
    {},
  ],
  [
    "j.npy",
    npyFile(
      [n],
      Int32Array.from(rows, i => i % 3),
    ),
    {},
  ],
  [
    "k.safetensors",
    writeSafeTensors({
      tensors: new Map([["features", { shape: [n, 2], dtype: "float32", data: new Float32Array(2 * n) }]]),
      metadata: { a: "b" },
    }),
    {},
  ],
  ["cat/l.png", PNG.sync.write(picture), { size: 2 }],
  ["cat/m.jpg", jpeg.encode({ data: picture.data, width: 3, height: 2 }, 80).data, { size: 2 }],
];

/** What is put into texts: all that means something in one. */
const tokens = [
  '"',
  ",",
  "\n",
  "\r",
  "\t",
  ";",
  "\0",
  "\ufeff",
  "NaN",
  "-inf",
  "1e999",
  "{",
  "}",
  "[",
  "é",
  "0",
  "a,b,c",
  "y",
  '""',
  "\\",
  "null",
].map(text => Buffer.from(text));

/** A file with a part changed: a bit, a byte, a length; a part taken away, doubled or moved; cut off; a token put in. */
function mutated(bytes: Uint8Array, random: Random): Uint8Array {
  const at = random.integer(bytes.length + 1);
  const length = 1 + random.integer(random.integer(2) === 0 ? 4 : 60);
  const [before, after] = [bytes.subarray(0, at), bytes.subarray(at)];
  switch (random.integer(8)) {
    case 0:
      return before;
    case 1:
      return Buffer.concat([before, after.subarray(length)]);
    case 2:
      return Buffer.concat([before, after.subarray(0, length), after]);
    case 3:
      return Buffer.concat([before, tokens[random.integer(tokens.length)], after]);
    case 4:
      return Buffer.concat([after, before]);
    default: {
      const changed = Uint8Array.from(bytes);
      const place = Math.min(at, bytes.length - 1);
      if (place >= 0) changed[place] = random.integer(2) === 0 ? random.integer(256) : changed[place] ^ (1 << random.integer(8));
      return changed;
    }
  }
}

/** All that is done with a table, and what must hold of it. */
function use(table: Awaited<ReturnType<typeof readTable>>): void {
  const { rowCount, rowNumbers, label } = table;
  const lengths = table.columns.map(column =>
    isCategory(column)
      ? column.codes.length
      : "values" in column
        ? column.values.length
        : column.raw.kind === "text"
          ? column.raw.cells.length
          : column.raw.values.length,
  );
  expect(
    new Set([
      ...lengths,
      rowNumbers.length,
      label === undefined ? rowCount : label.kind === "classes" ? label.codes.length : label.values.length,
    ]),
  ).toEqual(new Set([rowCount]));
  expect(describeTable(table, 100)).toContain("used.");
  if (table.columns.some(isFeature)) expect(encode(fitEncoding(table), table).data.every(Number.isFinite)).toBe(true);
}

it(`${mutations} files that were damaged are tables, or one sentence`, async () => {
  const seen = new Map<string, { tables: number; sentences: number }>();
  for (let m = 0; m < mutations; m++) {
    const random = stream(seed, "damage", m);
    const [name, whole, options] = bases[m % bases.length];
    let bytes = whole;
    for (let times = 1 + random.integer(3); times > 0; times--) bytes = mutated(bytes, random);
    const root = path.join(folder, `p${m}`);
    const isPicture = name.startsWith("cat/");
    if (isPicture) {
      for (const kind of ["cat", "dog"]) mkdirSync(path.join(root, kind), { recursive: true });
      writeFileSync(path.join(root, name.replace("cat", "dog")), whole);
      writeFileSync(path.join(root, name), bytes);
    }
    const file = isPicture ? root : write(name, bytes);
    const counts = seen.get(name) ?? { tables: 0, sentences: 0 };
    seen.set(name, counts);
    const where = `mutation ${m} of ${name}: ${Buffer.from(bytes).toString("base64")}`;
    try {
      use(await readTable(file, options));
      counts.tables++;
    } catch (error) {
      const { message, stack } = error as Error;
      expect(
        message.startsWith("ufom: ") && message.endsWith(".") && !/[\n\r\0]/.test(message) && message.length < 700,
        `${where}\n${stack}`,
      ).toBe(true);
      expect(message.includes(isPicture ? `p${m}` : name), `${where}\n${message}`).toBe(true);
      counts.sentences++;
    }
  }
  // The damage is neither such that nothing is read, nor such that all is.
  const all = [...seen.values()];
  expect(all.every(({ sentences }) => sentences > 0)).toBe(true);
  expect(all.filter(({ tables }) => tables > 0).length).toBeGreaterThan(bases.length / 2);
});
