import { describe, expect, it } from "vitest";
import { flattenNested } from "../../src/tensor/nested.js";

const of = (list: unknown) => flattenNested("f", list);

describe("nested lists", () => {
  it.each([
    [7, [], [7]],
    [[], [0], []],
    [[1, 2, 3], [3], [1, 2, 3]],
    [
      [
        [1, 2],
        [3, 4],
        [5, 6],
      ],
      [3, 2],
      [1, 2, 3, 4, 5, 6],
    ],
    [[[[1], [2]]], [1, 2, 1], [1, 2]],
    [[[], []], [2, 0], []],
    [[NaN, -Infinity, -0], [3], [NaN, -Infinity, -0]],
    [Float32Array.of(0.5, 2), [2], [0.5, 2]],
    [
      [Int32Array.of(1, 2), [3, 4]],
      [2, 2],
      [1, 2, 3, 4],
    ],
  ])("%o", (list, shape, numbers) => {
    expect(of(list)).toEqual({ shape, numbers });
  });

  it.each([
    [[1, null, "3"], "ufom: f takes numbers in nested lists; received null at [1]."],
    [["3"], 'ufom: f takes numbers in nested lists; received "3" at [0].'],
    [
      [
        [1, 2],
        [3, undefined],
      ],
      "ufom: f takes numbers in nested lists; received undefined at [1][1].",
    ],
    // eslint-disable-next-line no-sparse-arrays -- a hole is what is tried
    [[1, , 3], "ufom: f takes numbers in nested lists; received undefined at [1]."],
    [[1, true], "ufom: f takes numbers in nested lists; received true at [1]."],
    [[1n], "ufom: f takes numbers in nested lists; received 1n at [0]."],
    [BigInt64Array.of(1n), "ufom: f takes numbers in nested lists; received no number."],
    [[1, { a: 1 }], "ufom: f takes numbers in nested lists; received an object at [1]."],
    ["12", 'ufom: f takes numbers in nested lists; received "12".'],
    [undefined, "ufom: f takes numbers in nested lists; received undefined."],
    [[[1, 2], [3]], "ufom: f takes nested lists of one shape, here of 2; received a list of 1 at [1]."],
    [[[1], [2], [3, 4]], "ufom: f takes nested lists of one shape, here of 1; received a list of 2 at [2]."],
    [
      [
        [[1], [2]],
        [[3], []],
      ],
      "ufom: f takes nested lists of one shape, here of 1; received an empty list at [1][1].",
    ],
    [[1, [2]], "ufom: f takes nested lists of one shape; received a list of 1 at [1]."],
    [[[1], 2], "ufom: f takes nested lists of one shape; received 2 at [1]."],
    [[[], [1]], "ufom: f takes nested lists of one shape, here of 0; received a list of 1 at [1]."],
  ])("%o is refused with the position", (list, sentence) => {
    expect(() => of(list)).toThrow(sentence);
  });
});
