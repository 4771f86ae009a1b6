import { expect } from "vitest";
import type { HostArray } from "../../src/tensor/types.js";

type Numbers = ArrayLike<number>;

/** The largest absolute value, at least 1: what tolerances are relative to. */
export const magnitude = (...lists: readonly Numbers[]): number =>
  lists.reduce((m, list) => Array.from(list).reduce((n, x) => (Number.isFinite(x) ? Math.max(n, Math.abs(x)) : n), m), 1);

/** Numbers that agree to a relative tolerance of the largest among them; infinite and not-a-numbers exactly. */
export function expectClose(found: Numbers, expected: Numbers, tolerance: number, what: string, scale = magnitude(expected)): void {
  expect(found.length, `${what}: number of elements`).toBe(expected.length);
  for (let i = 0; i < expected.length; i++) {
    const [a, b] = [found[i], expected[i]];
    if (Object.is(a, b) || a === b || Math.abs(a - b) <= tolerance * scale) continue;
    expect.fail(
      `${what}: element ${i} is ${a} instead of ${b} (allowed: ${tolerance * scale}; all: ${Array.from(found).join(", ")} instead of ${Array.from(expected).join(", ")})`,
    );
  }
}

/** The numbers of all arrays, one after another. */
export const flat = (arrays: readonly HostArray[]): number[] => arrays.flatMap(({ data }) => Array.from(data));
