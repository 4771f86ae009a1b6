import { describe, expect, it } from "vitest";
import { glyphs } from "../../cli/src/datasets/glyphs/index.js";
import type { ImageClasses } from "../../cli/src/datasets/image-classes.js";
import { chooseGroups } from "../../cli/src/datasets/splits/choose-groups.js";
import { rotated } from "../../cli/src/datasets/splits/subset.js";
import { splitClasses, type Split } from "../../cli/src/datasets/splits.js";
import { stream } from "../../src/core/random/index.js";

/** A class of each group's size; every image is the class's number in all pixels but the first. */
function classes(groups: readonly number[], more: Partial<ImageClasses> = {}): ImageClasses {
  const all = groups.flatMap((size, group) => Array.from({ length: size }, (_, i) => ({ group: `g${group}`, name: `g${group}/c${i}` })));
  const at = (index: number) => ({ ...all[index], count: 2, image: () => Uint8Array.from([9, index, index, index]) });
  return { name: "made", origin: "here", channels: 1, height: 2, width: 2, count: all.length, at, ...more };
}

const namesOf = ({ count, at }: ImageClasses): string[] => Array.from({ length: count }, (_, i) => at(i).name);
const groupsOf = ({ count, at }: ImageClasses): Set<string> => new Set(Array.from({ length: count }, (_, i) => at(i).group));
const base = (name: string): string => name.replace(/ turned by \d+°$/, "");

function expectDisjoint({ train, test, validation }: Split, count: number): void {
  const parts = [train, test, ...(validation ? [validation] : [])].map(part => new Set(namesOf(part).map(base)));
  expect(parts.reduce((sum, { size }) => sum + size, 0)).toBe(count);
  expect(new Set(parts.flatMap(part => [...part])).size).toBe(count);
}

