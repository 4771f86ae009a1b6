import { readFile, readdir } from "node:fs/promises";
import path from "node:path";
import { about } from "../file-errors.js";
import type { ImageClasses } from "./image-classes.js";
import { dataPackage } from "./package-files.js";
import { drawnClasses, type DrawingOptions } from "./strokes/drawn-classes.js";
import { looseness, type Noise, type Points } from "./strokes/hand.js";

export interface HanziOptions extends DrawingOptions {
  /** Folder of the JSON files; default the npm package `hanzi-writer-data`. */
  readonly folder?: string;
}

/** The data's own box: 1,024 units wide, y upwards, its top at 900. */
const box = { side: 1024, top: 900 } as const;
/** Free paper around it. */
const margin = 0.05;

const isPoint = (x: unknown): x is [number, number] => Array.isArray(x) && x.length === 2 && x.every(z => Number.isFinite(z));
const isLine = (x: unknown): x is [number, number][] => Array.isArray(x) && x.length > 0 && x.every(isPoint);

/** The medians of a character's strokes, y downwards in a box of side 1. @throws Error one sentence if they are not in the file */
function strokesIn(text: string, file: string): Points[] {
  const refuse = (received: string): never => {
    throw new Error(`ufom: ${file} must be the JSON of a character with its medians, one list of points a stroke; received ${received}.`);
  };
  let medians: unknown;
  try {
    medians = (JSON.parse(text) as { medians?: unknown } | null)?.medians;
  } catch {
    refuse(`${text.length} characters that are no JSON`);
  }
  if (!Array.isArray(medians) || medians.length === 0) return refuse(`medians ${JSON.stringify(medians)}`);
  const odd = medians.findIndex(line => !isLine(line));
  if (odd >= 0) refuse(`${JSON.stringify(medians[odd])} as stroke ${odd + 1}`);
  const room = (1 - 2 * margin) / box.side;
  return (medians as [number, number][][]).map(line => line.flatMap(([x, y]) => [margin + room * x, margin + room * (box.top - y)]));
}

/**
 * The 214 radicals of the Kangxi dictionary as characters, in order. Unicode has them apart, each equivalent to the character that it is.
 * @see https://www.unicode.org/charts/PDF/U2F00.pdf
 */
export const radicals: readonly string[] = Array.from({ length: 214 }, (_, i) => String.fromCodePoint(0x2f00 + i).normalize("NFKC"));
const radicalCodes = radicals.map(radical => radical.codePointAt(0)!);
/** First and last of the characters that Unicode lists radical by radical. */
const listed = { first: 0x4e00, last: 0x9fa5 } as const;

/** The group of a character: its radical, which is the last one that Unicode lists before it; other characters are a group of their own. */
export function radicalOf(code: number): string {
  if (code < listed.first || code > listed.last) return "other characters";
  const at = radicalCodes.findLastIndex(radical => radical <= code);
  return `radical ${at + 1} ${radicals[at]}`;
}

/** A person's strokes: each a little elsewhere, and its points too. */
function loosely(strokes: readonly Points[], noise: Noise): Points[] {
  return strokes.map(points => {
    const [x, y] = [0.6 * looseness.place * noise(), 0.6 * looseness.place * noise()];
    return points.map((z, i) => z + (i % 2 === 0 ? x : y) + looseness.point * noise());
  });
}

/** Files that are read at a time. */
const atOnce = 64;

/**
 * Chinese characters: the medians of their strokes from the npm package `hanzi-writer-data` (9,574 characters; Arphic Public License), drawn by
 * the same loose hand and pen as `glyphs`. Groups are the radicals of the Kangxi dictionary.
 * @throws Error one sentence if the package is missing or a file is not what it should be
 * @see https://github.com/chanind/hanzi-writer-data
 */
export async function hanzi({ folder, ...options }: HanziOptions = {}): Promise<ImageClasses> {
  const where = folder ?? dataPackage("hanzi-writer-data", undefined, "characters' strokes under the Arphic Public License");
  const names = (await readdir(where)).filter(name => /^.\.json$/u.test(name)).map(name => [...name][0]);
  const characters = names.map(name => ({ name, code: name.codePointAt(0)! })).sort((a, b) => a.code - b.code);
  if (characters.length === 0) {
    throw new Error(`ufom: ${where} must hold files like 人.json, one a character; there is none.`);
  }
  const strokes = new Array<readonly Points[]>(characters.length);
  let next = 0;
  const read = async (): Promise<void> => {
    for (let i = next++; i < characters.length; i = next++) {
      const file = path.join(where, `${characters[i].name}.json`);
      strokes[i] = strokesIn(await about(file, () => readFile(file, "utf8")), file);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, read));
  return drawnClasses(
    {
      name: "hanzi",
      origin: where,
      count: characters.length,
      id: index => characters[index].code,
      character(index) {
        const { name, code } = characters[index];
        const group = radicalOf(code);
        return { name: `${group}/${name}`, group, strokes: noise => loosely(strokes[index], noise) };
      },
    },
    options,
  );
}
