import { fail } from "../../tensor/error.js";
import type { CostMeasure, Probability } from "./probability.js";
import { adaptive, fixed, optimal } from "./probability.js";
import { adaptiveAsReleased } from "./probability-as-released.js";

/** Names of options of a probability, as on the command line. */
export const probabilityOptions = ["p", "q-min", "costs", "decay", "pilot", "r"] as const;
type Option = (typeof probabilityOptions)[number];

/** NaN for what is no number: whoever takes it refuses it. */
const number = (text: string | undefined): number | undefined => (text === undefined ? undefined : text.trim() === "" ? NaN : Number(text));

/** Probabilities that learn, and the options that each takes. */
const learned: Record<string, { readonly takes: readonly Option[]; make(value: (name: Option) => string | undefined): Probability }> = {
  adaptive: {
    takes: ["p", "q-min", "costs", "decay"],
    make: value =>
      adaptive({
        p: number(value("p")),
        qMin: number(value("q-min")),
        costs: value("costs") as CostMeasure,
        decay: number(value("decay")),
      }),
  },
  "adaptive:as-released": { takes: ["r"], make: value => adaptiveAsReleased({ r: number(value("r")) }) },
  optimal: {
    takes: ["p", "q-min", "costs", "pilot"],
    make: value =>
      optimal({
        p: number(value("p")),
        qMin: number(value("q-min")),
        costs: value("costs") as CostMeasure,
        pilot: number(value("pilot")),
      }),
  },
};

/**
 * A probability by its spelling: `0.1`, `adaptive`, `optimal` with options `p=2`, `q-min=0.1`.
 *
 * @throws if it is none, or an option is not its own or out of range
 */
export function parseProbability(text: string, options: readonly string[]): Probability {
  const values = new Map(options.map(option => option.split("=", 2) as [Option, string])),
    entry = Object.hasOwn(learned, text) ? learned[text] : undefined;
  const foreign = options.find(option => !entry?.takes.includes(option.split("=", 1)[0] as Option));
  if (foreign !== undefined)
    fail(`ufom:${text}`, entry ? `takes the options ${entry.takes.join(", ")}` : "takes no options of a probability", foreign);
  if (entry) return entry.make(name => values.get(name));
  const q = number(text)!;
  if (Number.isNaN(q))
    fail(
      "ufom",
      "takes a probability in (0, 1], adaptive, optimal or adaptive:as-released",
      text === "" ? "nothing" : JSON.stringify(text),
    );
  return fixed(q);
}
