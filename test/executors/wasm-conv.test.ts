import { afterAll, describe, expect, it } from "vitest";
import { evaluateProgram } from "../../src/program/evaluate.js";
import { describeProgram } from "../../src/executors/wasm/describe.js";
import { createWasmExecutor } from "../../src/executors/wasm/index.js";
import { optimize } from "../../src/program/passes/index.js";
import * as lax from "../../src/tensor/lax.js";
import * as nn from "../../src/tensor/nn.js";
import * as np from "../../src/tensor/np/index.js";
import { trace } from "../../src/tensor/trace.js";
import { valueAndGrad, vjp } from "../../src/tensor/transform.js";
import type { FloatType, HostArray, Shape } from "../../src/tensor/types.js";
import { allocate } from "../../src/tensor/types.js";
import type { Value } from "../../src/tensor/value.js";

const executor = createWasmExecutor();
afterAll(() => executor.dispose());

/** Layers so large that their windows are read where they lie: what the small cases of the conformance suite do not reach. */
const layers: readonly {
  readonly what: string;
  readonly x: Shape;
  readonly w: Shape;
  readonly strides: number[];
  readonly padding: lax.Padding;
  readonly options?: lax.ConvOptions;
}[] = [
  { what: "stride 1", x: [3, 16, 20, 18], w: [16, 16, 3, 3], strides: [1, 1], padding: "SAME" },
  { what: "stride 2, odd extents", x: [7, 17, 19, 22], w: [13, 17, 3, 3], strides: [2, 2], padding: "SAME" },
  {
    what: "stride 3 and 1, unequal padding",
    x: [9, 24, 25, 18],
    w: [16, 24, 2, 4],
    strides: [3, 1],
    padding: [
      [2, 0],
      [0, 3],
    ],
  },
  { what: "no padding", x: [4, 16, 20, 20], w: [9, 16, 3, 2], strides: [1, 1], padding: "VALID" },
  { what: "one place", x: [6, 40, 22, 20], w: [24, 40, 1, 1], strides: [1, 1], padding: "SAME" },
  { what: "dilation", x: [3, 16, 20, 20], w: [12, 16, 3, 3], strides: [1, 2], padding: "SAME", options: { dilation: [2, 3] } },
  { what: "groups", x: [3, 32, 20, 18], w: [24, 16, 3, 3], strides: [1, 1], padding: "SAME", options: { groups: 2 } },
  { what: "one axis", x: [8, 32, 300], w: [16, 32, 5], strides: [2], padding: "SAME" },
  { what: "three axes", x: [2, 12, 9, 10, 12], w: [12, 12, 3, 2, 3], strides: [1, 1, 2], padding: "SAME" },
];

const gradients = (f: (x: Value, w: Value) => Value) => (x: Value, w: Value, g: Value) => {
  const [y, pull] = vjp(([a, b]: Value[]) => f(a, b), [x, w]);
  return [y, ...pull(g)];
};

describe.each(["float32", "float64"] as FloatType[])("convolutions in %s", dtype => {
  it.each(layers)("and their adjoints by large layers: $what", ({ x, w, strides, padding, options }) => {
    const conv = (a: Value, b: Value) => lax.conv(a, b, strides, padding, options);
    const type = (shape: Shape) => ({ shape, dtype: "float32" as const });
    const y = trace(conv, [type(x), type(w)]).output as { shape: Shape };
    const types = [x, w, y.shape].map(type);
    const given = types.map(({ shape }, k) => ({
      shape,
      dtype,
      data: allocate({ shape, dtype }).map((_, i) => Math.fround(Math.sin(1.3 * i + k))),
    })) as HostArray[];
    const program = optimize(trace(gradients(conv), types, dtype).program);
    // None of it copies windows.
    const kernels = describeProgram(program).kernels;
    const largest: number = Math.max(...[x, w, y.shape].map(s => s.reduce((a, b) => a * b, 1)));
    expect(Math.max(...kernels.map(k => k.shape.reduce((a, b) => a * b, 1)))).toBeLessThan(2.5 * largest);
    const exact = trace(gradients(conv), types, "float64").program;
    const values = evaluateProgram(
      exact,
      given.map(a => ({ ...a, dtype: "float64", data: Float64Array.from(a.data) })),
    );
    const executable = executor.compile(program);
    const inputs = given.map(a => executor.upload(a));
    const outputs = executable.run(inputs);
    outputs.forEach((buffer, k) => {
      const [data, expected] = [executor.read(buffer), values[exact.outputs[k]]].map(a => Array.from(a.data));
      const scale = expected.reduce((m, v) => Math.max(m, Math.abs(v)), 1);
      const worst = data.reduce((m, v, i) => Math.max(m, Math.abs(v - expected[i])), 0);
      expect(worst / scale, `output ${k}`).toBeLessThan(dtype === "float32" ? 2e-6 : 1e-14);
    });
    for (const b of [...inputs, ...outputs]) executor.free(b);
    executable.dispose();
  });

  it("and what is fused with them: a loss of two layers with batch norm", () => {
    const loss = (x: Value, [first, second, scale, shift]: Value[]) => {
      const hidden = nn.silu(nn.batchNorm(lax.conv(x, first, [1, 1], "SAME"), scale, shift));
      return np.tanh(lax.conv(hidden, second, [2, 2], "SAME").add(shift.reshape([-1, 1, 1]))).mean();
    };
    const shapes = [[5, 16, 16, 18], [16, 16, 3, 3], [16, 16, 3, 3], [16], [16]],
      types = shapes.map(shape => ({ shape, dtype: "float32" as const }));
    const gradients = (x: Value, ...w: Value[]) => {
      const [value, [own, of]] = valueAndGrad(([x, w]: readonly [Value, Value[]]) => loss(x, w))([x, w] as [Value, Value[]]);
      return [value, own, ...of];
    };
    const { program } = trace(gradients, types, dtype);
    const given = types.map(({ shape }, k) => ({
      shape,
      dtype,
      data: allocate({ shape, dtype }).map((_, i) => Math.fround(Math.sin(1.3 * i + k) + (k === 3 ? 1 : 0))),
    }));
    const exact = trace(gradients, types, "float64").program,
      values = evaluateProgram(
        exact,
        given.map(a => ({ ...a, dtype: "float64", data: Float64Array.from(a.data) })),
      );
    const executable = executor.compile(optimize(program)),
      inputs = given.map(a => executor.upload(a)),
      outputs = executable.run(inputs);
    outputs.forEach((buffer, k) => {
      const [data, expected] = [executor.read(buffer), values[exact.outputs[k]]].map(a => Array.from(a.data));
      const scale = Math.max(...expected.map(Math.abs));
      expect(scale).toBeGreaterThan(0);
      expect(Math.max(...data.map((v, i) => Math.abs(v - expected[i]))) / scale, `output ${k}`).toBeLessThan(
        dtype === "float32" ? 2e-5 : 1e-13,
      );
    });
    for (const b of [...inputs, ...outputs]) executor.free(b);
    executable.dispose();
  });
});
