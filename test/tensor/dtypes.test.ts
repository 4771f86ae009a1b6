import { describe, expect, it } from "vitest";
import { f32, f64, i32 } from "../../src/tensor/host.js";
import * as nn from "../../src/tensor/nn.js";
import * as np from "../../src/tensor/np/index.js";
import { trace } from "../../src/tensor/trace.js";
import { grad } from "../../src/tensor/transform.js";
import type { DType } from "../../src/tensor/types.js";
import type { Operand, Value } from "../../src/tensor/value.js";
import { evaluate, float, numbers, refusal, type, typeOf } from "./evaluate.js";

describe("dtypes meet in the widest of bool < int32 < float32 < float64", () => {
  const dtypes: readonly DType[] = ["bool", "int32", "float32", "float64"];
  // What float32 in user code stands for differs, the order does not.
  it.each(["float32", "float64"] as const)("arithmetic in a %s trace", precision => {
    const seen = dtypes.map(a => dtypes.map(b => typeOf((x: Value, y: Value) => x.add(y), [type(a), type(b)], precision).slice(0, -2)));
    const w = precision;
    expect(seen).toEqual([
      [w, "int32", w, "float64"],
      ["int32", "int32", w, "float64"],
      [w, w, w, "float64"],
      ["float64", "float64", "float64", "float64"],
    ]);
  });

  it("comparisons compare in it and give bool", () => {
    expect(typeOf((x: Value, y: Value) => x.less(y), [type("int32", 2), float(2)])).toBe("bool[2]");
    // 16777217 is no float32: comparing in float32 would find them equal.
    expect(numbers((x: Value, y: Value) => x.equal(y), [i32([16777217]), i32([16777216])], "float32")).toEqual([0]);
    expect(typeOf((x: Value, y: Value) => np.equal(x, y), [type("bool", 2), type("bool", 2)])).toBe("bool[2]");
  });

  it("where, concatenate and stack keep a dtype that all have", () => {
    for (const dtype of dtypes.slice(0, 2)) {
      const both = [type(dtype, 2), type(dtype, 2)];
      expect(typeOf((x: Value, y: Value) => np.where(x, x, y), both)).toBe(`${dtype}[2]`);
      expect(typeOf((x: Value, y: Value) => np.concatenate([x, y]), both)).toBe(`${dtype}[4]`);
      expect(typeOf((x: Value, y: Value) => np.stack([x, y]), both)).toBe(`${dtype}[2,2]`);
    }
  });

  it("a number takes the dtype of what it meets, or makes it floating point if that cannot hold it", () => {
    const add = (y: Operand) => (x: Value) => x.add(y);
    expect(typeOf(add(1), [type("int32")], "float32")).toBe("int32[]");
    expect(typeOf(add(-0), [type("int32")], "float32")).toBe("int32[]");
    expect(typeOf(add(0.5), [type("int32")], "float32")).toBe("float32[]");
    expect(typeOf(add(2 ** 31), [type("int32")], "float32")).toBe("float32[]");
    expect(typeOf(add(NaN), [type("int32")], "float64")).toBe("float64[]");
    expect(typeOf(add(1), [type("bool")], "float64")).toBe("float64[]");
    expect(typeOf(add(0.1), [type("float64")], "float32")).toBe("float64[]");
    expect(numbers(add(0.5), [i32([1, 2])])).toEqual([1.5, 2.5]);
  });

  it("integers divide and average as floating point numbers", () => {
    expect(typeOf((x: Value) => x.div(2), [type("int32")], "float32")).toBe("float32[]");
    expect(typeOf((x: Value) => x.mean(), [type("int32", 3)], "float64")).toBe("float64[]");
    expect(numbers((x: Value) => x.div(2), [i32([1, -3])])).toEqual([0.5, -1.5]);
    expect(numbers((x: Value) => x.pow(-1), [i32([2, 4])])).toEqual([0.5, 0.25]);
  });

  it("int32 arithmetic wraps", () => {
    const most = 2 ** 31 - 1;
    expect(numbers((x: Value) => x.add(1), [i32([most])])).toEqual([-(2 ** 31)]);
    expect(numbers((x: Value) => x.mul(x), [i32([65537, most])])).toEqual([131073, 1]);
    expect(numbers((x: Value) => x.neg(), [i32([-(2 ** 31)])])).toEqual([-(2 ** 31)]);
  });

  it("floats to int32 truncate and saturate, NaN is 0, and anything but 0 is true", () => {
    expect(numbers((x: Value) => x.astype(np.int32), [f64([-1.9, 1.9, 1e12, -1e12, NaN, Infinity])])).toEqual([
      -1,
      1,
      2 ** 31 - 1,
      -(2 ** 31),
      0,
      2 ** 31 - 1,
    ]);
    expect(numbers((x: Value) => x.astype(np.bool), [f64([0, -0, 0.1, NaN])])).toEqual([0, 0, 1, 1]);
  });
});

