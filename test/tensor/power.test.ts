import { describe, expect, it } from "vitest";
import * as np from "../../src/tensor/np/index.js";
import { jvp, vmap } from "../../src/tensor/transform.js";
import { f64 } from "../../src/tensor/host.js";
import type { Value } from "../../src/tensor/value.js";
import { onExecutors, slope } from "../support/on-executors.js";
import { fallingFactorial } from "../support/closed-forms.js";

const power = (x: Value, y: Value) => np.power(x, y);
const d1 = slope(power);
const d2 = slope(d1);
const d3 = slope(d2);

const bases = [-2.5, -2, -1, 0, 0.5, 1, 3];
const exponents = [-3, -1, 0, 1, 2, 3, 4, 7, 31, 40];
const pairs = bases.flatMap(x => exponents.map(y => [x, y] as const));
const [xs, ys] = [f64(pairs.map(([x]) => x)), f64(pairs.map(([, y]) => y))];

describe("np.power of a value", () => {
  const results = onExecutors((x: Value, y: Value) => [power(x, y), d1(x, y), d2(x, y), d3(x, y)], [xs, ys]);

  it.each(["reference", "wasm"] as const)("with whole exponents has the powers and derivatives of multiplication: %s", name => {
    pairs.forEach(([x, n], i) => {
      results[name].forEach((numbers, k) => {
        const factor = fallingFactorial(n, k);
        const expected = factor === 0 ? 0 : factor * x ** (n - k);
        const odd = `derivative ${k} of ${x} to the ${n}: ${numbers[i]} instead of ${expected}`;
        const close = numbers[i] === expected || Math.abs(numbers[i] - expected) <= 1e-13 * Math.abs(expected);
        expect(close, odd).toBe(true);
      });
    });
  });

  it("with small whole exponents is exact where numbers are", () => {
    const exact = onExecutors(power, [f64([-2, -3, 3, 10, -2]), f64([3, 3, 4, 6, 15])], "float32");
    for (const [numbers] of Object.values(exact)) expect(numbers).toEqual([-8, -27, 81, 1e6, -32768]);
  });

  it("with other exponents is e^{y log x}, NaN below 0; at 0 derivatives are the limits from above", () => {
    const found = onExecutors(
      (x: Value, y: Value) => [power(x, y), d1(x, y), d2(x, y)],
      [f64([4, -4, 0, 0, 0]), f64([1.5, 1.5, 0.5, 1.5, 2.5])],
    );
    for (const [value, first, second] of Object.values(found)) {
      expect(value[0]).toBeCloseTo(8, 12);
      expect(value.slice(1)).toEqual([NaN, 0, 0, 0]);
      expect(first[0]).toBeCloseTo(3, 12);
      expect(first.slice(1)).toEqual([NaN, Infinity, 0, 0]);
      expect(second[0]).toBeCloseTo(0.375, 12);
      expect(second.slice(1)).toEqual([NaN, -Infinity, Infinity, 0]);
    }
  });

  it("has derivatives in the exponent: xʸ log x and its own, 0 at x = 0, none at negative x", () => {
    const inY = slope(power, 1);
    const found = onExecutors(
      (x: Value, y: Value) => [inY(x, y), slope(inY, 1)(x, y), slope(inY)(x, y)],
      [f64([3, 0.5, 0, 0, -2, 3]), f64([2, -1.5, 2, 0, 2, 0])],
    );
    const log = Math.log;
    const expected = [
      [9 * log(3), 0.5 ** -1.5 * log(0.5), 0, 0, NaN, log(3)],
      [9 * log(3) ** 2, 0.5 ** -1.5 * log(0.5) ** 2, 0, 0, NaN, log(3) ** 2],
      [3 * (1 + 2 * log(3)), 0.5 ** -2.5 * (1 - 1.5 * log(0.5)), 0, Infinity, NaN, 1 / 3],
    ];
    for (const numbers of Object.values(found))
      expected.forEach((row, k) => {
        row.forEach((e, i) => {
          const a = numbers[k][i];
          expect(Object.is(a, e) || a === e || Math.abs(a - e) <= 1e-13 * Math.abs(e), `${k}, ${i}: ${a} instead of ${e}`).toBe(true);
        });
      });
  });

  it("is differentiated forward and over lanes as it is backward", () => {
    const along = (x: Value, y: Value) => jvp((z: Value) => power(z, y), x, np.onesLike(x))[1];
    const lanes = (x: Value, y: Value) => vmap((a: Value, b: Value) => d2(a, b))(x, y);
    const found = onExecutors((x: Value, y: Value) => [along(x, y), d1(x, y), lanes(x, y), d2(x, y)], [xs, ys]);
    for (const [forward, backward, mapped, plain] of Object.values(found)) {
      expect(forward).toEqual(backward);
      expect(mapped).toEqual(plain);
    }
  });

  it("takes int32 exponents", () => {
    const found = onExecutors((x: Value) => power(x, np.arange(4)), [f64([-2, -2, -2, -2])]);
    for (const [numbers] of Object.values(found)) expect(numbers).toEqual([1, -2, 4, -8]);
  });
});
