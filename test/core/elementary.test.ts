import { describe, expect, it } from "vitest";
import { log } from "../../src/core/elementary.js";

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
});
