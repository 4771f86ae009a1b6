/** A mistake in what was given to ufom: one sentence that names who refuses, the rule and what was received. */
export class UfomError extends Error {
  override readonly name = "UfomError";
}

/** The mistake `ufom: WHO RULE; received WHAT.` */
export const mistake = (who: string, rule: string, received: string): UfomError =>
  new UfomError(`ufom: ${who} ${rule}; received ${received}.`);

/** Throws `ufom: WHO RULE; received WHAT.` */
export function fail(who: string, rule: string, received: string): never {
  throw mistake(who, rule, received);
}
