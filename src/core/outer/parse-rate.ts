import { fail } from "../../tensor/error.js";
import { exponentialDecay } from "./decaying-schedules.js";
import type { Rate } from "./rate.js";
import { cosine, joinSchedules, linear, powerDecay, type Until } from "./schedules.js";

/** How rates are spelled, with what they mean. */
export const rateSpellings: readonly { readonly spelling: string; readonly summary: string }[] = [
  { spelling: "0.1", summary: "the same at every step" },
  { spelling: "10/k", summary: "10 divided by the step" },
  { spelling: "10/k^0.5", summary: "10 divided by a power of the step" },
  { spelling: "linear:0.1..0@1000", summary: "from 0.1 to 0 on a line over 1,000 steps" },
  { spelling: "cosine:0.1..0@1000", summary: "the same on half a cosine" },
  { spelling: "exponential:0.1*0.5@100", summary: "0.1, and half as much every 100 steps" },
  {
    spelling: "linear:0.1..0@end",
    summary: "from 0.1 to 0 on a line that ends with the run, whatever ends it; the others that have an @ too",
  },
  { spelling: "linear:0..0.1@100~10/k", summary: "one after another: all but the last say for how many steps, as in 0.1@100~0.01" },
];

const decimal = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;

/** A number as written on the command line, or nothing if it is not one. */
export const parseNumber = (text: string): number | undefined => (decimal.test(text) ? Number(text) : undefined);

const bounded = { linear, cosine };

/**
 * A rate by its spelling: `0.1`, `10/k`, `10/k^0.5`, `linear:0.1..0@1000`, `cosine:0.1..0@1000`, `exponential:0.1*0.5@100`, these three
 * with `@end` too, or several, `linear:0..0.1@100~10/k`.
 *
 * @throws if the text is none of them, or a number in it is out of range
 */
export function parseRate(text: string): Rate {
  const rate = text.includes("~") ? parseJoined(text) : parseOne(text);
  return rate ?? fail("a rate", `is spelled like one of ${rateSpellings.map(({ spelling }) => spelling).join(", ")}`, JSON.stringify(text));
}

const parseOne = (text: string): Rate | undefined => parseNumber(text) ?? parsePower(text) ?? parseBounded(text) ?? parseExponential(text);

function parseJoined(text: string): Rate | undefined {
  const parts = text.split("~"),
    rates: Rate[] = [],
    boundaries: number[] = [];
  for (const [i, part] of parts.entries()) {
    const [, plain, steps] = /^(.*)@(\d+)$/.exec(part) ?? [];
    // The steps of `linear:0..0.1@100` are its duration too; those of `0.1@100` are nothing else.
    const rate = parseOne(part) ?? (plain === undefined || i === parts.length - 1 ? undefined : parseOne(plain));
    if (rate === undefined) return undefined;
    rates.push(rate);
    if (i === parts.length - 1) continue;
    if (steps === undefined) return undefined;
    boundaries.push((boundaries.at(-1) ?? 0) + Number(steps));
  }
  return joinSchedules(rates, boundaries);
}

function parsePower(text: string): Rate | undefined {
  const [, rate, power = "1"] = /^([^/]*)\/k(?:\^(.*))?$/.exec(text) ?? [];
  if (rate === undefined) return undefined;
  const numbers = [rate, power].map(parseNumber);
  return numbers[0] === undefined || numbers[1] === undefined ? undefined : powerDecay(numbers[0], numbers[1]);
}

function parseBounded(text: string): Rate | undefined {
  const [, kind, ...parts] = /^(linear|cosine):(.*?)\.\.(.*)@(\d+|end)$/.exec(text) ?? [];
  const [from, to, until] = parts.map(parseUntil);
  if (typeof from !== "number" || typeof to !== "number" || until === undefined) return undefined;
  return bounded[kind as keyof typeof bounded](from, to, until);
}

function parseExponential(text: string): Rate | undefined {
  const [, ...parts] = /^exponential:(.*)\*(.*)@(\d+|end)$/.exec(text) ?? [];
  const [rate, factor, until] = parts.map(parseUntil);
  return typeof rate !== "number" || typeof factor !== "number" || until === undefined ? undefined : exponentialDecay(rate, factor, until);
}

/** A number, or the end of the run. */
const parseUntil = (text: string): Until | undefined => (text === "end" ? text : parseNumber(text));
