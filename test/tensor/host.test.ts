import * as fc from "../support/fast-check.js";
import { describe, expect, test } from "vitest";
import { array, createReferenceExecutor, createWasmExecutor, f32, f64, full, i32, np, zeros } from "../../src/index.js";
import type { HostArray } from "../../src/index.js";
import { withPrecision } from "../../src/tensor/precision.js";
import { numbersOf } from "../../src/tensor/constants.js";

/** What TypeScript would not let through. */
const any = <T>(x: unknown) => x as T;

// What host arrays are made of, and what is refused where it is given.

const plain = ({ shape, dtype, data }: HostArray) => ({ shape, dtype, data: [...data] });
const said = (f: () => unknown): string => {
  try {
    f();
  } catch (error) {
    return (error as Error).message;
  }
  return "accepted";
};

describe("nested lists", () => {
  test("become arrays of their shape", () => {
    expect(plain(f32([[1, 2], [3, 4]]))).toEqual({ shape: [2, 2], dtype: "float32", data: [1, 2, 3, 4] }); // prettier-ignore
    expect(plain(i32([[[1], [2], [3]]]))).toEqual({ shape: [1, 3, 1], dtype: "int32", data: [1, 2, 3] });
    expect(plain(f64(0.1))).toEqual({ shape: [], dtype: "float64", data: [0.1] });
    expect(plain(f64([[], []]))).toEqual({ shape: [2, 0], dtype: "float64", data: [] });
    expect(plain(f32([Float64Array.of(1, 2), Float32Array.of(3, 4)])).shape).toEqual([2, 2]);
    expect(plain(array([[0.1, 0.2]]))).toEqual({ shape: [1, 2], dtype: "float64", data: [0.1, 0.2] });
    expect(plain(array([[true], [false]]))).toEqual({ shape: [2, 1], dtype: "bool", data: [1, 0] });
    expect(plain(np_([[true, false]]))).toEqual({ shape: [1, 2], dtype: "bool", data: [1, 0] });
  });

  test("and host arrays may be given a shape, its extents one by one or as a list", () => {
    expect(f32([[1, 2], [3, 4]], 4).shape).toEqual([4]); // prettier-ignore
    expect(f32([1, 2, 3, 4], [2, 2]).shape).toEqual([2, 2]);
    expect(f32([5], []).shape).toEqual([]);
    expect(zeros([2, 3]).shape).toEqual([2, 3]);
    expect(full(1, [2, 3])).toEqual(full(1, 2, 3));
    expect(plain(i32(f32([[1, 2]])))).toEqual({ shape: [1, 2], dtype: "int32", data: [1, 2] });
  });

  const tree = fc.letrec<{ shape: number[] }>(() => ({ shape: fc.array(fc.nat(3), { maxLength: 4 }) })).shape;
  test("of any shape, element by element", () => {
    fc.assert(
      fc.property(tree, shape => {
        let next = 0;
        const build = (at: number): unknown => (at === shape.length ? next++ : Array.from({ length: shape[at] }, () => build(at + 1)));
        const { shape: found, data } = f32(any(build(0)));
        // Below an extent of 0 nothing tells further extents.
        const seen = shape.includes(0) ? shape.slice(0, shape.indexOf(0) + 1) : shape;
        expect(found).toEqual(seen);
        expect([...data]).toEqual(Array.from({ length: next }, (_, i) => i));
      }),
      { seed: 4, numRuns: 200 },
    );
  });
});

