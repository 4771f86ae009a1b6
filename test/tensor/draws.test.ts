import { describe, expect, it } from "vitest";
import { i32, np, random, vmap } from "../../src/index.js";
import type { FloatType, HostArray } from "../../src/tensor/types.js";
import type { Value } from "../../src/tensor/value.js";
import { compile, executors } from "../conformance/run.js";
import { float, numbers, refusal, type } from "./evaluate.js";

const seed = i32([0, 42]);
const lanes = 20_000;

/** One result for each of many keys. */
const many = (f: (k: Value) => Value): number[] => numbers((k: Value) => vmap(f)(random.split(k, lanes)), [seed]);

/** Pearson's χ² of counts beside probabilities. */
function chiSquare(counts: readonly number[], probabilities: readonly number[]): number {
  const n = counts.reduce((a, b) => a + b);
  return counts.reduce((sum, c, i) => sum + (c - n * probabilities[i]) ** 2 / (n * probabilities[i]), 0);
}
const count = (data: readonly number[], n: number): number[] => {
  const counts = new Array<number>(n).fill(0);
  for (const v of data) counts[v]++;
  return counts;
};
const even = (n: number) => new Array<number>(n).fill(1 / n);
/** What χ² exceeds once in a thousand times, by degrees of freedom. */
const limits: Readonly<Record<number, number>> = { 2: 13.8, 3: 16.3, 5: 20.5, 6: 22.5, 9: 27.9, 11: 31.3 };

describe("distributions", () => {
  it("randint: whole numbers of the range, each as often", () => {
    const data = numbers((k: Value) => random.randint(k, [lanes], -3, 4), [seed]);
    expect(
      chiSquare(
        count(
          data.map(v => v + 3),
          7,
        ),
        even(7),
      ),
    ).toBeLessThan(limits[6]);
    const wide = numbers((k: Value) => random.randint(k, [lanes], -(2 ** 31), 2 ** 31), [seed]);
    expect(
      chiSquare(
        count(
          wide.map(v => Math.floor(((v + 2 ** 31) / 2 ** 32) * 10)),
          10,
        ),
        even(10),
      ),
    ).toBeLessThan(limits[9]);
    // The lowest bits are even too.
    expect(
      chiSquare(
        count(
          wide.map(v => ((v % 4) + 4) % 4),
          4,
        ),
        even(4),
      ),
    ).toBeLessThan(limits[3]);
  });

  it("permutation: each of the six orders of three as often", () => {
    const code = (k: Value) => {
      const p = random.permutation(k, 3);
      return p
        .slice(0)
        .mul(2)
        .add(p.slice(1).greater(p.slice(2)).astype("int32"));
    };
    expect(chiSquare(count(many(code), 6), even(6))).toBeLessThan(limits[5]);
  });

  it("permutation of a thousand has each once", () => {
    const data = numbers((k: Value) => random.permutation(k, 1000), [seed]);
    expect([...data].sort((a, b) => a - b)).toEqual(Array.from({ length: 1000 }, (_, i) => i));
    expect(data).not.toEqual([...data].sort((a, b) => a - b));
  });

  it("choice: with weights, without replacement, and both", () => {
    const p = [0.1, 0, 0.6, 0.3];
    const drawn = count(
      numbers((k: Value) => random.choice(k, 4, [lanes], { p: [1, 0, 6, 3] }), [seed]),
      4,
    );
    expect(drawn[1]).toBe(0);
    expect(
      chiSquare(
        drawn.filter((_, i) => i !== 1),
        p.filter(Boolean),
      ),
    ).toBeLessThan(limits[2]);
    // Ordered pairs of four without replacement: 12.
    const pairs = count(
      many(k =>
        random
          .choice(k, 4, 2, { replace: false })
          .mul(np.array(i32([4, 1])))
          .sum(),
      ),
      16,
    );
    expect([0, 5, 10, 15].map(i => pairs[i])).toEqual([0, 0, 0, 0]);
    expect(
      chiSquare(
        pairs.filter((_, i) => i % 5 !== 0),
        even(12),
      ),
    ).toBeLessThan(limits[11]);
    // The first by its weight, the second by what is left: 1/2 · (1/3)/(1/2) …
    const w = [0.5, 0.3, 0.2];
    const weighted = count(
      many(k =>
        random
          .choice(k, 3, 2, { replace: false, p: w })
          .mul(np.array(i32([3, 1])))
          .sum(),
      ),
      9,
    );
    const expected = [1, 2, 3, 5, 6, 7].map(i => (w[Math.floor(i / 3)] * w[i % 3]) / (1 - w[Math.floor(i / 3)]));
    expect(
      chiSquare(
        [1, 2, 3, 5, 6, 7].map(i => weighted[i]),
        expected,
      ),
    ).toBeLessThan(limits[5]);
  });

  it("categorical: in proportion to the exponentials, and never where the logit is −∞", () => {
    const data = numbers(
      (k: Value) => random.categorical(k, [Math.log(0.2), -Infinity, Math.log(0.5), Math.log(0.3)], -1, [lanes]),
      [seed],
    );
    const drawn = count(data, 4);
    expect(drawn[1]).toBe(0);
    expect(
      chiSquare(
        drawn.filter((_, i) => i !== 1),
        [0.2, 0.5, 0.3],
      ),
    ).toBeLessThan(limits[2]);
  });
});

