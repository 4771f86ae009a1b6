import type { Estimator } from "./estimator.js";

/** An estimator as the command line spells and lists it. */
export interface EstimatorSpelling {
  readonly spelling: string;
  readonly summary: string;
  readonly examples: readonly string[];
  /**
   * The estimator, if the text is this one's.
   * @param nested reads an estimator inside another's spelling
   * @throws if the text is this one's, and a part of it is out of range
   */
  parse(text: string, nested: (text: string) => Estimator): Estimator | undefined;
}

/** What follows a word and its colon, "" for the word alone; undefined for a text of another word. */
export function after(word: string, text: string): string | undefined {
  if (text === word) return "";
  return text.startsWith(`${word}:`) ? text.slice(word.length + 1) : undefined;
}
