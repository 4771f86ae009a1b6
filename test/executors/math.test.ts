import { describe, expect, it } from "vitest";
import { arityOf, elementaryFunctions } from "../../src/compiler/math/index.js";
import type { FloatType } from "../../src/tensor/types.js";
import { mathModule, type MathModule } from "./math-module.js";
import { references, ulpsFrom } from "./math-reference.js";
import { float32Ulps, float64Arguments, float64References, randomWords } from "./math-samples.js";
import type { UnaryFunction } from "./math-samples.js";

/** Largest errors in ulps of the exhaustive run (docs/numerics.md), rounded up: [float32, float64]. */
const bounds: Record<UnaryFunction, readonly [number, number]> = {
  exp: [0.78, 0.76],
  expm1: [1.11, 1.1],
  log: [0.85, 0.86],
  log1p: [0.85, 0.84],
  sin: [0.57, 0.78],
  cos: [0.57, 0.78],
  tanh: [1.5, 1.5],
  erf: [1.32, 1.27],
  sigmoid: [1.97, 1.93],
  softplus: [1.58, 1.51],
  atan: [1.39, 1.4],
  asin: [0.65, 0.65],
  acos: [0.89, 0.89],
  sinh: [1.6, 1.6],
  cosh: [1.18, 1.12],
};

const dtypes = ["float32", "float64"] as const;
const functions = elementaryFunctions.filter((name): name is UnaryFunction => arityOf(name) === 1);
const cases = functions.flatMap(name => dtypes.map(dtype => [name, dtype] as const));

const words = (a: Float32Array | Float64Array): Uint32Array => new Uint32Array(a.buffer, a.byteOffset, a.byteLength / 4);

/** The results at some arguments, as numbers. */
function apply(name: UnaryFunction, dtype: FloatType, xs: readonly number[]): number[] {
  const module: MathModule<FloatType> = mathModule<FloatType>(name, dtype, (xs.length + 3) & ~3);
  module.input.set(xs);
  module.run(module.input.length);
  return [...module.output.subarray(0, xs.length)];
}

describe("accuracy", () => {
  it.each(functions)("float32 %s, every 4099th bit pattern", name => {
    const count = 1 << 14;
    const module = mathModule(name, "float32", count);
    const reference = float64References[name];
    const bits = words(module.input);
    const results = words(module.output);
    const worst = { ulps: 0, at: 0 };
    const wrong: [number, number][] = [];
    for (let first = 0; first < 2 ** 32; first += 4099 * count) {
      for (let i = 0; i < count; i++) bits[i] = first + 4099 * i;
      module.run(count);
      for (let i = 0; i < count; i++) {
        const x = module.input[i];
        const y = module.output[i];
        const r = reference(x);
        if (Number.isNaN(r) || r === 0) {
          if (Number.isNaN(r) ? results[i] !== 0x7fc00000 : !Object.is(y, r)) wrong.push([x, y]);
        } else if (float32Ulps(y, r) > worst.ulps) Object.assign(worst, { ulps: float32Ulps(y, r), at: x });
      }
    }
    expect(wrong).toEqual([]);
    expect(worst.ulps, `at ${worst.at}`).toBeLessThan(bounds[name][0]);
    expect(worst.ulps).toBeGreaterThan(0.49);
  });

  it.each(functions)("float64 %s, 8192 arguments", name => {
    const count = 8192;
    const module = mathModule(name, "float64", count);
    const next = float64Arguments(name, 3);
    for (let i = 0; i < count; i++) module.input[i] = next();
    module.run(count);
    const errors = [...module.output].map((y, i) => ulpsFrom(y, references[name](module.input[i])));
    const worst = Math.max(...errors);
    expect(worst, `at ${module.input[errors.indexOf(worst)]}`).toBeLessThan(bounds[name][1]);
    expect(worst).toBeGreaterThan(0.49);
  });

  it("holds next to multiples of π/2, where most of the angle cancels", () => {
    // The float64 nearest to a multiple of π/2 of all, and neighbours of multiples, small and large.
    const xs = [
      6381956970095103 * 2 ** 797,
      ...[1, 2, 3, 1000, 2607, 2609, 1e6, 1e9, 1e15].flatMap(k => [(k * Math.PI) / 2, (-k * Math.PI) / 2]),
    ];
    for (const name of ["sin", "cos"] as const) {
      apply(name, "float64", xs).forEach((y, i) => expect(ulpsFrom(y, references[name](xs[i]))).toBeLessThan(1));
    }
    expect(apply("cos", "float64", xs)[0]).toBe(-4.687165924254628e-19);
  });
});

