import { fail } from "../error.js";
import { iota } from "../np/create.js";
import type { KeysOf } from "../options.js";
import { checkOptions } from "../options.js";
import type { TreeOf } from "../types.js";
import { Value } from "../value.js";
import type { ScanMemory } from "./scan.js";
import { scanAs } from "./scan.js";

/** What a counted loop may have besides its bounds, its step and its first carry. */
export interface ForiOptions {
  /** As of `lax.scan`; absent: `store`. */
  readonly memory?: ScanMemory;
}

const who = "lax.fori";
const keys: KeysOf<ForiOptions> = { memory: true };

/** A bound. @throws unless it is a whole number known while tracing */
const bound = (what: string, n: unknown): number =>
  Number.isInteger(n) && ((n as number) | 0) === n
    ? n
    : fail(who, `takes a whole number of 32 bits as ${what}, known while tracing`, Value.is(n) ? "a traced value" : String(n));

/**
 * A counted loop, with derivatives: carry ← f(i, carry) for i = lower, lower + 1, …, upper − 1. The step is traced once.
 *
 * @example
 * const { program } = trace(x => lax.fori(0, 1000, (i, y) => y.mul(0.5).add(i), x), [f32([1])]);
 * program.nodes.filter(node => node.op === "scan").length; // 1
 *
 * @param f gives the next carry from i, an int32, and the carry
 * @param init the first carry, a tree of values
 * @returns the last carry; `init` where upper ≤ lower
 * @throws where the carry does not keep its structure, shapes and dtypes; and on bounds that are no whole numbers
 */
export function fori<C extends TreeOf<Value, C>>(
  lower: number,
  upper: number,
  f: (i: Value, carry: C) => NoInfer<C>,
  init: C,
  options?: ForiOptions,
): C {
  const { memory } = checkOptions(who, options, keys),
    first = bound("lower", lower),
    steps = Math.max(0, bound("upper", upper) - first);
  if (typeof f !== "function") return fail(who, "takes a function (i, carry) ↦ carry after the bounds", typeof f);
  const places = iota(steps, "int32");
  return scanAs(who, (carry: C, i: Value) => [f(i, carry), null] as const, init, first === 0 ? places : places.add(first), { memory })[0];
}
