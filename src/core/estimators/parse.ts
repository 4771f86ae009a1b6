import { fail, UfomError } from "../../tensor/error.js";
import { parseMemory } from "../memory/index.js";
import type { Estimator } from "./estimator.js";
import { exact } from "./exact.js";
import { firstOrder } from "./first-order.js";
import type { Probability } from "./probability.js";
import { adaptive, fixed, optimal } from "./probability.js";
import type { SingleSweepEstimator } from "./single.js";
import { truncated } from "./truncated.js";
import { ufom } from "./ufom.js";

/** An estimator as the command line spells and lists it. To add one: its file, and one line here. */
export interface EstimatorSpelling {
  readonly spelling: string;
  readonly summary: string;
  readonly examples: readonly string[];
  /** The estimator, if the text (and what follows its first colon) is this one's. */
  parse(head: string, rest: string): Estimator | undefined;
}

const wholeNumber = (text: string) => (/^\d+$/.test(text) ? Number(text) : fail("truncated", "takes a whole number of steps of at least 0", text || "nothing"));

function parseTruncated(rest: string): SingleSweepEstimator {
  const [depth, ...memory] = rest.split(":");
  return memory.length ? truncated(wholeNumber(depth), parseMemory(memory.join(":"))) : truncated(wholeNumber(depth));
}

function parseProbability(text: string): Probability {
  if (text === "adaptive") return adaptive() as Probability;
  if (text === "optimal") return optimal() as Probability;
  const q = text === "" ? NaN : Number(text);
  if (Number.isNaN(q)) fail("ufom", "takes a probability in (0, 1], adaptive or optimal", text || "nothing");
  return fixed(q);
}

const single = (text: string): SingleSweepEstimator => {
  const estimator = parseEstimator(text);
  return "sweep" in estimator ? (estimator as SingleSweepEstimator) : fail("ufom", "takes a baseline of one sweep (first-order, first-order:mixed, truncated:K)", text);
};

function parseUfom(rest: string): Estimator {
  const [options, baseline] = rest.split(/:?baseline=/), [probability, ...memory] = options.split(":");
  return ufom(parseProbability(probability), {
    ...(memory.length ? { target: exact(parseMemory(memory.join(":"))) } : {}),
    ...(baseline === undefined ? {} : { baseline: single(baseline) }),
  });
}

/** Every estimator that can be asked for by name. */
export const estimatorSpellings: readonly EstimatorSpelling[] = [
  {
    spelling: "first-order", summary: "drops second derivatives: cheapest, one state, biased", examples: ["first-order"],
    parse: (head, rest) => (head === "first-order" && rest === "" ? firstOrder() : undefined),
  },
  {
    spelling: "first-order:mixed", summary: "drops ∂²_φφ only: for θ that enters the inner loss, biased", examples: ["first-order:mixed"],
    parse: (head, rest) => (head === "first-order" && rest === "mixed" ? firstOrder({ mixed: true }) : undefined),
  },
  {
    spelling: "exact[:MEMORY]", summary: "the exact gradient; MEMORY is store (default), checkpoint=S or recompute", examples: ["exact", "exact:checkpoint=8", "exact:recompute"],
    parse: (head, rest) => (head === "exact" ? (rest ? exact(parseMemory(rest)) : exact()) : undefined),
  },
  {
    spelling: "truncated:K", summary: "the last K steps of the exact sweep; biased", examples: ["truncated:5"],
    parse: (head, rest) => (head === "truncated" ? parseTruncated(rest) : undefined),
  },
  {
    spelling: "ufom:Q[:MEMORY][:baseline=ESTIMATOR]", summary: "unbiased: first-order always, exact with probability Q (a number, adaptive or optimal); MEMORY is recompute unless given",
    examples: ["ufom:0.1", "ufom:adaptive", "ufom:optimal", "ufom:adaptive:checkpoint=8", "ufom:0.2:baseline=truncated:5"],
    parse: (head, rest) => (head === "ufom" ? parseUfom(rest) : undefined),
  },
];

/**
 * An estimator by its spelling, as on the command line: `exact:checkpoint=8`, `ufom:0.1`, `ufom:adaptive`.
 *
 * @throws UfomError if the text spells none, or a part of it is out of range
 */
export function parseEstimator(text: string): Estimator {
  const colon = text.indexOf(":"), head = colon < 0 ? text : text.slice(0, colon), rest = colon < 0 ? "" : text.slice(colon + 1);
  for (const { parse } of estimatorSpellings) {
    const estimator = parse(head, rest);
    if (estimator) return estimator;
  }
  throw new UfomError(`ufom: an estimator must be one of ${estimatorSpellings.map(s => s.spelling).join(", ")}; received "${text}".`);
}
