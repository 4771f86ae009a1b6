import type { Operation } from "../operation.js";
import { apply } from "../operation.js";
import type { Value } from "../value.js";

/** What a user's pull-back decides of the operation; `tensor/custom-gradient.ts` makes it. */
export interface CustomRules extends Pick<Operation<"customGradient">, "pullback" | "pushforward" | "batch"> {
  /** How many of the operands, the last ones, are values that the function uses beside its argument: no derivative passes to them. */
  readonly closedOver: number;
}

const rules = new WeakMap<Value, CustomRules>();
const rulesAt = (y: Value) => rules.get(y) as CustomRules;

/** The value y of x with rules of its own: an identity of y, with x and what else y uses beside it for the rules. */
export function withRules(y: Value, x: readonly Value[], closedOver: readonly Value[], own: Omit<CustomRules, "closedOver">): Value {
  const value = apply("customGradient", [y, ...x, ...closedOver], {});
  rules.set(value, { ...own, closedOver: closedOver.length });
  return value;
}

/** The values that the function behind a value uses beside its argument; none of another operation's. */
export const closedOverBy = (y: Value): readonly Value[] =>
  y.op === "customGradient" ? y.inputs.slice(y.inputs.length - rulesAt(y).closedOver) : [];

/** Passes a value on and replaces its derivatives by rules; never part of a program. */
export const customGradient: Operation<"customGradient"> = {
  type: ([y]) => y,
  pullback: (y, g) => rulesAt(y).pullback(y, g),
  pushforward: (y, tangents) => rulesAt(y).pushforward(y, tangents),
  batch: (y, operands, batched, size) => rulesAt(y).batch(y, operands, batched, size),
  evaluate: ([y]) => y.data.slice(),
};
