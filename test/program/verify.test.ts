import { describe, expect, it } from "vitest";
import type { Node, Program } from "../../src/program/program.js";
import { ProgramBuilder } from "../../src/program/builder.js";
import { verifyProgram } from "../../src/program/verify.js";

function affine(): Program {
  const b = new ProgramBuilder();
  const x = b.input([2, 3], "float32", "x"),
    w = b.input([3, 4], "float32", "w");
  const y = b.add("matmul", [x, w], [2, 4], "float32", {});
  const s = b.add("sum", [y], [2], "float32", { axes: [1] });
  const c = b.constant({ shape: [2], dtype: "float32", data: new Float32Array([1, 2]) });
  return b.build([b.add("add", [s, c], [2], "float32", {})]);
}

/** The affine program with node i changed. */
function changed(i: number, change: Partial<Node> | Record<string, unknown>): Program {
  const program = affine();
  return { ...program, nodes: program.nodes.map((node, k) => (k === i ? { ...node, ...change } : node)) };
}

const program = (make: (b: ProgramBuilder) => number): Program => {
  const b = new ProgramBuilder(),
    out = make(b);
  return b.build([out]);
};
const refusal = (p: Program): string => {
  try {
    verifyProgram(p);
  } catch (error) {
    return (error as Error).message;
  }
  return "accepted";
};

