import { fail } from "./error.js";
import { zerosLike } from "./np/create.js";
import { convert, spread } from "./np/promote.js";
import type { CustomRules } from "./ops/custom-gradient.js";
import { withRules } from "./ops/custom-gradient.js";
import { stopGradient, vjp, vmap } from "./transform.js";
import { describeTree, map, mapTree, valuePaths } from "./tree.js";
import type { TreeOf } from "./types.js";
import { isFloat, sameShape, showType } from "./types.js";
import { nextId, Value } from "./value.js";

const who = "customGradient";

/** A cotangent in the type of what it belongs to. */
function fit(c: Value, x: Value): Value {
  if (!isFloat(x)) return c;
  if (!sameShape(c.shape, x.shape)) fail(who, `needs a pull-back that gives ${showType(x)} for ${showType(x)}`, showType(c));
  return convert(c, x.dtype);
}

/** The user's pull-back on flat lists: cotangents of the operands x from that of y. */
type PullbackRule = (cotangent: Value, y: Value, x: readonly Value[]) => readonly Value[];

/** All rules of a value that follow from a pull-back. The value's operands are y, then n of x, then what y uses beside x. */
const rulesOf = (rule: PullbackRule, n: number): Omit<CustomRules, "closedOver"> => ({
  pullback(y, g) {
    const [, ...x] = y.inputs.slice(0, n + 1);
    return [null, ...rule(g, y, x).map((c, i) => (isFloat(x[i]) ? c : null)), ...y.inputs.slice(n + 1).map(() => null)];
  },
  pushforward(y, [, ...tangents]) {
    const moving = tangents.slice(0, n).flatMap((t, i) => (t ? [i] : []));
    if (moving.length === 0) return null;
    const x = y.inputs.slice(1, n + 1);
    // The rule is linear in ȳ: its own transpose takes tangents of x to that of y.
    const transposed = vjp((g: Value) => {
      const all = rule(g, y, x);
      return moving.map(i => all[i]);
    }, zerosLike(y))[1];
    return transposed(moving.map(i => tangents[i] as Value));
  },
  batch(_, [value, ...others], [isBatched, ...batchedOthers], size) {
    const [x, which] = [others.slice(0, n), batchedOthers.slice(0, n)];
    const lanes = isBatched ? value : spread(value, [size, ...value.shape]);
    const axes = [0, 0, ...which.map(batched => (batched ? 0 : null))];
    const lanewise: PullbackRule = (g, own, operands) => {
      const each = vmap((...[gl, yl, ...xl]: Value[]) => [...rule(gl, yl, xl)], axes)(g, own, ...operands);
      // What all lanes share gets the cotangents of all.
      return each.map((c, i) => (which[i] || !isFloat(c) ? c : c.sum(0)));
    };
    return withRules(lanes, x, others.slice(n), rulesOf(lanewise, n));
  },
});

/** The floating point values older than a function's call that its result has a derivative with respect to. */
function usedBeside(y: Value, first: number): Value[] {
  const found = new Set<Value>();
  const seen = new Set<Value>();
  const stack = [y];
  for (let v = stack.pop(); v; v = stack.pop()) {
    if (seen.has(v) || !isFloat(v) || v.op === "stopGradient" || v.op === "constant" || v.op === "literal") continue;
    seen.add(v);
    if (v.id < first) found.add(v);
    else stack.push(...v.inputs);
  }
  return [...found];
}

/**
 * A function with a derivative of its own: x ↦ f(x), whose pull-back is ȳ ↦ pullback(ȳ, x, f(x)) in place of that of f's operations.
 *
 * The rule must be linear in ȳ; push-forwards are its transpose, J t = ∂/∂ȳ ⟨pullback(ȳ, x, y), t⟩. Derivatives of higher order differentiate the
 * rule, with y as a function of x by the same rule. What is differentiated or mapped belongs into x: where f uses it from outside of its argument, differentiating is refused
 * (`stopGradient` says that no derivative is meant).
 *
 * @param f of one value or a tree of values, gives one floating point value
 * @param pullback (ȳ, x, y) ↦ a tree like x; what it gives for leaves that are no floats is not used
 * @throws if f does not give a floating point value, or when differentiating, if the pull-back gives something unlike x or f
 * uses what is differentiated beside its argument
 */
export const customGradient =
  <X extends TreeOf<Value, X>>(f: (x: X) => Value, pullback: (cotangent: Value, x: X, y: Value) => X) =>
  (x: X): Value => {
    const leaves = valuePaths(`${who}'s argument`, x).map(([, v]) => v);
    const first = nextId();
    const y: unknown = f(map(stopGradient, x));
    if (!Value.is(y) || !isFloat(y)) return fail(who, "takes a function that gives one floating point value", describeTree(y));
    const rule: PullbackRule = (cotangent, value, operands) => {
      let next = 0;
      const own = map(() => operands[next++], x);
      const fitted: Value[] = [];
      mapTree(`${who}'s pull-back`, ([like, c]) => fitted.push(fit(c as Value, like as Value)), [own, pullback(cotangent, own, value)]);
      return fitted;
    };
    return withRules(y, leaves, usedBeside(y, first), rulesOf(rule, leaves.length));
  };
