import { describe, expect, it } from "vitest";
import { erf, sigmoid, softplus } from "../../src/tensor/special.js";

/** ∫₀ˣ of the Maclaurin series 2/√π Σ (−1)ⁿ x^{2n+1}/(n!(2n+1)), summed as all-positive e^{−x²} Σ 2ⁿ x^{2n+1}/(2n+1)!!. */
function series(x: number): number {
  let term = x;
  let sum = x;
  for (let n = 1; term > sum * 1e-18; n++) sum += term *= (2 * x * x) / (2 * n + 1);
  return (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x) * sum;
}

describe("erf", () => {
  it("agrees with its series", () => {
    for (let x = 0.01; x < 6; x += 0.0037) expect(Math.abs(erf(x) / series(x) - 1)).toBeLessThan(2e-15);
  });

  // 40-digit values rounded to float64.
  it.each([
    [0.5, 0.5204998778130465],
    [0.97, 0.8298702930356671],
    [1, 0.8427007929497149],
    [1.25, 0.9229001282564583],
    [2, 0.9953222650189527],
    [3, 0.9999779095030014],
    [5.5, 0.9999999999999927],
    [1e-300, 1.1283791670955126e-300],
  ])("erf(%d)", (x, expected) => {
    expect(Math.abs(erf(x) - expected)).toBeLessThanOrEqual(expected * 2 ** -52);
    expect(erf(-x)).toBe(-erf(x));
  });

  it("has its limits", () => {
    expect([erf(6), erf(30), erf(Infinity), erf(-Infinity)]).toEqual([1, 1, 1, -1]);
    expect(Object.is(erf(-0), -0)).toBe(true);
    expect(erf(NaN)).toBeNaN();
  });
});

describe("sigmoid and softplus", () => {
  it("keep the tails", () => {
    expect(sigmoid(-700)).toBe(Math.exp(-700));
    expect(softplus(-700)).toBe(Math.exp(-700));
    expect([sigmoid(1e4), sigmoid(-1e4), softplus(1e4), softplus(-1e4)]).toEqual([1, 0, 1e4, 0]);
    expect(softplus(0)).toBe(Math.LN2);
  });

  it("satisfy σ(x) + σ(−x) = 1 and softplus(x) − softplus(−x) = x", () => {
    for (let x = 0; x < 40; x += 0.173) {
      expect(Math.abs(sigmoid(x) + sigmoid(-x) - 1)).toBeLessThan(3e-16);
      expect(Math.abs(softplus(x) - softplus(-x) - x)).toBeLessThanOrEqual(softplus(x) * 3e-16);
    }
  });
});