describe("rotated", () => {
  it("turns counter-clockwise, each channel by itself", () => {
    const image = Uint8Array.from([1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(rotated(image, 1, 3, 0)).toBe(image);
    expect([...rotated(image, 1, 3, 1)]).toEqual([3, 6, 9, 2, 5, 8, 1, 4, 7]);
    expect([...rotated(image, 1, 3, 2)]).toEqual([9, 8, 7, 6, 5, 4, 3, 2, 1]);
    expect([...rotated(image, 1, 3, 3)]).toEqual([7, 4, 1, 8, 5, 2, 9, 6, 3]);
    expect([...rotated(Uint8Array.from([1, 2, 3, 4, 5, 6, 7, 8]), 2, 2, 1)]).toEqual([2, 4, 1, 3, 6, 8, 5, 7]);
  });
});

describe("the split authors", () => {
  const omniglot = classes([800, 823]);
  const split = splitClasses(omniglot, "authors", 1);

  it("has the authors' numbers: 4,800 classes of 1,200 in four rotations, 423 as they are", () => {
    expect([split.train.count, split.test.count, split.validation]).toEqual([4800, 423, undefined]);
    expectDisjoint(split, 1623);
    expect(split.description).toBe(
      "1,623 classes shuffled by seed 1: 1,200 for training, each in 4 rotations (4,800 classes); 423 for testing",
    );
    expect(
      namesOf(split.train)
        .slice(0, 4)
        .map(name => name.replace(/^\S+/, "")),
    ).toEqual(
      ["", " turned by 90°", " turned by 180°", " turned by 270°"], // prettier-ignore
    );
    expect(namesOf(split.test).some(name => name.includes("turned"))).toBe(false);
    // Four of each.
    expect(new Set(namesOf(split.train)).size).toBe(4800);
  });

  it("turns the images of a class as its name says", () => {
    const [straight, quarter, half, three] = [0, 1, 2, 3].map(i => split.train.at(i).image(0));
    const number = straight[1];
    expect([...straight]).toEqual([9, number, number, number]);
    expect([...quarter]).toEqual([number, number, 9, number]);
    expect([...half]).toEqual([number, number, number, 9]);
    expect([...three]).toEqual([number, 9, number, number]);
    expect(omniglot.at(number).name).toBe(split.train.at(0).name);
  });

  it("is named by a hash: the same for a seed, another for another", () => {
    expect(split.hash).toBe("96557d2bcbfe8be3");
    expect(splitClasses(classes([800, 823]), "authors", 1).hash).toBe(split.hash);
    expect(splitClasses(omniglot, "authors", 2).hash).not.toBe(split.hash);
    expect(splitClasses(classes([801, 822]), "authors", 1).hash).not.toBe(split.hash);
    expect(new Set([...namesOf(splitClasses(omniglot, "authors", 2).test), ...namesOf(split.test)]).size).toBeGreaterThan(600);
  });

  it("divides other numbers in the same shares, and leaves a class for testing", () => {
    expect(
      [964, 242, 3, 2].map(n => splitClasses(classes([n]), "authors", 1)).map(({ train, test }) => [train.count / 4, test.count]),
    ).toEqual(
      [[713, 251], [179, 63], [2, 1], [1, 1]], // prettier-ignore
    );
  });

  it("does not turn photographs, and refuses images that are not square", () => {
    const photographs = splitClasses(classes([100], { channels: 3 }), "authors", 1);
    expect([photographs.train.count, photographs.test.count]).toEqual([74, 26]);
    // Of CIFAR-100 they took 80.
    const cifar = splitClasses(classes([100], { channels: 3, name: "cifar100" }), "authors", 1);
    expect([cifar.train.count, cifar.test.count]).toEqual([80, 20]);
    expect(photographs.description).toContain("no rotations");
    expect(() => splitClasses(classes([10], { height: 4, width: 1 }), "authors", 1)).toThrow(
      "ufom: the split authors turns images by 90°, which wants square ones; received made, 4 × 1: take alphabets or official.",
    );
    expect(splitClasses(classes([10, 3], { height: 4, width: 1 }), "alphabets", 1).train.count).toBe(10);
  });
});

describe("the split alphabets", () => {
  it("has no group in both parts, and sizes as near to the share as can be", () => {
    const sizes = [24, 22, 24, 40, 26, 47, 42, 17];
    const split = splitClasses(classes(sizes), "alphabets", 1);
    expectDisjoint(split, 242);
    const [train, test] = [groupsOf(split.train), groupsOf(split.test)];
    expect([...train].filter(group => test.has(group))).toEqual([]);
    // 423 of 1,623 are 63 of 242, and 22 + 24 + 17 are 63.
    expect([split.train.count, split.test.count]).toEqual([179, 63]);
    expect(split.description).toMatch(
      /^242 classes in 8 groups, of which \d by seed 1 are for testing alone: 179 for training; 63 for testing$/,
    );
    const others = [2, 3, 4, 5].map(seed => splitClasses(classes(sizes), "alphabets", seed));
    expect(new Set([split, ...others].map(({ hash }) => hash)).size).toBeGreaterThan(2);
    expect(splitClasses(classes(sizes), "alphabets", 1).hash).toBe(split.hash);
  });

  it("refuses a single alphabet", () => {
    expect(() => splitClasses(classes([9]), "alphabets", 1)).toThrow(
      "ufom: the split alphabets wants two alphabets or more; received made, which has one: take authors.",
    );
  });
});

describe("chooseGroups", () => {
  it("comes as near as any choice does", () => {
    for (let k = 0; k < 300; k++) {
      const random = stream(1, "groups", k);
      const sizes = Array.from({ length: 2 + random.integer(7) }, () => 1 + random.integer(30));
      const total = sizes.reduce((a, b) => a + b);
      const wanted = 1 + random.integer(total - 1);
      const chosen = chooseGroups(sizes, wanted);
      expect(new Set(chosen).size).toBe(chosen.length);
      const off = (picked: readonly number[]) => Math.abs(picked.reduce((sum, i) => sum + sizes[i], 0) - wanted);
      let best = Infinity;
      for (let bits = 1; bits < 2 ** sizes.length - 1; bits++)
        best = Math.min(best, off(sizes.map((_, i) => i).filter(i => (bits >> i) & 1)));
      expect(off(chosen)).toBe(best);
      expect(chosen.length).toBeGreaterThan(0);
      expect(chosen.length).toBeLessThan(sizes.length);
    }
  });
});

describe("the split official", () => {
  const withParts = (parts: readonly string[], partOf: (index: number) => string) => classes([4, 4], { parts, partOf });

  it("takes the parts of the publisher", () => {
    const split = splitClasses(
      withParts(["background", "evaluation"], i => (i < 5 ? "background" : "evaluation")),
      "official",
      1,
    );
    expect([split.train.count, split.test.count, split.validation]).toEqual([5, 3, undefined]);
    expect(split.description).toBe("8 classes as made was published: 5 for training; 3 for testing");
    const three = splitClasses(
      withParts(["train", "val", "test"], i => (i < 4 ? "train" : i < 6 ? "val" : "test")),
      "official",
      1,
    );
    expect([three.train.count, three.validation?.count, three.test.count]).toEqual([4, 2, 2]);
    expectDisjoint(three, 8);
    expect(three.hash).not.toBe(split.hash);
  });

  it("refuses a data set without them", () => {
    expect(() => splitClasses(classes([9]), "official", 1)).toThrow(
      "ufom: the split official is one that a data set was published with; received made, which came without: take authors or alphabets.",
    );
    expect(() =>
      splitClasses(
        withParts(["background"], () => "background"),
        "official",
        1,
      ),
    ).toThrow(
      "ufom: the split official wants classes for training and for testing; received made, of whose parts (background) none is for testing: take authors or alphabets.",
    );
  });
});

describe("splits of a family without end", () => {
  it("are disjoint by their numbers, and share no alphabet", async () => {
    const data = await glyphs();
    for (const [name, rotations] of [
      ["authors", 4],
      ["alphabets", 1],
    ] as const) {
      const { train, test, description, hash } = splitClasses(data, name, 1);
      expect([train.count / rotations, test.count]).toEqual([536_870_880, 1_073_741_855]);
      expect(train.count).toBeLessThan(2 ** 31);
      const [last, first] = [train.at(train.count - 1), test.at(0)];
      expect([last.name, first.name].map(base)).toEqual(["alphabet 1.16777215/character32", "alphabet 1.33554432/character01"]);
      expect(description).toContain("numbers 0 to 536,870,879 for training");
      expect(hash).toBe(splitClasses(data, name, 1).hash);
      expect(hash).not.toBe(splitClasses(await glyphs({ seed: 2 }), name, 1).hash);
    }
    const { train } = splitClasses(data, "authors", 1);
    expect(train.at(4_000_001).image(2)).toEqual(rotated(data.at(1_000_000).image(2), 1, 28, 1));
  });
});

describe("splitClasses", () => {
  it.each([
    ["author", 'ufom: split must be authors, official or alphabets; received "author" (did you mean authors?).'],
    ["", 'ufom: split must be authors, official or alphabets; received "".'],
  ])("refuses the name %j", (name, message) => {
    expect(() => splitClasses(classes([9]), name, 1)).toThrow(message);
  });

  it("refuses a single class, and numbers that are none", () => {
    expect(() => splitClasses(classes([1]), "authors", 1)).toThrow("ufom: a split wants two classes or more; received made with 1.");
    const { test } = splitClasses(classes([9]), "authors", 1);
    expect(() => test.at(2)).toThrow("ufom: made (testing): a class must be a whole number from 0 to 1; received 2.");
  });
});
