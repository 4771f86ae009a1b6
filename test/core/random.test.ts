import { describe, expect, test } from "vitest";
import { bernoulli, stream } from "../../src/core/random/index.js";
import { murmur3 } from "../../src/core/random/murmur3.js";
import { normalQuantile } from "../../src/core/random/normal-quantile.js";
import { Xoshiro128 } from "../../src/core/random/xoshiro.js";

const draw = (n: number, next: () => number): number[] => Array.from({ length: n }, next);
const mean = (xs: ArrayLike<number>): number => Array.from(xs).reduce((sum, x) => sum + x, 0) / xs.length;

/** Σ (observed − expected)² / expected, shifted and scaled so that it is about standard normal for many cells. */
function chiSquared(counts: readonly number[]): number {
  const expected = counts.reduce((sum, n) => sum + n, 0) / counts.length;
  const statistic = counts.reduce((sum, n) => sum + (n - expected) ** 2 / expected, 0);
  return (statistic - (counts.length - 1)) / Math.sqrt(2 * (counts.length - 1));
}

describe("known answers", () => {
  test("xoshiro128++: the reference implementation's first numbers from the state 1, 2, 3, 4", () => {
    const generator = new Xoshiro128([1, 2, 3, 4]);
    expect(draw(10, () => generator.next())).toEqual([
      641, 1573767, 3222811527, 3517856514, 836907274, 4247214768, 3867114732, 1355841295, 495546011, 621204420,
    ]);
  });

  test("MurmurHash3_x86_128: SMHasher's verification value over keys of 0 to 255 bytes", () => {
    const key = Uint8Array.from({ length: 256 }, (_, i) => i);
    const hashes = new Uint8Array(16 * 256);
    const view = new DataView(hashes.buffer);
    for (let n = 0; n < 256; n++) {
      murmur3(key.subarray(0, n), 256 - n).forEach((word, i) => view.setUint32(16 * n + 4 * i, word, true));
    }
    expect(murmur3(hashes)[0]).toBe(0xb3ece62a);
  });

  test.each([
    // p, quantile to 16 digits (Wichura's three test values first).
    [0.25, -0.6744897501960817],
    [0.001, -3.090232306167814],
    [1e-20, -9.262340089798408],
    [0.5, 0],
    [0.975, 1.959963984540054],
    [0.925, 1.4395314709384563],
    [1.3e-11, -6.66761145651074],
    [2 ** -53, -8.209536151601387],
  ])("normal quantile of %d", (p, quantile) => {
    expect(normalQuantile(p)).toBeCloseTo(quantile, 13);
  });

  // Pinned: other numbers here mean that no older run can be repeated.
  test("the streams themselves", () => {
    const random = stream(1, "task", 7, 0);
    expect(random.next()).toMatchInlineSnapshot(`0.055236242679740366`);
    expect(random.integer(1000)).toMatchInlineSnapshot(`705`);
    expect([...random.normal([4], 2).data]).toMatchInlineSnapshot(`
      [
        -2.064603090286255,
        -3.1859259605407715,
        -1.8540494441986084,
        0.40980416536331177,
      ]
    `);
    expect([...random.uniform([3], -1, 1).data]).toMatchInlineSnapshot(`
      [
        0.007945457473397255,
        0.13887831568717957,
        0.8580175042152405,
      ]
    `);
    expect([...random.permutation(8)]).toMatchInlineSnapshot(`
      [
        7,
        1,
        5,
        4,
        2,
        0,
        3,
        6,
      ]
    `);
  });
});