describe("the working precision", () => {
  const everything = (x: Value) => ({
    x,
    zeros: np.zeros([2]),
    ones: np.ones([2]),
    full: np.full([2], 0.1),
    eye: np.eye(2),
    array: np.array([0.1]),
    hot: nn.oneHot(np.arange(2), 2),
    counted: x.greater(0).sum(),
    cast: np.arange(3).astype(np.float32),
    given: np.array(f32([0.5])),
    long: np.arange(3, np.float32),
    whole: np.arange(3).add(0.5),
    gradient: grad((v: Value) => v.mul(0.1).sum())(x),
  });

  it.each(["float32", "float64"] as const)("%s is what float32 in user code and data stands for", precision => {
    const { output } = trace(everything, [float(2)], precision);
    const dtypes = Object.values(output as Record<string, { dtype: DType }>).map(t => t.dtype);
    expect(new Set(dtypes)).toEqual(new Set([precision]));
  });

  it("does not touch float64, int32 and bool", () => {
    for (const dtype of ["float64", "int32", "bool"] as const) {
      expect(typeOf((x: Value) => x, [type(dtype, 2)], "float32")).toBe(`${dtype}[2]`);
      expect(typeOf(() => np.zeros([2], dtype), [], "float32")).toBe(`${dtype}[2]`);
    }
  });

  it("keeps literals exact", () => {
    expect(numbers((x: Value) => x.mul(0.1).add(1 / 3), [f64([3])])).toEqual([3 * 0.1 + 1 / 3]);
    expect(numbers(() => np.full([1], 0.1))).toEqual([0.1]);
    expect(numbers(() => np.array([0.1, [1 / 3][0]]))).toEqual([0.1, 1 / 3]);
    expect(numbers((x: Value) => x.mean(), [f64([0.1, 0.2, 0.4])])).toEqual([(0.1 + 0.2 + 0.4) / 3]);
    expect(numbers((x: Value) => nn.leakyRelu(x), [f64([-3])])).toEqual([-3 * 0.01]);
  });

  it("rounds every operation to float32 in a float32 trace", () => {
    const f = Math.fround;
    expect(numbers((x: Value) => x.mul(0.1).add(1), [f32([3])], "float32")).toEqual([f(f(3 * f(0.1)) + 1)]);
  });

  it("ends with the trace, also with one that throws", () => {
    expect(() =>
      trace(
        () => {
          throw new Error("stop");
        },
        [],
        "float64",
      ),
    ).toThrow("stop");
    expect(typeOf(() => np.zeros([]), [], "float32")).toBe("float32[]");
    trace(
      () => {
        expect(typeOf(() => np.zeros([]), [], "float32")).toBe("float32[]");
        expect(np.zeros([]).dtype).toBe("float64");
        return np.zeros([]);
      },
      [],
      "float64",
    );
  });

  it("takes numbers of the dtype only", () => {
    expect(refusal(() => np.full([2], 0.5, "int32"))).toMatchInlineSnapshot(
      `"ufom: a literal must be a number of its dtype, int32; received 0.5."`,
    );
    expect(refusal(() => np.full([2], 2, "bool"))).toMatchInlineSnapshot(
      `"ufom: a literal must be a number of its dtype, bool; received 2."`,
    );
    expect(refusal(() => np.zeros([2], "float16" as DType))).toMatchInlineSnapshot(
      `"ufom: a dtype must be float32, float64, int32, bool; received float16."`,
    );
  });
});

describe("derivatives have the dtype of what they belong to", () => {
  it("through casts between floating point types", () => {
    const f = (x: Value) => x.astype(np.float64).mul(0.1).sum().astype(np.float32);
    expect(evaluate(grad(f), [f32([1, 2])], "float32")).toEqual({ shape: [2], dtype: "float32", data: Float32Array.of(0.1, 0.1) });
  });

  it("through integers and truth values they are zero", () => {
    const step = (x: Value) => x.astype(np.int32).astype(np.float32).mul(3).sum();
    const mask = (x: Value) => x.greater(0).astype(np.float32).mul(x).sum();
    const found = (x: Value) =>
      np
        .take(np.array([1, 2, 4]), x.astype(np.int32))
        .mul(x)
        .sum();
    const x = f64([0.5, 1.5, -0.5]);
    expect(numbers(grad(step), [x])).toEqual([0, 0, 0]);
    expect(numbers(grad(mask), [x])).toEqual([1, 1, 0]);
    expect(numbers(grad(found), [x])).toEqual([1, 2, 1]);
  });
});
