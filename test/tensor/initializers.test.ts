import { describe, expect, test } from "vitest";
import { initializers, nn, np, stream, type HostArray, type Initializer, type Value } from "../../src/index.js";
import { numbers, refusal, float, type } from "./evaluate.js";

const random = () => stream(7, "init");
const mean = (list: readonly number[]) => list.reduce((a, b) => a + b, 0) / list.length;
const dot = (a: ArrayLike<number>, b: ArrayLike<number>) => Array.from(a).reduce((sum, x, i) => sum + x * b[i], 0);

describe("initializers", () => {
  const { glorotNormal, glorotUniform, heNormal, heUniform, lecunNormal, lecunUniform, ones, orthogonal, zeros } = initializers;
  // [40, 60]: 40 in, 60 out; [30, 20, 3, 2]: 20·6 in, 30·6 out.
  test.each<[string, Initializer, (inputs: number, outputs: number) => number, boolean]>([
    ["glorotNormal", glorotNormal, (i, o) => 2 / (i + o), false],
    ["glorotUniform", glorotUniform, (i, o) => 2 / (i + o), true],
    ["heNormal", heNormal, i => 2 / i, false],
    ["heUniform", heUniform, i => 2 / i, true],
    ["lecunNormal", lecunNormal, i => 1 / i, false],
    ["lecunUniform", lecunUniform, i => 1 / i, true],
  ])("%s: mean 0 and the variance of its fans, for matrices and for kernels", (_, make, variance, bounded) => {
    for (const [shape, inputs, outputs] of [
      [[40, 60], 40, 60],
      [[30, 20, 3, 2], 120, 180],
    ] as const) {
      const made = make(random(), [...shape]),
        x = Array.from(made.data),
        expected = variance(inputs, outputs),
        n = x.length;
      expect([made.shape, made.dtype]).toEqual([shape, "float32"]);
      // Five standard errors: the fourth moment is 3σ⁴ at most.
      expect(Math.abs(mean(x))).toBeLessThan(5 * Math.sqrt(expected / n));
      expect(Math.abs(mean(x.map(v => v * v)) / expected - 1)).toBeLessThan(5 * Math.sqrt(2 / n));
      const most = Math.max(...x.map(Math.abs)) / Math.sqrt(3 * expected);
      if (bounded) expect([most > 0.99, most <= 1 + 1e-7]).toEqual([true, true]);
      else expect(most).toBeGreaterThan(1.2);
      expect(make(random(), [...shape]).data).toEqual(made.data);
    }
  });

  test.each([[[5, 5]], [[3, 7]], [[7, 3]], [[4, 2, 3]], [[1, 1]]])(
    "orthogonal %j: rows or columns are perpendicular and of length 1",
    shape => {
      const { data } = orthogonal(random(), shape),
        rows = shape[0],
        columns = data.length / rows,
        row = (i: number) => data.subarray(i * columns, (i + 1) * columns),
        column = (k: number) => Array.from({ length: rows }, (_, i) => data[i * columns + k]),
        vectors: ArrayLike<number>[] =
          rows <= columns ? Array.from({ length: rows }, (_, i) => row(i)) : Array.from({ length: columns }, (_, k) => column(k));
      vectors.forEach((a, i) => vectors.forEach((b, j) => expect(Math.abs(dot(a, b) - Number(i === j))).toBeLessThan(1e-6)));
    },
  );

  test("orthogonal matrices of two rows turn by every angle alike", () => {
    const cosines = Array.from({ length: 2000 }, (_, i) => orthogonal(stream(i, "init"), [2, 2]).data[0]);
    expect(Math.abs(mean(cosines))).toBeLessThan(5 * Math.sqrt(0.5 / 2000));
    expect(Math.abs(mean(cosines.map(c => c * c)) - 0.5)).toBeLessThan(5 * Math.sqrt(0.125 / 2000));
  });

  test("zeros and ones", () => {
    expect([...zeros(random(), [2, 2]).data, ...ones(random(), [3]).data]).toEqual([0, 0, 0, 0, 1, 1, 1]);
  });

  test("nothing has no numbers", () => {
    for (const make of [glorotNormal, glorotUniform, lecunNormal, heUniform, orthogonal])
      expect(make(random(), [0, 3]).data.length).toBe(0);
  });

  test("a shape without fans is refused", () => {
    const said = (f: () => unknown) => {
      try {
        f();
      } catch (error) {
        return (error as Error).message;
      }
      return "accepted";
    };
    expect(said(() => lecunNormal(random(), [3]))).toBe(
      "ufom: lecunNormal takes a shape [inputs, outputs] or [outputs, inputs, …window]; received [3].",
    );
    expect(said(() => orthogonal(random(), []))).toBe(
      "ufom: orthogonal takes a shape [inputs, outputs] or [outputs, inputs, …window]; received [].",
    );
    expect(said(() => heNormal(random(), [2, -1]))).toMatch(/^ufom: heNormal takes whole, non-negative extents; received /);
    expect(said(() => nn.conv.init(random(), 3, 4, [2], { groups: 2 }))).toBe(
      "ufom: conv.init takes groups that divide 3 and 4 channels; received 2.",
    );
    expect(said(() => nn.linear.init(random(), 3, 4, { weight: ones } as never))).toBe(
      "ufom: linear.init takes the options weights (did you mean weights?); received weight.",
    );
  });
});

