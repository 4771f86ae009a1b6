import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll } from "vitest";

/** A folder for the files of a test file, removed afterwards. */
export function tableFolder(): { readonly folder: string; write(name: string, content: string | Uint8Array): string } {
  const folder = mkdtempSync(path.join(tmpdir(), "ufom-tables-"));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return {
    folder,
    write(name, content) {
      const file = path.join(folder, name);
      writeFileSync(file, content);
      return file;
    },
  };
}

/** Text in UTF-16 with its mark. */
export function utf16(text: string, endian: "le" | "be"): Uint8Array {
  const bytes = Buffer.from(`\ufeff${text}`, "utf16le");
  return endian === "le" ? bytes : bytes.swap16();
}

type Elements = Float64Array | Float32Array | Int32Array | BigInt64Array | Uint8Array;
const descr = (data: Elements): string =>
  data instanceof Float64Array
    ? "<f8"
    : data instanceof Float32Array
      ? "<f4"
      : data instanceof Int32Array
        ? "<i4"
        : data instanceof BigInt64Array
          ? "<i8"
          : "|u1";

/** A .npy file of version 1. @param change of the head, to write what NumPy would not */
export function npyFile(shape: readonly number[], data: Elements, change: (head: string) => string = head => head): Uint8Array {
  const fields = `{'descr': '${descr(data)}', 'fortran_order': False, 'shape': (${shape.join(", ")}${shape.length === 1 ? "," : ""}), }`;
  const text = change(fields);
  const head = text.padEnd(Math.ceil((text.length + 11) / 64) * 64 - 11) + "\n";
  const start = Buffer.alloc(10);
  start.write("\x93NUMPY\x01\x00", "latin1");
  start.writeUInt16LE(head.length, 8);
  return Buffer.concat([start, Buffer.from(head, "latin1"), new Uint8Array(data.buffer, data.byteOffset, data.byteLength)]);
}
