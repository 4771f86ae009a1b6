import { brotliCompressSync, gzipSync } from "node:zlib";

/**
 * A small writer of Parquet files, for tests of the reader: flat columns and lists of doubles, plain or with a dictionary, a group or several of rows.
 * @see https://github.com/apache/parquet-format
 */

/** Thrift's compact protocol, as far as Parquet uses it. */
type Thrift =
  { readonly i32: number } | { readonly i64: number } | { readonly bytes: Uint8Array } | { readonly list: readonly Thrift[] } | Fields;
interface Fields {
  readonly fields: readonly (readonly [id: number, value: Thrift | undefined])[];
}

const varint = (n: number): number[] => {
  const out: number[] = [];
  for (; n > 127; n = Math.floor(n / 128)) out.push((n % 128) | 128);
  return [...out, n];
};
const zigzag = (n: number): number[] => varint(n < 0 ? -2 * n - 1 : 2 * n);
const typeOf = (value: Thrift): number => ("i32" in value ? 5 : "i64" in value ? 6 : "bytes" in value ? 8 : "list" in value ? 9 : 12);

function encode(value: Thrift): number[] {
  if ("i32" in value) return zigzag(value.i32);
  if ("i64" in value) return zigzag(value.i64);
  if ("bytes" in value) return [...varint(value.bytes.length), ...value.bytes];
  if ("list" in value) {
    const { list } = value;
    const type = list.length === 0 ? 12 : typeOf(list[0]);
    return [...(list.length < 15 ? [(list.length << 4) | type] : [0xf0 | type, ...varint(list.length)]), ...list.flatMap(encode)];
  }
  let before = 0;
  const out: number[] = [];
  for (const [id, field] of value.fields) {
    if (field === undefined) continue;
    out.push(((id - before) << 4) | typeOf(field), ...encode(field));
    before = id;
  }
  return [...out, 0];
}

const text = (s: string): Thrift => ({ bytes: new TextEncoder().encode(s) });
const i32 = (n: number): Thrift => ({ i32: n });
const i64 = (n: number): Thrift => ({ i64: n });

type Cell = number | bigint | string | boolean | readonly number[] | null;
type Kind = "boolean" | "int32" | "int64" | "float" | "double" | "string" | "date" | "timestamp-ms" | "timestamp-us" | "list";

export interface ParquetColumn {
  readonly name: string;
  readonly kind: Kind;
  readonly cells: readonly Cell[];
  /** Whether values are written once and referred to. */
  readonly dictionary?: boolean;
}

const physical: Readonly<Record<Kind, number>> = {
  boolean: 0,
  int32: 1,
  int64: 2,
  float: 4,
  double: 5,
  string: 6,
  date: 1,
  "timestamp-ms": 2,
  "timestamp-us": 2,
  list: 5,
};
const converted: Partial<Record<Kind, number>> = { string: 0, date: 6, "timestamp-ms": 9, "timestamp-us": 10 };

function plain(kind: Kind, cells: readonly Cell[]): Buffer {
  const numbers = (bytes: number, write: (view: DataView, at: number, cell: Cell) => void) => {
    const view = new DataView(new ArrayBuffer(bytes * cells.length));
    cells.forEach((cell, i) => write(view, bytes * i, cell));
    return Buffer.from(view.buffer);
  };
  switch (kind) {
    case "boolean": {
      const bits = Buffer.alloc(Math.ceil(cells.length / 8));
      cells.forEach((cell, i) => (bits[i >> 3] |= Number(cell) << (i & 7)));
      return bits;
    }
    case "int32":
    case "date":
      return numbers(4, (view, at, cell) => view.setInt32(at, Number(cell), true));
    case "float":
      return numbers(4, (view, at, cell) => view.setFloat32(at, Number(cell), true));
    case "double":
    case "list":
      return numbers(8, (view, at, cell) => view.setFloat64(at, Number(cell), true));
    case "string":
      return Buffer.concat(
        cells.flatMap(cell => {
          const bytes = Buffer.from(String(cell));
          const length = Buffer.alloc(4);
          length.writeUInt32LE(bytes.length);
          return [length, bytes];
        }),
      );
    default:
      return numbers(8, (view, at, cell) => view.setBigInt64(at, BigInt(cell as number), true));
  }
}

/** Levels or indices as runs of one value. */
function runs(values: readonly number[], bits: number): Buffer {
  const out: number[] = [];
  for (let i = 0; i < values.length;) {
    let n = 1;
    while (values[i + n] === values[i]) n++;
    out.push(...varint(2 * n));
    for (let b = 0; b < bits; b += 8) out.push((values[i] >> b) & 255);
    i += n;
  }
  return Buffer.from(out);
}

const levels = (values: readonly number[], bits: number): Buffer => {
  const body = runs(values, bits);
  const length = Buffer.alloc(4);
  length.writeUInt32LE(body.length);
  return Buffer.concat([length, body]);
};

export type Codec = "none" | "snappy" | "gzip" | "brotli";
const codecs: Readonly<Record<Codec, number>> = { none: 0, snappy: 1, gzip: 2, brotli: 4 };

/** Snappy whose parts are all taken over as they are. */
function snappy(bytes: Buffer): Buffer {
  const out: number[] = varint(bytes.length);
  for (let at = 0; at < bytes.length; at += 60) {
    const part = bytes.subarray(at, at + 60);
    out.push((part.length - 1) << 2, ...part);
  }
  return Buffer.from(out);
}

