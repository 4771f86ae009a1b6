import { describe, expect, it } from "vitest";
import * as nn from "../../src/tensor/nn.js";
import * as np from "../../src/tensor/np/index.js";
import { f64 } from "../../src/tensor/host.js";
import { jvp, vmap } from "../../src/tensor/transform.js";
import type { Value } from "../../src/tensor/value.js";
import { onExecutors, slope } from "../support/on-executors.js";

type Closed = (x: number) => number;

// In float64, by forms that neither cancel nor overflow.
const sech2: Closed = x => {
  const e = Math.exp(-2 * Math.abs(x));
  return (4 * e) / (1 + e) ** 2;
};
const sigmoid: Closed = x => (x >= 0 ? 1 / (1 + Math.exp(-x)) : Math.exp(x) / (1 + Math.exp(x)));
const bell: Closed = x => sech2(x / 2) / 4;
const bellSlope: Closed = x => -bell(x) * Math.tanh(x / 2);

const cases: readonly [name: string, f: (x: Value) => Value, first: Closed, second: Closed, points: readonly number[]][] = [
  ["tanh", np.tanh, sech2, x => -2 * Math.tanh(x) * sech2(x), [1e-6, 0.01, 0.5, 1, 3, 9, 9.5, 15, 40]],
  ["sigmoid", nn.sigmoid, bell, bellSlope, [1e-6, 0.01, 1, 5, 17, 40, 80]],
  ["softplus", nn.softplus, sigmoid, bell, [1e-6, 1, 17, 80]],
  ["logSigmoid", nn.logSigmoid, x => sigmoid(-x), x => -bell(x), [1e-6, 1, 17, 80]],
  ["silu", nn.silu, x => sigmoid(x) + x * bell(x), x => 2 * bell(x) + x * bellSlope(x), [1e-6, 0.3, 6, 17, 60]],
  ["log1p", np.log1p, x => 1 / (1 + x), x => -1 / (1 + x) ** 2, [1e-6, 0.3, 0.999]],
  ["expm1", np.expm1, Math.exp, Math.exp, [1e-6, 0.3, 20]],
  ["asin", np.asin, x => 1 / Math.sqrt((1 - x) * (1 + x)), x => x / ((1 - x) * (1 + x)) ** 1.5, [1e-6, 0.5, 0.999]],
  ["acos", np.acos, x => -1 / Math.sqrt((1 - x) * (1 + x)), x => -x / ((1 - x) * (1 + x)) ** 1.5, [1e-6, 0.5, 0.999]],
];

describe("derivatives in float32 keep their digits where a function saturates, and near its zeros", () => {
  it.each(cases)("%s", (_, f, first, second, points) => {
    const xs = points.flatMap(x => [x, -x]).map(Math.fround);
    const [d1, d2] = [slope(f), slope(slope(f))];
    const found = onExecutors((x: Value) => [d1(x), d2(x)], [f64(xs)], "float32");
    for (const [name, [one, two]] of Object.entries(found))
      xs.forEach((x, i) => {
        for (const [what, a, e] of [
          ["first", one[i], first(x)],
          ["second", two[i], second(x)],
        ] as const)
          expect(Math.abs(a - e) <= 2e-5 * Math.abs(e) + 1e-44, `${what} at ${x} on ${name}: ${a} instead of ${e}`).toBe(true);
      });
  });

  it.each([
    ["tanh", np.tanh],
    ["sigmoid", nn.sigmoid],
  ])("%s, forward and over lanes too", (_, f) => {
    const along = (x: Value) => jvp(slope(f), x, np.onesLike(x))[1];
    const found = onExecutors((x: Value) => [slope(slope(f))(x), along(x), vmap(slope(slope(f)))(x)], [f64([-12, -1e-4, 0.3, 20])]);
    for (const [backward, forward, mapped] of Object.values(found)) {
      forward.forEach((t, i) => {
        expect(Math.abs(t - backward[i])).toBeLessThanOrEqual(1e-15 * Math.abs(backward[i]));
      });
      expect(mapped).toEqual(backward);
    }
  });
});
