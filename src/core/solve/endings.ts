import { stepCodes } from "../outer/outer-programs.js";
import type { Outcome } from "./result.js";

/** How a run ended, in a word and in a sentence. */
export interface Ending {
  readonly outcome: Outcome;
  readonly message: string;
}

/** What is wrong with a step, by its code. */
export const wrong: Readonly<Record<number, (report: { readonly loss: number }) => string>> = {
  [stepCodes.loss]: ({ loss }) => `the outer loss is ${loss}`,
  [stepCodes.gradient]: () => "the gradient is not finite",
  [stepCodes.theta]: () => "θ is not finite",
};

/** What is to be told where the clock says how much of a run is done. */
export const byClock = (transform: string): string =>
  `${transform} ends with the run, which only seconds limit: how far it is the clock says, so the same seed gives other numbers.`;
