import { describe, expect, it } from "vitest";
import { f32, f64, full, i32, lax, linalg, nn, np, random, rows } from "../../src/index.js";
import type { HostArray } from "../../src/tensor/types.js";
import type { Operand, Value } from "../../src/tensor/value.js";
import { evaluate, float, numbers, refusal, type, typeOf } from "./evaluate.js";

const x = f64([1, 2, 3, 4, 5, 6], 3, 2);

describe("a constant may stand where a value may", () => {
  it("in arithmetic and comparisons, on either side", () => {
    expect(numbers((v: Value) => v.add([10, 20]), [x])).toEqual([11, 22, 13, 24, 15, 26]);
    expect(numbers((v: Value) => np.subtract([[10], [20], [30]], v), [x])).toEqual([9, 8, 17, 16, 25, 24]);
    expect(numbers((v: Value) => v.mul(f32([0.5, 2])), [x])).toEqual([0.5, 4, 1.5, 8, 2.5, 12]);
    expect(numbers((v: Value) => v.div(Float64Array.of(2, 4)), [x])).toEqual([0.5, 0.5, 1.5, 1, 2.5, 1.5]);
    expect(numbers((v: Value) => v.greater([2, 3]), [x])).toEqual([0, 0, 1, 1, 1, 1]);
    expect(numbers((v: Value) => np.where([1, 0], v, [[7], [8], [9]]), [x])).toEqual([1, 7, 3, 8, 5, 9]);
    expect(numbers((v: Value) => np.clip(v, [2, 3], i32([4, 5])), [x])).toEqual([2, 3, 3, 4, 4, 5]);
    expect(numbers(() => np.exp([0, -Infinity]))).toEqual([1, 0]);
  });

  it("as a position, a label or a row of labels", () => {
    expect(numbers((v: Value) => np.take(v, [2, 0, 2], 0), [x])).toEqual([5, 6, 1, 2, 5, 6]);
    expect(numbers((v: Value) => np.take(v, i32([5, 0])), [x])).toEqual([6, 1]);
    expect(typeOf((v: Value) => np.take(v, [[2], [0]], 0), [x])).toBe("float64[2,1,2]");
    expect(numbers((v: Value) => np.takeAlongAxis(v, [[1], [0], [1]], 1), [x])).toEqual([2, 3, 6]);
    expect(
      numbers(
        (v: Value) =>
          np.scatterAdd(
            v,
            [0, 0],
            [
              [1, 2],
              [3, 4],
            ],
          ),
        [x],
      ),
    ).toEqual([5, 8, 3, 4, 5, 6]);
    expect(numbers(() => nn.oneHot([1, 0, 3], 4))).toEqual([0, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 1]);
    const byLabel = numbers((v: Value) => nn.crossEntropy(v, [1, 0, 1]), [x]);
    expect(
      numbers(
        (v: Value) =>
          nn.crossEntropy(v, [
            [0, 1],
            [1, 0],
            [0, 1],
          ]),
        [x],
      ),
    ).toEqual(byLabel);
    expect(byLabel[0]).toBeCloseTo(Math.log(1 + Math.exp(-1)), 14);
    expect(
      numbers(
        (v: Value) =>
          nn.crossEntropy(v, [
            [0.5, 0.5],
            [1, 0],
            [0, 1],
          ]),
        [x],
      )[0],
    ).toBeCloseTo(Math.log(1 + Math.E) - 0.5, 14);
  });

  it("in place of a whole array, as NumPy takes lists", () => {
    expect(
      numbers(() =>
        np.sum(
          [
            [1, 2],
            [3, 4],
          ],
          0,
        ),
      ),
    ).toEqual([4, 6]);
    expect(numbers(() => np.mean([1, 2, 6]))).toEqual([3]);
    expect(numbers(() => np.sort([3, 1, 2]))).toEqual([1, 2, 3]);
    expect(numbers(() => np.argmax([3, 1, 5]))).toEqual([2]);
    expect(numbers(() => np.cumsum([1, 2, 3]))).toEqual([1, 3, 6]);
    expect(numbers(() => np.matmul([[1, 2]], [[3], [4]]))).toEqual([11]);
    expect(numbers(() => np.dot([1, 2], [3, 4]))).toEqual([11]);
    expect(numbers(() => np.outer([1, 2], [3, 4]))).toEqual([3, 4, 6, 8]);
    expect(numbers(() => np.einsum("i,i->", [1, 2], [3, 4]))).toEqual([11]);
    expect(numbers((v: Value) => np.concatenate([v, [[7, 8]]]), [x])).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    expect(numbers((v: Value) => np.stack([v.slice(0), [7, 8]]), [x])).toEqual([1, 2, 7, 8]);
    expect(
      numbers(() =>
        linalg.solve(
          [
            [2, 0],
            [0, 4],
          ],
          [2, 2],
        ),
      ),
    ).toEqual([1, 0.5]);
    expect(numbers(() => lax.conv([[[1, 2, 3]]], [[[1, 1]]], [1], "VALID"))).toEqual([3, 5]);
    expect(numbers(() => np.astype([0, 2], "bool"))).toEqual([0, 1]);
    expect(
      numbers(() =>
        np.transpose([
          [1, 2],
          [3, 4],
        ]),
      ),
    ).toEqual([1, 3, 2, 4]);
    expect(numbers(() => random.bernoulli(random.key(1), [0, 1, 0]))).toEqual([0, 1, 0]);
  });

  it("in the functions of nn too", () => {
    expect(numbers(() => nn.relu([1, -2]))).toEqual([1, 0]);
    expect(numbers(() => nn.softmax([[0, 0]]))).toEqual([0.5, 0.5]);
    expect(numbers(() => nn.logsumexp([2, 2])).map(x => x - Math.log(2))).toEqual([expect.closeTo(2, 6)]);
    expect(numbers(() => nn.crossEntropy([[0, 0]], [1]))).toEqual([expect.closeTo(Math.log(2), 6)]);
    expect(numbers(() => nn.mse([1, 2], f64([3, 2])))).toEqual([2]);
    expect(numbers(() => nn.binaryCrossEntropy([0], [1]))).toEqual([expect.closeTo(Math.log(2), 6)]);
    expect(numbers(() => nn.embedding({ table: np.array([[1], [2]]) }, [1, 0, 1]))).toEqual([2, 1, 2]);
    expect(numbers(() => nn.linear({ w: np.array([[2]]), b: np.array([1]) }, [[3]]))).toEqual([7]);
    expect(numbers(() => nn.maxPool([[[1, 3, 2, 0]]], { window: [2] }))).toEqual([3, 2]);
    expect(numbers(() => nn.layerNorm([[1, 3]], [1, 1], [0, 5], { epsilon: 0 }))).toEqual([-1, 6]);
    expect(numbers(() => nn.smoothLabels([1], 2, 0))).toEqual([0, 1]);
  });

  it("in the dtype of what it meets if that holds it, else in the working precision; a host array of floats has the working precision, and others keep their own", () => {
    const add = (y: Operand) => (v: Value) => v.add(y);
    expect(typeOf(add([1, 2]), [type("int32", 2)], "float32")).toBe("int32[2]");
    expect(typeOf(add([1, 0.5]), [type("int32", 2)], "float32")).toBe("float32[2]");
    expect(typeOf(add([1, 2 ** 31]), [type("int32", 2)], "float64")).toBe("float64[2]");
    expect(typeOf(add([1, 2]), [type("bool", 2)], "float64")).toBe("float64[2]");
    expect(typeOf(add([1, 2]), [type("float64", 2)], "float32")).toBe("float64[2]");
    expect(typeOf(add(i32([1, 2])), [float(2)], "float32")).toBe("float32[2]");
    expect(typeOf(add(f32([1, 2])), [type("int32", 2)], "float64")).toBe("float64[2]");
    expect(typeOf(add(f64([1, 2])), [float(2)], "float32")).toBe("float32[2]");
    expect(typeOf(() => np.add([1, 2], i32([1, 2])), [], "float32")).toBe("int32[2]");
    expect(typeOf(() => np.add([1, 2], [1, 2]), [], "float32")).toBe("float32[2]");
    // 0.1 is exact where the dtype is float64.
    expect(numbers(add([0.1]), [f64([0])])).toEqual([0.1]);
  });

  it("is copied: what is written to the list or the array afterwards changes nothing", () => {
    const list = [1, 2];
    const array = f64([3, 4]);
    const y = evaluate<HostArray>(
      (v: Value) => {
        const sum = v.add(list).add(array);
        list[0] = 100;
        array.data[0] = 100;
        return sum;
      },
      [f64([0, 0])],
    );
    expect([...y.data]).toEqual([4, 6]);
  });

  it("unless it is ragged, no number, or no position, which is said with the place", () => {
    const on = (f: (v: Value) => Value) => refusal(f, float(3, 2));
    const wrong = <T>(given: unknown) => given as T;
    expect([
      on(v => v.add([[1, 2], [3]])),
      on(v => v.add(wrong([1, null]))),
      on(v => np.where(wrong([true, 1]), v, v)),
      on(v => np.take(v, [0.5, 1], 0)),
      on(() => nn.oneHot([0, 1.5], 3)),
      on(v => np.matmul(v, [1, 2, 3])),
      on(v => v.add([1, 2, 3])),
      on(v => v.add({ shape: [3], dtype: "float32", data: new Float32Array(2) })),
      on(v => np.concatenate([v, wrong("x")])),
    ]).toMatchInlineSnapshot(`
      [
        "ufom: add takes lists of one shape beside each other (the shape [2] at [0]); received the shape [1] at [1].",
        "ufom: add takes numbers; received null at [1].",
        "ufom: where takes numbers or truth values, not both; received 1 at [1].",
        "ufom: take takes int32 positions; received float32[2].",
        "ufom: oneHot takes int32 labels; received float32[2].",
        "ufom: matmul needs inner extents that agree; received float32[3,2] · float32[3].",
        "ufom: add needs shapes that broadcast; received float32[3,2] and float32[3].",
        "ufom: add needs 3 numbers in float32[3]; received 2.",
        "ufom: concatenate takes traced values, numbers, lists of numbers and host arrays; received string.",
      ]
    `);
  });
});

