import { inspect } from "node:util";
import { describe, expect, it } from "vitest";
import * as np from "../../src/tensor/np/index.js";
import { printProgram } from "../../src/program/print.js";
import { trace } from "../../src/tensor/trace.js";
import { f64 } from "../../src/tensor/host.js";
import type { Value } from "../../src/tensor/value.js";
import { evaluate, float, refusal, type } from "./evaluate.js";

describe("a value", () => {
  it("refuses JavaScript's operators and conversions with a sentence", () => {
    const sentence =
      "ufom: a traced value has a shape but no number, so it cannot be used with JavaScript's operators, as an index or in a condition (use .add, .greater, np.where, np.take); received float32[3] in such a place.";
    const uses: ((x: Value) => unknown)[] = [
      x => ((x as unknown as number) > 0 ? x : x.neg()),
      x => (x as unknown as number) + 1,
      x => `${x as unknown as string}`,
      x => Number(x),
      x => -(x as unknown as number),
      x => (x as unknown as number) * 2,
      x => Math.exp(x as unknown as number),
      x => "".concat(x as unknown as string),
      x => [1, 2, 3][x as unknown as number],
    ];
    for (const use of uses) expect(refusal(use, float(3))).toBe(sentence);
  });

  it("cannot refuse what JavaScript decides without asking: it is truthy, and === compares identities", () => {
    trace(
      (x: Value) => {
        expect(!!x).toBe(true);
        expect(x === x.add(0)).toBe(false);
        return x;
      },
      [float()],
    );
  });

  it("is not written as JSON, and shows as its type and not as its graph", () => {
    expect(refusal((x: Value) => JSON.stringify({ x }), float(3))).toMatchInlineSnapshot(
      `"ufom: a traced value has no numbers to write as JSON; received float32[3]."`,
    );
    trace(
      (x: Value) => {
        expect(inspect({ y: x.add(1) })).toBe("{ y: Value float32[3] of add }");
        return x;
      },
      [float(3)],
    );
  });

  it("has a shape, a rank, a size and a transpose", () => {
    trace(
      (x: Value) => {
        expect([x.shape, x.ndim, x.size, x.T.shape]).toEqual([[2, 3, 4], 3, 24, [4, 3, 2]]);
        return x;
      },
      [float(2, 3, 4)],
    );
  });

  it("may be used any number of times", () => {
    expect(evaluate((x: Value) => x.mul(x).add(x).sub(x).div(x), [f64([2, 3])]).data).toEqual(Float64Array.of(2, 3));
  });
});

describe("methods are the functions of the same meaning", () => {
  const methods: Record<string, readonly [(x: Value, y: Value) => Value, (x: Value, y: Value) => Value]> = {
    add: [(x, y) => x.add(y), np.add],
    sub: [(x, y) => x.sub(y), np.subtract],
    mul: [(x, y) => x.mul(y), np.multiply],
    div: [(x, y) => x.div(y), np.divide],
    neg: [x => x.neg(), np.negative],
    pow: [x => x.pow(3), x => np.power(x, 3)],
    abs: [x => x.abs(), np.abs],
    maximum: [(x, y) => x.maximum(y), np.maximum],
    minimum: [(x, y) => x.minimum(y), np.minimum],
    less: [(x, y) => x.less(y), np.less],
    lessEqual: [(x, y) => x.lessEqual(y), np.lessEqual],
    greater: [(x, y) => x.greater(y), np.greater],
    greaterEqual: [(x, y) => x.greaterEqual(y), np.greaterEqual],
    equal: [(x, y) => x.equal(y), np.equal],
    notEqual: [(x, y) => x.notEqual(y), np.notEqual],
    sum: [x => x.sum(0, { keepdims: true }), x => np.sum(x, 0, { keepdims: true })],
    mean: [x => x.mean(-1), x => np.mean(x, -1)],
    max: [x => x.max([0, 1]), x => np.max(x, [0, 1])],
    min: [x => x.min(), x => np.min(x)],
    reshape: [x => x.reshape([-1, 2]), x => np.reshape(x, [-1, 2])],
    flatten: [x => x.flatten(), x => np.reshape(x, [-1])],
    transpose: [x => x.transpose([1, 0]), x => np.transpose(x, [1, 0])],
    T: [x => x.T, x => np.transpose(x)],
    slice: [x => x.slice(1, [null, null, -1]), x => np.slice(x, 1, [null, null, -1])],
    dot: [(x, y) => x.dot(y.T), (x, y) => np.dot(x, y.T)],
    matmul: [(x, y) => x.matmul(y.T), (x, y) => np.matmul(x, y.T)],
    astype: [x => x.astype(np.int32), x => np.astype(x, np.int32)],
  };
  const own = Object.getOwnPropertyNames(Object.getPrototypeOf(trace((x: Value) => x, [float()]) && sample()) as object);

  it("all of them", () => {
    const data = new Set(["constructor", "ndim", "size", "toJSON"]);
    expect(own.filter(name => !data.has(name)).sort()).toEqual(Object.keys(methods).sort());
  });

  it.each(Object.entries(methods))("%s", (_, [method, f]) => {
    const print = (g: (x: Value, y: Value) => Value) => printProgram(trace(g, [float(2, 3), float(2, 3)]).program);
    expect(print(method)).toBe(print(f));
  });
});

/** Some value. */
function sample(): Value {
  let value!: Value;
  trace((x: Value) => (value = x), [type("float32")]);
  return value;
}
