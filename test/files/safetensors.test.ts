import * as fc from "../support/fast-check.js";
import { describe, expect, it } from "vitest";
import { readState, writeState, type Saved } from "../../src/files/saved-state.js";
import { readSafeTensors, writeSafeTensors } from "../../src/files/safetensors.js";
import type { HostArray } from "../../src/tensor/types.js";

const bits = ({ data }: HostArray) => Array.from(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));

const hostArray: fc.Arbitrary<HostArray> = fc.array(fc.nat(3), { maxLength: 3 }).chain(shape => {
  const n = shape.reduce((a, b) => a * b, 1);
  const words = fc.array(fc.integer(), { minLength: 2 * n, maxLength: 2 * n });
  return fc.tuple(fc.constantFrom("float32", "float64", "int32", "bool"), words).map(([dtype, w]): HostArray => {
    const all = Int32Array.from(w);
    switch (dtype) {
      case "float32":
        return { shape, dtype, data: new Float32Array(all.buffer, 0, n) };
      case "float64":
        return { shape, dtype, data: new Float64Array(all.buffer, 0, n) };
      case "int32":
        return { shape, dtype, data: all.subarray(n) };
      case "bool":
        return { shape, dtype, data: Uint8Array.from(all.subarray(n), x => x & 1) };
    }
  });
});

describe("safetensors", () => {
  it("are laid out as the format's description says", () => {
    const file = writeSafeTensors({
      tensors: new Map<string, HostArray>([
        ["b", { shape: [2], dtype: "bool", data: Uint8Array.of(1, 0) }],
        ["x", { shape: [1, 2], dtype: "float32", data: Float32Array.of(1, -2) }],
      ]),
      metadata: { format: "pt" },
    });
    const header =
      '{"__metadata__":{"format":"pt"},"x":{"dtype":"F32","shape":[1,2],"data_offsets":[0,8]},"b":{"dtype":"BOOL","shape":[2],"data_offsets":[8,10]}}';
    const padded = 8 * Math.ceil(header.length / 8);
    expect(Array.from(file.subarray(0, 8))).toEqual([padded, 0, 0, 0, 0, 0, 0, 0]);
    expect(new TextDecoder().decode(file.subarray(8, 8 + padded))).toBe(header.padEnd(padded));
    expect(Array.from(file.subarray(8 + padded))).toEqual([0, 0, 128, 63, 0, 0, 0, 192, 1, 0]);
  });

  it("come back bit for bit, whatever the bits", () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), hostArray), fc.dictionary(fc.string(), fc.string()), (arrays, metadata) => {
        fc.pre(!Object.hasOwn(arrays, "__metadata__"));
        const file = writeSafeTensors({ tensors: new Map(Object.entries(arrays)), metadata });
        // As `readFile` gives it: a view of a larger buffer.
        const back = readSafeTensors(Buffer.concat([Buffer.alloc(3), file]).subarray(3), "f");
        expect(back.metadata).toEqual({ ...metadata });
        expect([...back.tensors.keys()].sort()).toEqual(Object.keys(arrays).sort());
        for (const [name, array] of Object.entries(arrays)) {
          const got = back.tensors.get(name)!;
          expect([got.dtype, got.shape, bits(got)]).toEqual([array.dtype, array.shape, bits(array)]);
        }
      }),
      { numRuns: 100, seed: 1 },
    );
  });

  const file = (header: string, data: number[] = []) => {
    const json = new TextEncoder().encode(header);
    return Uint8Array.from([json.length & 255, json.length >> 8, 0, 0, 0, 0, 0, 0, ...json, ...data]);
  };
  const x = (from: number, to: number) => `{"dtype":"BOOL","shape":[${to - from}],"data_offsets":[${from},${to}]}`;

  it.each([
    [Uint8Array.of(1, 0), "it must begin with the length of its header (8 bytes); received 2 bytes"],
    [Uint8Array.of(9, 0, 0, 0, 0, 0, 0, 0, 123), "its header must lie within the file; received a header of 9 bytes in a file of 9"],
    [file("{"), "its header must be JSON"],
    [file('{\n"a":\n\u0001'), "its header must be JSON"],
    [file('{"a\\nb":{"dtype":"F32"}}'), "a\\u000ab must have a dtype"],
    [file("[]"), "its header must be an object; received []"],
    [file('{"x":{"dtype":"F32"}}'), 'x must have a dtype, a shape and two data_offsets; received {"dtype":"F32"}'],
    [file('{"x":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}}', [0, 0, 0, 0]), "x F32[2] needs 8 bytes; received 4"],
    [file(`{"x":${x(0, 1)},"y":${x(2, 3)}}`, [0, 0, 0]), "its arrays must lie side by side; received a gap or an overlap at byte 1"],
    [file(`{"x":${x(0, 2)},"y":${x(1, 3)}}`, [0, 0, 0]), "a gap or an overlap at byte 1"],
    [file(`{"x":${x(0, 2)}}`, [0, 0, 0]), "its arrays need 65 bytes; received 66"],
    [file(`{"__metadata__":{"a":1}}`), 'its __metadata__ must hold texts by name; received {"a":1}'],
  ])("that are damaged are refused in a sentence (%#)", (bytes, message) => {
    expect(() => readSafeTensors(bytes, "some.safetensors")).toThrow("ufom: some.safetensors is not a safetensors file: ");
    expect(() => readSafeTensors(bytes, "some.safetensors")).toThrow(message);
    // Of one line, whatever the file holds.
    expect(() => readSafeTensors(bytes, "some.safetensors")).toThrow(/^[^\p{Cc}]*$/u);
  });
});

