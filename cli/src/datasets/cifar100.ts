import { decodedOnce, stamp } from "./decoded.js";
import { absent, findFile } from "./find-files.js";
import { resize } from "./formats/resize.js";
import { readTarGz } from "./formats/tar.js";
import type { ImageClasses } from "./image-classes.js";
import type { LoadOptions } from "./load-options.js";
import { mustFit, packedClasses, type PackedClass, type PackedSet } from "./packed-classes.js";

export const cifarArchive = "cifar-100-binary.tar.gz";

const side = 32;
const channels = 3;
const bytes = channels * side * side;
/** A record: the superclass, the class, the red, the green and the blue samples. */
const record = 2 + bytes;
const kinds = { fine: 100, coarse: 20 } as const;

const folder = "cifar-100-binary/";
const names = { train: "train.bin", test: "test.bin", fine: "fine_label_names.txt", coarse: "coarse_label_names.txt" } as const;

/** Where an image stands. */
interface Place {
  readonly records: Uint8Array;
  readonly at: number;
}

function lines(text: Uint8Array, count: number, what: string): string[] {
  const found = Buffer.from(text)
    .toString("utf8")
    .split("\n")
    .map(line => line.trim())
    .filter(line => line !== "");
  if (found.length !== count) throw new Error(`ufom: ${what} must hold ${count} names; received ${found.length}.`);
  return found;
}

/** @param archive its name, for messages */
async function decode(archive: string, size: number): Promise<PackedSet> {
  const wanted = Object.values(names).map(name => folder + name);
  const files = await readTarGz(archive, name => wanted.includes(name));
  const file = (name: string): Uint8Array => {
    const found = files.get(folder + name);
    if (found === undefined) {
      throw new Error(`ufom: ${archive} must hold ${folder}${name}, as CIFAR-100's binary version does; received an archive without it.`);
    }
    return found;
  };
  const fine = lines(file(names.fine), kinds.fine, `${names.fine} in ${archive}`);
  const coarse = lines(file(names.coarse), kinds.coarse, `${names.coarse} in ${archive}`);
  const places = fine.map((): Place[] => []);
  const groups = new Map<number, number>();
  for (const name of [names.train, names.test]) {
    const records = file(name);
    const refuse = (rule: string, received: string): never => {
      throw new Error(`ufom: ${name} in ${archive} must hold ${rule}; received ${received}.`);
    };
    if (records.length === 0 || records.length % record !== 0) refuse(`whole records of ${record} bytes`, `${records.length} bytes`);
    for (let at = 0; at < records.length; at += record) {
      const [group, kind] = [records[at], records[at + 1]];
      if (group >= kinds.coarse || kind >= kinds.fine) {
        refuse(`classes below ${kinds.fine} in superclasses below ${kinds.coarse}`, `${kind} in ${group} at record ${at / record}`);
      }
      if ((groups.get(kind) ?? group) !== group) refuse(`one superclass for ${fine[kind]}`, `${coarse[group]} at record ${at / record}`);
      groups.set(kind, group);
      places[kind].push({ records, at: at + 2 });
    }
  }
  mustFit(
    places.reduce((sum, { length }) => sum + length, 0),
    channels,
    size,
  );
  const classes = fine.map((name, kind): PackedClass => {
    const group = groups.get(kind);
    if (group === undefined) throw new Error(`ufom: ${archive} must hold images of ${name}; received none.`);
    const images = new Uint8Array(places[kind].length * channels * size * size);
    places[kind].forEach(({ records, at }, i) => {
      const picture = { channels, height: side, width: side, data: records.subarray(at, at + bytes) } as const;
      images.set(resize(picture, size, size).data, i * channels * size * size);
    });
    return { name, group: coarse[group], images };
  });
  return { channels, height: size, width: size, classes };
}

/**
 * CIFAR-100 from its binary version: 600 images a class, those of the training part (500) before those of the test part. The two parts divide
 * images and not classes, so that the set has no parts of classes; superclasses are its groups.
 * @throws Error one sentence if the archive is not there, or not what it should be
 * @see Krizhevsky, Learning multiple layers of features from tiny images, 2009
 */
export async function loadCifar100({ size = side, progress = () => {} }: LoadOptions = {}): Promise<ImageClasses> {
  const archive = await findFile("cifar100", cifarArchive);
  if (archive === undefined) throw absent("cifar100", [cifarArchive], "ufom data cifar100");
  const set = await decodedOnce("cifar100", [size, await stamp(archive)], progress, async () => {
    progress(`unpacking ${archive} (once: the images are kept for the next start)`);
    return decode(archive, size);
  });
  return packedClasses("cifar100", archive, set);
}
