import { mkdtemp, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { hanzi, radicalOf, radicals } from "../../cli/src/datasets/hanzi.js";
import type { ImageClasses } from "../../cli/src/datasets/image-classes.js";
import { dataPackage } from "../../cli/src/datasets/package-files.js";
import { splitClasses } from "../../cli/src/datasets/splits.js";
import { nearestNeighbour } from "./nearest-neighbour.js";

const isInstalled = (() => {
  try {
    dataPackage("hanzi-writer-data");
    return true;
  } catch {
    return false;
  }
})();

describe("radicals", () => {
  it("are 214 characters in Unicode's order", () => {
    const codes = radicals.map(radical => radical.codePointAt(0)!);
    expect(codes).toHaveLength(214);
    expect(codes.every((code, i) => code >= 0x4e00 && code <= 0x9fa5 && (i === 0 || code > codes[i - 1]))).toBe(true);
    expect([radicals[0], radicals[74], radicals[213]]).toEqual(["一", "木", "龠"]);
  });

  it.each([
    ["一", "radical 1 一"],
    ["他", "radical 9 人"],
    ["明", "radical 72 日"],
    ["松", "radical 75 木"],
    ["说", "radical 149 言"],
    ["龠", "radical 214 龠"],
    ["㐬", "other characters"],
    ["⺮", "other characters"],
  ])("%s has %s", (character, group) => expect(radicalOf(character.codePointAt(0)!)).toBe(group));
});

describe.skipIf(!isInstalled)("hanzi (skipped where the package hanzi-writer-data is not installed)", () => {
  let data: ImageClasses;
  beforeAll(async () => {
    data = await hanzi();
  });
  const find = (name: string) => Array.from({ length: data.count }, (_, i) => i).find(i => data.at(i).name.endsWith(`/${name}`))!;

  it("are the package's characters in groups by radical", () => {
    expect(data).toMatchObject({ name: "hanzi", count: 9574, channels: 1, height: 28, width: 28 });
    expect(data.at(find("明"))).toMatchObject({ name: "radical 72 日/明", group: "radical 72 日", count: 1000 });
  });

  it("have their strokes where they belong: one is a horizontal line, ten a cross", () => {
    const dark = (name: string) => {
      const [index, rows, columns] = [find(name), new Float64Array(28), new Float64Array(28)];
      for (let i = 0; i < 40; i++) data.at(index).image(i).forEach((grey, at) => { rows[Math.floor(at / 28)] += 255 - grey; columns[at % 28] += 255 - grey; }); // prettier-ignore
      const total = rows.reduce((a, b) => a + b);
      const middle = (sums: Float64Array) => sums.subarray(8, 20).reduce((a, b) => a + b) / total;
      return [middle(rows), middle(columns)];
    };
    const [rows, columns] = dark("一");
    expect(rows).toBeGreaterThan(0.95);
    expect(columns).toBeLessThan(0.75);
    // The foot of 二 is longer than its head, and the head of 干 shorter than the line below it; 上 stands on its line.
    const halves = (name: string) => {
      const sums = [0, 0];
      for (let i = 0; i < 40; i++)
        data
          .at(find(name))
          .image(i)
          .forEach((grey, at) => (sums[at < 392 ? 0 : 1] += 255 - grey));
      return sums[1] / sums[0];
    };
    expect(halves("上")).toBeGreaterThan(1.2);
    expect(halves("下")).toBeLessThan(1);
  });

  it("are neither empty nor blots, and can be told apart", () => {
    for (let i = 0; i < data.count; i += 97) {
      const image = data.at(i).image(5);
      const ink = image.reduce((sum, grey) => sum + 255 - grey, 0) / 255 / 784;
      expect(ink, data.at(i).name).toBeGreaterThan(0.005);
      expect(ink, data.at(i).name).toBeLessThan(0.35);
    }
    expect(nearestNeighbour(data, 5, 100)).toBeGreaterThan(0.45);
  });

  it("split so that no radical is in both parts", () => {
    const { train, test } = splitClasses(data, "alphabets", 1);
    expect([train.count, test.count]).toEqual([7079, 2495]);
    const groups = new Set(Array.from({ length: test.count }, (_, i) => test.at(i).group));
    expect(Array.from({ length: train.count }, (_, i) => train.at(i).group).filter(group => groups.has(group))).toEqual([]);
  });
});

describe("files of characters", () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), "ufom-hanzi-"));
  });
  afterAll(() => rm(folder, { recursive: true }));

  it("are refused if they are not what they should be", async () => {
    await expect(hanzi({ folder })).rejects.toThrow(`ufom: ${folder} must hold files like 人.json, one a character; there is none.`);
    const file = path.join(folder, "人.json");
    for (const [text, received] of [
      ['{"medians": [[[1, 2]', "20 characters that are no JSON"],
      ["null", "medians undefined"],
      ['{"medians": []}', "medians []"],
      ['{"medians": [[[1, 2], [3, 4]], [[5]]]}', "[[5]] as stroke 2"],
    ]) {
      await writeFile(file, text);
      await expect(hanzi({ folder })).rejects.toThrow(
        `ufom: ${file} must be the JSON of a character with its medians, one list of points a stroke; received ${received}.`,
      );
    }
    await writeFile(file, '{"medians": [[[100, 800], [900, 100]]]}');
    const data = await hanzi({ folder, size: 16 });
    expect([data.count, data.at(0).name, data.height]).toEqual([1, "radical 9 人/人", 16]);
  });

  it("without their package are answered with how to add it, and under which licence", () => {
    expect(() => dataPackage("no-such-strokes", undefined, "strokes under a licence")).toThrow(
      "ufom: the data come from the npm package no-such-strokes (strokes under a licence), which is not installed here; "
        + "add it with: npm install no-such-strokes",
    );
  });
});
