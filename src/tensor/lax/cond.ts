import { fail } from "../error.js";
import { bodyOf } from "../loops/body.js";
import { makeCond } from "../loops/cond.js";
import { describeTree, map, mapTree, valuePaths } from "../tree.js";
import type { TreeOf } from "../types.js";
import { sameShape, showType } from "../types.js";
import { Value } from "../value.js";

const who = "lax.cond";

/**
 * One of two functions, chosen by a bool while the program runs: pred ? onTrue(…operands) : onFalse(…operands). Only that one runs. Under `vmap` with a
 * bool for each lane both run, and each lane takes its results; a derivative that is infinite where its lane is not taken is then NaN, as with `np.where`.
 *
 * @example
 * const half = (x: Value) => lax.cond(x.sum().greater(0), v => v.mul(0.5), v => v, x);
 * const { program } = trace(half, [f32([1, 2])]);
 * program.nodes.filter(node => node.op === "cond").length; // 1
 *
 * @param pred one bool
 * @param onTrue gives a tree of values
 * @param onFalse gives a tree of the same structure, shapes and dtypes
 * @param operands trees of values, given to either function
 * @throws unless both functions give the same types, and pred is one bool
 */
export function cond<A extends unknown[], Y extends TreeOf<Value, Y>>(
  pred: Value,
  onTrue: (...operands: A) => Y,
  onFalse: (...operands: A) => NoInfer<Y>,
  ...operands: A
): Y {
  if (!Value.is(pred))
    return fail(who, "takes a traced bool first (for what is known while tracing there is JavaScript's own)", describeTree(pred));
  if (pred.dtype !== "bool" || pred.ndim !== 0) return fail(who, "takes one bool first", showType(pred));
  for (const f of [onTrue, onFalse]) if (typeof f !== "function") return fail(who, "takes two functions after the bool", describeTree(f));
  const leaves = operands.flatMap(tree => valuePaths(`${who}'s operands`, tree).map(([, v]) => v));
  const results: unknown[] = [];
  const way = (f: (...operands: A) => unknown) =>
    bodyOf(leaves, inputs => {
      let at = 0;
      const own = operands.map(tree => map(() => inputs[at++], tree as Value)) as unknown as A;
      const result = f(...own);
      results.push(result);
      return valuePaths(`${who}'s result`, result).map(([, v]) => v);
    });
  const yes = way(onTrue),
    no = way(onFalse),
    inOrder: Value[] = [];
  mapTree(
    who,
    ([a, b], path) => {
      if (a.dtype !== b.dtype || !sameShape(a.shape, b.shape))
        fail(who, `needs functions that give the same types${path ? ` (at ${path})` : ""}`, `${showType(a)} and ${showType(b)}`);
      inOrder.push(b as Value);
      return b;
    },
    results,
  );
  const made = makeCond(pred, [yes, { ...no, outputs: inOrder }], leaves);
  let at = 0;
  return map(() => made[at++], results[0] as Value) as unknown as Y;
}