describe("bits", () => {
  const draws = (k: Value) => [
    random.randint(k, [9], -5, 2 ** 30),
    random.permutation(k, 40),
    random.choice(k, 30, [3, 3]),
    random.choice(k, 30, 7, { replace: false }),
    random.choice(k, 5, 7, { p: [1, 2, 3, 4, 5] }),
    random.categorical(k, [0.1, 0.5, -1], -1, [20]),
  ];
  const runs = (precision: FloatType) =>
    Promise.all(
      Object.values(executors).map(async ({ create, prepare }) =>
        (await compile<HostArray[]>(create(), prepare, precision, draws, [seed]))(seed),
      ),
    );

  it("are the same on every executor and in both precisions", async () => {
    const all = [...(await runs("float32")), ...(await runs("float64"))];
    expect(all.length).toBeGreaterThanOrEqual(4);
    for (const drawn of all) {
      expect(drawn.map(({ dtype }) => dtype)).toEqual(drawn.map(() => "int32"));
      expect(drawn.map(({ data }) => [...data])).toEqual(all[0].map(({ data }) => [...data]));
    }
  });
});

it("refuses what cannot be drawn", () => {
  const key = type("int32", 2);
  const on = (f: (k: Value) => Value) => refusal(f, key);
  expect([
    on(k => random.randint(k, [2], 3, 3)),
    on(k => random.randint(k, [2], 0.5, 3)),
    on(k => random.randint(k, [2], 0, 2 ** 32)),
    on(k => random.randint(k, [-1], 0, 2)),
    refusal((k: Value, x: Value) => random.randint(k, [2], 0, x), key, float()),
    refusal((k: Value) => random.permutation(k, 3), float(2)),
    on(k => random.permutation(k, -1)),
    on(k => random.permutation(k, [1, 2], 1)),
    on(k => random.choice(k, 0)),
    on(k => random.choice(k, 3, 4, { replace: false })),
    on(k => random.choice(k, 3, 2, { p: [1, 2] })),
    on(k => random.categorical(k, 1)),
    on(k => random.categorical(k, [[1, 2]], -1, [])),
    on(k =>
      random.categorical(
        k,
        [
          [1, 2],
          [3, 4],
        ],
        -1,
        [3],
      ),
    ),
  ]).toMatchInlineSnapshot(`
    [
      "ufom: randint takes whole bounds low < high of 32 bits; received 3 and 3.",
      "ufom: randint takes whole bounds low < high of 32 bits; received 0.5 and 3.",
      "ufom: randint takes whole bounds low < high of 32 bits; received 0 and 4294967296.",
      "ufom: randint takes whole, non-negative extents; received [-1].",
      "ufom: randint takes int32 bounds; received float32[].",
      "ufom: permutation takes a key, int32[2]; received float32[2].",
      "ufom: permutation takes whole, non-negative extents; received [-1].",
      "ufom: permutation takes an axis of float32[2]; received 1.",
      "ufom: choice needs at least one element to draw from; received int32[0].",
      "ufom: choice draws at most the 3 elements that there are without replace; received the shape [4].",
      "ufom: choice takes a weight for each of 3 elements; received float32[2].",
      "ufom: categorical takes an axis of float32[]; received -1.",
      "ufom: categorical takes a shape that float32[1,2] broadcasts to; received [].",
      "ufom: add needs shapes that broadcast; received float32[3,2] and float32[2,2].",
    ]
  `);
});
