import { describe, expect, it } from "vitest";
import { halfCosine, log, power } from "../../src/core/elementary.js";

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

  it("power is within 1e-15·(1 + |p log x|), and exact where products of whole powers are", () => {
    for (const p of [0.3, 0.5, 0.75, 1.5, 3.25, -0.5, 17.3]) {
      const numbers = points.map(t => 10 ** (16 * t - 8));
      expect(largest(numbers.map(x => Math.abs(power(x, p) / x ** p - 1) / (1 + Math.abs(p * Math.log(x)))))).toBeLessThan(1e-15);
    }
    expect([power(7, 0), power(7, 1), power(3, 5), power(2, -3), power(2, -1074), power(10, 400), power(10, -0.5 - 400)]).toEqual([
      1,
      7,
      243,
      0.125,
      5e-324,
      Infinity,
      0,
    ]);
  });

  it("halfCosine is half a period from 1 to 0", () => {
    expect(largest(points.map(t => Math.abs(halfCosine(t) - (1 + Math.cos(Math.PI * t)) / 2)))).toBeLessThan(1e-15);
    expect([0, 1].map(halfCosine)).toEqual([1, 0]);
    expect(points.every((t, i) => i === 0 || halfCosine(t) < halfCosine(points[i - 1]))).toBe(true);
  });
});