describe("extents are a list, or one by one", () => {
  it.each<[string, () => Value]>([
    ["[2,3]", () => np.zeros([2, 3])],
    ["[2,3]", () => np.zeros(2, 3)],
    ["[2]", () => np.ones(2)],
    ["[]", () => np.ones([])],
    ["[2,3]", () => np.ones(2, 3)],
    ["[4]", () => np.full(4, 0.5)],
    ["[3,2]", () => np.reshape([1, 2, 3, 4, 5, 6], 3, 2)],
    ["[3,2]", () => np.reshape([1, 2, 3, 4, 5, 6], [-1, 2])],
    ["[3,2]", () => np.zeros(6).reshape(3, -1)],
    ["[2,1,3]", () => np.zeros(1, 2, 3).transpose(1, 0, 2)],
    ["[2,1,3]", () => np.transpose(np.zeros(1, 2, 3), [1, 0, 2])],
    ["[3,2,1]", () => np.zeros(1, 2, 3).transpose()],
    ["[2,3]", () => np.broadcastTo([1, 2, 3], 2, 3)],
    ["[2,3]", () => np.broadcastTo(1, [2, 3])],
    ["[2,3]", () => random.normal(random.key(1), 2, 3)],
    ["[2,3]", () => random.normal(random.key(1), [2, 3])],
    ["[5]", () => random.uniform(random.key(1), 5)],
    ["[2,3]", () => random.bernoulli(random.key(1), 0.5, 2, 3)],
  ])("%s of %s", (shape, f) => {
    expect(typeOf(f, [], "float32").replace("float32", "").replace("bool", "")).toBe(shape);
  });

  it("with a dtype behind them", () => {
    expect(typeOf(() => np.zeros(2, 3, "int32"))).toBe("int32[2,3]");
    expect(typeOf(() => np.zeros([2, 3], "int32"))).toBe("int32[2,3]");
    expect(typeOf(() => np.ones(2, np.bool))).toBe("bool[2]");
    expect(typeOf(() => random.bits(random.key(1), 2, 2))).toBe("int32[2,2]");
    expect(typeOf(() => np.zeros([2], undefined), [], "float64")).toBe("float64[2]");
  });

  it("and nothing else", () => {
    const f = (given: unknown) => refusal(() => np.zeros(given as number));
    expect([f("x"), f(-1), f([2.5]), f([[2]]), f(null)]).toMatchInlineSnapshot(`
      [
        "ufom: a dtype must be float32, float64, int32, bool; received x.",
        "ufom: zeros takes whole, non-negative extents; received [-1].",
        "ufom: zeros takes whole, non-negative extents; received [2.5].",
        "ufom: zeros takes whole, non-negative extents; received [2].",
        "ufom: zeros takes whole, non-negative extents; received [].",
      ]
    `);
  });
});

