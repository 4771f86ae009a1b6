import { fail } from "../../tensor/error.js";
import { adam } from "./adam.js";
import { adamw } from "./adamw.js";
import { chain } from "./chain.js";
import { clipByGlobalNorm, clipByValue } from "./clip.js";
import { momentum } from "./momentum.js";
import { parseNumber, parseRate } from "./parse-rate.js";
import { reduceOnPlateau } from "./plateau.js";
import { sgd } from "./sgd.js";
import type { OuterTransform } from "./transform.js";
import { addDecayedWeights } from "./weight-decay.js";

/** A transform as the command line spells and lists it. */
export interface OuterSpelling {
  readonly word: string;
  readonly spelling: string;
  readonly summary: string;
  /** How many arguments it takes at least and at most. */
  readonly arity: readonly [least: number, most: number];
  make(args: Arguments): OuterTransform;
}

/** The arguments after the colon. */
interface Arguments {
  rate(): ReturnType<typeof parseRate>;
  /** The number at a position, or nothing if there are fewer arguments. */
  number(position: number): number | undefined;
}

/** Every transform that can be asked for by name. */
export const outerSpellings: readonly OuterSpelling[] = [
  {
    word: "sgd",
    spelling: "sgd:RATE",
    summary: "gradient descent",
    arity: [1, 1],
    make: args => sgd(args.rate()),
  },
  {
    word: "momentum",
    spelling: "momentum:RATE[,BETA]",
    summary: "gradient descent with momentum; BETA is 0.9 unless told",
    arity: [1, 2],
    make: args => momentum(args.rate(), args.number(1)),
  },
  {
    word: "nesterov",
    spelling: "nesterov:RATE[,BETA]",
    summary: "the same with Nesterov's look ahead",
    arity: [1, 2],
    make: args => momentum(args.rate(), args.number(1), { nesterov: true }),
  },
  {
    word: "adam",
    spelling: "adam:RATE[,BETA1[,BETA2[,EPSILON]]]",
    summary: "Adam; 0.9, 0.999 and 1e-8 unless told",
    arity: [1, 4],
    make: args => adam(args.rate(), { beta1: args.number(1), beta2: args.number(2), epsilon: args.number(3) }),
  },
  {
    word: "adamw",
    spelling: "adamw:RATE[,DECAY[,BETA1[,BETA2[,EPSILON]]]]",
    summary: "Adam with decoupled weight decay; DECAY is 1e-4 unless told",
    arity: [1, 5],
    make: args =>
      adamw(args.rate(), { weightDecay: args.number(1), beta1: args.number(2), beta2: args.number(3), epsilon: args.number(4) }),
  },
  {
    word: "weight-decay",
    spelling: "weight-decay:DECAY",
    summary: "adds DECAY times θ to the gradient",
    arity: [1, 1],
    make: args => addDecayedWeights(args.number(0)!),
  },
  {
    word: "plateau",
    spelling: "plateau:FACTOR,PATIENCE[,LOSSES]",
    summary:
      "multiplies updates by FACTOR once PATIENCE losses in a row, each the mean of LOSSES (1 unless told), are no better than the best",
    arity: [2, 3],
    make: args => reduceOnPlateau({ factor: args.number(0), patience: args.number(1), accumulationSize: args.number(2) }),
  },
  {
    word: "clip-value",
    spelling: "clip-value:LIMIT",
    summary: "clips every element of the gradient to ±LIMIT",
    arity: [1, 1],
    make: args => clipByValue(args.number(0)!),
  },
  {
    word: "clip-norm",
    spelling: "clip-norm:NORM",
    summary: "shortens a gradient that is longer than NORM",
    arity: [1, 1],
    make: args => clipByGlobalNorm(args.number(0)!),
  },
];

/**
 * An outer transform by its spelling, `adam:0.5`, `sgd:10/k`, `momentum:0.1,0.9`; several are chained by a plus,
 * `clip-norm:1+adam:linear:0.1..0@1000`.
 *
 * @throws if a word is unknown, has too few or too many arguments, or an argument is out of range
 *
 * @example
 * parseOuter("clip-norm:1+adam:0.5").name; // "chain(clipByGlobalNorm(1), adam(0.5))"
 */
export function parseOuter(text: string): OuterTransform {
  // A plus before a letter: 1e+3 is a number.
  const transforms = text.split(/\+(?=[a-z])/).map(parseOne);
  return transforms.length === 1 ? transforms[0] : chain(...transforms);
}

function parseOne(text: string): OuterTransform {
  const [, word, list = ""] = /^([^:]*)(?::(.*))?$/s.exec(text)!;
  const entry = outerSpellings.find(candidate => candidate.word === word);
  if (!entry) {
    const known = outerSpellings.map(({ spelling }) => spelling).join(", ");
    return fail("an outer transform", `is spelled like one of ${known}, chained by +`, JSON.stringify(text));
  }
  const args = list === "" ? [] : list.split(",");
  const [least, most] = entry.arity;
  if (args.length < least || args.length > most) fail(word, `is spelled ${entry.spelling}`, JSON.stringify(text));
  return entry.make({
    rate: () => parseRate(args[0]),
    number: position => {
      const argument = args[position];
      if (argument === undefined) return undefined;
      return parseNumber(argument) ?? fail(word, `is spelled ${entry.spelling} with numbers`, JSON.stringify(argument));
    },
  });
}
