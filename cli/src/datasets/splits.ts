import { nearest } from "ufom/internal/tensor/nearest";
import { stream } from "ufom/internal/core/random/index";
import { sha256 } from "ufom/internal/program/sha256";
import { UsageError } from "../failure.js";
import type { ImageClasses } from "./image-classes.js";
import { chooseGroups } from "./splits/choose-groups.js";
import { subset, type Chosen, type Turns } from "./splits/subset.js";

export const splitNames = ["authors", "official", "alphabets"] as const;
export type SplitName = (typeof splitNames)[number];

/** Classes for training and classes for testing, none of which is in both. */
export interface Split {
  readonly name: SplitName;
  readonly train: ImageClasses;
  readonly test: ImageClasses;
  /** Where those who published the data set classes apart for it. */
  readonly validation?: ImageClasses;
  /** What was done, in a line: `1,200 of 1,623 classes for training, each in 4 rotations (4,800 classes); 423 for testing`. */
  readonly description: string;
  /** Names which classes, in which rotations, are where: the same for the same data and seed. */
  readonly hash: string;
}

/** How many classes the method's authors took for training. */
const authors = { omniglot: { train: 1200, all: 1623 }, cifar100: { train: 80, all: 100 } } as const;
/** From so many classes on, a collection is drawn on demand, and nobody goes through it. */
const endless = 1_000_000;

const whole = (n: number): string => n.toLocaleString("en-US");
const straight = (index: number): Chosen => ({ index, turns: 0 });
/** Each class four times: 0, 90, 180, 270 degrees. */
const inRotations = (index: number, turns: number): Chosen => ({ index, turns: turns as Turns });

/** The same share of another collection; that of Omniglot unless the authors had the collection too. */
function shareOf(count: number, name = ""): number {
  const { train, all } = name === "cifar100" ? authors.cifar100 : authors.omniglot;
  return Math.round((count * train) / all);
}

function refuse(data: ImageClasses, name: SplitName, rule: string, received: string, instead: string): never {
  throw new UsageError(`ufom: the split ${name} ${rule}; received ${data.name}, ${received}: ${instead}.`);
}

/** A part of a split: which classes, in order, and in how many rotations. */
interface Part {
  readonly indices: ArrayLike<number>;
  readonly rotations: 1 | 4;
}

function partOf(data: ImageClasses, role: string, { indices, rotations }: Part): ImageClasses {
  const at = (place: number) => inRotations(indices[Math.floor(place / rotations)], place % rotations);
  return subset(data, role, rotations * indices.length, at);
}

type Role = "train" | "validation" | "test";
const words: Readonly<Record<Role, string>> = { train: "training", validation: "validation", test: "testing" };

/** The split of a collection whose classes are listed. */
function listed(data: ImageClasses, name: SplitName, parts: Readonly<Partial<Record<Role, Part>>>, how: string): Split {
  const lines: string[] = [];
  const said: string[] = [];
  const made: Partial<Record<Role, ImageClasses>> = {};
  for (const role of ["train", "validation", "test"] as const) {
    const part = parts[role];
    if (part === undefined) continue;
    const count = part.indices.length;
    made[role] = partOf(data, words[role], part);
    lines.push(`${role} × ${part.rotations}`, ...Array.from(part.indices, index => data.at(index).name));
    const turns = part.rotations === 1 ? "" : `, each in 4 rotations (${whole(4 * count)} classes)`;
    said.push(`${whole(count)} for ${words[role]}${turns}`);
  }
  return {
    name,
    train: made.train!,
    test: made.test!,
    ...(made.validation && { validation: made.validation }),
    description: `${whole(data.count)} classes ${how}: ${said.join("; ")}`,
    hash: hashOf(data, lines),
  };
}

const hashOf = (data: ImageClasses, lines: readonly string[]): string =>
  sha256(new TextEncoder().encode([data.name, data.count, ...lines].join("\n"))).slice(0, 16);

/** Whether rotations of images are classes of their own: of characters they are, of photographs they are not. */
function rotationsOf(data: ImageClasses): 1 | 4 {
  if (data.channels !== 1) return 1;
  if (data.height !== data.width) {
    refuse(data, "authors", "turns images by 90°, which wants square ones", `${data.height} × ${data.width}`, "take alphabets or official");
  }
  return 4;
}

function byAuthors(data: ImageClasses, seed: number): Split {
  const rotations = rotationsOf(data);
  const order = stream(seed, "split authors").permutation(data.count);
  const train = Math.min(data.count - 1, Math.max(1, shareOf(data.count, data.name)));
  const how = rotations === 4 ? "shuffled" : "shuffled (of photographs no rotations)";
  return listed(
    data,
    "authors",
    { train: { indices: order.subarray(0, train), rotations }, test: { indices: order.subarray(train), rotations: 1 } },
    `${how} by seed ${seed}`,
  );
}