describe("names of streams", () => {
  const first = (...name: Parameters<typeof stream>): string => draw(4, stream(...name).next.bind(stream(...name))).join();

  test("the same name gives the same numbers", () => {
    const [a, b] = [stream(3, "draw", 5), stream(3, "draw", 5)];
    expect(draw(100, () => a.next())).toEqual(draw(100, () => b.next()));
    expect(first(-0, "draw", -0)).toBe(first(0, "draw", 0));
  });

  test("seed, purpose, every index and their number make different names", () => {
    const names: Parameters<typeof stream>[] = [
      [0, "draw"],
      [1, "draw"],
      [-1, "draw"],
      [2 ** 40, "draw"],
      [0, "draw", 0],
      [0, "draw", 1],
      [0, "draw", 0, 0],
      [0, "draw", 0, 1],
      [0, "draw", 1, 0],
      [0, ""],
      [0, "", 0],
      [0, "draw\0"],
      [0, "dräw"],
    ];
    expect(new Set(names.map(name => first(...name))).size).toBe(names.length);
  });

  test("10,000 neighbouring names start at different and evenly spread numbers", () => {
    const starts: number[] = [];
    for (let step = 0; step < 1000; step++) for (let task = 0; task < 10; task++) starts.push(stream(1, "task", step, task).next());
    expect(new Set(starts).size).toBe(10_000);
    const cells = Array.from({ length: 100 }, () => 0);
    for (const start of starts) cells[Math.floor(start * 100)]++;
    expect(Math.abs(chiSquared(cells))).toBeLessThan(4);
  });

  test.each([
    ["seed", [0, "a"], [1, "a"]],
    ["purpose", [1, "draw"], [1, "task"]],
    ["index", [1, "a", 0], [1, "a", 1]],
  ] as [string, Parameters<typeof stream>, Parameters<typeof stream>][])("streams of another %s do not correlate", (_, a, b) => {
    const n = 100_000;
    const [x, y] = [stream(...a).normal([n]).data, stream(...b).normal([n]).data];
    for (const lag of [0, 1, 2]) {
      const products = Array.from({ length: n - lag }, (_, i) => x[i] * y[i + lag]);
      expect(Math.abs(mean(products)) * Math.sqrt(n)).toBeLessThan(4);
    }
  });

  test.each([0.5, NaN, Infinity, 2 ** 53])("refuses %d as a seed or an index", number => {
    expect(() => stream(number, "a")).toThrow(`ufom: a seed must be a whole number; received ${number}.`);
    expect(() => stream(1, "a", 0, number)).toThrow(`ufom: an index of stream "a" must be a whole number; received ${number}.`);
  });
});

