import { rulesFor } from "../../tensor/ops/index.js";
import { sizeOf } from "../../tensor/types.js";
import type { HostArray } from "../../tensor/types.js";
import type { Node, Primitive, Program } from "../program.js";
import { traits } from "../traits.js";
import type { Rewriter, Rule, Rules } from "./rewriter.js";
import { rewrite } from "./rewrite.js";

/** Elements of a result that is worth a constant, and of an operand that is worth reading at compile time. */
const RESULT = 4_096,
  OPERAND = 65_536;

/** The numbers of a node, if they are known and few. */
function numbersOf(rewriter: Rewriter, position: number): HostArray | undefined {
  const node = rewriter.nodes[position];
  if (sizeOf(node.shape) > OPERAND) return undefined;
  switch (node.op) {
    case "constant":
      return rewriter.constants[(node as Node<"constant">).params.index];
    case "literal":
      return evaluate(node, []);
    case "broadcast": {
      const operand = numbersOf(rewriter, node.inputs[0]);
      return operand && evaluate(node, [operand]);
    }
    default:
      return undefined;
  }
}

function evaluate(node: Node, operands: readonly HostArray[]): HostArray {
  return { shape: node.shape, dtype: node.dtype, data: rulesFor(node.op).evaluate(operands, node) };
}

const fold: Rule = (node, rewriter) => {
  if (node.inputs.length === 0) return undefined;
  const uniform = foldUniform(node, rewriter);
  if (uniform !== undefined) return uniform;
  if (sizeOf(node.shape) > RESULT) return undefined;
  const operands: HostArray[] = [];
  for (const i of node.inputs) {
    const numbers = numbersOf(rewriter, i);
    if (numbers === undefined) return undefined;
    operands.push(numbers);
  }
  const result = evaluate(node, operands),
    [first] = result.data;
  return result.data.every(x => Object.is(x, first)) && first !== undefined ? rewriter.full(first, node) : rewriter.constant(result);
};

const isElementwise = (node: Node, rewriter: Rewriter): boolean =>
  traits[node.op].kind === "elementwise" && node.inputs.every(i => sizeOf(rewriter.nodes[i].shape) === sizeOf(node.shape));

/** The one number of an element-by-element result whose operands are one repeated number each. */
function foldUniform(node: Node, rewriter: Rewriter): number | undefined {
  if (!isElementwise(node, rewriter)) return undefined;
  const operands: HostArray[] = [];
  for (const i of node.inputs) {
    const value = rewriter.uniform(i),
      { dtype } = rewriter.nodes[i];
    if (value === undefined) return undefined;
    operands.push(evaluate({ op: "literal", inputs: [], params: { value }, shape: [], dtype }, []));
  }
  return rewriter.full(evaluate({ ...node, shape: [] }, operands).data[0], node);
}

/**
 * What is left to run time: leaves and loops; broadcasts, which are views; and functions that JavaScript engines compute each in their own way:
 * folding them would make a program's numbers depend on the browser.
 */
const isFoldable = (op: Primitive): boolean =>
  !["leaf", "loop"].includes(traits[op].kind) && traits[op].bits === "exact" && op !== "broadcast";
const foldable = (Object.keys(traits) as Primitive[]).filter(isFoldable);

export const foldingRules = Object.fromEntries(foldable.map(op => [op, [fold]])) as Rules;

/**
 * Computes at compile time, by the operations' reference rules, what no input reaches: results of up to 4,096 elements;
 * one number repeated stays a broadcast literal. Bit-identical in float64; in float32 a reduction or product is
 * accumulated in float64 and rounded once.
 */
export const foldConstants = (program: Program): Program => rewrite(program, foldingRules);
