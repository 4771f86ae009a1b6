import { describe, expect, it } from "vitest";
import * as lax from "../../src/tensor/lax.js";
import * as np from "../../src/tensor/np/index.js";
import { grad } from "../../src/tensor/transform.js";
import type { HostArray } from "../../src/tensor/types.js";
import { sizeOf } from "../../src/tensor/types.js";
import type { Value } from "../../src/tensor/value.js";
import { onExecutor, type ExecutorName } from "../support/on-executors.js";

/** The first result. */
const run = (name: ExecutorName, f: (...x: never[]) => unknown, inputs: readonly HostArray[]) => onExecutor(name, f, inputs, "float32")[0];

/** Numbers between 0 and 1 of a small generator, or the same number again and again, whose rounding errors all go one way. */
const kinds = {
  random: () => {
    let state = 1;
    return () => (state = (state * 48271) % 2147483647) / 2147483647;
  },
  constant: () => () => 0.1,
};
type Kind = keyof typeof kinds;
/** What tells its elements one by one, in a loop: `Float32Array.from` takes ten times as long for millions of them. */
function filled(shape: readonly number[], element: (i: number) => number): HostArray & { readonly data: Float32Array } {
  const data = new Float32Array(sizeOf(shape));
  for (let i = 0; i < data.length; i++) data[i] = element(i);
  return { shape, dtype: "float32", data };
}
const numbers = (kind: Kind, ...shape: number[]) => filled(shape, kinds[kind]());

/** Sums in float64 by plain loops: element i of `data` goes into the sum `at(i)`. */
function sums(data: ArrayLike<number>, n: number, at: (i: number) => number, of = (x: number) => x): number[] {
  const out = new Array<number>(n).fill(0);
  for (let i = 0; i < data.length; i++) out[at(i)] += of(data[i]);
  return out;
}

function expectClose(found: ArrayLike<number>, expected: readonly number[], tolerance = 1e-6): void {
  expect(found).toHaveLength(expected.length);
  const off = (i: number) => Math.abs(found[i] - expected[i]) / Math.abs(expected[i]),
    // Of thousands of elements only one that is wrong is worth a sentence.
    wrong = expected.findIndex((_, i) => !(off(i) < tolerance)),
    i = Math.max(wrong, 0);
  expect(off(i), `element ${i}: ${found[i]} instead of ${expected[i]}`).toBeLessThan(tolerance);
}

describe.each(["reference", "wasm"] as const)("long sums of float32 are right to 10⁻⁶ on %s", name => {
  describe.each(["random", "constant"] as const)("%s numbers", kind => {
    it("of 2²⁴ numbers, and a mean with something computed before and after", () => {
      const x = numbers(kind, 2 ** 24);
      expectClose(
        run(name, (a: Value) => a.sum(), [x]),
        sums(x.data, 1, () => 0),
      );
      const squares = sums(
        x.data,
        1,
        () => 0,
        v => v * v,
      )[0];
      expectClose(
        run(name, (a: Value) => np.square(a).mean().mul(3).add(1), [x]),
        [(3 * squares) / 2 ** 24 + 1],
      );
    }, 120_000);

    // The reference adds up in float64, whatever the axes.
    const n = name === "wasm" ? 2 ** 20 : 2 ** 16;

    it("over outer, inner and several axes", () => {
      const x = numbers(kind, n, 6);
      expectClose(
        run(name, (a: Value) => a.sum(0), [x]),
        sums(x.data, 6, i => i % 6),
      );
      expectClose(
        run(name, (a: Value) => a.reshape([6, n]).sum(1), [x]),
        sums(x.data, 6, i => Math.floor(i / n)),
      );
      expectClose(
        run(name, (a: Value) => a.reshape([n / 512, 3, 512, 2]).sum([0, 2]), [x]),
        sums(x.data, 6, i => 2 * (Math.floor(i / 1024) % 3) + (i % 2)),
      );
    }, 60_000);

    it("in products of every form", () => {
      const product = (a: Float32Array, b: Float32Array, [rows, depth, columns]: readonly number[]) => {
        const out = new Float64Array(rows * columns);
        for (let i = 0; i < rows; i++)
          for (let k = 0; k < depth; k++) for (let j = 0; j < columns; j++) out[i * columns + j] += a[i * depth + k] * b[k * columns + j];
        return [...out];
      };
      const rightTransposed = ({ shape: [k, m], data }: ReturnType<typeof numbers>) =>
        filled([m, k], i => data[(i % k) * m + Math.floor(i / k)]);
      for (const [rows, depth, columns] of [
        [3, n, 5],
        [4, n / 32, 256],
        [20, n / 64, 260],
      ]) {
        const [a, b] = [numbers(kind, rows, depth), numbers(kind, depth, columns)];
        const expected = product(a.data, b.data, [rows, depth, columns]);
        expectClose(
          run(name, (x: Value, y: Value) => np.matmul(x, y), [a, b]),
          expected,
          2e-6,
        );
        expectClose(
          run(name, (x: Value, y: Value) => np.matmul(x, y.T).mul(2), [a, rightTransposed(b)]),
          expected.map(x => 2 * x),
          2e-6,
        );
      }
    }, 120_000);

    it("in the gradient of a convolution in its kernel", () => {
      const side = name === "wasm" ? 512 : 96;
      const [batch, channels, out, size] = [2, 3, 4, 2];
      const places = side - size + 1;
      const [x, cotangent] = [numbers(kind, batch, channels, side, side), numbers(kind, batch, out, places, places)];
      const kernel: HostArray = {
        shape: [out, channels, size, size],
        dtype: "float32",
        data: new Float32Array(out * channels * size * size),
      };
      const expected: number[] = [];
      const [image, change] = [x.data, cotangent.data];
      for (let o = 0; o < out; o++)
        for (let c = 0; c < channels; c++)
          for (let tap = 0; tap < size * size; tap++) {
            let total = 0;
            for (let b = 0; b < batch; b++)
              for (let p = 0; p < places; p++)
                for (let q = 0; q < places; q++)
                  total +=
                    image[((b * channels + c) * side + p + Math.floor(tap / size)) * side + q + (tap % size)]
                    * change[((b * out + o) * places + p) * places + q];
            expected.push(total);
          }
      const gradient = (a: Value, w: Value, g: Value) => grad((k: Value) => lax.conv(a, k, [1, 1], "VALID").mul(g).sum())(w);
      expectClose(run(name, gradient, [x, kernel, cotangent]), expected, 2e-6);
    }, 60_000);

    it("in sums by index, as the derivative of a read is", () => {
      const rows = numbers(kind, n, 3);
      const indices: HostArray = { shape: [n], dtype: "int32", data: new Int32Array(n).map((_, i) => i % 2) };
      const added = (i: Value, u: Value) => np.scatterAdd(np.zeros([2, 3]), i, u);
      expectClose(
        run(name, added, [indices, rows]),
        sums(rows.data, 6, i => 3 * (Math.floor(i / 3) % 2) + (i % 3)),
      );
    }, 60_000);
  });
});

