import { afterAll, describe, expect, it } from "vitest";
import type { Convolution } from "../../src/program/program.js";
import * as lax from "../../src/tensor/lax.js";
import * as nn from "../../src/tensor/nn.js";
import { apply } from "../../src/tensor/operation.js";
import { grad } from "../../src/tensor/transform.js";
import type { FloatType, HostArray } from "../../src/tensor/types.js";
import { sizeOf } from "../../src/tensor/types.js";
import type { Value } from "../../src/tensor/value.js";
import { compile, executors } from "../conformance/run.js";
import { float, refusal, type, typeOf } from "./evaluate.js";

type Shape = readonly number[];
const on = (f: (x: Value, w: Value) => unknown, x: Shape, w: Shape) => refusal(f, float(...x), float(...w));
const none = [[0, 0]] as const;

describe("refusals of convolutions are one sentence with the rule and the shapes", () => {
  it("of ranks and channels", () => {
    expect([
      on((x, w) => lax.conv(x, w, [], "VALID"), [2, 3], [4, 3]),
      on((x, w) => lax.conv(x, w, [1], "VALID"), [2, 3, 8], [4, 3, 3, 3]),
      on((x, w) => lax.conv(x, w, [1], "VALID"), [2, 3, 8], [4, 2, 3]),
      on((x, w) => lax.conv(x, w, [1], "VALID", { groups: 2 }), [2, 4, 8], [3, 2, 3]),
      on((x, w) => lax.conv(x, w, [1], "VALID", { groups: 2 }), [2, 6, 8], [4, 2, 3]),
      on((x, w) => lax.conv(x, w, [1], "VALID", { groups: 0 }), [2, 4, 8], [4, 4, 3]),
      on((x, w) => lax.conv(x, w, [1], "VALID", { groups: 1.5 }), [2, 4, 8], [4, 4, 3]),
      on(x => lax.conv(x, 1, [1], "VALID"), [2, 4, 8], []),
      on((x, w) => lax.convTranspose(x, w, [2], "SAME"), [2, 3, 8], [4, 5, 3]),
      on((x, w) => lax.convTranspose(x, w, [2, 2], "SAME"), [2, 3, 8], [4, 3, 3, 3]),
    ]).toMatchInlineSnapshot(`
      [
        "ufom: conv takes x [N, C, …] and a kernel [O, C, …] with as many spatial axes, at least one; received float32[2,3] and float32[4,3].",
        "ufom: conv takes x [N, C, …] and a kernel [O, C, …] with as many spatial axes, at least one; received float32[2,3,8] and float32[4,3,3,3].",
        "ufom: conv takes as many input channels as the kernel has in its one group, 2; received float32[2,3,8] and float32[4,2,3].",
        "ufom: conv takes a number of groups that divides the 3 output channels; received 2.",
        "ufom: conv takes as many input channels as the kernel has in 2 groups, 4; received float32[2,6,8] and float32[4,2,3].",
        "ufom: conv takes a number of groups that divides the 4 output channels; received 0.",
        "ufom: conv takes a number of groups that divides the 4 output channels; received 1.5.",
        "ufom: conv takes x [N, C, …] and a kernel [O, C, …] with as many spatial axes, at least one; received float32[2,4,8] and float32[].",
        "ufom: convTranspose takes as many input channels as the kernel has in its one group, 5; received float32[2,3,8] and float32[4,5,3].",
        "ufom: convTranspose takes x [N, C, …] and a kernel [O, C, …] with as many spatial axes, at least one; received float32[2,3,8] and float32[4,3,3,3].",
      ]
    `);
  });

  it("of strides, dilation and padding", () => {
    const conv = (strides: unknown, padding: unknown, options?: unknown) =>
      on((x, w) => lax.conv(x, w, strides as Shape, padding as lax.Padding, options as lax.ConvOptions), [2, 3, 8], [4, 3, 3]);
    expect([
      conv([1, 1], "VALID"),
      conv([0], "VALID"),
      conv([1.5], "VALID"),
      conv([1], "VALID", { dilation: [0] }),
      conv([1], "VALID", { inputDilation: [1, 2] }),
      conv([1], "SAME", { inputDilation: [2], groups: 3 }),
      conv([1], "FULL"),
      conv([1], [[1, 2], [0, 0]]), // prettier-ignore
      conv([1], [[1, 2, 3]]),
      conv([1], [[0.5, 0]]),
      conv([1], [[-5, -4]]),
      on((x, w) => lax.convTranspose(x, w, [0], "SAME"), [2, 3, 8], [4, 3, 3]),
      on((x, w) => lax.convTranspose(x, w, [1], "FULL" as "SAME"), [2, 3, 8], [4, 3, 3]),
      on((x, w) => lax.convTranspose(x, w, [1], "SAME", { dilation: [] }), [2, 3, 8], [4, 3, 3]),
    ]).toMatchInlineSnapshot(`
      [
        "ufom: conv takes a whole stride ≥ 1 for each of 1 spatial axes; received [1,1].",
        "ufom: conv takes a whole stride ≥ 1 for each of 1 spatial axes; received [0].",
        "ufom: conv takes a whole stride ≥ 1 for each of 1 spatial axes; received [1.5].",
        "ufom: conv takes a whole dilation ≥ 1 for each of 1 spatial axes; received [0].",
        "ufom: conv takes a whole input dilation ≥ 1 for each of 1 spatial axes; received [1,2].",
        "ufom: conv takes a number of groups that divides the 4 output channels; received 3.",
        "ufom: conv takes padding "SAME", "VALID" or [low, high] for each of 1 spatial axes; received "FULL".",
        "ufom: conv takes padding "SAME", "VALID" or [low, high] for each of 1 spatial axes; received [[1,2],[0,0]].",
        "ufom: conv takes padding "SAME", "VALID" or [low, high] for each of 1 spatial axes; received [[1,2,3]].",
        "ufom: conv takes whole numbers [low, high] of padding for each of 1 spatial axes; received [[0.5,0]].",
        "ufom: conv cannot cut more than there is of axis 2 of float32[2,3,8]; received padding [-5, -4].",
        "ufom: convTranspose takes a whole stride ≥ 1 for each of 1 spatial axes; received [0].",
        "ufom: convTranspose takes padding "SAME", "VALID" or [low, high] for each of 1 spatial axes; received "FULL".",
        "ufom: convTranspose takes a whole dilation ≥ 1 for each of 1 spatial axes; received [].",
      ]
    `);
  });

  it("of cotangents that are no convolution's result", () => {
    const params: Convolution = { strides: [1], padding: none, dilation: [1], groups: 1 };
    expect([
      on((g, w) => apply("convInput", [g, w], params, { shape: [2, 3, 8] }), [2, 4, 7], [4, 3, 3]),
      on((x, g) => apply("convKernel", [x, g], params, { shape: [4, 3, 3] }), [2, 3, 8], [1, 4, 6]),
    ]).toMatchInlineSnapshot(`
      [
        "ufom: convInput takes a cotangent like the convolution's result, float32[2,4,6]; received float32[2,4,7].",
        "ufom: convKernel takes a cotangent like the convolution's result, float32[2,4,6]; received float32[1,4,6].",
      ]
    `);
  });
});