describe("rows of a host array", () => {
  const images = i32([1, 2, 3, 4, 5, 6], 3, 2);
  it("at positions of any shape, as a copy", () => {
    expect(rows(images, [2, 0, 2])).toEqual(i32([5, 6, 1, 2, 5, 6], 3, 2));
    expect(rows(images, i32([1, 1], 2, 1))).toEqual(i32([3, 4, 3, 4], 2, 1, 2));
    expect(rows(f64([7, 8, 9]), [[2], [0]])).toEqual(f64([9, 7], 2, 1));
    expect(rows(images, 1)).toEqual(i32([3, 4]));
    expect(rows(images, [])).toEqual(i32([], 0, 2));
    const copy = rows(images, [0]);
    copy.data[0] = 100;
    expect(images.data[0]).toBe(1);
  });

  it("gives what np.take gives", () => {
    const positions = [2, 1, 1, 0];
    expect([...rows(x, positions).data]).toEqual(numbers((v: Value) => np.take(v, positions, 0), [x]));
  });

  it("refuses positions that are not there", () => {
    const said = (f: () => unknown): string => {
      try {
        f();
      } catch (error) {
        return (error as Error).message;
      }
      return "nothing";
    };
    expect([
      said(() => rows(images, [0, 3])),
      said(() => rows(images, [-1])),
      said(() => rows(images, [0.5])),
      said(() => rows(images, [[0], [NaN]])),
      said(() => rows(images, ["0"] as never)),
      said(() => rows(full(1), [0])),
      said(() => rows([1, 2] as never, [0])),
    ]).toMatchInlineSnapshot(`
      [
        "ufom: rows takes whole positions from 0 to 2 in int32[3,2]; received 3 at position 1.",
        "ufom: rows takes whole positions from 0 to 2 in int32[3,2]; received -1 at position 0.",
        "ufom: rows takes whole positions from 0 to 2 in int32[3,2]; received 0.5 at position 0.",
        "ufom: rows takes whole positions from 0 to 2 in int32[3,2]; received NaN at position 1.",
        "ufom: rows takes numbers; received "0" at [0].",
        "ufom: rows takes an array with at least one axis; received float32[].",
        "ufom: rows takes a host array; received a list.",
      ]
    `);
  });
});
