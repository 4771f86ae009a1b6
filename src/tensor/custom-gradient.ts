import { fail } from "./error.js";
import { zerosLike } from "./np/create.js";
import { convert, spread } from "./np/promote.js";
import type { CustomRules } from "./ops/custom-gradient.js";
import { withRules } from "./ops/custom-gradient.js";
import { stopGradient, vjp, vmap } from "./transform.js";
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

/** The user's pull-back on flat lists: cotangents of the operands x from that of y. */
type PullbackRule = (cotangent: Value, y: Value, x: readonly Value[]) => readonly Value[];

/** All rules of a value that follow from a pull-back. The value's operands are y, then x. */
const rulesOf = (rule: PullbackRule): CustomRules => ({
  pullback(y, g) {
    const [, ...x] = y.inputs;
    return [null, ...rule(g, y, x).map((c, i) => (isFloat(x[i]) ? c : null))];
  },
  pushforward(y, [, ...tangents]) {
    const moving = tangents.flatMap((t, i) => (t ? [i] : []));
    if (moving.length === 0) return null;
    const [, ...x] = y.inputs;
    // The rule is linear in ȳ: its own transpose takes tangents of x to that of y.
    const transposed = vjp((g: Value) => {
      const all = rule(g, y, x);
      return moving.map(i => all[i]);
    }, zerosLike(y))[1];
    return transposed(moving.map(i => tangents[i] as Value));
  },
  batch(_, [value, ...x], [isBatched, ...which], size) {
    const lanes = isBatched ? value : spread(value, [size, ...value.shape]);
    const axes = [0, 0, ...which.map(batched => (batched ? 0 : null))];
    const lanewise: PullbackRule = (g, own, operands) => {
      const each = vmap((...[gl, yl, ...xl]: Value[]) => [...rule(gl, yl, xl)], axes)(g, own, ...operands);
      // What all lanes share gets the cotangents of all.
      return each.map((c, i) => (which[i] || !isFloat(c) ? c : c.sum(0)));
    };
    return withRules(lanes, x, rulesOf(lanewise));
  },
});

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
    const rule: PullbackRule = (cotangent, value, operands) => {
      let next = 0;
      const own = map(() => operands[next++], x);
      const fitted: Value[] = [];
      mapTree(`${who}'s pull-back`, ([like, c]) => fitted.push(fit(c as Value, like as Value)), [own, pullback(cotangent, own, value)]);
      return fitted;
    };
    return withRules(y, leaves, rulesOf(rule));
  };