describe("special values", () => {
  const at = [NaN, Infinity, -Infinity, 0, -0];
  it.each([
    ["exp", [NaN, Infinity, 0, 1, 1]],
    ["expm1", [NaN, Infinity, -1, 0, -0]],
    ["log", [NaN, Infinity, NaN, -Infinity, -Infinity]],
    ["log1p", [NaN, Infinity, NaN, 0, -0]],
    ["sin", [NaN, NaN, NaN, 0, -0]],
    ["cos", [NaN, NaN, NaN, 1, 1]],
    ["tanh", [NaN, 1, -1, 0, -0]],
    ["erf", [NaN, 1, -1, 0, -0]],
    ["sigmoid", [NaN, 1, 0, 0.5, 0.5]],
    ["asin", [NaN, NaN, NaN, 0, -0]],
    ["sinh", [NaN, Infinity, -Infinity, 0, -0]],
    ["cosh", [NaN, Infinity, Infinity, 1, 1]],
  ] as const)("%s", (name, expected) => {
    for (const dtype of dtypes) expect(apply(name, dtype, at)).toEqual(expected);
  });

  it("softplus", () => {
    expect(apply("softplus", "float64", at)).toEqual([NaN, Infinity, 0, Math.LN2, Math.LN2]);
    expect(apply("softplus", "float32", at)).toEqual([NaN, Infinity, 0, Math.fround(Math.LN2), Math.fround(Math.LN2)]);
  });

  it("atan and acos", () => {
    const rounded = (dtype: FloatType, xs: readonly number[]) => xs.map(x => (dtype === "float32" ? Math.fround(x) : x));
    for (const dtype of dtypes) {
      expect(apply("atan", dtype, at)).toEqual(rounded(dtype, [NaN, Math.PI / 2, -Math.PI / 2, 0, -0]));
      expect(apply("acos", dtype, at)).toEqual(rounded(dtype, [NaN, NaN, NaN, Math.PI / 2, Math.PI / 2]));
      expect(apply("acos", dtype, [1, -1])).toEqual(rounded(dtype, [0, Math.PI]));
      expect(apply("asin", dtype, [1, -1])).toEqual(rounded(dtype, [Math.PI / 2, -Math.PI / 2]));
      // The next number beyond.
      expect(apply("asin", dtype, [1 + 2 ** -23, -1 - 2 ** -23, 2])).toEqual([NaN, NaN, NaN]);
      expect(apply("acos", dtype, [1 + 2 ** -23, -1 - 2 ** -23, -2])).toEqual([NaN, NaN, NaN]);
    }
    expect(apply("sinh", "float32", [89.41, 89.42, -89.42])).toEqual([Math.fround(Math.sinh(Math.fround(89.41))), Infinity, -Infinity]);
    expect(apply("cosh", "float64", [710.47, 710.48])).toEqual([expect.closeTo(Math.cosh(710.47) / 1, -295), Infinity]);
  });

  it("at the ends of the domains and of the range", () => {
    expect(apply("log", "float64", [-1, -Number.MIN_VALUE, 1])).toEqual([NaN, NaN, 0]);
    expect(apply("log", "float32", [-1, -(2 ** -149), 1])).toEqual([NaN, NaN, 0]);
    expect(apply("log1p", "float64", [-1, -2])).toEqual([-Infinity, NaN]);
    expect(apply("log1p", "float32", [-1, -2])).toEqual([-Infinity, NaN]);
    expect(apply("exp", "float64", [709.782712893384, 709.782712893385, -745.133, -745.14])).toEqual([
      1.7976931348622732e308,
      Infinity,
      5e-324,
      0,
    ]);
    expect(apply("exp", "float32", [88.72284, 89, -103.97, -104])).toEqual([Infinity, Infinity, 2 ** -149, 0]);
    for (const dtype of dtypes) {
      expect(apply("sigmoid", dtype, [1e4, -1e4])).toEqual([1, 0]);
      expect(apply("softplus", dtype, [1e4, -1e4])).toEqual([1e4, 0]);
    }
  });
});

