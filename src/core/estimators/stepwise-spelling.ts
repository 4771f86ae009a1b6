import { fail } from "../../tensor/error.js";
import type { Estimator } from "./estimator.js";
import type { AdaptiveStepsOptions } from "./learned-step-probabilities.js";
import { adaptiveSteps, optimalSteps } from "./learned-step-probabilities.js";
import type { EstimatorSpelling } from "./spelling.js";
import { fixedSteps } from "./step-probabilities.js";
import { stepwise } from "./stepwise.js";

const who = "ufom:steps";

/** NaN for what is no number: whoever takes it refuses it. */
const number = (text: string): number => (text.trim() === "" ? NaN : Number(text));

/** =K[:first=F] */
function even(text: string): Estimator {
  const [products, ...options] = text.split(":"),
    first = options.length ? /^first=(.*)$/s.exec(options.join(":")) : undefined;
  if (Number.isNaN(number(products)))
    fail(who, "takes a number of expected products above 0", products === "" ? "nothing" : JSON.stringify(products));
  if (first === null) return fail(who, "takes the option first", JSON.stringify(options.join(":")));
  return stepwise(number(products), first && { first: number(first[1]) });
}

const learned = {
  adaptive: { takes: { kappa: "kappa", "p-min": "pMin", blocks: "blocks", pilot: "pilot", decay: "decay" }, make: adaptiveSteps },
  optimal: { takes: { kappa: "kappa", "p-min": "pMin", blocks: "blocks", pilot: "pilot" }, make: optimalSteps },
} as const;

/** adaptive[:OPTION=VALUE]…, optimal[:OPTION=VALUE]… */
function learning(word: keyof typeof learned, options: readonly string[]): Estimator {
  const { takes, make } = learned[word],
    names: Readonly<Record<string, keyof AdaptiveStepsOptions>> = takes;
  const given = new Map<keyof AdaptiveStepsOptions, number>();
  for (const option of options) {
    const [, name, value] = /^([^=]*)=?(.*)$/s.exec(option)!;
    if (!Object.hasOwn(names, name)) fail(`${who}:${word}`, `takes the options ${Object.keys(names).join(", ")}`, option);
    if (given.has(names[name])) fail(`${who}:${word}`, "takes each option once", options.join(":"));
    given.set(names[name], number(value));
  }
  return stepwise(make(Object.fromEntries(given)));
}

export const stepwiseSpelling: EstimatorSpelling = {
  spelling: "ufom:steps=K[:first=F]",
  summary:
    "unbiased, a coin for each inner step: K expected products, those of the first F steps surely, and states of these steps only; ufom:steps:adaptive, ufom:steps:optimal and ufom:steps:p=P1,P2,… choose the probabilities otherwise",
  examples: ["ufom:steps=3:first=2", "ufom:steps:adaptive", "ufom:steps:optimal"],
  parse(text) {
    const rest = /^ufom:steps(?=[=:]|$)(.*)$/s.exec(text)?.[1];
    if (rest === undefined) return undefined;
    if (rest.startsWith("=")) return even(rest.slice(1));
    const [word, ...options] = rest.slice(1).split(":");
    if (Object.hasOwn(learned, word)) return learning(word as keyof typeof learned, options);
    const list = /^:p=(.*)$/s.exec(rest)?.[1];
    if (list !== undefined) return stepwise(fixedSteps(list.split(",").map(number)));
    return fail(
      who,
      "takes expected products behind an equals sign (ufom:steps=10), adaptive, optimal, or a list p=P1,P2,…",
      rest === "" ? "nothing" : JSON.stringify(rest),
    );
  },
};
