/** One option of a module that the command `ufom` runs: its default says whether it is a number, a text or true/false. */
export interface ProblemOption {
  readonly default: number | string | boolean;
  /** What it is, for `--help`: a few words without a full stop. */
  readonly help?: string;
  /** The least and the greatest number. */
  readonly min?: number;
  readonly max?: number;
  /** Whether only whole numbers are taken. */
  readonly whole?: boolean;
  /** The only texts that are taken. */
  readonly choices?: readonly string[];
}

/** What a module exports as `options`: those that `--set name=value` may give. */
export type ProblemOptions = Readonly<Record<string, ProblemOption>>;

/**
 * The values of a module's `options`, by name: what its default export is called with.
 *
 *     export const options = { noise: { default: 0.5, min: 0, help: "noise in y" } } satisfies ProblemOptions;
 *     export default ({ noise }: OptionsOf<typeof options>) => defineProblem({ … });
 */
export type OptionsOf<O extends ProblemOptions> = {
  readonly [K in keyof O]: O[K] extends { readonly choices: readonly (infer C extends string)[] }
    ? C
    : O[K]["default"] extends number
      ? number
      : O[K]["default"] extends boolean
        ? boolean
        : string;
};
