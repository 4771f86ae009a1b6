import { describe, expect, it } from "vitest";
import { readNested } from "../../src/tensor/nested.js";

const of = (list: unknown) => readNested("f", list);

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
    const read = of(list);
    expect([read.shape, [...Array.from(read.numbers)], read.truth]).toEqual([shape, numbers, false]);
  });

  it("of truth values", () => expect(of([true, [false][0]])).toEqual({ shape: [2], numbers: [1, 0], truth: true }));

  it("are refused with the position", () => {
    const lists: unknown[] = [
      [1, null, "3"],
      ["3"],
      [[1, 2], [3, undefined]],
      // eslint-disable-next-line no-sparse-arrays -- a hole is what is tried
      [1, , 3],
      [1, true],
      [1n],
      BigInt64Array.of(1n),
      [1, { a: 1 }],
      "12",
      undefined,
      [[1, 2], [3]],
      [[1], [2], [3, 4]],
      [[[1], [2]], [[3], []]],
      [1, [2]],
      [[1], 2],
      [[], [1]],
    ]; // prettier-ignore
    const sentences = lists.map(list => {
      try {
        return `accepted ${JSON.stringify(of(list))}`;
      } catch (error) {
        return (error as Error).message;
      }
    });
    expect(sentences).toMatchInlineSnapshot(`
      [
        "ufom: f takes numbers; received null at [1].",
        "ufom: f takes numbers; received "3" at [0].",
        "ufom: f takes numbers; received undefined at [1][1].",
        "ufom: f takes numbers; received undefined at [1].",
        "ufom: f takes numbers or truth values, not both; received true at [1].",
        "ufom: f takes numbers; received 1n at [0].",
        "ufom: f takes numbers; received 1n at [0].",
        "ufom: f takes numbers; received an object at [1].",
        "ufom: f takes numbers; received "12".",
        "ufom: f takes numbers; received undefined.",
        "ufom: f takes lists of one shape beside each other (the shape [2] at [0]); received the shape [1] at [1].",
        "ufom: f takes lists of one shape beside each other (the shape [1] at [0]); received the shape [2] at [2].",
        "ufom: f takes lists of one shape beside each other (the shape [1] at [1][0]); received the shape [0] at [1][1].",
        "ufom: f takes lists of one shape beside each other (one number at [0]); received the shape [1] at [1].",
        "ufom: f takes lists of one shape beside each other (the shape [1] at [0]); received one number at [1].",
        "ufom: f takes lists of one shape beside each other (the shape [0] at [0]); received the shape [1] at [1].",
      ]
    `);
  });
});