test("what is no number, does not fit or is ragged is refused with its position", () => {
  const cases: Record<string, () => unknown> = {
    "null and text": () => f32(any([1, null, "3"])),
    text: () => f32(any("12")),
    "text inside": () => f64(any([[1], ["2"]])),
    undefined: () => f64(any(undefined)),
    "a hole": () => f32(Array.from<number>({ length: 2 }).fill(1, 0, 1)),
    "truth values": () => f32([true]),
    "a truth value among numbers": () => array([1, true]),
    "a big integer": () => i32(any([1n])),
    "big integers": () => i32(any(BigInt64Array.of(1n))),
    "a host array inside": () => f32(any([f32([1])])),
    "a traced value": () => f32(any(np.ones([2]))),
    "an object": () => f32(any({ a: 1 })),
    "i32 of a fraction": () => i32([1.7, 3e9]),
    "i32 beyond": () => i32([1, 3e9]),
    "i32 of NaN": () => i32([[0, NaN]]),
    "i32 of words": () => i32(Uint32Array.of(1, 2 ** 31)),
    "i32 of floats": () => i32(f32([[1], [0.5]])),
    "f32 beyond": () => f32([0, -1e39]),
    "f32 of float64 data beyond": () => f32(Float64Array.of(1e300)),
    ragged: () => f32([[1, 2], [3]]),
    "ragged below": () =>
      array([
        [[1], [2]],
        [[1], [2, 3]],
      ]),
    "a number beside a list": () => f64([[1], 2]),
    "another number of numbers": () => f32([1, 2, 3], 2, 2),
    "full of text": () => full(any("3")),
    "full of nothing": () => full(any(null), 2),
    "full of a list": () => full(any([1]), 2),
    "full beyond": () => full(1e39),
    "full of a fraction of an extent": () => full(1, 2.5),
    "np.array of a fraction as int32": () => np.array([1.5], "int32"),
    "np.array of text": () => np.array(any([1, "2"])),
    "np.array beyond": () => np.array([1e300]),
    "a dtype that there is not": () => np.array([1], any("float16")),
  };
  expect(Object.fromEntries(Object.entries(cases).map(([name, f]) => [name, said(f)]))).toMatchInlineSnapshot(`
    {
      "a big integer": "ufom: i32 takes numbers; received 1n at [0].",
      "a dtype that there is not": "ufom: a dtype must be float32, float64, int32, bool; received float16.",
      "a hole": "ufom: f32 takes numbers; received undefined at [1].",
      "a host array inside": "ufom: f32 takes numbers; received a host array float32[1] at [0].",
      "a number beside a list": "ufom: f64 takes lists of one shape beside each other (the shape [1] at [0]); received one number at [1].",
      "a traced value": "ufom: f32 takes numbers; received a traced value float32[2].",
      "a truth value among numbers": "ufom: array takes numbers or truth values, not both; received true at [1].",
      "an object": "ufom: f32 takes numbers; received an object.",
      "another number of numbers": "ufom: f32 needs as many numbers as the shape [2,2] has (4); received 3.",
      "big integers": "ufom: i32 takes numbers; received 1n at [0].",
      "f32 beyond": "ufom: f32 takes numbers that float32 can hold, up to 3.4e38; received -1e+39 at [1].",
      "f32 of float64 data beyond": "ufom: f32 takes numbers that float32 can hold, up to 3.4e38; received 1e+300 at [0].",
      "full beyond": "ufom: full takes numbers that float32 can hold, up to 3.4e38; received 1e+39.",
      "full of a fraction of an extent": "ufom: full takes whole, non-negative extents; received [2.5].",
      "full of a list": "ufom: full takes a number; received a list.",
      "full of nothing": "ufom: full takes a number; received null.",
      "full of text": "ufom: full takes a number; received 3.",
      "i32 beyond": "ufom: i32 takes whole numbers from -2147483648 to 2147483647; received 3000000000 at [1].",
      "i32 of NaN": "ufom: i32 takes whole numbers from -2147483648 to 2147483647; received NaN at [0][1].",
      "i32 of a fraction": "ufom: i32 takes whole numbers from -2147483648 to 2147483647; received 1.7 at [0].",
      "i32 of floats": "ufom: i32 takes whole numbers from -2147483648 to 2147483647; received 0.5 at [1][0].",
      "i32 of words": "ufom: i32 takes whole numbers from -2147483648 to 2147483647; received 2147483648 at [1].",
      "np.array beyond": "ufom: array takes numbers that float32 can hold, up to 3.4e38; received 1e+300 at [0].",
      "np.array of a fraction as int32": "ufom: array takes whole numbers from -2147483648 to 2147483647; received 1.5 at [0].",
      "np.array of text": "ufom: array takes numbers; received "2" at [1].",
      "null and text": "ufom: f32 takes numbers; received null at [1].",
      "ragged": "ufom: f32 takes lists of one shape beside each other (the shape [2] at [0]); received the shape [1] at [1].",
      "ragged below": "ufom: array takes lists of one shape beside each other (the shape [1] at [1][0]); received the shape [2] at [1][1].",
      "text": "ufom: f32 takes numbers; received "12".",
      "text inside": "ufom: f64 takes numbers; received "2" at [1][0].",
      "truth values": "ufom: f32 takes numbers (array makes truth values of true and false); received truth values.",
      "undefined": "ufom: f64 takes numbers; received undefined.",
    }
  `);
});

test("numbers that are infinite or no numbers may be meant", () => {
  expect([...f32([Infinity, -Infinity, NaN]).data]).toEqual([Infinity, -Infinity, NaN]);
  expect([...f32([3.4028234663852886e38]).data]).toEqual([3.4028234663852886e38]);
  expect([...i32([-(2 ** 31), 2 ** 31 - 1, -0]).data]).toEqual([-2147483648, 2147483647, 0]);
});

test("bool arrays hold 0 and 1", () => {
  const odd: HostArray = { shape: [2, 2], dtype: "bool", data: Uint8Array.of(0, 1, 255, 1) };
  for (const executor of [createWasmExecutor(), createReferenceExecutor()])
    expect(said(() => executor.upload(odd))).toBe("ufom: upload needs bool[2,2] to hold 0 and 1; received 255 at [1][0].");
  expect(said(() => np.array(odd))).toMatch(/^ufom: array needs bool/);
});

/** A constant of the program as a host array. */
const np_ = (data: Parameters<typeof np.array>[0], dtype?: HostArray["dtype"]) => numbersOf(np.array(data, dtype));

test("floating point constants are in the working precision, whatever they were given in", () => {
  for (const precision of ["float32", "float64"] as const)
    withPrecision(precision, () => {
      for (const data of [0.1, [0.1], Float64Array.of(0.1), f64([0.1]), array([0.1])]) expect(np_(data).dtype).toBe(precision);
      expect(np_(i32([1])).dtype).toBe("int32");
      expect(np_([0.1], "float64")).toEqual(f64([0.1]));
      expect(np_(f64([0.1]), "float64")).toEqual(f64([0.1]));
    });
  expect(withPrecision("float64", () => np_(array([0.1])).data[0])).toBe(0.1);
  expect(np_(array([0.1])).data[0]).toBe(Math.fround(0.1));
});