function byAlphabets(data: ImageClasses, seed: number): Split {
  const groups = new Map<string, number[]>();
  for (let i = 0; i < data.count; i++) {
    const { group } = data.at(i);
    const members = groups.get(group);
    if (members === undefined) groups.set(group, [i]);
    else members.push(i);
  }
  if (groups.size < 2) refuse(data, "alphabets", "wants two alphabets or more", "which has one", "take authors");
  const names = [...groups.keys()];
  const order = Array.from(stream(seed, "split alphabets").permutation(names.length), i => names[i]);
  const sizes = order.map(group => groups.get(group)!.length);
  const held = new Set(chooseGroups(sizes, data.count - shareOf(data.count)).map(place => order[place]));
  const members = (test: boolean): Part => ({
    indices: order.filter(group => held.has(group) === test).flatMap(group => groups.get(group)!),
    rotations: 1,
  });
  const how = `in ${whole(groups.size)} groups, of which ${whole(held.size)} by seed ${seed} are for testing alone`;
  return listed(data, "alphabets", { train: members(false), test: members(true) }, how);
}

/** What publishers call the parts of a data set. */
const roles: Readonly<Record<Role, readonly string[]>> = {
  train: ["train", "training", "background", "meta-train", "base"],
  validation: ["val", "validation", "valid", "meta-val"],
  test: ["test", "testing", "evaluation", "meta-test", "novel"],
};

function official(data: ImageClasses): Split {
  const { parts, partOf: partAt } = data;
  const none = "which came without: take authors or alphabets";
  if (parts === undefined || partAt === undefined) {
    throw new UsageError(`ufom: the split official is one that a data set was published with; received ${data.name}, ${none}.`);
  }
  const found: Partial<Record<Role, Part>> = {};
  const roleOf = (part: string) => (Object.keys(roles) as Role[]).find(role => roles[role].includes(part.toLowerCase()));
  for (const role of Object.keys(roles) as Role[]) {
    if (!parts.some(part => roleOf(part) === role)) continue;
    const indices = Array.from({ length: data.count }, (_, i) => i).filter(i => roleOf(partAt.call(data, i)) === role);
    if (indices.length > 0) found[role] = { indices, rotations: 1 };
  }
  if (found.train === undefined || found.test === undefined) {
    const missing = found.train === undefined ? "training" : "testing";
    refuse(data, "official", `wants classes for training and for testing`, `of whose parts (${parts.join(", ")}) none is for ${missing}`, "take authors or alphabets"); // prettier-ignore
  }
  return listed(data, "official", found, `as ${data.name} was published`);
}

/** The first number of the group that a class belongs to: groups of a family that is drawn on demand lie in a row. */
function groupStart(data: ImageClasses, index: number): number {
  const { group } = data.at(index);
  let start = index;
  while (start > 0 && data.at(start - 1).group === group) start--;
  return start;
}

/**
 * A family that is drawn on demand has no order to shuffle: its classes are drawn independently. The first quarter of the numbers is for
 * training, so that four rotations have numbers within the family's own, the second half for testing; no alphabet is in both.
 */
function ofEndless(data: ImageClasses, name: "authors" | "alphabets"): Split {
  const rotations = name === "authors" ? rotationsOf(data) : 1;
  const train = groupStart(data, Math.floor(data.count / 4));
  const start = groupStart(data, Math.floor(data.count / 2));
  const turns = rotations === 1 ? "" : `, each in 4 rotations (${whole(4 * train)} classes)`;
  return {
    name,
    train: subset(data, words.train, rotations * train, place => inRotations(Math.floor(place / rotations), place % rotations)),
    test: subset(data, words.test, data.count - start, place => straight(start + place)),
    description:
      `classes drawn on demand, no alphabet in both: numbers 0 to ${whole(train - 1)} for training${turns}; `
      + `${whole(start)} to ${whole(data.count - 1)} for testing`,
    hash: hashOf(data, [data.at(0).name, `train 0 ${train} × ${rotations}`, `test ${start} ${data.count}`]),
  };
}

/**
 * Divides a data set's classes into such for training and such for testing.
 *
 * * `authors`: all classes shuffled by the seed, 1,200 of 1,623 for training, each in four rotations that are classes of their own; the others,
 *   not turned, for testing (Likhosherstov et al. 2021). Other numbers of classes are divided in the same shares.
 * * `alphabets`: no alphabet is in both; which are for testing the seed decides, with a number of classes as near to the same share as can be.
 * * `official`: the parts that the data set was published with.
 *
 * @throws UsageError if the data set cannot be divided that way
 */
export function splitClasses(data: ImageClasses, name: string, seed: number): Split {
  const known = splitNames.find(split => split === name);
  if (known === undefined) {
    const near = nearest(name, splitNames);
    throw new UsageError(
      `ufom: split must be ${splitNames.slice(0, -1).join(", ")} or ${splitNames[splitNames.length - 1]}; received ${JSON.stringify(name)}${near === undefined ? "" : ` (did you mean ${near}?)`}.`,
    );
  }
  if (data.count < 2) throw new UsageError(`ufom: a split wants two classes or more; received ${data.name} with ${data.count}.`);
  if (known === "official") return official(data);
  if (data.count > endless) return ofEndless(data, known);
  return known === "authors" ? byAuthors(data, seed) : byAlphabets(data, seed);
}
