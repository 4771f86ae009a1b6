import { fail } from "../tensor/error.js";
import { checkHostArray, isHostArray } from "../tensor/host.js";
import type { HostArray } from "../tensor/types.js";

/** What can be saved exactly: host arrays, numbers, texts, truth values, null, and lists and objects of them. */
export type Saved = HostArray | number | string | boolean | null | undefined | readonly Saved[] | { readonly [key: string]: Saved };

/** JSON knows no NaN, no infinities and no −0. */
const exactNumber = (x: number): unknown =>
  Number.isFinite(x) && !Object.is(x, -0) ? x : { $number: Object.is(x, -0) ? "-0" : String(x) };

/**
 * A state as what JSON can say. Numbers that JSON does not know are `{ "$number": "NaN" }`, an array is `{ "$array": … }`, and a key that begins
 * with `$` has one more of them.
 *
 * @param arrayAs what stands for an array, which has this path in the state (`theta.layers.0.w`)
 * @throws if something else than plain data is in it
 */
export function pack(state: Saved, arrayAs: (array: HostArray, path: string) => unknown, path = ""): unknown {
  if (typeof state === "number") return exactNumber(state);
  if (state === undefined || state === null || typeof state === "string" || typeof state === "boolean") return state;
  const below = (key: string | number) => (path === "" ? `${key}` : `${path}.${key}`);
  if (Array.isArray(state)) return (state as readonly Saved[]).map((item, i) => pack(item, arrayAs, below(i)));
  if (typeof state !== "object" || ArrayBuffer.isView(state))
    return fail(
      `what is saved${path && ` at ${path}`}`,
      "must be plain data and host arrays",
      typeof state === "object" ? "a typed array" : typeof state,
    );
  if (isHostArray(state)) return { $array: arrayAs(checkHostArray("what is saved", state, path), path) };
  return Object.fromEntries(
    Object.entries(state).map(([key, value]) => [key.startsWith("$") ? `$${key}` : key, pack(value, arrayAs, below(key))]),
  );
}

/** The state behind what `pack` made of it. @param arrayOf what stands for an array ↦ the array */
export function unpack(packed: unknown, arrayOf: (stored: unknown) => HostArray): Saved {
  if (typeof packed !== "object" || packed === null) return packed as Saved;
  if (Array.isArray(packed)) return packed.map(item => unpack(item, arrayOf));
  if ("$number" in packed) return Number(packed.$number);
  if ("$array" in packed) return arrayOf(packed.$array);
  return Object.fromEntries(
    Object.entries(packed).map(([key, value]) => [key.startsWith("$") ? key.slice(1) : key, unpack(value, arrayOf)]),
  );
}