describe("bits", () => {
  it.each(cases)("%s of any NaN is the canonical one, %s", (name, dtype) => {
    const module: MathModule<FloatType> = mathModule<FloatType>(name, dtype, 8);
    const wide = dtype === "float64";
    const high = [0x7fc00001, 0xffc12345, 0x7f800001, 0xff812345];
    const high64 = [0x7ff80000, 0xfff81234, 0x7ff00000, 0xfff01234];
    const bits = words(module.input);
    if (wide) high64.forEach((h, i) => bits.set([7, h], 2 * i));
    else bits.set(high);
    module.run(4);
    const results = words(module.output);
    expect([...results.subarray(0, wide ? 8 : 4)]).toEqual(wide ? high64.flatMap(() => [0, 0x7ff80000]) : high.map(() => 0x7fc00000));
  });

  it.each(cases)("%s of a lane does not depend on the other lanes, or on being in line, %s", (name, dtype) => {
    const next = randomWords(11);
    const rare = [NaN, Infinity, 1e30, -1e30, 1e-40, 0, -87.5, 800, 0.3, -0.6, 5000];
    const count = 4096;
    const lanes = dtype === "float32" ? 4 : 2;
    const mixed: MathModule<FloatType> = mathModule<FloatType>(name, dtype, count);
    const alone: MathModule<FloatType> = mathModule<FloatType>(name, dtype, count * lanes);
    const inline: MathModule<FloatType> = mathModule<FloatType>(name, dtype, count, true);
    for (let i = 0; i < count; i++) mixed.input[i] = next() % 3 ? (next() / 2 ** 32 - 0.5) * 20 : rare[next() % rare.length];
    inline.input.set(mixed.input);
    alone.input.set(mixed.input.map((_, i) => mixed.input[i]));
    for (let i = 0; i < count * lanes; i++) alone.input[i] = mixed.input[Math.floor(i / lanes)];
    mixed.run(count);
    inline.run(count);
    alone.run(count * lanes);
    expect(words(inline.output)).toEqual(words(mixed.output));
    expect(alone.output.filter((_, i) => i % lanes === 0)).toEqual(mixed.output);
  });

  // The same on every machine; a change of any bit must be meant.
  it("are these", () => {
    const prints = Object.fromEntries(
      cases.map(([name, dtype]) => {
        const count = 4096;
        const module: MathModule<FloatType> = mathModule<FloatType>(name, dtype, count);
        const next = float64Arguments(name, 5);
        for (let i = 0; i < count; i++) module.input[i] = next();
        module.run(count);
        const hash = words(module.output).reduce((h, w) => Math.imul(h ^ w, 0x01000193), 0x811c9dc5 | 0);
        return [`${name} ${dtype}`, (hash >>> 0).toString(16)];
      }),
    );
    expect(prints).toMatchInlineSnapshot(`
      {
        "acos float32": "8fa814a5",
        "acos float64": "c912eb0e",
        "asin float32": "1ae0f6e2",
        "asin float64": "59c49c9e",
        "atan float32": "a35dbfbc",
        "atan float64": "da62d990",
        "cos float32": "269fdd1c",
        "cos float64": "ea3879af",
        "cosh float32": "a66847ac",
        "cosh float64": "deebc673",
        "erf float32": "6ca3abd8",
        "erf float64": "61f85a3d",
        "exp float32": "97019d30",
        "exp float64": "24edad3e",
        "expm1 float32": "8efdd61d",
        "expm1 float64": "90ffa5d6",
        "log float32": "b08e558f",
        "log float64": "fc1472f1",
        "log1p float32": "b9722dd9",
        "log1p float64": "7ed3d96f",
        "sigmoid float32": "7d3a1a17",
        "sigmoid float64": "5c0b7ccf",
        "sin float32": "50d547ec",
        "sin float64": "64c40dda",
        "sinh float32": "c4378681",
        "sinh float64": "9e471797",
        "softplus float32": "62dc22bf",
        "softplus float64": "1e8e6fb8",
        "tanh float32": "d44389ea",
        "tanh float64": "e8454afc",
      }
    `);
  });
});
