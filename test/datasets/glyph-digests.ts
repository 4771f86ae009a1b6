import { glyphs } from "../../cli/src/datasets/glyphs/index.js";
import { sha256 } from "../../src/program/sha256.js";

/** Characters near and far, of one alphabet and of many. */
const numbers = [0, 1, 31, 32, 1000, 65_537, 10_000_019, 2_000_000_011, 2 ** 31 - 2];

/** Three drawings of each, as they are on every machine: the first digits of their SHA-256. */
export async function glyphDigests(seed = 1): Promise<string[]> {
  const data = await glyphs({ seed });
  return numbers.map(number => {
    const { image } = data.at(number);
    const bytes = [0, 1, 999].flatMap(i => Array.from(image(i)));
    return sha256(Uint8Array.from(bytes)).slice(0, 16);
  });
}

export const committedDigests: readonly string[] = [
  "145422f8cfa10d3b",
  "c323ba82f03a2cf4",
  "36424be84977eec0",
  "6498f100b3c43378",
  "acb68c5b2d429d2b",
  "de5175f2099136d5",
  "d6ecdf516ebf810c",
  "be590dba81b6a633",
  "ee4bdf768d9c7d5a",
];