describe("numbers that others wrote", () => {
  /** A file with one array `x`, as the format's description says. */
  const file = (dtype: string, numbers: ArrayBufferView) => {
    const data = new Uint8Array(numbers.buffer, numbers.byteOffset, numbers.byteLength),
      n = data.length / { "8": 1, "6": 2, "2": 4, "4": 8, L: 1 }[/^(F8|BF|.)/.exec(dtype)![0] === "F8" ? "8" : dtype.slice(-1)]!,
      header = new TextEncoder().encode(`{"x":{"dtype":"${dtype}","shape":[${n}],"data_offsets":[0,${data.length}]}}`);
    return Uint8Array.from([header.length, 0, 0, 0, 0, 0, 0, 0, ...header, ...data]);
  };
  const read = (dtype: string, numbers: ArrayBufferView) => readSafeTensors(file(dtype, numbers), "model.safetensors").tensors.get("x");

  it.each<[string, ArrayBufferView, number[]]>([
    // The constants of IEEE 754's binary16, of bfloat16, and of the OCP 8-bit formats.
    [
      "F16",
      Uint16Array.of(0x3c00, 0xc000, 0x7bff, 0x0001, 0x03ff, 0x0400, 0x3555, 0x8000, 0x7c00, 0xfc00, 0x7e00),
      [1, -2, 65504, 2 ** -24, 1023 * 2 ** -24, 2 ** -14, 0.333251953125, -0, Infinity, -Infinity, NaN],
    ],
    [
      "BF16",
      Uint16Array.of(0x3f80, 0xc000, 0x7f7f, 0x0001, 0x8000, 0xff80, 0x7fc0),
      [1, -2, 255 * 2 ** 120, 2 ** -133, -0, -Infinity, NaN],
    ],
    ["F8_E5M2", Uint8Array.of(0x3c, 0x7b, 0x01, 0x80, 0x7c, 0x7e), [1, 57344, 2 ** -16, -0, Infinity, NaN]],
    ["F8_E4M3", Uint8Array.of(0x38, 0x7e, 0x01, 0x80, 0x78, 0xff), [1, 448, 2 ** -9, -0, 256, NaN]],
  ])("of %s are float32, exactly", (dtype, bits, wanted) => {
    const { dtype: got, data } = read(dtype, bits)!;
    expect(got).toBe("float32");
    expect(Array.from(data)).toEqual(wanted);
  });

  it.each<[string, ArrayBufferView, number[]]>([
    ["U8", Uint8Array.of(0, 200, 255), [0, 200, 255]],
    ["I8", Int8Array.of(-128, 127), [-128, 127]],
    ["U16", Uint16Array.of(65535, 1), [65535, 1]],
    ["I16", Int16Array.of(-32768, 32767), [-32768, 32767]],
    ["U32", Uint32Array.of(0, 2147483647), [0, 2147483647]],
    ["I64", BigInt64Array.of(0n, -1n, -2147483648n, 2147483647n), [0, -1, -2147483648, 2147483647]],
    ["U64", BigUint64Array.of(0n, 2147483647n), [0, 2147483647]],
  ])("of %s are int32", (dtype, numbers, wanted) => {
    const { dtype: got, data } = read(dtype, numbers)!;
    expect(got).toBe("int32");
    expect(Array.from(data)).toEqual(wanted);
  });

  const range = "which is read as int32, so that every number must lie between -2147483648 and 2147483647; received";
  it.each<[string, ArrayBufferView, string]>([
    ["I64", BigInt64Array.of(1n, 2147483648n), `ufom: model.safetensors holds x in I64, ${range} 2147483648 at 1.`],
    ["I64", BigInt64Array.of(-2147483649n), `${range} -2147483649 at 0.`],
    ["I64", BigInt64Array.of(2n ** 40n), `${range} 1099511627776 at 0.`],
    ["U64", BigUint64Array.of(0xffff_ffff_ffff_ffffn), `${range} 18446744073709551615 at 0.`],
    ["U64", BigUint64Array.of(0x8000_0000n), `${range} 2147483648 at 0.`],
    ["U32", Uint32Array.of(0, 0, 3e9), `${range} 3000000000 at 2.`],
    ["BOOL", Uint8Array.of(1, 2), "holds x in BOOL, which must hold a 0 or a 1 for every truth value; received 2 at 1."],
    ["C64", Float64Array.of(1), "ufom: model.safetensors can be read if x is in F64, F32, I32, BOOL, F16, BF16, "],
  ])("of %s that cannot be converted exactly are refused", (dtype, numbers, sentence) => {
    expect(() => read(dtype, numbers)).toThrow(sentence);
  });
});

