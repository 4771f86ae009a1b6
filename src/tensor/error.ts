/** A mistake in what was given to ufom: one sentence that names who refuses, the rule and what was received. */
export class UfomError extends Error {
  override readonly name = "UfomError";
}

/** A text with its line breaks and other control characters spelled out: what a file holds, or an engine says about it, stays within a sentence. */
export const oneLine = (text: string): string =>
  text.replace(/[\p{Cc}\u2028\u2029]/gu, c => `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`);

/** The mistake `ufom: WHO RULE; received WHAT.` */
export const mistake = (who: string, rule: string, received: string): UfomError =>
  new UfomError(`ufom: ${who} ${rule}; received ${received}.`);

/** Throws `ufom: WHO RULE; received WHAT.` */
export function fail(who: string, rule: string, received: string): never {
  throw mistake(who, rule, received);
}
