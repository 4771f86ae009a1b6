import { fail } from "../../tensor/error.js";
import { parseMemory } from "../memory/index.js";
import type { Estimator } from "./estimator.js";
import { exact } from "./exact.js";
import { parseProbability, probabilityOptions } from "./probability-spelling.js";
import type { EstimatorSpelling } from "./spelling.js";
import { after } from "./spelling.js";
import { ufom } from "./ufom.js";
import type { BaselineScale } from "./ufom-scale.js";

/** An estimator as it stands in another's spelling: in brackets, or as it is. */
const unbracketed = (text: string): string => /^\((.*)\)$/s.exec(text)?.[1] ?? text;

/** The first place of one of some texts outside of brackets, from a place on; the end where there is none. */
function outside(text: string, words: readonly string[], from = 0): number {
  let depth = 0;
  for (let i = from; i < text.length; i++) {
    if (text[i] === "(") depth++;
    else if (text[i] === ")") depth--;
    else if (depth === 0 && words.some(word => text.startsWith(word, i))) return i;
  }
  return text.length;
}

const [TARGET, BASELINE] = [":target=", ":baseline="];

/** The three parts of PROBABILITY…[:target=ESTIMATOR][:baseline=ESTIMATOR]; the baseline is all that is left, brackets or not. */
function partsOf(text: string): { readonly front: string; readonly target?: string; readonly baseline?: string } {
  const end = outside(text, [TARGET, BASELINE]),
    hasTarget = text.startsWith(TARGET, end),
    // A target's own baseline is in brackets.
    last = hasTarget ? outside(text, [BASELINE], end + TARGET.length) : end;
  return {
    front: text.slice(0, end),
    ...(hasTarget ? { target: unbracketed(text.slice(end + TARGET.length, last)) } : {}),
    ...(last < text.length ? { baseline: unbracketed(text.slice(last + BASELINE.length)) } : {}),
  };
}

/** PROBABILITY[:OPTION=VALUE]…[:scale=SCALE][:MEMORY][:target=ESTIMATOR][:baseline=ESTIMATOR] */
function parse(rest: string, nested: (text: string) => Estimator): Estimator {
  const { front, target, baseline } = partsOf(rest),
    [, probability, further] = /^(adaptive:as-released(?=:|$)|[^:]*)(?::(.*))?$/s.exec(front)!,
    all = (further as string | undefined)?.split(":") ?? [],
    scales = all.filter(text => text.startsWith("scale=")),
    others = all.filter(text => !scales.includes(text));
  const isOption = (text: string) => (probabilityOptions as readonly string[]).includes(text.split("=", 1)[0]);
  const memory = others.filter(text => !isOption(text)).join(":");
  if (memory && target !== undefined) fail("ufom", "takes a memory strategy, or a target that has its own", `${memory} and ${target}`);
  if (scales.length > 1) fail("ufom", "takes one scale of its baseline", scales.join(" and "));
  return ufom(parseProbability(probability, others.filter(isOption)), {
    ...(memory ? { target: exact(parseMemory(memory)) } : {}),
    ...(target === undefined ? {} : { target: nested(target) }),
    ...(baseline === undefined ? {} : { baseline: nested(baseline) }),
    ...(scales.length ? { scale: scales[0].slice("scale=".length) as BaselineScale } : {}),
  });
}

export const ufomSpelling: EstimatorSpelling = {
  spelling: "ufom:Q[:scale=SCALE][:MEMORY][:target=ESTIMATOR][:baseline=ESTIMATOR]",
  summary:
    "unbiased: first-order always, exact with probability Q (a number, adaptive, optimal or adaptive:as-released); MEMORY is checkpoint=10 unless given; SCALE is global or leaf",
  examples: [
    "ufom:0.1",
    "ufom:adaptive",
    "ufom:optimal",
    "ufom:adaptive:checkpoint=8",
    "ufom:adaptive:p=2:q-min=0.1",
    "ufom:adaptive:as-released",
    "ufom:0.2:baseline=truncated:5",
    "ufom:0.2:scale=global",
    "ufom:0.2:scale=leaf:baseline=head:2",
  ],
  parse(text, nested) {
    const rest = after("ufom", text);
    return rest === undefined ? undefined : parse(rest, nested);
  },
};
