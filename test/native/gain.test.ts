import { expect, test } from "vitest";
import { np, type Value } from "../../src/index.js";
import { describeKernels } from "../../src/compiler/describe.js";
import { schedule } from "../../src/compiler/schedule/schedule.js";
import { nativeTarget } from "../../src/executors/native/target.js";
import { expectedGain } from "../../src/executors/native/gain.js";
import { optimize } from "../../src/program/passes/index.js";
import { trace } from "../../src/tensor/trace.js";
import { isLong } from "../../cli/src/suggest-native.js";

const programOf = (n: number, f: (x: Value) => Value) =>
  optimize(trace(f, [{ shape: [n, n], dtype: "float32" }] as never, "float32").program);
const measured = { threshold: 40 ** 3, wasm: 40, library: 120 };

test("a product gains what the library is faster, a small one and work element by element nothing", () => {
  const gain = (n: number, f: (x: Value) => Value) => expectedGain([{ program: programOf(n, f), count: 3 }], measured);
  expect(gain(256, x => np.matmul(x, x))).toBeCloseTo(3, 6);
  expect(gain(39, x => np.matmul(x, x))).toBe(1);
  expect(gain(256, x => np.exp(x))).toBe(1);
  const both = gain(256, x => np.exp(np.sin(np.matmul(x, x)).T).add(x));
  expect(both).toBeGreaterThan(1.5);
  expect(both).toBeLessThan(3);
});

test("products that take turns on blocks of rows gain like others", () => {
  const shapes = [
      [784, 64],
      [784, 64],
      [2000, 784],
    ],
    types = shapes.map(shape => ({ shape, dtype: "float32" })) as never,
    { program } = trace((v: Value, w: Value, x: Value) => [np.matmul(x, v), np.matmul(x, w)], types, "float32");
  expect(describeKernels(schedule(program, nativeTarget(1)), nativeTarget(1)).map(({ kind }) => kind)).toEqual(["rows"]);
  expect(expectedGain([{ program, count: 1 }], measured)).toBeCloseTo(3, 6);
});

test("programs count as often as they are called", () => {
  const [large, plain] = [programOf(256, x => np.matmul(x, x)), programOf(1024, x => np.exp(x))],
    gain = (a: number, b: number) =>
      expectedGain(
        [
          { program: large, count: a },
          { program: plain, count: b },
        ],
        measured,
      );
  expect(gain(1, 0)).toBeGreaterThan(gain(1, 1));
  expect(gain(1, 1)).toBeGreaterThan(gain(1, 10));
  expect(gain(0, 1)).toBe(1);
});

test("is told of where more than ten seconds are left, of the budget too", () => {
  const pace = { stepsDone: 1, stepsLeft: 100, seconds: 0.2, counts: { step: 1, product: 1, outer: 1 } };
  expect(isLong(pace)).toBe(true);
  expect(isLong({ ...pace, stepsLeft: 40 })).toBe(false);
  expect(isLong(pace, 5)).toBe(false);
});
