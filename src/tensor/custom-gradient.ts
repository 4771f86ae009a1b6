import { fail } from "./error.js";
import { convert } from "./np/promote.js";
import { withRule } from "./ops/custom-gradient.js";
import { stopGradient } from "./transform.js";
import { describeTree, map, mapTree, valuePaths } from "./tree.js";
import type { TreeOf } from "./types.js";
import { isFloat, sameShape, showType } from "./types.js";
import { Value } from "./value.js";

const who = "customGradient";

/** A cotangent in the type of what it belongs to. */
function fit(c: Value, x: Value): Value {
  if (!isFloat(x)) return c;
  if (!sameShape(c.shape, x.shape)) fail(who, `needs a pull-back that gives ${showType(x)} for ${showType(x)}`, showType(c));
  return convert(c, x.dtype);
}

/**
 * A function with a derivative of its own: x ↦ f(x), whose pull-back is ȳ ↦ pullback(ȳ, x, f(x)) in place of that of f's operations.
 *
 * The rule must be linear in ȳ; push-forwards are its transpose, J t = ∂/∂ȳ ⟨pullback(ȳ, x, y), t⟩. Derivatives of higher order differentiate the
 * rule, with y as a function of x by the same rule. Nothing passes to values that f closes over: what is differentiated or mapped belongs into x.
 *
 * @param f of one value or a tree of values, gives one floating point value
 * @param pullback (ȳ, x, y) ↦ a tree like x; what it gives for leaves that are no floats is not used
 * @throws if f does not give a floating point value, or when differentiating, if the pull-back gives something unlike x
 */
export const customGradient =
  <X extends TreeOf<Value, X>>(f: (x: X) => Value, pullback: (cotangent: Value, x: X, y: Value) => X) =>
  (x: X): Value => {
    const leaves = valuePaths(`${who}'s argument`, x).map(([, v]) => v);
    const y: unknown = f(map(stopGradient, x));
    if (!Value.is(y) || !isFloat(y)) return fail(who, "takes a function that gives one floating point value", describeTree(y));
    return withRule(y, leaves, (cotangent, value, operands) => {
      let next = 0;
      const own = map(() => operands[next++], x);
      const fitted: Value[] = [];
      mapTree(`${who}'s pull-back`, ([like, c]) => fitted.push(fit(c as Value, like as Value)), [own, pullback(cotangent, own, value)]);
      return fitted;
    });
  };
