import { fail } from "./error.js";
import { nearest } from "./nearest.js";

type KeyOf<O> = O extends unknown ? keyof O & string : never;

/** Every key that options may have, in any of their forms: what is added to their type and not to this does not compile. */
export type KeysOf<O> = Readonly<Record<KeyOf<O>, true>>;

/** ` (did you mean keepdims?)`, if a known name is near. */
export function didYouMean(word: string, known: readonly string[]): string {
  const near = nearest(word, known);
  return near === undefined ? "" : ` (did you mean ${near}?)`;
}

const show = (x: unknown): string => (Array.isArray(x) ? `a list of ${x.length}` : typeof x === "string" ? JSON.stringify(x) : String(x));

/**
 * The options as they were given, `{}` for none. A key that nobody reads would be a wish that nobody grants.
 *
 * @param who takes them, as in the sentence: `sum`, `adam`, `inner`
 * @param keys all that they may have
 * @param what they are called
 * @throws if they are no object, or have another key
 */
export function checkOptions<O extends object>(who: string, given: O | undefined, keys: KeysOf<O>, what = "the options"): O {
  if (given === undefined) return {} as O;
  if (typeof given !== "object" || given === null || Array.isArray(given))
    return fail(who, `takes an object of ${what} ${Object.keys(keys).join(", ")}`, show(given));
  for (const key of Object.keys(given)) {
    if (Object.hasOwn(keys, key)) continue;
    const known = Object.keys(keys);
    fail(who, `takes ${what} ${known.join(", ")}${didYouMean(key, known)}`, key);
  }
  return given;
}
