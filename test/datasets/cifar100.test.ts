import { mkdir, mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { gzipSync } from "node:zlib";
import { pack } from "tar-stream";
import { beforeAll, describe, expect, it } from "vitest";
import { loadImageClasses } from "../../cli/src/datasets/load.js";
import { dataIn } from "../support/shared-data.js";

let archive: string;
beforeAll(async () => {
  const data = await mkdtemp(path.join(tmpdir(), "ufom-data-"));
  dataIn(data);
  await mkdir(path.join(data, "cifar100"));
  archive = path.join(data, "cifar100/cifar-100-binary.tar.gz");
});

const record = 3074;
const names = (kind: string, n: number) => `${Array.from({ length: n }, (_, i) => `${kind}${i}`).join("\n")}\n\n`;
/** Records of all classes in turn: each sample says its colour, row and class. */
function records(rounds: number): Buffer {
  const bytes = Buffer.alloc(record * 100 * rounds);
  for (let r = 0; r < 100 * rounds; r++) {
    bytes.set([(r % 100) % 20, r % 100], r * record);
    for (let c = 0; c < 3; c++) for (let i = 0; i < 1024; i++) bytes[r * record + 2 + c * 1024 + i] = (100 * c + (i >> 5) + r) % 256;
  }
  return bytes;
}

/** The archive in the form of the published one. */
async function write(changes: Readonly<Record<string, Buffer | string | undefined>> = {}): Promise<void> {
  const files = {
    "train.bin": records(3),
    "test.bin": records(1),
    "fine_label_names.txt": names("kind", 100),
    "coarse_label_names.txt": names("super", 20),
    ...changes,
  };
  const tar = pack();
  for (const [name, content] of Object.entries(files))
    if (content !== undefined) tar.entry({ name: `cifar-100-binary/${name}` }, content as Buffer);
  tar.finalize();
  const chunks: Buffer[] = [];
  for await (const chunk of tar) chunks.push(chunk as Buffer);
  await writeFile(archive, gzipSync(Buffer.concat(chunks), { level: 1 }));
}

describe("CIFAR-100's binary version", () => {
  it("is 100 classes in 20 groups, in colour", async () => {
    await expect(loadImageClasses("cifar100")).rejects.toThrow(
      /needs cifar-100-binary\.tar\.gz in \S+, where it is not; get it with: ufom data cifar100$/,
    );
    await write();
    const images = await loadImageClasses("cifar100");
    expect([images.channels, images.height, images.width, images.count, images.parts]).toEqual([3, 32, 32, 100, undefined]);
    const { name, group, count, image } = images.at(57);
    expect([name, group, count]).toEqual(["kind57", "super17", 4]);
    // The second of training, green, row 3; then the one of the test part.
    expect([image(1)[1024 + 3 * 32], image(3)[2 * 1024]]).toEqual([(100 + 3 + 157) % 256, (200 + 57) % 256]);
    expect((await loadImageClasses("cifar100", { size: 8 })).at(0).image(0).length).toBe(192);
  });

  it.each<[Readonly<Record<string, Buffer | string | undefined>>, RegExp]>([
    [
      { "test.bin": undefined },
      /must hold cifar-100-binary\/test\.bin, as CIFAR-100's binary version does; received an archive without it\.$/,
    ],
    [{ "train.bin": records(1).subarray(0, 5000) }, /train\.bin in \S+ must hold whole records of 3074 bytes; received 5000 bytes\.$/],
    [{ "train.bin": Buffer.alloc(0) }, /must hold whole records of 3074 bytes; received 0 bytes\.$/],
    [
      { "train.bin": Buffer.concat([Buffer.from([2, 1]), records(1).subarray(2)]) },
      /must hold one superclass for kind1; received super1 at record 1\.$/,
    ],
    [
      { "train.bin": Buffer.concat([Buffer.from([0, 100]), records(1).subarray(2)]) },
      /must hold classes below 100 in superclasses below 20; received 100 in 0 at record 0\.$/,
    ],
    [{ "fine_label_names.txt": names("kind", 99) }, /fine_label_names\.txt in \S+ must hold 100 names; received 99\.$/],
    [
      { "train.bin": records(1).subarray(0, record), "test.bin": records(1).subarray(0, record) },
      /must hold images of kind1; received none\.$/,
    ],
  ])("that is another is refused in one sentence (%#)", async (changes, sentence) => {
    await write(changes);
    await expect(loadImageClasses("cifar100")).rejects.toThrow(sentence);
  });
});
