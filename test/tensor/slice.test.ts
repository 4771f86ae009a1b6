import { describe, expect, it } from "vitest";
import { f64 } from "../../src/tensor/host.js";
import type { SliceItem, Value } from "../../src/tensor/value.js";
import { walk } from "../conformance/cases/slices.js";
import { evaluate, float, numbers, refusal } from "./evaluate.js";

const counting = (n: number) =>
  f64(
    Array.from({ length: n }, (_, i) => i),
    n,
  );
const cut = (n: number, item: readonly (number | null)[]) => numbers((x: Value) => x.slice(item), [counting(n)]);

describe("slicing", () => {
  // As Python prints list(range(n))[start:stop:step].
  it.each<readonly [number, readonly (number | null)[], readonly number[]]>([
    [5, [1, 4], [1, 2, 3]],
    [5, [null, -1], [0, 1, 2, 3]],
    [5, [-3, null], [2, 3, 4]],
    [5, [null, null, 2], [0, 2, 4]],
    [5, [1, null, 3], [1, 4]],
    [5, [null, null, -1], [4, 3, 2, 1, 0]],
    [5, [null, null, -2], [4, 2, 0]],
    [5, [3, 0, -1], [3, 2, 1]],
    [5, [-1, -6, -2], [4, 2, 0]],
    [5, [9, null, -3], [4, 1]],
    [5, [-9, 2], [0, 1]],
    [5, [-9, null, 2], [0, 2, 4]],
    [5, [4, 1], []],
    [5, [1, 4, -1], []],
    [5, [7, 9], []],
    [5, [-9, null, -1], []],
    [0, [null, null, -1], []],
    [1, [null, null, 7], [0]],
  ])("of 0…n−1, n = %i: %j is %j", (n, item, expected) => expect(cut(n, item)).toEqual(expected));

  it("is Python's for every start, stop and step", () => {
    const bounds = [null, -7, -5, -4, -3, -1, 0, 1, 2, 3, 4, 6];
    for (let n = 0; n <= 4; n++) {
      for (const start of bounds) {
        for (const stop of bounds) {
          for (const step of [null, 1, 2, 3, 5, -1, -2, -3, -5]) {
            expect(cut(n, [start, stop, step]), `${n}: [${start}:${stop}:${step}]`).toEqual(walk(n, [start, stop, step]));
          }
        }
      }
    }
  });

  it("drops the axis of an index and keeps those not named", () => {
    const x = f64(
      Array.from({ length: 24 }, (_, i) => i),
      2,
      3,
      4,
    );
    const at = (...items: SliceItem[]) => evaluate((v: Value) => v.slice(...items), [x]);
    expect(at(1, 2, 3)).toEqual({ shape: [], dtype: "float64", data: Float64Array.of(23) });
    expect(at(-1).shape).toEqual([3, 4]);
    expect(at(null, -3, [1, 3])).toEqual({ shape: [2, 2], dtype: "float64", data: Float64Array.of(1, 2, 13, 14) });
    expect(at([0, 0]).shape).toEqual([0, 3, 4]);
    expect(at().data).toEqual(x.data);
  });

  it("refuses what is no index and no slice", () => {
    const on = (...items: unknown[]) => refusal((x: Value) => x.slice(...(items as SliceItem[])), float(2, 3));
    expect([on(2), on(-3), on(0.5), on(0, 0, 0), on([0, 1, 0]), on([0.5]), on([0, 1, 2, 3]), on("a")]).toMatchInlineSnapshot(`
      [
        "ufom: slice takes an index inside axis 0 of float32[2,3]; received 2.",
        "ufom: slice takes an index inside axis 0 of float32[2,3]; received -3.",
        "ufom: slice takes an index inside axis 0 of float32[2,3]; received 0.5.",
        "ufom: slice takes at most 2 items for float32[2,3]; received 3.",
        "ufom: slice takes an index, null, or whole [start, stop, step] with step ≠ 0; received [0,1,0].",
        "ufom: slice takes an index, null, or whole [start, stop, step] with step ≠ 0; received [0.5].",
        "ufom: slice takes an index, null, or whole [start, stop, step] with step ≠ 0; received [0,1,2,3].",
        "ufom: slice takes an index, null, or whole [start, stop, step] with step ≠ 0; received "a".",
      ]
    `);
    expect(refusal((x: Value, i: Value) => x.slice(i as unknown as number), float(3), float())).toMatchInlineSnapshot(
      `"ufom: slice takes numbers (np.take takes positions that are traced values); received float32[]."`,
    );
  });
});
