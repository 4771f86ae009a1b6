import type { ProblemOption } from "ufom";
import type { OptionSpec, OptionSpecs, OptionValues } from "../problems/option.js";
import { choiceOption, flagOption, numberOption, textOption, wholeOption } from "../problems/option.js";
import { UsageError } from "../failure.js";
import { nearest } from "ufom/internal/tensor/nearest";

const keys = ["default", "help", "min", "max", "whole", "choices"] as const satisfies (keyof ProblemOption)[];

/** What may stand beside a default of a type. */
const beside: Readonly<Record<string, readonly string[]>> = { number: ["min", "max", "whole"], string: ["choices"], boolean: [] };

const isObject = (x: unknown): x is Readonly<Record<string, unknown>> => typeof x === "object" && x !== null && !Array.isArray(x);
const show = (x: unknown): string => JSON.stringify(x) ?? typeof x;

/** Types of what stands beside the default. */
const types: Readonly<Record<string, readonly [rule: string, is: (x: unknown) => boolean]>> = {
  help: ["a text", x => typeof x === "string"],
  min: ["a finite number", Number.isFinite],
  max: ["a finite number", Number.isFinite],
  whole: ["true or false", x => typeof x === "boolean"],
  choices: ["a list of texts", x => Array.isArray(x) && x.length > 0 && x.every(choice => typeof choice === "string")],
};

/** One option, checked. @throws UsageError if it cannot be meant */
function optionOf(name: string, declared: unknown, refuse: (rule: string, received: unknown) => never): OptionSpec {
  if (!isObject(declared)) return refuse(`must be an object { default, help, … }`, declared);
  const kind = typeof declared.default;
  if (!["number", "string", "boolean"].includes(kind) || Number.isNaN(declared.default))
    return refuse("needs a default that is a number, a text, true or false", declared.default);
  for (const [key, value] of Object.entries(declared)) {
    if (!(keys as readonly string[]).includes(key)) {
      const near = nearest(key, keys);
      return refuse(`takes ${keys.join(", ")}${near === undefined ? "" : ` (did you mean ${near}?)`}`, key);
    }
    if (key === "default") continue;
    if (!types[key][1](value)) return refuse(`needs ${key} to be ${types[key][0]}`, value);
    if (key !== "help" && !beside[kind].includes(key)) return refuse(`cannot have ${key} beside a default that is a ${kind}`, value);
  }
  const option = declared as unknown as ProblemOption;
  const { help: summary = name, min, max, choices } = option;
  const made = ((): OptionSpec => {
    if (typeof option.default === "boolean") return flagOption({ summary, default: option.default });
    if (typeof option.default === "string") {
      const text = { summary, default: option.default };
      return choices === undefined ? textOption(text) : choiceOption(choices, text);
    }
    return (option.whole === true ? wholeOption : numberOption)({ summary, default: option.default, min, max });
  })();
  if (made.parse(String(option.default)) === undefined) return refuse(`needs a default that is ${made.expects}`, option.default);
  return made;
}

/**
 * The options that a user's module exports, as the command takes them.
 * @throws UsageError in one sentence if one of them cannot be meant
 */
export function optionsOf(declared: unknown, given: string): OptionSpecs<OptionValues> {
  if (declared === undefined) return {};
  const refuse = (what: string) => (rule: string, received: unknown) => {
    throw new UsageError(`ufom: ${what} of ${given} ${rule}; received ${show(received)}.`);
  };
  if (!isObject(declared)) return refuse("options")("must be an object of options by name", declared);
  const odd = Object.keys(declared).find(name => !/^[\p{L}_][\p{L}\p{N}_-]*$/u.test(name));
  if (odd !== undefined) return refuse("options")("must have names of letters, digits, _ and -", odd);
  return Object.fromEntries(Object.entries(declared).map(([name, option]) => [name, optionOf(name, option, refuse(`options.${name}`))]));
}
