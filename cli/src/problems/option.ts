/** A value that an option may have; it is written to the run folder, so it is plain. */
export type OptionValue = number | string | boolean;
export type OptionValues = Readonly<Record<string, OptionValue>>;

/** One option of a problem, given as `--set name=value`. */
export interface OptionSpec<T extends OptionValue = OptionValue> {
  readonly summary: string;
  readonly default: T;
  /** What may be given, for help and messages: `a whole number ≥ 1`, `exact or rotated`. */
  readonly expects: string;
  /** The only texts that are taken, if they can be listed: a misspelled one is answered with the nearest. */
  readonly choices?: readonly string[];
  /** The value of a text, or undefined if the text is not what the option expects. */
  parse(text: string): T | undefined;
}

/** A problem's options: name → specification. */
export type OptionSpecs<O extends OptionValues> = { readonly [K in keyof O]: OptionSpec<O[K]> };

/** Text and range of a number's option. */
export interface NumberRange {
  readonly summary: string;
  readonly default: number;
  readonly min?: number;
  readonly max?: number;
}

const number = (kind: string, range: NumberRange, accepts: (x: number) => boolean): OptionSpec<number> => {
  const { summary, min = -Infinity, max = Infinity } = range;
  const bounds = Number.isFinite(min)
    ? Number.isFinite(max)
      ? ` from ${min} to ${max}`
      : ` ≥ ${min}`
    : Number.isFinite(max)
      ? ` ≤ ${max}`
      : "";
  return {
    summary,
    default: range.default,
    expects: kind + bounds,
    parse(text) {
      const x = text.trim() === "" ? NaN : Number(text);
      return accepts(x) && x >= min && x <= max ? x : undefined;
    },
  };
};

/** A whole number within a range. */
export const wholeOption = (range: NumberRange): OptionSpec<number> => number("a whole number", range, Number.isSafeInteger);

/** A finite number within a range. */
export const numberOption = (range: NumberRange): OptionSpec<number> => number("a number", range, Number.isFinite);

/** One of several words. */
export const choiceOption = <const C extends string>(
  choices: readonly C[],
  spec: { readonly summary: string; readonly default: NoInfer<C> },
): OptionSpec<C> => ({
  ...spec,
  choices,
  expects: choices.length === 1 ? choices[0] : `${choices.slice(0, -1).join(", ")} or ${choices[choices.length - 1]}`,
  parse: text => choices.find(choice => choice === text),
});

/** True or false. */
export const flagOption = (spec: { readonly summary: string; readonly default: boolean }): OptionSpec<boolean> => ({
  ...spec,
  choices: ["true", "false"],
  expects: "true or false",
  parse: text => (text === "true" ? true : text === "false" ? false : undefined),
});

/** Any text. */
export const textOption = (spec: { readonly summary: string; readonly default: string }): OptionSpec<string> => ({
  ...spec,
  expects: "a text",
  parse: text => text,
});