describe("a saved state", () => {
  it("comes back exactly, odd numbers included", () => {
    const state: Saved = {
      version: 1,
      problem: "hash",
      nothing: null,
      list: [1, "a", true, [], {}],
      odd: [NaN, Infinity, -Infinity, -0, 0.1, Number.MIN_VALUE, Number.MAX_VALUE],
      theta: {
        weight: { shape: [2], dtype: "float32", data: Float32Array.of(0.1, -0) },
        "a.b": { shape: [], dtype: "float64", data: Float64Array.of(Math.PI) },
      },
      $number: { $array: "a key of one's own", $: 1, $$x: 2 },
      "theta.a": { b: { shape: [0], dtype: "int32", data: new Int32Array(0) } },
    };
    const back = readState(writeState(state), "f");
    expect(back).toEqual(state);
    expect(Object.is((back as { odd: number[] }).odd[3], -0)).toBe(true);
  });

  it("keeps its arrays readable by others, under their path", () => {
    const bytes = writeState({ theta: { layers: [{ w: { shape: [1], dtype: "float32", data: Float32Array.of(3) } }] }, index: 7 });
    expect([...readSafeTensors(bytes, "f").tensors.keys()]).toEqual(["theta.layers.0.w"]);
  });

  it("refuses a file without one", () => {
    const bytes = writeSafeTensors({ tensors: new Map(), metadata: {} });
    expect(() => readState(bytes, "f")).toThrow(
      "ufom: f must hold the state of a run (ufom.state in its metadata); received a file without one.",
    );
  });
});

describe("a damaged state", () => {
  /** With every kind of thing that a state holds. */
  const bytes = writeState({
    version: 2,
    run: { estimator: 'ufom:0.5 "ufom.crc32":"00000000"', seed: 1 },
    theta: { weight: { shape: [3], dtype: "float32", data: Float32Array.of(0.1, -0, 3e8) } },
    loss: NaN,
    index: 12,
  });

  it("is noticed, whichever single bit is another", () => {
    expect(readState(bytes, "f")).toMatchObject({ index: 12 });
    const accepted: number[] = [];
    for (let bit = 0; bit < 8 * bytes.length; bit++) {
      const damaged = Uint8Array.from(bytes);
      damaged[bit >> 3] ^= 1 << (bit & 7);
      try {
        readState(damaged, "f");
        accepted.push(bit);
      } catch (error) {
        expect((error as Error).message).toMatch(/^ufom: f [^\n]*\.$/);
      }
    }
    expect(accepted).toEqual([]);
  });

  it("is noticed where a piece was cut off, overwritten or put elsewhere", () => {
    const pieces = fc.record({ at: fc.nat(bytes.length - 1), to: fc.nat(bytes.length - 1), length: fc.integer({ min: 1, max: 32 }) });
    fc.assert(
      fc.property(pieces, fc.boolean(), ({ at, to, length }, copied) => {
        const damaged = Uint8Array.from(bytes);
        const piece = bytes.subarray(at, at + length);
        if (copied) damaged.set(piece.subarray(0, bytes.length - to), to);
        else damaged.fill(0, at, at + length);
        fc.pre(damaged.some((byte, i) => byte !== bytes[i]));
        expect(() => readState(damaged, "f")).toThrow(/^ufom: f /);
        expect(() => readState(bytes.subarray(0, at), "f")).toThrow(/^ufom: f /);
      }),
      { numRuns: 300, seed: 1 },
    );
  });
});
