// Wrong labels for bench/clean.ts: three kinds of noise at a rate, by seed.
import type { Executor } from "../src/index.js";
import { stream } from "../src/index.js";
import { Trainer } from "../cli/src/cleaning/classifier.js";
import { plainEvidence } from "../cli/src/cleaning/cross-fit.js";

export const noiseKinds = ["symmetric", "asymmetric", "instance"] as const;
export type NoiseKind = (typeof noiseKinds)[number];

/** Pairs of classes that people confuse; a label of the first kind becomes the second. */
export const confusedWith: Readonly<Record<string, ReadonlyMap<number, number>>> = {
  mnist: new Map([
    [7, 1],
    [3, 8],
    [2, 7],
    [5, 6],
    [6, 5],
    [9, 4],
  ]),
  // Pullover and coat, dress and shirt, sandal and sneaker, T-shirt and shirt.
  "fashion-mnist": new Map([
    [2, 4],
    [3, 6],
    [5, 7],
    [0, 6],
    [9, 7],
    [4, 2],
  ]),
  // E and F, O and Q, C and G, I and J, P and F, B and R, U and V.
  letters: new Map([
    [4, 5],
    [14, 16],
    [2, 6],
    [8, 9],
    [15, 5],
    [1, 17],
    [20, 21],
  ]),
  // Damp grey soil (1) and very damp grey soil (5), grey soil (2) and damp, cotton crop (0) and stubble (4); classes in the order of their names.
  satellite: new Map([
    [1, 5],
    [5, 1],
    [2, 1],
    [0, 4],
  ]),
  // Exons that begin are taken for ones that end, and neither for one that begins.
  dna: new Map([
    [0, 1],
    [2, 0],
  ]),
  // Spam that passes.
  spam: new Map([[1, 0]]),
};

export interface Clean {
  readonly features: Float32Array;
  readonly labels: Int32Array;
  readonly width: number;
  readonly classes: number;
}

/**
 * Labels with noise at a rate:
 *
 * * `symmetric`: exactly rate · n rows, each with one of the other classes, all equally likely;
 * * `asymmetric`: rows of the classes that are confused, each with probability `rate`, get the class they are confused with: the share of wrong labels is
 *   smaller than the rate, and some classes have none;
 * * `instance`: exactly rate · n rows. The rows that a linear classifier, trained for a while on the true labels, finds hardest are the likeliest to be
 *   wrong, and each gets a class in proportion to what that classifier gives it, as an annotator in doubt does.
 */
export async function withNoise(
  data: Clean,
  kind: NoiseKind,
  rate: number,
  pairs: ReadonlyMap<number, number>,
  seed: number,
  executor: Executor,
) {
  const { labels, classes, width, features } = data,
    n = labels.length,
    random = stream(seed, `noise ${kind}`),
    given = labels.slice();
  if (kind === "symmetric") {
    for (const i of random.permutation(n).subarray(0, Math.round(rate * n)))
      given[i] = (given[i] + 1 + random.integer(classes - 1)) % classes;
    return given;
  }
  if (kind === "asymmetric") {
    labels.forEach((label, i) => {
      if (random.next() < rate) given[i] = pairs.get(label) ?? label;
    });
    return given;
  }
  const everything = Int32Array.from(labels.keys()),
    trainer = new Trainer({ name: "linear", hidden: 0 }, { width, classes, rows: n }, executor),
    [weights] = await trainer.train({ features, evidence: plainEvidence(labels, classes), rows: everything }, [trainer.choices[0]], seed),
    logP = await trainer.predict(weights, features, everything),
    // A Gumbel draw of the rows by the odds of any other class, tempered: hard rows first, and some easy ones.
    doubt = Float64Array.from(labels, (label, i) => {
      const p = Math.exp(logP[i * classes + label]);
      return 0.5 * Math.log((1 - p + 1e-9) / (p + 1e-9)) - Math.log(-Math.log(random.next() + 1e-300));
    });
  for (const i of Array.from(everything)
    .sort((a, b) => doubt[b] - doubt[a] || a - b)
    .slice(0, Math.round(rate * n))) {
    let [most, at] = [-Infinity, labels[i]];
    for (let k = 0; k < classes; k++) {
      if (k === labels[i]) continue;
      const value = logP[i * classes + k] - Math.log(-Math.log(random.next() + 1e-300));
      if (value > most) [most, at] = [value, k];
    }
    given[i] = at;
  }
  return given;
}
