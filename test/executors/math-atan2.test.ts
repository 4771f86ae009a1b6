import { describe, expect, it } from "vitest";
import type { FloatType } from "../../src/tensor/types.js";
import { mathModule, type MathModule } from "./math-module.js";
import { atan2, ulpsFrom } from "./math-reference.js";
import { float32Ulps, randomWords } from "./math-samples.js";

const dtypes = ["float32", "float64"] as const;
type Pairs = readonly (readonly [y: number, x: number])[];

function apply(dtype: FloatType, pairs: Pairs, inline = false): MathModule<FloatType> {
  const count = (pairs.length + 3) & ~3,
    module: MathModule<FloatType> = mathModule<FloatType>("atan2", dtype, count, inline);
  pairs.forEach(([y, x], i) => {
    module.input[i] = y;
    module.second[i] = x;
  });
  module.run(count);
  return module;
}
const resultsOf = (module: MathModule<FloatType>, count: number): number[] => [...module.output.subarray(0, count)];
const words = (a: Float32Array | Float64Array): Uint32Array => new Uint32Array(a.buffer, a.byteOffset, a.byteLength / 4);

/** Pairs of all sizes, of like size, and near the borders of the reductions. */
function randomPairs(dtype: FloatType, count: number): Pairs {
  const next = randomWords(7),
    round = dtype === "float32" ? Math.fround : (x: number) => x,
    most = dtype === "float32" ? 250 : 2_090;
  for (let k = 0; k < 10; k++) next();
  const size = () => round((next() / 2 ** 32 + 0.5) * 2 ** ((next() % most) - most / 2) * (next() & 1 ? 1 : -1));
  const like = (x: number) => round(x * ((next() / 2 ** 32) * 6 - 3));
  return Array.from({ length: count }, () => {
    const x = size();
    switch (next() & 3) {
      case 0:
        return [size(), x];
      case 1:
        return [round(x * [0.5, 1, 2, -0.5, -1, -2][next() % 6]), x];
      default:
        return [like(x), x];
    }
  }).filter((pair): pair is [number, number] => pair.every(v => v !== 0 && Number.isFinite(v)));
}

describe("atan2", () => {
  it("is within 2 ulp in float32", () => {
    const pairs = randomPairs("float32", 200_000),
      results = resultsOf(apply("float32", pairs), pairs.length);
    const worst = Math.max(...chunks(results.map((r, i) => float32Ulps(r, Math.atan2(...pairs[i])))));
    expect(worst).toBeLessThan(1.5);
    expect(worst).toBeGreaterThan(0.49);
  });

  it("is within 2 ulp in float64", () => {
    const pairs = randomPairs("float64", 20_000),
      results = resultsOf(apply("float64", pairs), pairs.length);
    const errors = results.map((r, i) => ulpsFrom(r, atan2(...pairs[i])));
    const worst = Math.max(...chunks(errors));
    expect(worst, `at ${pairs[errors.indexOf(worst)].join(", ")}`).toBeLessThan(1.5);
    expect(worst).toBeGreaterThan(0.49);
  });

  it.each(dtypes)("knows zeros of both signs, infinities, the largest and the smallest numbers, NaN, %s", dtype => {
    const largest = dtype === "float32" ? (2 - 2 ** -23) * 2 ** 127 : Number.MAX_VALUE,
      smallest = dtype === "float32" ? 2 ** -149 : 5e-324,
      numbers = [0, 1, 1.5, smallest, largest, largest / 4, Infinity].flatMap(v => [v, -v]).concat(NaN),
      pairs = numbers.flatMap(y => numbers.map(x => [y, x] as const)),
      module = apply(dtype, pairs);
    resultsOf(module, pairs.length).forEach((r, i) => {
      const expected = Math.atan2(...pairs[i]),
        where = `atan2(${pairs[i].join(", ")})`;
      if (Number.isNaN(expected)) {
        const at = dtype === "float32" ? [words(module.output)[i]] : [...words(module.output).subarray(2 * i, 2 * i + 2)];
        expect(at, where).toEqual(dtype === "float32" ? [0x7fc00000] : [0, 0x7ff80000]);
      } else if (expected === 0) expect(Object.is(r, expected), where).toBe(true);
      else if (dtype === "float32") expect(float32Ulps(r, expected), where).toBeLessThan(1.5);
      else expect(Math.abs(r - expected) / Math.abs(expected), where).toBeLessThan(Math.abs(expected) < 1e-300 ? 1 : 4e-16);
    });
  });

  it.each(dtypes)("gives the same bits in line, and beside whatever else, %s", dtype => {
    const some = randomPairs(dtype, 3_000),
      odd: Pairs = [[Infinity, -Infinity], [NaN, 1], [0, -0], [1e38, 1e-38], [-1e38, -2e38]]; // prettier-ignore
    const pairs = some.flatMap((pair, i) => [pair, odd[i % odd.length]]),
      called = apply(dtype, pairs),
      inline = apply(dtype, pairs, true),
      alone = apply(
        dtype,
        pairs.flatMap(pair => [pair, pair, pair, pair]),
      );
    expect(words(inline.output)).toEqual(words(called.output));
    expect(called.output.subarray(0, pairs.length)).toEqual(alone.output.filter((_, i) => i % 4 === 0).subarray(0, pairs.length));
  });

  // The same on every machine; a change of any bit must be meant.
  it("has these bits", () => {
    const prints = dtypes.map(dtype => {
      const pairs = randomPairs(dtype, 4_000);
      const bits = words(apply(dtype, pairs).output);
      return (bits.reduce((h, w) => Math.imul(h ^ w, 0x01000193), 0x811c9dc5 | 0) >>> 0).toString(16);
    });
    expect(prints).toMatchInlineSnapshot(`
      [
        "eb5d9269",
        "cf8ac98d",
      ]
    `);
  });
});

/** The largest of each thousand: argument lists have an end. */
function chunks(numbers: readonly number[]): number[] {
  const out: number[] = [];
  for (let i = 0; i < numbers.length; i += 1_000) out.push(Math.max(...numbers.slice(i, i + 1_000)));
  return out;
}
