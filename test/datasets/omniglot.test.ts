import { cp, mkdir, mkdtemp, readdir, readFile, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { alphabets964 } from "../../cli/src/datasets/alphabets.js";
import type { ImageClass, ImageClasses } from "../../cli/src/datasets/image-classes.js";
import type { LoadOptions } from "../../cli/src/datasets/load-options.js";
import { loadImageClasses } from "../../cli/src/datasets/load.js";
import { dataIn, needsSharedData, sharedData } from "../support/shared-data.js";

const all = ({ count, at }: ImageClasses): ImageClass[] => Array.from({ length: count }, (_, i) => at(i));
const drawings = (classes: ImageClasses): number => all(classes).reduce((sum, { count }) => sum + count, 0);

/** Mean image of a class, less its own mean, of length 1. */
function meanImage({ count, image }: ImageClass): Float64Array {
  const sum = new Float64Array(image(0).length);
  for (let i = 0; i < count; i++) for (const [at, sample] of image(i).entries()) sum[at] += sample;
  const mean = sum.reduce((a, b) => a + b, 0) / sum.length;
  const norm = Math.sqrt(sum.reduce((so, x) => so + (x - mean) ** 2, 0));
  return sum.map(x => (x - mean) / norm);
}
function product(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}

describe.skipIf(sharedData === undefined)(`Omniglot ${needsSharedData}`, () => {
  let cache: string;
  beforeAll(() => {
    cache = dataIn(sharedData);
  });

  it("has 964 characters of 30 alphabets, dark on light, and says where from", async () => {
    const said: string[] = [];
    const omniglot = await loadImageClasses("omniglot-964", { progress: text => void said.push(text) });
    expect([omniglot.channels, omniglot.height, omniglot.width, omniglot.count]).toEqual([1, 28, 28, 964]);
    expect(drawings(omniglot)).toBe(15_993);
    const classes = all(omniglot);
    expect(new Set(classes.map(({ group }) => group)).size).toBe(30);
    expect(new Set(classes.map(({ name }) => name)).size).toBe(964);
    expect(classes.filter(({ count }) => count >= 15).length).toBe(864);
    expect([Math.min(...classes.map(({ count }) => count)), Math.max(...classes.map(({ count }) => count))]).toEqual([11, 20]);
    for (const { image } of classes) {
      // The paper is white at nearly all places.
      expect(image(0).reduce((sum, sample) => sum + sample, 0) / 784).toBeGreaterThan(180);
      expect(Math.min(...image(0))).toBeLessThan(128);
    }
    expect([omniglot.parts, omniglot.partOf!(7), said]).toEqual([["background"], "background", []]);
    expect(omniglot.origin).toContain(path.join(sharedData!, "omniglot964-images-idx3-ubyte.gz"));
    expect(alphabets964.reduce((sum, [, n]) => sum + n, 0)).toBe(964);
  });

  it("names alphabets and characters as the archives do, as far as there are archives to see", async () => {
    const [idx, small] = [
      all(await loadImageClasses("omniglot-964", { size: 14 })),
      all(await loadImageClasses("omniglot-small", { size: 14 })),
    ];
    expect([small.length, small.every(({ count }) => count === 20)]).toEqual([242, true]);
    const means = idx.map(meanImage);
    const nearest = small.map(one => {
      const mean = meanImage(one);
      const likeness = means.map(other => product(mean, other));
      return idx[likeness.indexOf(Math.max(...likeness))];
    });
    const rightAlphabet = small.filter(({ group }, i) => nearest[i].group === group).length;
    const right = small.filter(({ name }, i) => nearest[i].name === name).length;
    expect([rightAlphabet, right]).toEqual([242, 242]);
  });

  it("takes the archives where they are, else the 964 characters, and tells it", async () => {
    const said: string[] = [];
    const progress = (text: string) => void said.push(text);
    expect((await loadImageClasses("omniglot", { progress })).count).toBe(964);
    expect(said).toEqual([
      expect.stringMatching(/^omniglot: the two published archives are not there \(ufom data omniglot gets them\); the 964/),
    ]);
    const data = await mkdtemp(path.join(tmpdir(), "ufom-data-"));
    await mkdir(path.join(data, "omniglot"));
    dataIn(data);
    await expect(loadImageClasses("omniglot")).rejects.toThrow(
      `ufom: omniglot needs images_background.zip and images_evaluation.zip in ${data}/omniglot, where they are not; get them with: ufom data omniglot`,
    );
    // Archives of the official names: alphabets of one are background, of the other evaluation.
    await cp(path.join(sharedData!, "omniglot/images_background_small1.zip"), path.join(data, "omniglot/images_background.zip"));
    said.length = 0;
    expect((await loadImageClasses("omniglot", { progress })).parts).toEqual(["background"]);
    expect(said[0]).toContain("images_evaluation.zip is not there, so that only the background set is used");
    await cp(path.join(sharedData!, "omniglot/images_background_small2.zip"), path.join(data, "images_evaluation.zip"));
    const both = await loadImageClasses("omniglot", { size: 14 });
    expect([both.parts, both.count, both.height]).toEqual([["background", "evaluation"], 242, 14]);
    const part = new Map(all(both).map(({ group }, i) => [group, both.partOf!(i)]));
    expect([part.get("Korean"), part.get("Tagalog"), part.get("Greek")]).toEqual(["background", "evaluation", "background"]);
    dataIn(sharedData);
  });

  it("is decoded once: the second start reads what the first kept, and other sizes and files are others", async () => {
    const cacheHere = dataIn(sharedData);
    const load = (more: LoadOptions = {}) => loadImageClasses("omniglot-964", { size: 7, ...more });
    const [first, second] = [await load(), await load()];
    const [kept] = await readdir(path.join(cacheHere, "decoded"));
    expect(kept).toMatch(/^omniglot-964-[0-9a-f]{16}\.images$/);
    expect(Buffer.compare(Buffer.from(first.at(900).image(3)), Buffer.from(second.at(900).image(3)))).toBe(0);
    // What is kept is really read: a file with another image in it, and its checksum mended, would show.
    const file = path.join(cacheHere, "decoded", kept);
    const bytes = await readFile(file);
    bytes[bytes.length - 1] ^= 1;
    await writeFile(file, bytes);
    const said: string[] = [];
    const progress = (text: string) => void said.push(text);
    const third = await load({ progress });
    expect(said).toEqual([`${file} is damaged, and made anew.`]);
    expect(Buffer.compare(Buffer.from(first.at(963).image(0)), Buffer.from(third.at(963).image(0)))).toBe(0);
    await truncate(file, 1000);
    await load({ progress });
    expect(said.length).toBe(2);
    expect((await load({ size: 8, progress })).at(0).image(0).length).toBe(64);
    expect((await readdir(path.join(cacheHere, "decoded"))).length).toBe(2);
    expect(cacheHere).not.toBe(cache);
  });

  it("truncated files are refused, and nothing is kept of them", async () => {
    const data = await mkdtemp(path.join(tmpdir(), "ufom-data-"));
    const cacheHere = dataIn(data);
    for (const name of ["omniglot964-images-idx3-ubyte.gz", "omniglot964-labels-u16.gz"])
      await cp(path.join(sharedData!, name), path.join(data, name));
    await truncate(path.join(data, "omniglot964-images-idx3-ubyte.gz"), 100_000);
    await expect(loadImageClasses("omniglot")).rejects.toThrow(
      /ubyte\.gz must be a whole gzip file; received one that is damaged or cut off/,
    );
    const archive = path.join(data, "images_background.zip");
    await cp(path.join(sharedData!, "omniglot/images_background_small1.zip"), archive);
    await truncate(archive, 1_000_000);
    await expect(loadImageClasses("omniglot")).rejects.toThrow(
      /images_background\.zip must be a whole zip archive; received one of 1000000 bytes/,
    );
    await expect(readdir(cacheHere)).rejects.toThrow("ENOENT");
    await rm(data, { recursive: true });
    dataIn(sharedData);
  });
});
