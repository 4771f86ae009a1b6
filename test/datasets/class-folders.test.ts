import { mkdir, mkdtemp, readdir, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import jpeg from "jpeg-js";
import { beforeAll, describe, expect, it } from "vitest";
import { loadImageClasses } from "../../cli/src/datasets/load.js";
import { greyPng, pngOf } from "../support/pictures.js";
import { dataIn } from "../support/shared-data.js";

let cache: string;
let data: string;
beforeAll(async () => {
  data = await mkdtemp(path.join(tmpdir(), "ufom-data-"));
  cache = dataIn(data);
});

const grey = (value: number, width = 4, height = 4) => greyPng(width, height, () => value);
const red = pngOf({
  width: 4,
  height: 4,
  depth: 8,
  colour: 2,
  rows: Array.from({ length: 4 }, () => [255, 0, 0, 255, 0, 0, 255, 0, 0, 255, 0, 0]),
});
const blue = jpeg.encode({ data: Uint8Array.from({ length: 64 }, (_, i) => [0, 0, 200, 255][i % 4]), width: 4, height: 4 }, 100).data;

async function folderOf(files: Readonly<Record<string, Uint8Array | string | null>>): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), "ufom-folder-"));
  for (const [name, content] of Object.entries(files)) {
    const file = path.join(folder, name);
    await mkdir(content === null ? file : path.dirname(file), { recursive: true });
    if (content !== null) await writeFile(file, content);
  }
  return folder;
}