describe("first parameters of layers", () => {
  const shapes = (tree: object): unknown =>
    "data" in tree ? (tree as HostArray).shape : Object.fromEntries(Object.entries(tree).map(([k, v]) => [k, shapes(v as object)]));

  test("have the shapes that the layers take", () => {
    const { batchNorm, conv, embedding, groupNorm, gru, layerNorm, linear, lstm, multiHeadAttention } = nn;
    expect({
      linear: shapes(linear.init(random(), 3, 2)),
      conv: shapes(conv.init(random(), 4, 6, [3, 2], { groups: 2 })),
      embedding: shapes(embedding.init(random(), 5, 2)),
      gru: shapes(gru.init(random(), 3, 2)),
      lstm: shapes(lstm.init(random(), 3, 2)),
      attention: shapes(multiHeadAttention.init(random(), 4)),
      batchNorm: shapes(batchNorm.init(3)),
      layerNorm: shapes(layerNorm.init(2, 3)),
      groupNorm: shapes(groupNorm.init(4)),
    }).toEqual({
      linear: { w: [3, 2], b: [2] },
      conv: { kernel: [6, 2, 3, 2], b: [6] },
      embedding: { table: [5, 2] },
      gru: { input: [3, 6], hidden: [2, 6], inputBias: [6], hiddenBias: [6] },
      lstm: { input: [3, 8], hidden: [2, 8], bias: [8] },
      attention: Object.fromEntries(["query", "key", "value", "output"].map(k => [k, { w: [4, 4], b: [4] }])),
      batchNorm: { scale: [3], shift: [3] },
      layerNorm: { scale: [2, 3], shift: [2, 3] },
      groupNorm: { scale: [4], shift: [4] },
    });
  });

  test("of a cell are drawn gate by gate: each recurrent matrix is orthogonal", () => {
    const { hidden, bias } = nn.lstm.init(random(), 2, 3);
    for (let g = 0; g < 4; g++) {
      const rows = [0, 1, 2].map(i => hidden.data.subarray(i * 12 + 3 * g, i * 12 + 3 * g + 3));
      rows.forEach((a, i) => rows.forEach((b, j) => expect(Math.abs(dot(a, b) - Number(i === j))).toBeLessThan(1e-6)));
    }
    expect([...bias.data].every(x => x === 0)).toBe(true);
  });

  test("of an embedding have the variance 1/features, those of other layers what they are told", () => {
    const { table } = nn.embedding.init(random(), 400, 25),
      { w } = nn.linear.init(random(), 2, 2, { weights: initializers.ones });
    expect(Math.abs(mean(Array.from(table.data, x => x * x)) * 25 - 1)).toBeLessThan(5 * Math.sqrt(2 / 1e4));
    expect([...w.data]).toEqual([1, 1, 1, 1]);
  });

  test("a normalization begins as the identity on what is standardized already", () => {
    const { scale, shift } = nn.groupNorm.init(2),
      x = (v: Value) => nn.groupNorm(v, np.array(scale), np.array(shift), 1, { epsilon: 1e-12 });
    expect(numbers(x, [{ shape: [1, 2], dtype: "float64", data: Float64Array.of(-1, 1) }])).toEqual([-1, 1].map(v => expect.closeTo(v, 9)));
  });
});