const pack = (codec: Codec, bytes: Buffer): Buffer =>
  codec === "snappy" ? snappy(bytes) : codec === "gzip" ? gzipSync(bytes) : codec === "brotli" ? brotliCompressSync(bytes) : bytes;

function page(kind: 0 | 2, codec: Codec, body: Buffer, values: number, encoding: number): Buffer {
  const packed = pack(codec, body);
  const head: Fields =
    kind === 0
      ? {
          fields: [
            [1, i32(values)],
            [2, i32(encoding)],
            [3, i32(3)],
            [4, i32(3)],
          ],
        }
      : {
          fields: [
            [1, i32(values)],
            [2, i32(encoding)],
          ],
        };
  return Buffer.concat([
    Buffer.from(
      encode({
        fields: [
          [1, i32(kind)],
          [2, i32(body.length)],
          [3, i32(packed.length)],
          [kind === 0 ? 5 : 7, head],
        ],
      }),
    ),
    packed,
  ]);
}

/** A column's pages of a group of rows. */
function chunk(
  { kind, cells, dictionary = false }: ParquetColumn,
  codec: Codec,
): { readonly pages: Buffer; readonly dictionary: number; readonly values: number } {
  if (kind === "list") {
    const inner = cells as readonly (readonly number[])[];
    const flat = inner.flat();
    const repetition = inner.flatMap(list => list.map((_, i) => Number(i > 0)));
    const body = Buffer.concat([
      levels(repetition, 1),
      levels(
        flat.map(() => 2),
        2,
      ),
      plain(kind, flat),
    ]);
    return { pages: page(0, codec, body, flat.length, 0), dictionary: 0, values: flat.length };
  }
  const there = cells.filter(cell => cell !== null);
  const defined = levels(
    cells.map(cell => Number(cell !== null)),
    1,
  );
  if (!dictionary)
    return { pages: page(0, codec, Buffer.concat([defined, plain(kind, there)]), cells.length, 0), dictionary: 0, values: cells.length };
  const entries = [...new Set(there)];
  const first = page(2, codec, plain(kind, entries), entries.length, 0);
  const indices = there.map(cell => entries.indexOf(cell));
  const body = Buffer.concat([defined, Buffer.of(8), runs(indices, 8)]);
  return { pages: Buffer.concat([first, page(0, codec, body, cells.length, 8)]), dictionary: first.length, values: cells.length };
}

function schemaOf({ name, kind }: ParquetColumn): Fields[] {
  const leaf = (own: string, repetition: number): Fields => ({
    fields: [
      [1, i32(physical[kind])],
      [3, i32(repetition)],
      [4, text(own)],
      [6, converted[kind] === undefined ? undefined : i32(converted[kind])],
    ],
  });
  if (kind !== "list") return [leaf(name, 1)];
  const list: Fields = {
    fields: [
      [3, i32(0)],
      [4, text(name)],
      [5, i32(1)],
      [6, i32(3)],
    ],
  };
  return [
    list,
    {
      fields: [
        [3, i32(2)],
        [4, text("list")],
        [5, i32(1)],
      ],
    },
    leaf("element", 1),
  ];
}

/** A Parquet file. @param groupRows rows of a group */
export function parquetFile(columns: readonly ParquetColumn[], codec: Codec = "none", groupRows = Infinity): Uint8Array {
  const rows = columns[0].cells.length;
  const parts: Buffer[] = [Buffer.from("PAR1")];
  let at = 4;
  const groups: Thrift[] = [];
  for (let from = 0; from < rows; from += groupRows) {
    const taken = Math.min(groupRows, rows - from);
    const chunks = columns.map((column): Thrift => {
      const { pages, dictionary, values } = chunk({ ...column, cells: column.cells.slice(from, from + taken) }, codec);
      const start = at;
      parts.push(pages);
      at += pages.length;
      const way = column.kind === "list" ? [column.name, "list", "element"] : [column.name];
      const meta: Fields = {
        fields: [
          [1, i32(physical[column.kind])],
          [2, { list: [i32(0), i32(3)] }],
          [3, { list: way.map(text) }],
          [4, i32(codecs[codec])],
          [5, i64(values)],
          [6, i64(pages.length)],
          [7, i64(pages.length)],
          [9, i64(start + dictionary)],
          [11, dictionary > 0 ? i64(start) : undefined],
        ],
      };
      return {
        fields: [
          [2, i64(start)],
          [3, meta],
        ],
      };
    });
    groups.push({
      fields: [
        [1, { list: chunks }],
        [2, i64(at)],
        [3, i64(taken)],
      ],
    });
  }
  const root: Fields = {
    fields: [
      [4, text("schema")],
      [5, i32(columns.length)],
    ],
  };
  const footer = Buffer.from(
    encode({
      fields: [
        [1, i32(1)],
        [2, { list: [root, ...columns.flatMap(schemaOf)] }],
        [3, i64(rows)],
        [4, { list: groups }],
      ],
    }),
  );
  const length = Buffer.alloc(4);
  length.writeUInt32LE(footer.length);
  return Buffer.concat([...parts, footer, length, Buffer.from("PAR1")]);
}
