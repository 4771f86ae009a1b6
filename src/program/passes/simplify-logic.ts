import type { DType } from "../../tensor/types.js";
import type { Node, Program } from "../program.js";
import type { Rewriter, Rule, Rules } from "./rewriter.js";
import { rewrite } from "./rewrite.js";

/** Types that hold every number of the key. */
const exactIn: Record<DType, readonly DType[]> = {
  bool: ["bool", "int32", "float32", "float64"],
  int32: ["int32", "float64"],
  float32: ["float32", "float64"],
  float64: ["float64"],
};

/** A cast to its own type, or after one that lost nothing. */
const cast: Rule<"cast"> = (node, rewriter) => {
  const [x] = node.inputs,
    { dtype } = rewriter.nodes[x];
  if (dtype === node.dtype) return x;
  const inner = rewriter.as(x, "cast");
  if (!inner || !exactIn[rewriter.nodes[inner.inputs[0]].dtype].includes(inner.dtype)) return undefined;
  return rewriter.add("cast", inner.inputs, node, {});
};

const stopGradient: Rule<"stopGradient"> = ({ inputs: [x] }) => x;

const not: Rule<"not"> = ({ inputs: [x] }, rewriter) => rewriter.as(x, "not")?.inputs[0];

/** x ∧ x, x ∧ true, x ∧ false and the same of ∨, whose neutral element is `neutral`. */
const connective =
  (neutral: 0 | 1): Rule<"and" | "or"> =>
  ({ inputs: [x, y] }, rewriter) => {
    const a = rewriter.uniform(x),
      b = rewriter.uniform(y);
    if (x === y || b === neutral) return x;
    if (a === neutral) return y;
    if (a !== undefined) return x;
    return b === undefined ? undefined : y;
  };

/** One branch: because both are the same, or the condition is known. A negated condition exchanges them. */
const where: Rule<"where"> = (node: Node, rewriter: Rewriter) => {
  const [condition, x, y] = node.inputs,
    known = rewriter.uniform(condition);
  if (x === y) return x;
  if (known !== undefined) return known ? x : y;
  const inverse = rewriter.as(condition, "not");
  return inverse && rewriter.add("where", [inverse.inputs[0], y, x], node, {});
};

export const logicRules: Rules = {
  cast: [cast],
  stopGradient: [stopGradient],
  not: [not],
  and: [connective(1)],
  or: [connective(0)],
  where: [where],
};

/** Conditions, conversions and stopped gradients (a program is differentiated before it is one). Bit-identical. */
export const simplifyLogic = (program: Program): Program => rewrite(program, logicRules);