it("negative padding cuts, whole numbers become floats, truth values too", () => {
  const conv = (x: Value, w: Value) => lax.conv(x, w, [1], [[-1, -2]]);
  expect(typeOf(conv, [float(2, 3, 8), float(4, 3, 3)])).toBe("float64[2,4,3]");
  expect(typeOf(conv, [type("int32", 2, 3, 8), type("bool", 4, 3, 3)], "float32")).toBe("float32[2,4,3]");
  expect(typeOf((x, w) => lax.conv(x, w, [1], "VALID"), [float(2, 3, 2), float(4, 3, 3)])).toBe("float64[2,4,0]");
});

/** Ones, with one element replaced. */
const ones = (shape: Shape, at: number, special: number): HostArray => ({
  shape,
  dtype: "float64",
  data: Float64Array.from({ length: sizeOf(shape) }, (_, i) => (i === at ? special : 1)),
});
/** Which elements are NaN, which infinite: `n`, `i`; the others are `.`. */
const kinds = ({ data }: HostArray) => Array.from(data, v => (Number.isNaN(v) ? "n" : Number.isFinite(v) ? "." : "i")).join("");

describe.each(Object.entries(executors))("infinities and NaN on %s", (_, { create, prepare }) => {
  const executor = create();
  afterAll(() => executor.dispose());
  const run = async <R = HostArray>(f: (...x: never[]) => unknown, inputs: readonly HostArray[], precision: FloatType) =>
    (await compile<R>(executor, prepare, precision, f, inputs))(...inputs);

  describe.each(["float64", "float32"] as const)("in %s", precision => {
    it("zeros of the padding count: times ∞ they are NaN, in the derivatives too", async () => {
      const conv = (x: Value, w: Value) => lax.conv(x, w, [1], [[1, 1]]);
      const plain = ones([1, 1, 5], -1, 0);
      expect(kinds(await run(conv, [plain, ones([1, 1, 3], 0, Infinity)], precision))).toBe("niiii");
      expect(kinds(await run(conv, [plain, ones([1, 1, 3], 1, Infinity)], precision))).toBe("iiiii");
      expect(kinds(await run(conv, [ones([1, 1, 5], 0, Infinity), ones([1, 1, 3], -1, 0)], precision))).toBe("ii...");
      // The cotangent [∞, 1, 1, 1, 1] meets the zero in front of x at the first place of the kernel.
      const weighted = (x: Value, w: Value, g: Value) => grad(([a, b]: Value[]) => conv(a, b).mul(g).sum())([x, w]);
      const [dx, dw] = await run<HostArray[]>(weighted, [plain, ones([1, 1, 3], 2, Infinity), ones([1, 1, 5], 0, Infinity)], precision);
      expect([kinds(dx), kinds(dw)]).toEqual(["niiii", "nii"]);
    });

    it("NaN reaches what its windows reach", async () => {
      const f = (x: Value, w: Value) => [lax.conv(x, w, [2], "SAME"), lax.convTranspose(x, w, [2], "SAME"), nn.maxPool(x, { window: [2] })];
      const [conv, transposed, pooled] = await run<HostArray[]>(f, [ones([1, 1, 6], 3, NaN), ones([1, 1, 3], -1, 0)], precision);
      expect([kinds(conv), kinds(transposed), kinds(pooled)]).toEqual([".n.", "......nnn...", ".n."]);
    });

    it("has the reference's NaN and infinities for each of the family, whatever strides, dilation and padding", async () => {
      const forms: readonly (readonly [Shape, Shape, Shape, Convolution["padding"], Shape])[] = [
        [[1, 1, 5], [1, 1, 3], [2], [[1, 1]], [1]],
        [[1, 1, 7], [1, 1, 2], [3], [[2, 2]], [1]],
        [[1, 1, 5], [1, 1, 3], [1], [[2, 2]], [2]],
        [[1, 1, 5], [1, 1, 3], [1], [[-1, 1]], [1]],
        [[1, 2, 4, 4], [2, 2, 3, 3], [1, 1], [[1, 1], [1, 1]], [1, 1]],
        [[4, 8, 8, 8], [8, 8, 3, 3], [1, 1], [[1, 1], [1, 1]], [1, 1]],
        [[4, 8, 8, 8], [8, 8, 3, 3], [2, 2], [[0, 1], [0, 1]], [1, 1]],
      ]; // prettier-ignore
      for (const [x, w, strides, padding, dilation] of forms) {
        const params: Convolution = { strides, padding, dilation, groups: 1 };
        const y = [
          x[0],
          w[0],
          ...x.slice(2).map((n, a) => Math.floor((n + padding[a][0] + padding[a][1] - (w[a + 2] - 1) * dilation[a] - 1) / strides[a]) + 1),
        ];
        const roles = [["conv", x, w, y], ["convInput", y, w, x], ["convKernel", x, y, w]] as const; // prettier-ignore
        for (const [op, left, right, shape] of roles)
          for (const [i, k] of [
            [0, -1],
            [-1, 0],
            [-1, sizeOf(right) >> 1],
            [-1, sizeOf(right) - 1],
          ]) {
            // prettier-ignore
            const f = (a: Value, b: Value) => apply(op, [a, b], params, op === "conv" ? undefined : { shape });
            const inputs = [ones(left, i, Infinity), ones(right, k, Infinity)];
            const expected = await (await compile<HostArray>(executors.reference.create(), p => p, "float64", f, inputs))(...inputs);
            expect(kinds(await run(f, inputs, precision)), `${op} ${JSON.stringify(params)} ∞ at ${i}, ${k}`).toBe(kinds(expected));
          }
      }
    });
  });
});
