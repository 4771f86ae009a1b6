import { bytesOf, sizeOf, type DType, type HostArray, type TypedArray } from "../tensor/types.js";

/** What a safetensors file holds: arrays by name, and texts by name. */
export interface SafeTensors {
  readonly tensors: ReadonlyMap<string, HostArray>;
  readonly metadata: Readonly<Record<string, string>>;
}

interface Entry {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly data_offsets: readonly [number, number];
}

const nameOf: Record<DType, string> = { float32: "F32", float64: "F64", int32: "I32", bool: "BOOL" };
const dtypeOf: ReadonlyMap<string, DType> = new Map(Object.entries(nameOf).map(([dtype, name]) => [name, dtype as DType]));
/** The largest header that the safetensors format allows, in bytes. */
const longestHeader = 100_000_000;

const bytesIn = ({ data }: HostArray): Uint8Array => new Uint8Array(data.buffer, data.byteOffset, data.byteLength);

/**
 * Writes arrays in the safetensors format: the header's length as a little-endian 64-bit number, the header (JSON, padded
 * with spaces to a multiple of 8), then the arrays' bytes, little-endian, without gaps. The widest elements come first, so
 * that every array is aligned.
 * @throws Error if an array is named `__metadata__`, which the format keeps for itself
 * @see https://github.com/huggingface/safetensors#format
 */
export function writeSafeTensors({ tensors, metadata }: SafeTensors): Uint8Array {
  if (tensors.has("__metadata__")) throw new Error("ufom: safetensors: no array may be named __metadata__; received one.");
  const order = [...tensors].sort(
    ([nameA, a], [nameB, b]) => bytesOf[b.dtype] - bytesOf[a.dtype] || (nameA < nameB ? -1 : nameA > nameB ? 1 : 0),
  );
  const entries: [string, unknown][] = Object.keys(metadata).length > 0 ? [["__metadata__", metadata]] : [];
  let offset = 0;
  for (const [name, { dtype, shape, data }] of order) {
    entries.push([name, { dtype: nameOf[dtype], shape, data_offsets: [offset, (offset += data.byteLength)] }]);
  }
  const json = new TextEncoder().encode(
    `{${entries.map(([name, entry]) => `${JSON.stringify(name)}:${JSON.stringify(entry)}`).join(",")}}`,
  );
  const header = 8 * Math.ceil(json.length / 8);
  const file = new Uint8Array(8 + header + offset).fill(0x20, 8, 8 + header);
  new DataView(file.buffer).setBigUint64(0, BigInt(header), true);
  file.set(json, 8);
  let at = 8 + header;
  for (const [, array] of order) {
    file.set(bytesIn(array), at);
    at += array.data.byteLength;
  }
  return file;
}

function allocateFor(dtype: DType, bytes: ArrayBuffer): TypedArray {
  switch (dtype) {
    case "float32":
      return new Float32Array(bytes);
    case "float64":
      return new Float64Array(bytes);
    case "int32":
      return new Int32Array(bytes);
    case "bool":
      return new Uint8Array(bytes);
  }
}

/** A copy that starts at a buffer's beginning, where any element type is aligned. (`slice` of Node's Buffer is a view.) */
const copyOf = (bytes: Uint8Array): ArrayBuffer => Uint8Array.from(bytes).buffer;

const isSizes = (x: unknown): x is number[] => Array.isArray(x) && x.every(n => Number.isSafeInteger(n) && n >= 0);

function isEntry(x: unknown): x is Entry {
  const entry = x as Partial<Entry> | null;
  return (
    typeof entry === "object"
    && entry !== null
    && typeof entry.dtype === "string"
    && isSizes(entry.shape)
    && isSizes(entry.data_offsets)
    && entry.data_offsets.length === 2
  );
}

/**
 * Reads a safetensors file of 32- and 64-bit floats, 32-bit integers and booleans.
 * @param file its name, for messages
 * @throws Error one sentence naming the file, the rule and what was found
 */
export function readSafeTensors(bytes: Uint8Array, file: string): SafeTensors {
  const refuse = (rule: string, received: string): never => {
    throw new Error(`ufom: ${file} is not a safetensors file: ${rule}; received ${received}.`);
  };
  if (bytes.length < 8) refuse("it must begin with the length of its header (8 bytes)", `${bytes.length} bytes`);
  const length = new DataView(bytes.buffer, bytes.byteOffset, 8).getBigUint64(0, true);
  if (length > BigInt(Math.min(longestHeader, bytes.length - 8))) {
    refuse("its header must lie within the file", `a header of ${length} bytes in a file of ${bytes.length}`);
  }
  const header = Number(length);
  const start = 8 + header;
  const parsed = parseHeader(new TextDecoder().decode(bytes.subarray(8, start)), refuse);
  const entries = Object.entries(parsed).flatMap(([name, entry]) => (name === "__metadata__" ? [] : [placeOf(name, entry, refuse)]));
  let covered = 0;
  for (const { from, to } of entries.toSorted((a, b) => a.from - b.from || a.to - b.to)) {
    if (from !== covered) refuse("its arrays must lie side by side", `a gap or an overlap at byte ${Math.min(from, covered)} of the data`);
    covered = to;
  }
  if (start + covered !== bytes.length) refuse(`its arrays need ${start + covered} bytes`, `${bytes.length}`);
  const tensors = new Map(
    entries.map(({ name, dtype, shape, from, to }): [string, HostArray] => {
      return [name, { shape, dtype, data: allocateFor(dtype, copyOf(bytes.subarray(start + from, start + to))) }];
    }),
  );
  return { tensors, metadata: readMetadata(parsed.__metadata__, refuse) };
}

/** Where an array's bytes lie, checked against its type. */
function placeOf(name: string, entry: unknown, refuse: (rule: string, received: string) => never) {
  if (!isEntry(entry)) return refuse(`${name} must have a dtype, a shape and two data_offsets`, JSON.stringify(entry));
  const { shape } = entry;
  const dtype = dtypeOf.get(entry.dtype) ?? refuse(`${name} must be of ${[...dtypeOf.keys()].join(", ")}`, entry.dtype);
  const [from, to] = entry.data_offsets;
  const needed = sizeOf(shape) * bytesOf[dtype];
  if (to - from !== needed) refuse(`${name} ${entry.dtype}[${shape.join(",")}] needs ${needed} bytes`, `${to - from}`);
  return { name, dtype, shape, from, to };
}

function parseHeader(text: string, refuse: (rule: string, received: string) => never): Record<string, unknown> {
  let header: unknown;
  try {
    header = JSON.parse(text);
  } catch (error) {
    return refuse("its header must be JSON", error instanceof Error ? error.message : String(error));
  }
  if (typeof header !== "object" || header === null || Array.isArray(header))
    return refuse("its header must be an object", text.slice(0, 40));
  return header as Record<string, unknown>;
}

function readMetadata(metadata: unknown, refuse: (rule: string, received: string) => never): Record<string, string> {
  if (metadata === undefined) return {};
  if (typeof metadata !== "object" || metadata === null || Object.values(metadata).some(text => typeof text !== "string")) {
    return refuse("its __metadata__ must hold texts by name", JSON.stringify(metadata));
  }
  return metadata as Record<string, string>;
}