describe("verifyProgram", () => {
  it("accepts a well-typed program", () => {
    expect(refusal(affine())).toBe("accepted");
  });

  it("names the node, the rule and what was received", () => {
    expect(refusal(changed(2, { inputs: [1, 0] }))).toMatchInlineSnapshot(
      `"ufom: program node %2 = matmul: the inner extents must be equal; received %1 float32[3,4], %0 float32[2,3] → float32[2,4]."`,
    );
    expect(refusal(changed(3, { params: { axes: [2] } }))).toMatchInlineSnapshot(
      `"ufom: program node %3 = sum: the axes must be ascending and in range; received %2 float32[2,4] {"axes":[2]} → float32[2]."`,
    );
  });

  it.each([
    ["an operand that comes later", changed(2, { inputs: [0, 3] }), "earlier nodes"],
    ["an operand that is no node", changed(2, { inputs: [0, 0.5] }), "earlier nodes"],
    ["a missing operand", changed(2, { inputs: [0] }), "number of operands must be 2"],
    ["a surplus operand", changed(3, { inputs: [2, 2] }), "number of operands must be 1"],
    ["an unknown primitive", changed(2, { op: "toString" }), "a primitive of this name"],
    ["a missing parameter", changed(3, { params: {} }), "parameter axes must be given"],
    ["a parameter that does not belong", changed(2, { params: { axes: [0] } }), "no parameter axes"],
    ["no parameters at all", changed(2, { params: null }), "object of parameters"],
    ["a wrong shape", changed(2, { shape: [2, 5] }), "the result must be float32[2,4]"],
    ["a wrong element type", changed(2, { dtype: "float64" }), "the result must be float32[2,4]"],
    ["an unknown element type", changed(2, { dtype: "float16" }), "an element type"],
    ["a fractional extent", changed(2, { shape: [2, 4.5] }), "whole numbers"],
    ["axes out of order", changed(3, { params: { axes: [1, 0] } }), "ascending"],
    ["axes twice", changed(3, { params: { axes: [1, 1] } }), "ascending"],
    ["an input out of range", changed(0, { params: { index: 7 } }), "the program must have input 7"],
    ["an input of another type", changed(0, { shape: [2, 4] }), "the input's float32[2,3]"],
    ["an input with two nodes", changed(1, { params: { index: 0 }, shape: [2, 3] }), "one node"],
    ["a constant out of range", changed(4, { params: { index: -1 } }), "the program must have constant -1"],
    ["a constant of another type", changed(4, { dtype: "float64" }), "the constant's float32[2]"],
    ["operands of two types", changed(5, { inputs: [3, 2] }), "one type"],
    ["an output out of range", { ...affine(), outputs: [6] }, "0 to 5; output 0 is 6"],
    ["an output that is no node", { ...affine(), outputs: [-1] }, "output 0 is -1"],
    [
      "a constant with too few numbers",
      { ...affine(), constants: [{ shape: [2], dtype: "float32", data: new Float32Array(1) }] },
      "cannot have 1 numbers",
    ],
    [
      "a constant in the wrong array",
      { ...affine(), constants: [{ shape: [2], dtype: "float32", data: new Float64Array(2) }] },
      "Float64Array",
    ],
    ["an input without a type", { ...affine(), inputs: [{ shape: [-1], dtype: "float32" }] }, "input 0"],
  ] as [string, Program, string][])("refuses %s", (_, p, rule) => {
    expect(refusal(p)).toContain(rule);
  });

  it.each([
    ["a literal with axes", program(b => b.add("literal", [], [1], "float32", { value: 0 })), "float32[]"],
    ["a fractional int32", program(b => b.literal(0.5, "int32")), "whole number of 32 bits"],
    ["a bool of 2", program(b => b.literal(2, "bool")), "0 or 1"],
    ["a literal without a number", program(b => b.literal("1" as unknown as number, "float32")), "a number"],
    ["iota of an axis that is not there", program(b => b.add("iota", [], [3], "int32", { axis: 1 })), "in range"],
    ["exp of int32", program(b => b.add("exp", [b.input([2], "int32")], [2], "int32", {})), "float32 or float64"],
    ["not of a number", program(b => b.add("not", [b.input([2], "int32")], [2], "int32", {})), "bool"],
    ["less that is no bool", program(b => b.add("less", [b.input([2], "int32"), 0], [2], "int32", {})), "bool[2]"],
    ["where on a number", program(b => b.add("where", [b.input([2], "int32"), 0, 0], [2], "int32", {})), "must be a bool"],
    ["reshape to another size", program(b => b.add("reshape", [b.input([2], "int32")], [3], "int32", {})), "number of elements"],
    [
      "a permutation with a repeat",
      program(b => b.add("transpose", [b.input([2, 2], "int32")], [2, 2], "int32", { permutation: [0, 0] })),
      "each axis once",
    ],
    [
      "broadcast aligned at the left",
      program(b => b.add("broadcast", [b.input([2], "int32")], [2, 3], "int32", {})),
      "aligned at the right",
    ],
    [
      "a slice beyond the end",
      program(b => b.add("slice", [b.input([5], "int32")], [3], "int32", { start: [0], stride: [3] })),
      "within the array",
    ],
    [
      "a slice backwards",
      program(b => b.add("slice", [b.input([5], "int32")], [3], "int32", { start: [4], stride: [-1] })),
      "stride must hold",
    ],
    [
      "a slice with too few starts",
      program(b => b.add("slice", [b.input([5, 5], "int32")], [3, 3], "int32", { start: [0], stride: [1, 1] })),
      "start must hold",
    ],
    [
      "a pad beyond the end",
      program(b => b.add("pad", [b.input([3], "int32")], [6], "int32", { start: [0], stride: [3] })),
      "within the array",
    ],
    [
      "concatenate of unlike shapes",
      program(b => b.add("concatenate", [b.input([3, 2], "int32"), b.input([3, 3], "int32")], [6, 2], "int32", { axis: 0 })),
      "along the axis only",
    ],
    ["concatenate of nothing", program(b => b.add("concatenate", [], [0], "int32", { axis: 0 })), "one or more"],
    [
      "take with float indices",
      program(b => b.add("take", [b.input([3], "int32"), b.input([2], "float32")], [2], "int32", { axis: 0 })),
      "int32",
    ],
    [
      "take from an empty axis",
      program(b => b.add("take", [b.input([0], "float32"), b.input([2], "int32")], [2], "float32", { axis: 0 })),
      "not be empty",
    ],
    [
      "scatterAdd of rows that do not fit",
      program(b => b.add("scatterAdd", [b.input([2, 4], "float32"), b.input([2], "int32")], [3, 5], "float32", { axis: 0 })),
      "first operand must be float32[2,5]",
    ],
    [
      "argsort along no axis",
      program(b => b.add("argsort", [b.input([3], "float32")], [3], "int32", { axis: 1 })),
      "axis must be in range",
    ],
    ["argsort of truth values", program(b => b.add("argsort", [b.input([3], "bool")], [3], "int32", { axis: 0 })), "element type must be"],
    [
      "argsort to floats",
      program(b => b.add("argsort", [b.input([3], "float32")], [3], "float32", { axis: 0 })),
      "result must be int32[3]",
    ],
    [
      "xor of floats",
      program(b => b.add("xor", [b.input([3], "float32"), b.input([3], "float32")], [3], "float32", {})),
      "element type must be int32",
    ],
    [
      "a shift by a scalar",
      program(b => b.add("shiftLeft", [b.input([3], "int32"), b.input([], "int32")], [3], "int32", {})),
      "operands must have one type",
    ],
    ["matmul of vectors", program(b => b.add("matmul", [b.input([3], "float32"), b.input([3], "float32")], [], "float32", {})), "rank ≥ 2"],
    [
      "matmul of unequal batches",
      program(b => b.add("matmul", [b.input([2, 3, 3], "float32"), b.input([1, 3, 3], "float32")], [2, 3, 3], "float32", {})),
      "batch axes",
    ],
  ] as [string, Program, string][])("refuses %s", (_, p, rule) => {
    expect(refusal(p)).toContain(rule);
  });

  it("accepts empty and strided corners", () => {
    expect(refusal(program(b => b.add("slice", [b.input([0], "int32")], [0], "int32", { start: [9], stride: [2] })))).toBe("accepted");
    expect(refusal(program(b => b.add("slice", [b.input([7], "int32")], [3], "int32", { start: [0], stride: [3] })))).toBe("accepted");
    expect(refusal(program(b => b.add("broadcast", [b.input([1, 2], "int32")], [0, 2], "int32", {})))).toBe("accepted");
  });
});
