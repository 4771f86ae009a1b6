import type { Operation } from "../operation.js";
import { apply } from "../operation.js";
import type { Value } from "../value.js";
import { withRules } from "./custom-gradient.js";
import { align, plus } from "./elementwise.js";

/** ∂f/∂x for each operand x of an element-by-element function f, in the operands' order. */
type Slopes = (operands: readonly Value[]) => readonly Value[];

/**
 * The value y of an element-by-element function of some operands, all of y's shape, whose derivatives are the slopes given and not those of the
 * operations that y is made of: for a formula that is accurate while its derivative, taken operation by operation, is not.
 */
export function withSlopes(y: Value, operands: readonly Value[], slopes: Slopes): Value {
  const rules: Pick<Operation<"customGradient">, "pullback" | "pushforward" | "batch"> = {
    pullback: ({ inputs: [, ...x] }, g) => [null, ...slopes(x).map(slope => g.mul(slope))],
    pushforward: ({ inputs: [, ...x] }, [, ...tangents]) => {
      const all = tangents.some(t => t) ? slopes(x) : [];
      return tangents.reduce<Value | null>((sum, t, i) => plus(sum, t && t.mul(all[i])), null);
    },
    batch: (_, values, batched, size) => {
      const [value, ...x] = align(values, batched, size);
      return withSlopes(value, x, slopes);
    },
  };
  return withRules(y, operands, [], rules);
}

/** The operand without a derivative: what the value of a function with slopes of its own is computed from. */
export const still = (x: Value): Value => apply("stopGradient", [x], {});
