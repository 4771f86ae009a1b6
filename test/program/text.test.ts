import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { bytesOfBase64, base64Of } from "../../src/program/bytes.js";
import { ProgramBuilder } from "../../src/program/builder.js";
import { hashProgram } from "../../src/program/hash.js";
import type { Program } from "../../src/program/program.js";
import { printProgram } from "../../src/program/print.js";
import { deserializeProgram, serializeProgram } from "../../src/program/serialize.js";
import { sha256 } from "../../src/program/sha256.js";

function build(names = ["x", "w"], literal = 0.1, constant = 7): Program {
  const b = new ProgramBuilder();
  const x = b.input([2, 3], "float32", names[0]),
    w = b.input([3, 4], "float32", names[1]);
  const y = b.add("matmul", [x, w], [2, 4], "float32", {});
  const k = b.add("broadcast", [b.literal(literal, "float32")], [2, 4], "float32", {});
  const s = b.add("sum", [b.add("multiply", [y, k], [2, 4], "float32", {})], [2], "float32", { axes: [1] });
  const c = b.constant({ shape: [2], dtype: "float32", data: new Float32Array([1, constant]) });
  return b.build([b.add("maximum", [s, c], [2], "float32", {}), y]);
}
const specials = [NaN, Infinity, -Infinity, -0, 0, 0.1, 1e-320, 2 ** 53 + 2];

describe("printProgram", () => {
  it("writes one line a node, literals where they are used", () => {
    expect(printProgram(build())).toMatchInlineSnapshot(`
      "%0 float32[2,3] = input 0 "x"
      %1 float32[3,4] = input 1 "w"
      %2 float32[2,4] = matmul %0 %1
      %4 float32[2,4] = broadcast 0.1
      %5 float32[2,4] = multiply %2 %4
      %6 float32[2] = sum %5 axes=[1]
      %7 float32[2] = constant [1, 7]
      %8 float32[2] = maximum %6 %7
      return %8, %2"
    `);
  });

  it("shows a literal that is returned, −0, and the head of a long constant", () => {
    const b = new ProgramBuilder();
    const c = b.constant({ shape: [9], dtype: "int32", data: Int32Array.from({ length: 9 }, (_, i) => i) });
    expect(printProgram(b.build([b.literal(-0, "float64"), c]))).toMatchInlineSnapshot(`
      "%0 int32[9] = constant [0, 1, 2, 3, 4, 5, … 9 numbers]
      %1 float64[] = literal -0
      return %1, %0"
    `);
  });
});

describe("sha256", () => {
  it("agrees with node:crypto at every length around the block's", () => {
    for (const n of [0, 1, 3, 55, 56, 57, 63, 64, 65, 119, 120, 128, 1000]) {
      const bytes = Uint8Array.from({ length: n + 3 }, (_, i) => (i * 37) & 255).subarray(3);
      expect(sha256(bytes)).toBe(createHash("sha256").update(bytes).digest("hex"));
    }
  });
});

describe("hashProgram", () => {
  it("is committed: another machine's must be the same", () => {
    expect(hashProgram(build())).toMatchInlineSnapshot(`"46f205766ab552ac8e09f7939bc4b600"`);
  });

  it("does not depend on the names of inputs or on the object", () => {
    expect(hashProgram(build(["a", "b"]))).toBe(hashProgram(build()));
  });

  it("tells literals, constants, types, parameters, wiring and outputs apart", () => {
    const base = build(),
      edit = (i: number, change: object): Program => ({ ...base, nodes: base.nodes.map((n, k) => (k === i ? { ...n, ...change } : n)) });
    const all = [
      base,
      ...specials.filter(v => v !== 0.1).map(v => build(undefined, v)),
      build(undefined, 0.1, 8),
      build(undefined, 0.1, -0),
      edit(6, { params: { axes: [0] } }),
      edit(2, { dtype: "float64" }),
      edit(2, { shape: [8] }),
      edit(8, { op: "minimum" }),
      edit(8, { inputs: [7, 6] }),
      { ...base, outputs: [8] },
      { ...base, outputs: [2, 8] },
      { ...base, inputs: [...base.inputs, base.inputs[0]] },
    ];
    expect(new Set(all.map(hashProgram)).size).toBe(all.length);
  });
});

describe("serializeProgram", () => {
  it.each(specials)("keeps the literal %s exactly, and the hash", value => {
    const program = build(undefined, value),
      back = deserializeProgram(serializeProgram(program));
    expect(back).toEqual(program);
    expect(Object.is((back.nodes[3].params as { value: number }).value, value)).toBe(true);
    expect(hashProgram(back)).toBe(hashProgram(program));
  });

  it("keeps constants bit for bit", () => {
    const b = new ProgramBuilder();
    const out = [
      b.constant({ shape: [specials.length], dtype: "float64", data: Float64Array.from(specials) }),
      b.constant({ shape: [2, 1], dtype: "int32", data: Int32Array.of(-(2 ** 31), 5) }),
      b.constant({ shape: [3], dtype: "bool", data: Uint8Array.of(1, 0, 1) }),
      b.constant({ shape: [0], dtype: "float32", data: new Float32Array(0) }),
      b.constant({ shape: [], dtype: "float32", data: new Float32Array([0.3]) }),
      b.constant({ shape: [100_000], dtype: "float32", data: Float32Array.from({ length: 100_000 }, (_, i) => Math.sin(i)) }),
    ];
    const program = b.build(out),
      back = deserializeProgram(serializeProgram(program));
    expect(back).toEqual(program);
    expect(hashProgram(back)).toBe(hashProgram(program));
  });

  it("writes base64 as Node's Buffer does", () => {
    for (const n of [0, 1, 2, 3, 100, 40_000]) {
      const bytes = Uint8Array.from({ length: n }, (_, i) => (i * 101) & 255);
      expect(base64Of(bytes)).toBe(Buffer.from(bytes).toString("base64"));
      expect(bytesOfBase64(base64Of(bytes))).toEqual(bytes);
    }
  });

  const text = serializeProgram(build());
  it.each([
    ["other text", "hello", 'the text must be JSON; received "hello"'],
    ["a list", "[]", "must be an object"],
    ["another format", "{}", "the format must be"],
    ["an ill-typed node", text.replace('"shape":[2,4]', '"shape":[2,5]'), "must be float32[2,4]"],
    ["an unknown operation", text.replace('"matmul"', '"__proto__"'), "a primitive of this name"],
    ["an unknown element type", text.replace('"dtype":"float32"', '"dtype":"constructor"'), "must be an element type"],
    ["a literal in words", text.replace('"value":0.1', '"value":"0.1"'), "a literal must be a number"],
    ["operands that are no numbers", text.replace('"inputs":[0,1]', '"inputs":["0",1]'), "whole numbers"],
    ["a constant cut short", text.replace(/"data":"[^"]{4}/, '"data":"'), "bytes each"],
    ["a constant that is not base64", text.replace(/"data":"[^"]{4}/, '"data":"*!!*'), "base64"],
    ["a missing list", text.replace('"outputs"', '"results"'), "outputs must be a list"],
  ])("refuses %s", (_, bad, sentence) => {
    expect(bad).not.toBe(text);
    expect(() => deserializeProgram(bad)).toThrow(sentence);
  });
});
