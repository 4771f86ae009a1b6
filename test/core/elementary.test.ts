import { describe, expect, it } from "vitest";
import { exp, log } from "../../src/core/elementary.js";

const points = Array.from({ length: 4_001 }, (_, i) => i / 4_000);
const largest = (errors: readonly number[]) => errors.reduce((most, e) => Math.max(most, e), 0);

describe("elementary functions without Math's", () => {
  it("log is within 1e-15 from the smallest number to the largest", () => {
    const numbers = [5e-324, Number.MAX_VALUE, ...points.map(t => 10 ** (610 * t - 305)), ...points.map(t => 0.5 + 1.5 * t)].filter(
      x => x !== 1,
    );
    expect(largest(numbers.map(x => Math.abs(log(x) / Math.log(x) - 1)))).toBeLessThan(1e-15);
    expect([0, 1, Infinity, -1, NaN].map(log)).toEqual([-Infinity, 0, Infinity, NaN, NaN]);
  });

  it("exp is within 1e-15 wherever it is no subnormal number, and the other way round from log", () => {
    const numbers = points.map(t => 1417 * t - 708);
    expect(largest(numbers.map(x => Math.abs(exp(x) / Math.exp(x) - 1)))).toBeLessThan(1e-15);
    expect(largest(points.map(t => Math.abs(exp(log(1 + t)) / (1 + t) - 1)))).toBeLessThan(1e-15);
    expect([0, -Infinity, Infinity, -800, 710, NaN].map(exp)).toEqual([1, 0, Infinity, 0, Infinity, NaN]);
  });
});