describe("a folder of class folders", () => {
  it("is read in the order of names, grey where no picture has a colour", async () => {
    const folder = await folderOf({ "b/2.png": grey(2), "b/10.png": grey(10), "a/x.PNG": grey(1), "a/.DS_Store": "", "Thumbs.db": "" });
    const images = await loadImageClasses(folder);
    expect([images.name, images.origin, images.channels, images.height, images.width]).toEqual([folder, folder, 1, 4, 4]);
    const classes = [images.at(0), images.at(1)];
    expect(classes.map(({ name, group, count }) => [name, group, count])).toEqual([
      ["a", "a", 1],
      ["b", "b", 2],
    ]);
    expect([classes[1].image(0)[0], classes[1].image(1)[15], images.parts]).toEqual([10, 2, undefined]);
    expect(classes[1].image(1)).toEqual(classes[1].image(1));
    expect(() => classes[1].image(2)).toThrow("ufom: an image of b must be from 0 to 1; received 2.");
    expect(() => images.at(-1)).toThrow("must be from 0 to 1; received -1.");
  });

  it("is in colour where one picture is, PNG and JPEG beside each other", async () => {
    const images = await loadImageClasses(await folderOf({ "a/1.png": red, "a/2.jpg": blue, "b/1.png": grey(9) }));
    expect(images.channels).toBe(3);
    expect(Array.from(images.at(0).image(0))).toEqual([...new Array<number>(16).fill(255), ...new Array<number>(32).fill(0)]);
    expect(images.at(0).image(1)[47]).toBeGreaterThan(180);
    expect(new Set(images.at(1).image(0))).toEqual(new Set([9]));
  });

  it("has groups around classes, and parts around both", async () => {
    const groups = await loadImageClasses(await folderOf({ "Greek/a/1.png": grey(1), "Latin/a/1.png": grey(2) }));
    expect([groups.at(0).name, groups.at(0).group, groups.at(1).name, groups.parts]).toEqual(["Greek/a", "Greek", "Latin/a", undefined]);
    const parts = await loadImageClasses(await folderOf({ "train/a/1.png": grey(1), "test/b/1.png": grey(2) }));
    expect([parts.parts, parts.at(0).name, parts.partOf!(0), parts.at(1).group]).toEqual([["test", "train"], "b", "test", "a"]);
    const unzipped = { "images_background/Greek/c1/1.png": grey(1), "images_evaluation/Latin/c1/1.png": grey(2) };
    const three = await loadImageClasses(await folderOf(unzipped));
    expect([three.parts, three.at(0).name, three.at(0).group]).toEqual([["background", "evaluation"], "Greek/c1", "Greek"]);
  });

  it("brings pictures to the size that is asked for, and follows links", async () => {
    const folder = await folderOf({ "a/1.png": grey(7, 10, 6), "a/2.png": grey(8, 3, 3), "notes/readme.txt": "words" });
    await symlink(path.join(folder, "a/1.png"), path.join(folder, "notes/link.png"));
    const said: string[] = [];
    const images = await loadImageClasses(folder, { size: 5, progress: text => void said.push(text) });
    expect([images.height, images.width, images.count, images.at(1).image(0)[24]]).toEqual([5, 5, 2, 7]);
    expect(said).toEqual([`${folder}: 1 file that is no PNG or JPEG left out`]);
  });

  it("is read anew when a picture has changed", async () => {
    const folder = await folderOf({ "a/1.png": grey(1) });
    expect((await loadImageClasses(folder)).at(0).image(0)[0]).toBe(1);
    expect((await loadImageClasses(folder)).at(0).image(0)[0]).toBe(1);
    await writeFile(path.join(folder, "a/1.png"), grey(222));
    expect((await loadImageClasses(folder)).at(0).image(0)[0]).toBe(222);
  });

  it.each<[Readonly<Record<string, Uint8Array | string | null>>, RegExp]>([
    [{}, /^ufom: \S+ must be a folder of class folders with PNG or JPEG files; received one without\.$/],
    [{ "readme.txt": "words" }, /must be a folder of class folders with PNG or JPEG files; received one without\.$/],
    [{ "a/1.png": grey(1), b: null }, /^ufom: a class folder must hold PNG or JPEG files; received \S+\/b, which holds none\.$/],
    [{ "a/1.png": grey(1), "b/notes.txt": "words" }, /received \S+\/b, which holds none\.$/],
    [{ "1.png": grey(1) }, /must be a folder of class folders; received pictures outside of one, as \S+\/1\.png\.$/],
    [
      { "a/1.png": grey(1), "a/b/1.png": grey(1) },
      /\/a must hold either pictures or folders; received both, \S+\/a\/1\.png and \S+\/a\/b\.$/,
    ],
    [{ "a/1.png": grey(1), "b/c/1.png": grey(1) }, /class folders must lie equally deep; received \S+\/a and \S+\/b\/c\.$/],
    [{ "a/b/c/d/1.png": grey(1) }, /folders at most 3 deep \(part\/group\/class\); received \S+\/a\/b\/c\/d\.$/],
    [{ "a/1.png": "no picture" }, /^ufom: \S+\/a\/1\.png must be a PNG or a JPEG; received a file that begins with 6e 6f 20 70\.$/],
    [{ "a/1.png": grey(1).subarray(0, 60) }, /\/a\/1\.png must be a whole PNG; received one that is damaged or cut off \([^\n]+\)\.$/],
    [{ "a/1.webp": "RIFF" }, /\/a\/1\.webp must be a PNG or a JPEG; received a picture of another kind\.$/],
    [
      { "a/1.png": grey(1), "b/2.png": grey(1, 4, 5) },
      /^ufom: images must be of one size where none is asked for, as --size 28 does; received \S+\/a\/1\.png of 4 × 4 and \S+\/b\/2\.png of 4 × 5 pixels\.$/,
    ],
  ])("that is not what it should be is refused in one sentence, and nothing is kept (%#)", async (files, sentence) => {
    const before = (await readdir(path.join(cache, "decoded"))).length;
    await expect(loadImageClasses(await folderOf(files))).rejects.toThrow(sentence);
    expect((await readdir(path.join(cache, "decoded"))).length).toBe(before);
  });

  it("of so many pictures that they do not fit at the size that is asked for is refused", async () => {
    const many = Object.fromEntries(Array.from({ length: 520 }, (_, i) => [`a/${i}.png`, grey(1)]));
    await expect(loadImageClasses(await folderOf(many), { size: 4096 })).rejects.toThrow(
      "ufom: images of a data set must fit in 8.59 GB; 520 images of 4096 × 4096 pixels need 8.72 GB: ask for a smaller size.",
    );
  });

  it("that is none is refused", async () => {
    await expect(loadImageClasses("./no-such-folder")).rejects.toThrow(
      "ufom: no-such-folder must be a folder of class folders; there is none.",
    );
    const folder = await folderOf({ "a.png": grey(1) });
    await expect(loadImageClasses(path.join(folder, "a.png"))).rejects.toThrow("must be a folder of class folders; it is a file.");
    await expect(loadImageClasses("omniglott")).rejects.toThrow(
      /^ufom: data must be a data set \(omniglot, .*received "omniglott" \(did you mean omniglot\?\)\.$/,
    );
    await expect(loadImageClasses("toString")).rejects.toThrow('received "toString".');
    for (const size of [0, 2.5, NaN, 1e6])
      await expect(loadImageClasses("omniglot", { size })).rejects.toThrow(`must be a whole number from 1 to 4096; received ${size}.`);
  });
});

describe("mini-imagenet", () => {
  it("is a folder with train, val and test, of 84 × 84 pixels", async () => {
    await expect(loadImageClasses("mini-imagenet")).rejects.toThrow(
      /^ufom: mini-imagenet is not in \S+: there is no official archive .* --from FOLDER$/,
    );
    const folder = path.join(data, "mini-imagenet");
    for (const [i, name] of ["train/n1", "train/n2", "val/n3"].entries()) {
      await mkdir(path.join(folder, name), { recursive: true });
      await writeFile(path.join(folder, name, "1.jpg"), i === 0 ? blue : red);
    }
    await expect(loadImageClasses("mini-imagenet")).rejects.toThrow(
      /must hold the folders train, val, test with class folders in them; there is no test\.$/,
    );
    await mkdir(path.join(folder, "test/n4"), { recursive: true });
    await writeFile(path.join(folder, "test/n4/1.png"), red);
    const images = await loadImageClasses("mini-imagenet");
    expect([images.name, images.count, images.channels, images.height, images.parts]).toEqual([
      "mini-imagenet",
      4,
      3,
      84,
      ["test", "train", "val"],
    ]);
    expect(images.at(0).name).toBe("n4");
  });
});
