import { fail } from "../../tensor/error.js";
import { parseMemory } from "../memory/index.js";
import type { Estimator } from "./estimator.js";
import { exact } from "./exact.js";
import { parseProbability, probabilityOptions } from "./probability-spelling.js";
import type { EstimatorSpelling } from "./spelling.js";
import { after } from "./spelling.js";
import { ufom } from "./ufom.js";

/** PROBABILITY[:OPTION=VALUE]…[:MEMORY][:target=ESTIMATOR][:baseline=ESTIMATOR] */
function parse(rest: string, nested: (text: string) => Estimator): Estimator {
  const [, front, target, baseline] = /^(.*?)(?::target=(.*?))?(?::baseline=(.*))?$/s.exec(rest)!,
    [, probability, further] = /^(adaptive:as-released(?=:|$)|[^:]*)(?::(.*))?$/s.exec(front)!,
    others = (further as string | undefined)?.split(":") ?? [];
  const isOption = (text: string) => (probabilityOptions as readonly string[]).includes(text.split("=", 1)[0]);
  const memory = others.filter(text => !isOption(text)).join(":");
  if (memory && target !== undefined) fail("ufom", "takes a memory strategy, or a target that has its own", `${memory} and ${target}`);
  return ufom(parseProbability(probability, others.filter(isOption)), {
    ...(memory ? { target: exact(parseMemory(memory)) } : {}),
    ...(target === undefined ? {} : { target: nested(target) }),
    ...(baseline === undefined ? {} : { baseline: nested(baseline) }),
  });
}

export const ufomSpelling: EstimatorSpelling = {
  spelling: "ufom:Q[:MEMORY][:target=ESTIMATOR][:baseline=ESTIMATOR]",
  summary:
    "unbiased: first-order always, exact with probability Q (a number, adaptive, optimal or adaptive:as-released); MEMORY is recompute unless given",
  examples: [
    "ufom:0.1",
    "ufom:adaptive",
    "ufom:optimal",
    "ufom:adaptive:checkpoint=8",
    "ufom:adaptive:p=2:q-min=0.1",
    "ufom:adaptive:as-released",
    "ufom:0.2:baseline=truncated:5",
  ],
  parse(text, nested) {
    const rest = after("ufom", text);
    return rest === undefined ? undefined : parse(rest, nested);
  },
};
