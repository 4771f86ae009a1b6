import { zerosLike } from "../np/create.js";
import type { Operation } from "../operation.js";
import { apply } from "../operation.js";
import { vjp, vmap } from "../transform.js";
import { isFloat } from "../types.js";
import type { Value } from "../value.js";

/** The user's pull-back on flat lists: cotangents of the operands x from that of y. */
export type PullbackRule = (cotangent: Value, y: Value, x: readonly Value[]) => readonly Value[];

const rules = new WeakMap<Value, PullbackRule>();
const ruleOf = (y: Value) => rules.get(y) as PullbackRule;

/** The value y of x with a pull-back of its own: an identity of y, with x beside it for the rule. */
export function withRule(y: Value, x: readonly Value[], rule: PullbackRule): Value {
  const own = apply("customGradient", [y, ...x], {});
  rules.set(own, rule);
  return own;
}

/** Passes a value on and replaces its derivatives by a rule; never part of a program. */
export const customGradient: Operation<"customGradient"> = {
  type: ([y]) => y,
  pullback(y, g) {
    const [, ...x] = y.inputs;
    return [null, ...ruleOf(y)(g, y, x).map((c, i) => (isFloat(x[i]) ? c : null))];
  },
  pushforward(y, [, ...tangents]) {
    const moving = tangents.flatMap((t, i) => (t ? [i] : []));
    if (moving.length === 0) return null;
    const [, ...x] = y.inputs;
    // The rule is linear in ȳ: its own transpose takes tangents of x to that of y.
    const transposed = vjp((g: Value) => {
      const all = ruleOf(y)(g, y, x);
      return moving.map(i => all[i]);
    }, zerosLike(y))[1];
    return transposed(moving.map(i => tangents[i] as Value));
  },
  batch(y, [value, ...x], [isBatched, ...which], size) {
    const lanes = isBatched ? value : apply("broadcast", [value], {}, { shape: [size, ...value.shape] });
    const axes = [0, 0, ...which.map(batched => (batched ? 0 : null))];
    return withRule(lanes, x, (g, own, operands) => {
      const each = vmap((...[gl, yl, ...xl]: Value[]) => [...ruleOf(y)(gl, yl, xl)], axes)(g, own, ...operands);
      // What all lanes share gets the cotangents of all.
      return each.map((c, i) => (which[i] || !isFloat(c) ? c : c.sum(0)));
    });
  },
  evaluate: ([y]) => y.data.slice(),
};
