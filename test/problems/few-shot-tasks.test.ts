import { describe, expect, test } from "vitest";
import { stream } from "../../src/core/random/index.js";
import { drawTask, someOf, type Sizes } from "../../cli/src/problems/few-shot/tasks.js";
import { patterns } from "./few-shot-classes.js";

const sizes: Sizes = { ways: 3, shots: 2, queries: 1, batch: 0, steps: 0 };

describe("some of many numbers", () => {
  test("are different, in range, and all of them if all are asked for", () => {
    const random = stream(1, "some");
    for (const [n, some] of [
      [10, 10],
      [7, 3],
      [2 ** 31 - 1, 5],
      [4, 0],
    ] as const) {
      const found = someOf(random, n, some);
      expect(found).toHaveLength(some);
      expect(new Set(found).size).toBe(some);
      expect(found.every(i => Number.isInteger(i) && i >= 0 && i < n)).toBe(true);
    }
  });

  test("every ordered pair of four is as likely as any other", () => {
    const random = stream(2, "some"),
      seen = new Map<string, number>(),
      draws = 12_000;
    for (let i = 0; i < draws; i++) {
      const pair = someOf(random, 4, 2).join();
      seen.set(pair, (seen.get(pair) ?? 0) + 1);
    }
    expect(seen.size).toBe(12);
    const chiSquare = [...seen.values()].reduce((sum, n) => sum + (n - draws / 12) ** 2 / (draws / 12), 0);
    // 11 degrees of freedom: beyond 31.3 once in a thousand.
    expect(chiSquare).toBeLessThan(31.3);
  });
});

describe("a task", () => {
  const classes = patterns(9, { images: 4 });

  test("has as many classes and images as were asked for, none twice, in [0, 1], ink dark", () => {
    const { support, query } = drawTask(stream(1, "task", 1, 0), classes, sizes);
    expect(support.x.shape).toEqual([6, 1, 8, 8]);
    expect(query.x.shape).toEqual([3, 1, 8, 8]);
    expect(Array.from(support.y.data)).toEqual([0, 0, 1, 1, 2, 2]);
    expect(Array.from(query.y.data)).toEqual([0, 1, 2]);
    const row = (x: ArrayLike<number>, i: number) =>
      Array.from(x)
        .slice(i * 64, (i + 1) * 64)
        .map(p => 255 * p);
    const found = (pixels: number[]) => {
      for (let c = 0; c < classes.count; c++)
        for (let k = 0; k < 4; k++)
          if (
            classes
              .at(c)
              .image(k)
              .every((byte, i) => byte === pixels[i])
          )
            return `${c} ${k}`;
      return "none";
    };
    const supports = Array.from({ length: 6 }, (_, i) => found(row(support.x.data, i))),
      queries = Array.from({ length: 3 }, (_, i) => found(row(query.x.data, i)));
    expect(new Set([...supports, ...queries]).size).toBe(9);
    const classOf = (place: string) => place.split(" ")[0];
    for (let way = 0; way < 3; way++) expect(new Set([supports[2 * way], supports[2 * way + 1], queries[way]].map(classOf)).size).toBe(1);
    expect(new Set(queries.map(classOf)).size).toBe(3);
  });

  test("is that of its stream, and of no other", () => {
    const at = (k: number, i: number) => drawTask(stream(5, "task", k, i), classes, sizes);
    expect(at(3, 1)).toEqual(at(3, 1));
    expect(at(3, 1)).not.toEqual(at(3, 2));
    expect(at(3, 1)).not.toEqual(at(4, 1));
  });

  test("has minibatches in which every image comes as often as any other", () => {
    const { order, support } = drawTask(stream(1, "task"), classes, { ...sizes, batch: 4, steps: 6 });
    expect(order!.shape).toEqual([6, 4]);
    const places = Array.from(order!.data);
    // Four orders of the six images, one behind another.
    for (let at = 0; at < 24; at += 6) expect(places.slice(at, at + 6).sort()).toEqual([0, 1, 2, 3, 4, 5]);
    // The same images, whether there are minibatches or not.
    expect(support).toEqual(drawTask(stream(1, "task"), classes, sizes).support);
  });

  test("may have minibatches that are larger than what there is to learn from", () => {
    const { order } = drawTask(stream(1, "task"), classes, { ...sizes, shots: 1, batch: 5, steps: 3 });
    expect(Array.from(order!.data).filter(i => i === 0)).toHaveLength(5);
  });

  test.each([
    [{ ways: 10 }, "ufom: few-shot needs at least 10 different classes of patterns, as many as ways; received 9."],
    [
      { shots: 4 },
      /^ufom: few-shot needs 5 images of every class of patterns, 4 to learn from and 1 to be judged by; received group\d\/class\d with 4\.$/,
    ],
  ])("of %j is refused", (changed, sentence) => {
    expect(() => drawTask(stream(1, "task"), classes, { ...sizes, ...changed })).toThrow(sentence);
  });
});
