import { afterAll, describe, expect, it } from "vitest";
import * as nn from "../../src/tensor/nn.js";
import * as np from "../../src/tensor/np/index.js";
import { grad } from "../../src/tensor/transform.js";
import type { FloatType, HostArray } from "../../src/tensor/types.js";
import type { Value } from "../../src/tensor/value.js";
import { vector } from "./cases/inputs.js";
import { expectClose } from "./closeness.js";
import { compile, executors } from "./run.js";

const far = [-1e4, -100, 100, 1e4];
/** Σ w y with weights that differ, so that the derivatives of softmax and its kin do not vanish by cancelling. */
const scalarOf = (y: Value) => y.mul(np.array([0.3, -0.7, 0.9, 0.2]).slice([0, y.size])).sum();
const weights = [0.3, -0.7, 0.9, 0.2];

/** Value, first and second derivative of a function of one element at the points above. */
interface Extreme {
  readonly name: string;
  readonly f: (x: Value) => Value;
  readonly value: readonly number[];
  readonly first: readonly number[];
  /** 0 if absent. */
  readonly second?: readonly number[];
}
/** 1/(1 + x²) and its derivative: the slopes of angles. */
const slope = far.map(x => 1 / (1 + x * x));
const bend = far.map(x => (-2 * x) / (1 + x * x) ** 2);
const opposite = (list: readonly number[]) => list.map(v => -v);

const extremes: readonly Extreme[] = [
  { name: "sigmoid", f: nn.sigmoid, value: [0, 0, 1, 1], first: [0, 0, 0, 0] },
  { name: "softplus", f: nn.softplus, value: [0, 0, 100, 1e4], first: [0, 0, 1, 1] },
  { name: "logSigmoid", f: nn.logSigmoid, value: [-1e4, -100, 0, 0], first: [1, 1, 0, 0] },
  { name: "silu", f: nn.silu, value: [0, 0, 100, 1e4], first: [0, 0, 1, 1] },
  { name: "gelu", f: nn.gelu, value: [0, 0, 100, 1e4], first: [0, 0, 1, 1] },
  { name: "elu", f: nn.elu, value: [-1, -1, 100, 1e4], first: [0, 0, 1, 1] },
  { name: "relu", f: nn.relu, value: [0, 0, 100, 1e4], first: [0, 0, 1, 1] },
  { name: "tanh", f: np.tanh, value: [-1, -1, 1, 1], first: [0, 0, 0, 0] },
  { name: "atan", f: np.atan, value: far.map(Math.atan), first: slope, second: bend },
  { name: "atan2 of x and 1", f: x => np.atan2(x, 1), value: far.map(Math.atan), first: slope, second: bend },
  {
    name: "atan2 of 1 and x",
    f: x => np.atan2(1, x),
    value: far.map(x => Math.atan2(1, x)),
    first: opposite(slope),
    second: opposite(bend),
  },
  { name: "erf", f: np.erf, value: [-1, -1, 1, 1], first: [0, 0, 0, 0] },
];
/** Along the last axis, of the points above and of others. */
const along: readonly {
  readonly name: string;
  readonly f: (x: Value) => Value;
  readonly value: (x: readonly number[]) => readonly number[];
}[] = [
  { name: "softmax", f: x => nn.softmax(x), value: x => x.map(v => +(v === Math.max(...x)) / x.filter(u => u === Math.max(...x)).length) },
  {
    name: "attention",
    f: x => nn.attention(np.ones([1, 1]), x.reshape([-1, 1]), np.eye(x.size)).reshape([-1]),
    value: x => x.map(v => +(v === Math.max(...x)) / x.filter(u => u === Math.max(...x)).length),
  },
  {
    name: "logSoftmax",
    f: x => nn.logSoftmax(x),
    value: x => x.map(v => v - Math.max(...x) - Math.log(x.filter(u => u === Math.max(...x)).length)),
  },
  {
    name: "logsumexp",
    f: x => nn.logsumexp(x, -1, { keepdims: true }),
    value: x => [Math.max(...x) + Math.log(x.filter(u => u === Math.max(...x)).length)],
  },
];
const rows = [far, [100, -100, 0], [1e4, 1e4, -1e4], [-1e4, -1e4, -1e4], [-100, -100, -100, -100]];

/** Of ones, and one that changes sign. */
const directions = [
  [1, 1, 1, 1],
  [1, -1, 2, -3],
];

/** Value, gradient, and the second derivative along each direction. */
const upToSecond = (f: (x: Value) => Value) => (x: Value) => {
  const first = grad((z: Value) => scalarOf(f(z)));
  const along = (direction: readonly number[]) =>
    grad((z: Value) =>
      first(z)
        .mul(np.array(direction.slice(0, x.size)))
        .sum(),
    )(x);
  return { value: f(x), first: first(x), second: directions.map(along) };
};
interface Found {
  readonly value: HostArray;
  readonly first: HostArray;
  readonly second: readonly HostArray[];
}

const finite = ({ data }: HostArray) => Array.from(data).every(Number.isFinite);

describe.each(Object.entries(executors))("%s", (_, { create, prepare }) => {
  const executor = create();
  afterAll(() => executor.dispose());
  const at = async (f: (x: Value) => Value, x: HostArray, precision: FloatType) =>
    (await compile<Found>(executor, prepare, precision, upToSecond(f), [x]))(x);

  describe.each(["float64", "float32"] as const)("in %s", precision => {
    const tolerance = precision === "float64" ? 1e-14 : 1e-6;

    it.each(extremes)(
      "$name and its two derivatives are finite and right at ±100 and ±10,000",
      async ({ f, value, first, second = far.map(() => 0) }) => {
        const found = await at(f, vector(...far), precision);
        expectClose(found.value.data, value, tolerance, "value", 1);
        expectClose(
          found.first.data,
          first.map((d, i) => d * weights[i]),
          tolerance,
          "first derivative",
          1,
        );
        found.second.forEach(({ data }, k) =>
          expectClose(
            data,
            second.map((d, i) => d * weights[i] * directions[k][i]),
            tolerance,
            "second derivative",
            1,
          ),
        );
      },
    );

    it.each(along)("$name and its two derivatives are finite and right at ±100 and ±10,000", async ({ f, value }) => {
      for (const row of rows) {
        const found = await at(f, vector(...row), precision);
        expectClose(found.value.data, value(row), tolerance, `value at ${row.join(", ")}`);
        expect(finite(found.first), `first derivative at ${row.join(", ")}`).toBe(true);
        for (const second of found.second) expect(finite(second), `second derivative at ${row.join(", ")}`).toBe(true);
      }
    });

    it("NaN comes through every activation, and a sum of nothing but −∞ has the logarithm −∞", async () => {
      for (const f of [...extremes, ...along].map(e => e.f)) {
        expect(Array.from((await at(f, vector(NaN), precision)).value.data)).toEqual([NaN]);
      }
      expect((await at(x => nn.logsumexp(x), vector(-Infinity, -Infinity), precision)).value.data[0]).toBe(-Infinity);
    });
  });
});
