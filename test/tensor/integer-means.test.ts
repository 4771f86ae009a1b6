import { describe, expect, it } from "vitest";
import * as nn from "../../src/tensor/nn.js";
import * as np from "../../src/tensor/np/index.js";
import { i32 } from "../../src/tensor/host.js";
import type { Value } from "../../src/tensor/value.js";
import { onExecutors } from "../support/on-executors.js";
import { typeOf, type } from "./evaluate.js";

const large = i32([2 ** 30, 2 ** 30, 2 ** 30, 2 ** 30 - 512], 2, 2);

describe.each(["float32", "float64"] as const)("integers are averaged in the working precision, %s", dtype => {
  it("mean and variance, whose sums and squares would wrap", () => {
    const found = onExecutors((x: Value) => [x.mean(), x.mean(0), np.variance(x)], [large], dtype);
    for (const [all, columns, variance] of Object.values(found)) {
      expect(all).toEqual([2 ** 30 - 128]);
      expect(columns).toEqual([2 ** 30, 2 ** 30 - 256]);
      expect(variance).toEqual([(3 * 128 ** 2 + 384 ** 2) / 4]);
    }
  });

  it("means of windows and normalizations", () => {
    const images = i32([2 ** 30, 2 ** 30, 2 ** 30, 2 ** 30, 4, 8, 12, 0], 1, 2, 2, 2);
    const found = onExecutors(
      (x: Value) => [nn.avgPool(x, { window: [2, 2] }), nn.layerNorm(x, np.ones([2]), np.zeros([2]))],
      [images],
      dtype,
    );
    for (const [means, normalized] of Object.values(found)) {
      expect(means).toEqual([2 ** 30, 6]);
      expect(normalized.slice(0, 4)).toEqual([0, 0, 0, 0]);
      expect(normalized[4]).toBeCloseTo(-1, 5);
    }
  });

  it("truth values", () => {
    const found = onExecutors((x: Value) => [x.greater(5).mean(), np.variance(x.greater(2 ** 30 - 1))], [large], dtype);
    for (const numbers of Object.values(found)) expect(numbers).toEqual([[1], [0.1875]]);
  });

  it("gives floating point types", () => {
    const mean = (x: Value) => x.mean(0);
    expect(typeOf(mean, [type("int32", 3, 2)], dtype)).toBe(`${dtype}[2]`);
    expect(typeOf(x => np.variance(x as Value), [type("bool", 3)], dtype)).toBe(`${dtype}[]`);
  });
});
