import { rmSync } from "node:fs";
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { omniglot } from "../../examples/omniglot.js";
import { drawing, omniglotFolder } from "./omniglot-folder.js";

const real = process.env.UFOM_DATA;
let folder: string;
beforeAll(() => {
  folder = omniglotFolder();
});
afterAll(() => rmSync(folder, { recursive: true }));
afterEach(() => vi.unstubAllEnvs());

const saidBy = (f: () => unknown): string => {
  try {
    f();
    return "accepted";
  } catch (error) {
    return (error as Error).message;
  }
};

describe("the reader of Omniglot", () => {
  test("finds every drawing of every character once, also of an alphabet that is in both archives", () => {
    vi.stubEnv("UFOM_DATA", folder);
    const characters = omniglot();
    expect(characters.map(c => c.alphabet)).toEqual(["Greek", "Korean", "Tagalog"].flatMap(name => Array<string>(6).fill(name)));
    expect(characters.every(c => c.drawings.length === 20)).toBe(true);
  });

  test("gives the share of ink in squares", () => {
    vi.stubEnv("UFOM_DATA", folder);
    const found = omniglot()[7].drawings[2],
      ink = drawing("Korean", 2, 3);
    // Square 10, 10 begins at pixel 37.5 and ends before 41.25.
    for (const [row, column] of [
      [10, 10],
      [0, 27],
      [14, 5],
      [20, 20],
    ] as const) {
      let [sum, n] = [0, 0];
      for (let y = Math.floor(row * 3.75); y < Math.ceil((row + 1) * 3.75); y++)
        for (let x = Math.floor(column * 3.75); x < Math.ceil((column + 1) * 3.75); x++) [sum, n] = [sum + Number(ink(x, y)), n + 1];
      expect(found[28 * row + column]).toBeCloseTo(sum / n, 6);
    }
    expect(Math.max(...found)).toBe(1);
    expect(found.filter(v => v > 0).length).toBeGreaterThan(30);
  });

  test("says in a sentence what it needs", () => {
    vi.stubEnv("UFOM_DATA", undefined);
    const none = saidBy(omniglot);
    vi.stubEnv("UFOM_DATA", "elsewhere");
    expect([none, saidBy(omniglot)]).toMatchInlineSnapshot(`
      [
        "ufom: this example needs UFOM_DATA to name a folder with omniglot/images_background_small1.zip and omniglot/images_background_small2.zip (from github.com/brendenlake/omniglot); received no UFOM_DATA.",
        "ufom: this example needs UFOM_DATA to name a folder with omniglot/images_background_small1.zip and omniglot/images_background_small2.zip (from github.com/brendenlake/omniglot); received elsewhere.",
      ]
    `);
  });

  test.skipIf(real === undefined)("reads the published archives", () => {
    const characters = omniglot();
    expect(characters).toHaveLength(242);
    expect(characters.every(c => c.drawings.length === 20)).toBe(true);
    expect(new Set(characters.map(c => c.alphabet)).size).toBe(8);
  });
});
