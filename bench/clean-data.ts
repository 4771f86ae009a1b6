// What bench/clean.ts draws rows from: pixels of two sets of images, and four tables that come with packages of R.
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import path from "node:path";
import { stream } from "../src/index.js";
import { loadIdxParts, loadMnist } from "../cli/src/datasets/mnist.js";
import type { Digits } from "../cli/src/datasets/mnist.js";
import { encode } from "../cli/src/tables/encode.js";
import { fitEncoding } from "../cli/src/tables/encoding.js";
import { readTable } from "../cli/src/tables/read-table.js";
import type { Clean } from "./clean-noise.js";

/** All rows of a set, and how numbers of some of them become features. */
export interface Source {
  readonly n: number;
  readonly rows: (chosen: Int32Array) => Clean;
}

/** How rows are drawn. */
export interface Sizes {
  readonly rows: number;
  readonly trusted: number;
  readonly test: number;
}

/** Pixels from 0 to 1, means of `pool` × `pool` of them. */
function pixels({ images, labels, n }: Digits, pool: number): Source {
  const side = 28 / pool,
    width = side * side;
  const rows = (chosen: Int32Array): Clean => {
    const features = new Float32Array(chosen.length * width);
    chosen.forEach((from, to) => {
      for (let k = 0; k < 784; k++) {
        const at = Math.floor(k / 28 / pool) * side + Math.floor((k % 28) / pool);
        features[to * width + at] += images[from * 784 + k] / 255 / pool ** 2;
      }
    });
    return { features, labels: Int32Array.from(chosen, i => labels[i]), width, classes: 10 };
  };
  return { n, rows };
}

/** A table as `ufom clean` reads it. */
async function tableOf(name: string): Promise<Source> {
  const folder = path.join(process.env.UFOM_DATA ?? ".cache", "tables"),
    file = path.join(folder, `${name}.csv`);
  if (!existsSync(file)) {
    console.error(`bench/tables.R writes the tables to ${folder}.`);
    execFileSync("Rscript", [path.join(import.meta.dirname, "tables.R"), folder], { stdio: ["ignore", "inherit", "inherit"] });
  }
  const table = await readTable(file, { label: "label" }),
    { data, width } = encode(fitEncoding(table), table),
    { label } = table;
  if (label?.kind !== "classes") throw new Error(`${file} must have classes`);
  const rows = (chosen: Int32Array): Clean => {
    const features = new Float32Array(chosen.length * width);
    chosen.forEach((from, to) => features.set(data.subarray(from * width, (from + 1) * width), to * width));
    return { features, labels: Int32Array.from(chosen, i => label.codes[i]), width, classes: label.classes.length };
  };
  return { n: table.rowCount, rows };
}

/** The sets by name; a sentence where one cannot be had here. */
export const sources: Readonly<Record<string, (pool: number) => Promise<Source | string>>> = {
  mnist: async pool => pixels((await loadMnist()).train, pool),
  "fashion-mnist": async pool => {
    const folder = process.env.UFOM_DATA ? path.join(process.env.UFOM_DATA, "fashion-mnist") : "/usr/share/datasets/fashion-mnist";
    if (!existsSync(folder)) return `Fashion-MNIST is left out: there is no ${folder} (UFOM_DATA names the folder of data sets).`;
    return pixels((await loadIdxParts(folder)).train, pool);
  },
  letters: () => tableOf("letters"),
  satellite: () => tableOf("satellite"),
  dna: () => tableOf("dna"),
  spam: () => tableOf("spam"),
};

/** Centres columns at the mean of the first lot, and divides all by one deviation. */
function centre(lots: readonly Clean[]): void {
  const [{ features, width }] = lots,
    mean = new Float64Array(width);
  features.forEach((x, at) => (mean[at % width] += (x * width) / features.length));
  const deviation = Math.sqrt(features.reduce((total, x, at) => total + (x - mean[at % width]) ** 2, 0) / features.length);
  for (const lot of lots) lot.features.forEach((x, at) => (lot.features[at] = (x - mean[at % width]) / deviation));
}

/** Three lots of rows, none twice: to be cleaned, trusted, and to measure accuracy on. Of a set with too few rows the first lot is smaller. */
export function draw({ n, rows }: Source, sizes: Sizes, seed: number): readonly [Clean, Clean, Clean] {
  const order = stream(seed, "bench rows").permutation(n),
    own = Math.min(sizes.rows, n - sizes.trusted - sizes.test),
    lot = (from: number, count: number): Clean => rows(order.subarray(from, from + count)),
    lots = [lot(0, own), lot(own, sizes.trusted), lot(own + sizes.trusted, sizes.test)] as const;
  centre(lots);
  return lots;
}
