import { describe, expect, it } from "vitest";
import * as np from "../../src/tensor/np/index.js";
import { allocate, type FloatType, type HostArray, type Shape } from "../../src/tensor/types.js";
import type { Value } from "../../src/tensor/value.js";
import { compile, executors } from "./run.js";

const array = (shape: Shape, f: (i: number) => number): HostArray => {
  const type = { shape, dtype: "float64" } as const;
  return { ...type, data: allocate(type).map((_, i) => f(i)) };
};
const largest = { float32: 3.4e38, float64: 1.7e308 } as const;

/** Results that are infinite though all numbers that they are made of are finite. */
const overflowing: Readonly<Record<string, (big: Value) => Value>> = {
  sum: big => big.sum(),
  "sum along an axis": big =>
    np
      .sum(big.reshape([2, 2]), 0)
      .slice([0, 1])
      .sum(),
  "sum of one number many times": big => np.broadcastTo(big.slice([0, 1]), [1000]).sum(),
  add: big => big.add(big).slice([0, 1]).sum(),
  subtract: big => big.sub(big.neg()).slice([0, 1]).sum(),
  multiply: big => big.mul(big).slice([0, 1]).sum(),
  "divide by 0": big => big.div(big.mul(0)).slice([0, 1]).sum(),
  exp: big => np.exp(big).slice([0, 1]).sum(),
  matmul: big => np.matmul(big.reshape([1, 4]), big.reshape([4, 1])).sum(),
  cumsum: big => np.cumsum(big, 0).slice([3, 4]).sum(),
  "sum under finite functions": big => np.maximum(np.flip(np.abs(big.sum().reshape([1]).neg()), 0), 0).sum(),
};

describe.each(Object.entries(executors))("∞ on %s", (_, { create, prepare }) => {
  describe.each(["float64", "float32"] as const)("in %s", (dtype: FloatType) => {
    const evaluate = async (f: (...xs: Value[]) => Value, ...inputs: HostArray[]): Promise<number[]> => {
      const executor = create(),
        run = await compile<HostArray>(executor, prepare, dtype, f, inputs),
        { data } = await run(...inputs);
      executor.dispose();
      return [...data];
    };

    it.each([1, 2, 3, 4, 5, 8, 9, 127, 128, 129, 300])("leaves no sum of %i numbers, wherever it stands", async n => {
      const places = [...new Set([0, 1, 2, 3, n >> 1, n - 2, n - 1].filter(i => i >= 0 && i < n))];
      const withOne = (at: number, x: number) => array([n], i => (i === at ? x : i - 1));
      for (const at of places) {
        expect(await evaluate(x => x.sum(), withOne(at, Infinity))).toEqual([Infinity]);
        expect(await evaluate(x => np.matmul(x.reshape([1, -1]), np.ones([n, 1])).sum(), withOne(at, -Infinity))).toEqual([-Infinity]);
        expect(await evaluate(x => x.mean(), withOne(at, NaN))).toEqual([NaN]);
        if (n === 1) continue;
        const both = array([n], i => (i === at ? Infinity : i === (at + 1) % n ? -Infinity : 1));
        expect(await evaluate(x => x.sum(), both)).toEqual([NaN]);
      }
    });

    it("leaves no sum along one axis, and stays in its own row", async () => {
      const x = array([3, 5], i => (i === 7 ? Infinity : i));
      expect(await evaluate(x => x.sum(1), x)).toEqual([10, Infinity, 60]);
      expect(await evaluate(x => x.sum(0), x)).toEqual([15, 18, Infinity, 24, 27]);
    });

    it.each(Object.entries(overflowing))("of %s is ∞, and 0 times it no number", async (_, f) => {
      const big = array([4], i => largest[dtype] * (1 - i / 16)),
        one = array([], () => 1);
      // Numbers of which passes know that they are finite, and no more: tanh is not computed before the program runs.
      const known = () => np.maximum(np.tanh(np.array(big).astype(dtype)), np.array(big).astype(dtype));
      expect(await evaluate(x => f(known()).mul(x), one)).toEqual([Infinity]);
      expect(await evaluate(x => f(known()).mul(0).add(x), one)).toEqual([NaN]);
      const here = f;
      expect(await evaluate(x => here(x).mul(0), big)).toEqual([NaN]);
    });
  });
});
