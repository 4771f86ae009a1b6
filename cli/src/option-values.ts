import type { OptionSpecs, OptionValue, OptionValues } from "./problems/option.js";
import { UsageError } from "./failure.js";
import { nearest } from "ufom/internal/tensor/nearest";

type Specs = OptionSpecs<OptionValues>;

const didYouMean = (word: string, words: readonly string[]): string => {
  const near = nearest(word, words);
  return near === undefined ? "" : ` (did you mean ${near}?)`;
};

/** The name and the text of `name=value`. @throws UsageError on a name that the problem does not have */
function assigned(problem: string, specs: Specs, assignment: string): readonly [name: string, text: string] {
  const [, name, text] = /^([^=]+)=(.*)$/s.exec(assignment) ?? [];
  if (name === undefined) throw new UsageError(`ufom: --set takes name=value; received ${JSON.stringify(assignment)}.`);
  if (!Object.hasOwn(specs, name)) {
    const names = Object.keys(specs);
    const known = names.length > 0 ? `it has ${names.join(", ")}` : "it has none";
    throw new UsageError(`ufom: ${problem} has no option ${JSON.stringify(name)}${didYouMean(name, names)}; ${known}.`);
  }
  return [name, text];
}

/** @throws UsageError if a text is not what the option expects */
function valueOf(specs: Specs, name: string, text: string, hint = ""): OptionValue {
  const { parse, expects, choices = [] } = specs[name];
  const value = parse(text);
  if (value === undefined)
    throw new UsageError(`ufom: --set ${name} must be ${expects}${didYouMean(text, choices)}; received ${JSON.stringify(text)}${hint}.`);
  return value;
}

const defaultsOf = (specs: Specs): Record<string, OptionValue> =>
  Object.fromEntries(Object.entries(specs).map(([name, spec]) => [name, spec.default]));

/** What holds where nothing is said: the problem's defaults, and what is taken in their place. */
const startOf = (specs: Specs, before: OptionValues): Record<string, OptionValue> => ({ ...defaultsOf(specs), ...before });

/** Texts apart by commas; `\,` is a comma in a text. */
const parts = (text: string): string[] => text.split(/(?<!\\),/).map(part => part.replaceAll("\\,", ","));

/**
 * A problem's own options from `--set name=value`.
 * @param before values in place of the problem's defaults: those of a preset, or of a run
 * @throws UsageError on a name it does not have, or a value that is not what the option expects
 */
export function problemOptions(problem: string, specs: Specs, given: readonly string[], before: OptionValues = {}): OptionValues {
  const values = startOf(specs, before);
  for (const assignment of given) {
    const [name, text] = assigned(problem, specs, assignment);
    const several = parts(text);
    const hint = several.length > 1 && several.every(part => specs[name].parse(part) !== undefined) ? " (ufom compare takes several)" : "";
    values[name] = valueOf(specs, name, text, hint);
  }
  return values;
}

/** The options of a comparison: every combination of the values that were given. */
export interface OptionGrid {
  readonly points: readonly OptionValues[];
  /** Names of the options that have several values. */
  readonly varied: readonly string[];
}

/**
 * The grid of `--set noise=0.1,0.2 --set depth=1,2`: four points. Values of an option that is given again are added.
 * @param before values in place of the problem's defaults: those of a preset
 * @throws UsageError as `problemOptions`
 */
export function optionGrid(problem: string, specs: Specs, given: readonly string[], before: OptionValues = {}): OptionGrid {
  const lists = new Map<string, OptionValue[]>();
  for (const assignment of given) {
    const [name, text] = assigned(problem, specs, assignment);
    const values = parts(text).map(part => valueOf(specs, name, part));
    lists.set(name, [...new Set([...(lists.get(name) ?? []), ...values])]);
  }
  // In the order in which the problem lists its options, whatever order they are given in.
  const names = Object.keys(specs).filter(name => lists.has(name));
  let points: OptionValues[] = [startOf(specs, before)];
  for (const name of names) points = points.flatMap(point => lists.get(name)!.map(value => ({ ...point, [name]: value })));
  return { points, varied: names.filter(name => lists.get(name)!.length > 1) };
}

/** `--set` as `ufom compare` takes it, for every option. */
export function gridArguments(points: readonly OptionValues[]): string[] {
  const names = Object.keys(points[0]);
  return names.flatMap(name => {
    const values = [...new Set(points.map(point => point[name]))];
    return ["--set", `${name}=${values.map(value => String(value).replaceAll(",", "\\,")).join(",")}`];
  });
}
