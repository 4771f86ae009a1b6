import { rulesFor } from "../../tensor/ops/index.js";
import { sizeOf } from "../../tensor/types.js";
import type { HostArray } from "../../tensor/types.js";
import type { Node, Primitive, Program } from "../program.js";
import { traits } from "../traits.js";
import type { Graph, Rule, Rules } from "./graph.js";
import { rewrite } from "./rewrite.js";

/** Elements of a result that is worth a constant, and of an operand that is worth reading at compile time. */
const RESULT = 4_096,
  OPERAND = 65_536;

/** The numbers of a node, if they are known and few. */
function numbersOf(graph: Graph, position: number): HostArray | undefined {
  const node = graph.nodes[position];
  if (sizeOf(node.shape) > OPERAND) return undefined;
  switch (node.op) {
    case "constant":
      return graph.constants[(node as Node<"constant">).params.index];
    case "literal":
      return evaluate(node, []);
    case "broadcast": {
      const operand = numbersOf(graph, node.inputs[0]);
      return operand && evaluate(node, [operand]);
    }
    default:
      return undefined;
  }
}

function evaluate(node: Node, operands: readonly HostArray[]): HostArray {
  return { shape: node.shape, dtype: node.dtype, data: rulesFor(node.op).evaluate(operands, node) };
}

const fold: Rule = (node, graph) => {
  if (node.inputs.length === 0) return undefined;
  const uniform = foldUniform(node, graph);
  if (uniform !== undefined) return uniform;
  if (sizeOf(node.shape) > RESULT) return undefined;
  const operands: HostArray[] = [];
  for (const i of node.inputs) {
    const numbers = numbersOf(graph, i);
    if (numbers === undefined) return undefined;
    operands.push(numbers);
  }
  const result = evaluate(node, operands),
    [first] = result.data;
  return result.data.every(x => Object.is(x, first)) && first !== undefined ? graph.full(first, node) : graph.constant(result);
};

const isElementwise = (node: Node, graph: Graph): boolean =>
  traits[node.op].kind === "elementwise" && node.inputs.every(i => sizeOf(graph.nodes[i].shape) === sizeOf(node.shape));

/** Element by element, on operands that are one number each: one element says it all. */
function foldUniform(node: Node, graph: Graph): number | undefined {
  if (!isElementwise(node, graph)) return undefined;
  const operands: HostArray[] = [];
  for (const i of node.inputs) {
    const value = graph.uniform(i),
      { dtype } = graph.nodes[i];
    if (value === undefined) return undefined;
    operands.push(evaluate({ op: "literal", inputs: [], params: { value }, shape: [], dtype }, []));
  }
  return graph.full(evaluate({ ...node, shape: [] }, operands).data[0], node);
}

/**
 * What is left to run time: leaves; broadcasts, which are views; and functions that JavaScript engines compute each in their own way:
 * folding them would make a program's numbers depend on the browser.
 */
const isFoldable = (op: Primitive): boolean => traits[op].kind !== "leaf" && traits[op].bits === "exact" && op !== "broadcast";
const foldable = (Object.keys(traits) as Primitive[]).filter(isFoldable);

export const foldingRules = Object.fromEntries(foldable.map(op => [op, [fold]])) as Rules;

/**
 * Computes at compile time, by the operations' reference rules, what no input reaches: results of up to 4,096 elements;
 * one number repeated stays a broadcast literal. Bit-identical in float64; in float32 a reduction or product is
 * accumulated in float64 and rounded once.
 */
export const foldConstants = (program: Program): Program => rewrite(program, foldingRules);
