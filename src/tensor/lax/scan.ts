import { fail } from "../error.js";
import { bodyOf } from "../loops/body.js";
import { makeScan } from "../loops/scan.js";
import { lastCarry, rowsOfY } from "../loops/scan-value.js";
import { literal } from "../np/create.js";
import { spread } from "../np/promote.js";
import type { KeysOf } from "../options.js";
import { checkOptions } from "../options.js";
import { describeTree, map, mapTree, valuePaths } from "../tree.js";
import type { TreeOf } from "../types.js";
import { sameShape, showType } from "../types.js";
import type { Value } from "../value.js";

/**
 * How the way back over a loop gets the carries that it needs: all are kept (`store`), or at most S of them, and those between are computed anew, a
 * segment at a time (`checkpoint=S`). Both give the same bits.
 */
export type ScanMemory = "store" | `checkpoint=${number}`;

/** What a scan may have besides its step, its first carry and its inputs. */
export interface ScanOptions {
  /** Number of steps; needed where there are no xs. */
  readonly length?: number;
  /** Whether the steps go from the last row of xs to the first; ys lie as xs do. */
  readonly reverse?: boolean;
  /** Absent: `store`. */
  readonly memory?: ScanMemory;
}

const keys: KeysOf<ScanOptions> = { length: true, reverse: true, memory: true };
const memoryRule = 'takes the memory "store" or "checkpoint=S" with a whole S ≥ 1';

const count = (x: number): number | undefined => (Number.isInteger(x) && x >= 0 ? x : undefined);
const show = (x: unknown): string => (typeof x === "string" ? JSON.stringify(x) : String(x));

/** Steps from one carry that is kept to the next. */
export function strideOf(name: string, length: number, memory: unknown): number {
  if (memory === undefined || memory === "store") return 1;
  const kept = typeof memory === "string" ? /^checkpoint=([1-9]\d*)$/.exec(memory)?.[1] : undefined;
  return kept === undefined ? fail(name, memoryRule, show(memory)) : Math.max(1, Math.ceil(length / Number(kept)));
}

/** Number of steps. @throws unless all xs have as many rows */
function lengthOf(who: string, xs: readonly (readonly [string, Value])[], wanted: number | undefined): number {
  if (wanted !== undefined && count(wanted) === undefined) fail(who, "takes a whole length ≥ 0", show(wanted));
  let length = wanted,
    from = "length";
  for (const [path, x] of xs) {
    const at = path ? `xs.${path}` : "xs";
    if (x.ndim === 0) fail(who, "takes xs with a first axis, along which the steps go", `${at}: ${showType(x)}`);
    if (length !== undefined && x.shape[0] !== length)
      fail(who, "takes xs of one length, the number of steps", `${from} ${length} and ${at}: ${showType(x)}`);
    length = x.shape[0];
    from = at;
  }
  return length ?? fail(who, "needs the option length where there are no xs", "neither of them");
}

const isNothing = (x: unknown): boolean => x === null || x === undefined;

/** The leaves of a tree, of which null has none. */
const leavesOf = (what: string, tree: unknown): (readonly [string, Value])[] => (isNothing(tree) ? [] : valuePaths(what, tree));

/** A tree like another, with other leaves. */
function refill(tree: unknown, leaves: readonly Value[]): unknown {
  let at = 0;
  return isNothing(tree) ? tree : map(() => leaves[at++], tree as Value);
}

/** The leaves of the carry that a step returned, in the order of the one it got. @throws where a type did not stay */
export function carryLike(name: string, given: unknown, returned: unknown): Value[] {
  const leaves: Value[] = [];
  if (isNothing(given)) return leaves;
  valuePaths(`${name}'s carry`, returned);
  mapTree(
    `${name}'s carry`,
    ([was, is], path) => {
      const at = path ? `carry.${path}` : "the carry";
      if (was.dtype !== is.dtype || !sameShape(was.shape, is.shape))
        fail(name, `needs a step after which ${at} is ${showType(was)} again`, `${showType(is)} from the step`);
      leaves.push(is as Value);
      return is;
    },
    [given, returned],
  );
  return leaves;
}

/**
 * A loop over time steps, with derivatives: [carry, y_t] = f(carry, x_t) for t = 0, 1, …, n − 1, where x_t are the rows of xs along their first axis.
 * The step is traced once, and the code does not grow with the number of steps.
 *
 * @example
 * const sums = (x: Value) => lax.scan((total: Value, row: Value) => [total.add(row), total.mul(row)], np.zeros([]), x);
 * const { program } = trace(x => sums(x)[1].sum(), [f32([1, 2, 3])]);
 * program.nodes.filter(node => node.op === "scan").length; // 1
 *
 * @param f gives the next carry, of the same types, and y (a tree of values, or null for none)
 * @param init the first carry, a tree of values
 * @param xs a tree of values [n, …], or null for none, with the option `length`
 * @returns the last carry, and the y of all steps stacked, [n, …]
 * @throws where the carry does not keep its structure, shapes and dtypes, naming the leaf; where xs differ in length; and on options that cannot be meant
 */
export function scan<C extends TreeOf<Value, C> | null, X extends TreeOf<Value, X> | null, Y extends TreeOf<Value, Y> | null | undefined>(
  f: (carry: C, x: X) => readonly [NoInfer<C>, Y],
  init: C,
  xs: X,
  options?: ScanOptions,
): [C, Y] {
  return scanAs("lax.scan", f, init, xs, options);
}

/** The same for those who call it otherwise. */
export function scanAs<C extends TreeOf<Value, C> | null, X extends TreeOf<Value, X> | null, Y extends TreeOf<Value, Y> | null | undefined>(
  who: string,
  f: (carry: C, x: X) => readonly [NoInfer<C>, Y],
  init: C,
  xs: X,
  options?: ScanOptions,
): [C, Y] {
  const { length: wanted, reverse = false, memory } = checkOptions(who, options, keys);
  if (typeof f !== "function") return fail(who, "takes a function (carry, x) ↦ [carry, y] first", describeTree(f));
  if (typeof reverse !== "boolean") return fail(who, "takes reverse as true or false", show(reverse));
  const carry = leavesOf(`${who}'s first carry`, init).map(([, v]) => v),
    rows = leavesOf(`${who}'s xs`, xs),
    length = lengthOf(who, rows, wanted),
    every = strideOf(who, length, memory);
  let stacked: unknown;
  const types = [...carry, ...rows.map(([, x]) => ({ shape: x.shape.slice(1), dtype: x.dtype }))];
  const body = bodyOf(types, inputs => {
    const result: unknown = f(refill(init, inputs.slice(0, carry.length)) as C, refill(xs, inputs.slice(carry.length)) as X);
    if (!Array.isArray(result) || result.length !== 2)
      return fail(who, "needs a step that returns a pair [carry, y], with null for no y", describeTree(result));
    const [next, y] = result as unknown[];
    stacked = y;
    return [...carryLike(who, init, next), ...leavesOf(`${who}'s y`, y).map(([, v]) => v)];
  });
  const wide = (v: Value): Value => spread(v, [length, ...v.shape]);
  if (length === 0 || types.length === 0) {
    const nothing = (v: Value): Value => spread(literal(0, v), [0, ...v.shape]);
    return [init, refill(stacked, body.outputs.slice(carry.length).map(length === 0 ? nothing : wide)) as Y];
  }
  const loop = makeScan({ body, constants: 0, carry: carry.length, length, reverse, every }, [...carry, ...rows.map(([, x]) => x)]);
  return [refill(init, lastCarry(loop)) as C, refill(stacked, rowsOfY(loop)) as Y];
}
