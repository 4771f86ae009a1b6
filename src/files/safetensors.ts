import { fail, oneLine } from "../tensor/error.js";
import { bytesOf, sizeOf, type DType, type HostArray } from "../tensor/types.js";
import { elementTypes, type ElementType, type Refuse } from "./element-types.js";

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
/** The largest header that the safetensors format allows, in bytes. */
const longestHeader = 100_000_000;

const bytesIn = ({ data }: HostArray): Uint8Array => new Uint8Array(data.buffer, data.byteOffset, data.byteLength);

/**
 * Writes arrays in the safetensors format: the header's length as a little-endian 64-bit number, the header (JSON, padded
 * with spaces to a multiple of 8), then the arrays' bytes, little-endian, without gaps. The widest elements come first, so
 * that every array is aligned.
 * @throws if an array is named `__metadata__`, which the format keeps for itself
 * @see https://github.com/huggingface/safetensors#format
 */
export function writeSafeTensors({ tensors, metadata }: SafeTensors): Uint8Array {
  if (tensors.has("__metadata__")) fail("safetensors", "keep the name __metadata__ for themselves", "an array of that name");
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

/** Names of arrays and the engine's words about JSON are whatever the file holds. */
const refuserOf =
  (file: string): Refuse =>
  (rule, received) =>
    fail(`${file} is not a safetensors file:`, oneLine(rule), oneLine(received));

/** A copy that starts at a buffer's beginning, where any element type is aligned. (`slice` of Node's Buffer is a view.) */
const copyOf = (bytes: Uint8Array): ArrayBuffer => new Uint8Array(bytes).buffer;

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
 * Reads a safetensors file. Numbers of types that host arrays do not have are converted exactly: small floats to float32, integers to int32.
 * @param file its name, for messages
 * @throws one sentence naming the file, the rule and what was found; also for integers beyond int32, and for types of other numbers
 */
export function readSafeTensors(bytes: Uint8Array, file: string): SafeTensors {
  const refuse = refuserOf(file);
  if (bytes.length < 8) refuse("it must begin with the length of its header (8 bytes)", `${bytes.length} bytes`);
  const length = new DataView(bytes.buffer, bytes.byteOffset, 8).getBigUint64(0, true);
  if (length > BigInt(Math.min(longestHeader, bytes.length - 8))) {
    refuse("its header must lie within the file", `a header of ${length} bytes in a file of ${bytes.length}`);
  }
  const header = Number(length);
  const start = 8 + header;
  const parsed = parseHeader(bytes.subarray(8, start), refuse);
  const entries = Object.entries(parsed).flatMap(([name, entry]) => (name === "__metadata__" ? [] : [placeOf(name, entry, file)]));
  let covered = 0;
  for (const { from, to } of entries.toSorted((a, b) => a.from - b.from || a.to - b.to)) {
    if (from !== covered) refuse("its arrays must lie side by side", `a gap or an overlap at byte ${Math.min(from, covered)} of the data`);
    covered = to;
  }
  if (start + covered !== bytes.length) refuse(`its arrays need ${start + covered} bytes`, `${bytes.length}`);
  const tensors = new Map(
    entries.map(({ name, stored, type, shape, from, to }): [string, HostArray] => {
      const numbers = copyOf(bytes.subarray(start + from, start + to)),
        data = type.read(numbers, (rule, received) => fail(file, oneLine(`holds ${name} in ${stored}, which ${rule}`), received));
      return [name, { shape, dtype: type.dtype, data }];
    }),
  );
  return { tensors, metadata: readMetadata(parsed.__metadata__, refuse) };
}

/** Where an array's bytes lie, checked against its type. */
function placeOf(name: string, entry: unknown, file: string) {
  const refuse = refuserOf(file);
  if (!isEntry(entry)) return refuse(`${name} must have a dtype, a shape and two data_offsets`, JSON.stringify(entry));
  const { shape, dtype: stored } = entry,
    type: ElementType =
      elementTypes.get(stored)
      ?? fail(file, oneLine(`can be read if ${name} is in ${[...elementTypes.keys()].join(", ")}`), oneLine(stored));
  const [from, to] = entry.data_offsets,
    needed = sizeOf(shape) * type.bytes;
  if (to - from !== needed) refuse(`${name} ${stored}[${shape.join(",")}] needs ${needed} bytes`, `${to - from}`);
  return { name, stored, type, shape, from, to };
}

function parseHeader(bytes: Uint8Array, refuse: Refuse): Record<string, unknown> {
  let text = "",
    header: unknown;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    header = JSON.parse(text);
  } catch (error) {
    return refuse("its header must be JSON", error instanceof Error ? error.message : String(error));
  }
  if (typeof header !== "object" || header === null || Array.isArray(header))
    return refuse("its header must be an object", text.slice(0, 40));
  return header as Record<string, unknown>;
}

function readMetadata(metadata: unknown, refuse: Refuse): Record<string, string> {
  if (metadata === undefined) return {};
  if (typeof metadata !== "object" || metadata === null || Object.values(metadata).some(text => typeof text !== "string")) {
    return refuse("its __metadata__ must hold texts by name", JSON.stringify(metadata));
  }
  return metadata as Record<string, string>;
}