test("blocks refuse what does not fit, each in one sentence", () => {
  const f = float;
  expect([
    refusal((x: Value, y: Value) => nn.mse(x, y), f(3), f(3, 1)),
    refusal((x: Value, y: Value) => nn.huber(x, y, 0), f(3), f(3)),
    refusal((x: Value, y: Value) => nn.binaryCrossEntropy(x, y), f(3), f()),
    refusal((x: Value, y: Value) => nn.multiclassHinge(x, y), f(2, 3), f(2)),
    refusal((x: Value, y: Value) => nn.multiclassHinge(x, y), f(2, 3), type("int32", 3)),
    refusal((x: Value) => nn.smoothLabels(x, 3, 2), f(2, 3)),
    refusal((x: Value) => nn.smoothLabels(x, 4, 0.1), f(2, 3)),
    refusal((x: Value, w: Value) => nn.groupNorm(x, w, w, 3), f(2, 4), f(4)),
    refusal((x: Value, w: Value) => nn.groupNorm(x, w, w, 2), f(2, 4), f(2)),
    refusal((table: Value, i: Value) => nn.embedding({ table }, i), f(3, 2), f(2)),
    refusal((h: Value, w: Value, b: Value) => nn.gru({ input: w, hidden: w, inputBias: b, hiddenBias: b }, h, h), f(2, 2), f(2, 4), f(4)),
    refusal((h: Value, w: Value, b: Value) => nn.lstm({ input: w, hidden: w, bias: b }, { h, c: h }, h), f(2, 2), f(2, 6), f(6)),
    refusal(
      (x: Value, w: Value, b: Value) =>
        nn.multiHeadAttention({ query: { w, b }, key: { w, b }, value: { w, b }, output: { w, b } }, x, { heads: 3 }),
      f(2, 4),
      f(4, 4),
      f(4),
    ),
    refusal((x: Value, kernel: Value, b: Value) => nn.conv({ kernel, b }, x, { stride: 2 } as never), f(1, 1, 3), f(1, 1, 2), f(1)),
    refusal((q: Value, mask: Value) => nn.attention(q, q, q, { mask }), f(2, 3), type("int32", 2, 2)),
  ]).toMatchInlineSnapshot(`
    [
      "ufom: mse takes two arrays of one shape; received float32[3] and float32[3,1].",
      "ufom: huber takes a finite delta > 0; received 0.",
      "ufom: binaryCrossEntropy takes two arrays of one shape; received float32[3] and float32[].",
      "ufom: multiclassHinge takes scores […, classes] and int32 labels, one a row; received float32[2,3] and float32[2].",
      "ufom: multiclassHinge takes scores […, classes] and int32 labels, one a row; received float32[2,3] and int32[3].",
      "ufom: smoothLabels takes an amount in [0, 1]; received 2.",
      "ufom: smoothLabels takes int32 classes or rows of 4 probabilities; received float32[2,3].",
      "ufom: groupNorm takes groups that divide 4 channels; received 3.",
      "ufom: groupNorm takes a scale and a shift of the shape [4] for float32[2,4]; received float32[2].",
      "ufom: embedding takes int32 numbers of rows; received float32[2].",
      "ufom: gru takes weights of 3 gates of 2 units each; received float32[2,4].",
      "ufom: lstm takes weights of 4 gates of 2 units each; received float32[2,6].",
      "ufom: multiHeadAttention takes heads that divide 4 features; received 3.",
      "ufom: conv takes the options strides, padding, dilation, groups (did you mean strides?); received stride.",
      "ufom: attention takes a mask of truth values, or of floating point numbers that are added to the scores; received int32[2,2].",
    ]
  `);
});
