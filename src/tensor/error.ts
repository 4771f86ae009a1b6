/** A mistake in what was given to ufom: one sentence that names who refuses, the rule and what was received. */
export class UfomError extends Error {
  override readonly name = "UfomError";
}

/** Throws `ufom: WHO RULE; received WHAT.` */
export function fail(who: string, rule: string, received: string): never {
  throw new UfomError(`ufom: ${who} ${rule}; received ${received}.`);
}