describe("long sums on wasm", () => {
  const n = 2 ** 18;
  const withSome = (places: Readonly<Record<number, number>>) => {
    const x = numbers("random", n);
    for (const [i, v] of Object.entries(places)) x.data[Number(i)] = v;
    return x;
  };

  it("are infinite or no number where their terms say so", () => {
    const sum = (x: HostArray) => run("wasm", (a: Value) => a.sum(), [x])[0];
    expect(sum(withSome({ 77: Infinity }))).toBe(Infinity);
    expect(sum(withSome({ 1000: -Infinity, 200_000: -Infinity }))).toBe(-Infinity);
    expect(sum(withSome({ 5: Infinity, 200_000: -Infinity }))).toBe(NaN);
    expect(sum(withSome({ 123_456: NaN }))).toBe(NaN);
    const most = numbers("constant", n);
    most.data.fill(3e38);
    expect(sum(most)).toBe(Infinity);
    const dot = run("wasm", (a: Value, b: Value) => np.matmul(a.reshape([2, -1]), b.reshape([-1, 4])), [
      withSome({ 9: Infinity }),
      { ...numbers("random", 2 * n), shape: [2 * n] },
    ]);
    expect([dot[0], Number.isFinite(dot[4])]).toEqual([Infinity, true]);
  });

  it("keep small terms beside large ones that cancel: to an ulp of the largest partial sum of a block, and not of the total", () => {
    const [large, small] = [2 ** 30, 0.25];
    const data = new Float32Array(n).fill(small);
    data[3] = large;
    data[n - 1] = -large;
    const found = run("wasm", (a: Value) => a.sum(), [{ shape: [n], dtype: "float32", data }])[0];
    expect(Math.abs(found - small * (n - 2))).toBeLessThan(2 * 64 * 32 * small);
  });

  it("with maxima and minima of the same numbers in one loop", () => {
    const x = numbers("random", n);
    const data = run("wasm", (a: Value) => np.stack([a.mul(2).sum(), a.mul(2).max(), a.mul(2).min()]), [x]);
    expect(Math.abs(data[0] - 2 * sums(x.data, 1, () => 0)[0]) / data[0]).toBeLessThan(1e-6);
    const doubled = Array.from(x.data, v => Math.fround(2 * v));
    expect([data[1], data[2]]).toEqual([doubled.reduce((a, b) => Math.max(a, b)), doubled.reduce((a, b) => Math.min(a, b))]);
  });
});
