import { fail } from "../error.js";
import type { Operation } from "../operation.js";
import { apply } from "../operation.js";
import type { Type } from "../types.js";
import { allocate, sameShape, showType } from "../types.js";
import { literal } from "../np/create.js";
import { where as select } from "../np/logic.js";
import { align, common, constantRule, evaluateBinary, evaluateUnary, needs } from "./elementwise.js";

const comparison = <P extends "less" | "lessEqual" | "equal">(op: P, holds: (a: number, b: number) => boolean): Operation<P> =>
  constantRule<P>(
    op,
    operands => ({ shape: common(op, operands).shape, dtype: "bool" }),
    ([a, b], y) => evaluateBinary(a.data, b.data, y, (p, q) => +holds(p, q)),
  );

export const less = comparison("less", (a, b) => a < b);
export const lessEqual = comparison("lessEqual", (a, b) => a <= b);
export const equal = comparison("equal", (a, b) => a === b);

const bools = (op: string, operands: readonly Type[]) => {
  needs(op, "truth values", t => t.dtype === "bool", operands);
  return common(op, operands);
};
export const and: Operation<"and"> = constantRule(
  "and",
  operands => bools("and", operands),
  ([a, b], y) => evaluateBinary(a.data, b.data, y, (p, q) => p & q),
);
export const or: Operation<"or"> = constantRule(
  "or",
  operands => bools("or", operands),
  ([a, b], y) => evaluateBinary(a.data, b.data, y, (p, q) => p | q),
);
export const not: Operation<"not"> = constantRule(
  "not",
  operands => bools("not", operands),
  ([a], y) => evaluateUnary(a.data, y, p => 1 - p),
);

/** Selects; the branch not taken does not reach the derivative, so its NaN cannot either. */
export const where: Operation<"where"> = {
  type([c, a, b]) {
    needs("where", "a truth value first", t => t.dtype === "bool", [c]);
    const type = common("where", [a, b]);
    if (!sameShape(c.shape, type.shape)) fail("where", "takes a condition of the values' shape", [c, a, b].map(showType).join(", "));
    return type;
  },
  pullback: ({ inputs: [c, a] }, g) => [null, select(c, g, literal(0, a)), select(c, literal(0, a), g)],
  pushforward: ({ inputs: [c, a] }, [, s, t]) => (s || t ? select(c, s ?? literal(0, a), t ?? literal(0, a)) : null),
  batch: (_, operands, batched, size) => apply("where", align(operands, batched, size), {}),
  evaluate([c, a, b], y) {
    const out = allocate(y);
    for (let i = 0; i < out.length; i++) out[i] = c.data[i] ? a.data[i] : b.data[i];
    return out;
  },
};