describe("distributions", () => {
  const n = 200_000;

  test("next: 53 bits, [0, 1), even in 256 cells, no correlation with its successor", () => {
    const random = stream(11, "next");
    const xs = draw(n, () => random.next());
    expect(xs.every(x => x >= 0 && x < 1 && Number.isInteger(x * 2 ** 53))).toBe(true);
    expect(xs.some(x => !Number.isInteger(x * 2 ** 52))).toBe(true);
    const cells = Array.from({ length: 256 }, () => 0);
    for (const x of xs) cells[Math.floor(x * 256)]++;
    expect(Math.abs(chiSquared(cells))).toBeLessThan(4);
    const successors = xs.slice(1).map((x, i) => 12 * (x - 0.5) * (xs[i] - 0.5));
    expect(Math.abs(mean(successors)) * Math.sqrt(n)).toBeLessThan(4);
  });

  test("normal: the first four moments and 64 cells of equal probability", () => {
    const { data, shape, dtype } = stream(12, "normal").normal([n / 100, 100]);
    expect([shape, dtype, data.length]).toEqual([[n / 100, 100], "float32", n]);
    const moment = (k: number): number => mean(Array.from(data, x => x ** k));
    // Standard errors: Var x = 1, Var x² = 2, Var x³ = 15, Var x⁴ = 96.
    for (const [k, expected, variance] of [
      [1, 0, 1],
      [2, 1, 2],
      [3, 0, 15],
      [4, 3, 96],
    ] as const) {
      expect(Math.abs(moment(k) - expected)).toBeLessThan(4 * Math.sqrt(variance / n));
    }
    const edges = Array.from({ length: 63 }, (_, i) => normalQuantile((i + 1) / 64));
    const cells = Array.from({ length: 64 }, () => 0);
    for (const x of data) cells[edges.filter(edge => edge < x).length]++;
    expect(Math.abs(chiSquared(cells))).toBeLessThan(4);
  });

  test("normal: scale multiplies, and takes none of the stream", () => {
    const [a, b] = [stream(1, "scale"), stream(1, "scale")];
    const [plain, scaled] = [a.normal([1000]).data, b.normal([1000], 0.25).data];
    expect(Array.from(scaled)).toEqual(Array.from(plain, x => x * 0.25));
    expect(a.next()).toBe(b.next());
  });

  test("uniform: bounds, mean and variance", () => {
    const { data } = stream(13, "uniform").uniform([n], -10, 30);
    expect(data.every(x => x >= -10 && x < 30)).toBe(true);
    expect(Math.abs(mean(data) - 10)).toBeLessThan((4 * 40) / Math.sqrt(12 * n));
    expect(mean(Array.from(data, x => (x - 10) ** 2))).toBeCloseTo(1600 / 12, 0);
  });

  test("uniform never gives its upper bound, even where half of the numbers round to it", () => {
    const next = 1 + 2 ** -23;
    expect(new Set(stream(14, "edge").uniform([1000], 1, next).data)).toEqual(new Set([1]));
    expect(
      stream(14, "edge")
        .uniform([100_000], 2 ** 24 - 3, 2 ** 24)
        .data.every(x => x < 2 ** 24),
    ).toBe(true);
  });

  test.each([
    [1, 1],
    [2, 1],
    [1, 1 + 1e-9],
    [NaN, 1],
    [0, Infinity],
  ])("uniform refuses [%d, %d)", (low, high) => {
    expect(() => stream(1, "a").uniform([10], low, high)).toThrow(
      `ufom: uniform wants finite bounds low < high in float32; received low = ${low}, high = ${high}.`,
    );
  });

  test("uniform over nearly all of float32", () => {
    expect(
      stream(1, "a")
        .uniform([1000], -3e38, 3e38)
        .data.every(x => Math.abs(x) < 3e38),
    ).toBe(true);
  });

  test.each([1, 2, 3, 10, 1000])("integer below %d is even", below => {
    const random = stream(15, "integer", below);
    const counts = Array.from({ length: below }, () => 0);
    for (let i = 0; i < n; i++) counts[random.integer(below)]++;
    if (below > 1) expect(Math.abs(chiSquared(counts))).toBeLessThan(4);
    else expect(counts).toEqual([n]);
  });

  test("integer does not favour small numbers where the remainder is large", () => {
    // Without rejection a third of the numbers would come up twice as often: mean 5/12 instead of 1/2.
    const below = 3 * 2 ** 30;
    const random = stream(16, "integer");
    expect(Math.abs(mean(draw(n, () => random.integer(below) / below)) - 0.5)).toBeLessThan(4 / Math.sqrt(12 * n));
  });

  test.each([0, -1, 1.5, NaN, 2 ** 32 + 1])("integer refuses %d", below => {
    expect(() => stream(1, "a").integer(below)).toThrow(`ufom: integer(below) wants a whole number in 1 … 2^32; received ${below}.`);
  });

  test("permutation: all 120 orders of 5 are equally likely", () => {
    const random = stream(17, "permutation");
    const counts = new Map<string, number>();
    for (let i = 0; i < 60_000; i++) {
      const order = random.permutation(5).join("");
      counts.set(order, (counts.get(order) ?? 0) + 1);
    }
    expect(counts.size).toBe(120);
    expect(Math.abs(chiSquared([...counts.values()]))).toBeLessThan(4);
  });

  test("permutation holds every number once", () => {
    expect([...stream(18, "permutation").permutation(1000)].sort((a, b) => a - b)).toEqual(Array.from({ length: 1000 }, (_, i) => i));
    expect([...stream(18, "permutation").permutation(0)]).toEqual([]);
  });

  test.each([0, 0.05, 0.5, 1])("bernoulli(%d)", q => {
    const random = stream(19, "draw");
    const share = mean(draw(n, () => Number(bernoulli(random, q))));
    expect(Math.abs(share - q)).toBeLessThanOrEqual(4 * Math.sqrt((q * (1 - q)) / n));
  });
});
