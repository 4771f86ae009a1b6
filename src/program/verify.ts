import { UfomError } from "../tensor/error.js";
import { allocate, bytesOf, sameShape, showType, sizeOf } from "../tensor/types.js";
import type { HostArray, Type } from "../tensor/types.js";
import { isProgram } from "./loops.js";
import type { Node, Primitive, Program } from "./program.js";
import { typingRules } from "./typing.js";
import type { TypingRule } from "./typing.js";

const ruleOf = (op: string): TypingRule<Primitive> | undefined =>
  Object.hasOwn(typingRules, op) ? (typingRules[op as Primitive] as TypingRule<Primitive>) : undefined;

const isType = ({ shape, dtype }: Type): boolean =>
  Object.hasOwn(bytesOf, dtype)
  && Array.isArray(shape)
  && shape.every(d => Number.isSafeInteger(d) && d >= 0)
  && Number.isSafeInteger(sizeOf(shape));

const sameType = (a: Type, b: Type): boolean => a.dtype === b.dtype && sameShape(a.shape, b.shape);

/**
 * Holds a program to the contract of `Program`: topological order, operands, parameters, and the type of every node.
 * Passes are checked with it, and programs that come from elsewhere.
 *
 * @throws with a sentence that names the node, the rule and what was received
 */
export function verifyProgram(program: Program): void {
  program.inputs.forEach((type, k) => {
    if (!isType(type)) throw new UfomError(`ufom: a program's inputs must have a shape and an element type; input ${k} has not.`);
  });
  program.constants.forEach(verifyConstant);
  const nodeOfInput = new Map<number, number>();
  program.nodes.forEach((node, i) => {
    verifyWithin(node);
    const complaint =
      shapeless(node)
      ?? operandsOutOfOrder(node, i)
      ?? paramsOff(node)
      ?? leafOff(program, node)
      ?? ruleOf(node.op)!.complaint(
        node,
        node.inputs.map(k => program.nodes[k]),
      );
    if (complaint !== undefined) throw new UfomError(sentence(program, i, complaint));
    if (node.op === "input") {
      const { index } = (node as Node<"input">).params,
        first = nodeOfInput.get(index);
      if (first !== undefined) throw new UfomError(sentence(program, i, `an input must have one node (${index} is %${first} already)`));
      nodeOfInput.set(index, i);
    }
  });
  program.outputs.forEach((o, k) => {
    if (!Number.isInteger(o) || o < 0 || o >= program.nodes.length) {
      throw new UfomError(`ufom: a program's outputs must be nodes, 0 to ${program.nodes.length - 1}; output ${k} is ${o}.`);
    }
  });
}

/** Programs that were found to be well-formed. */
const verified = new WeakSet<Program>();

/** @throws if a program within a node is none */
function verifyWithin({ params }: Node): void {
  for (const body of typeof params === "object" && params !== null ? Object.values(params) : []) {
    if (!isProgram(body) || verified.has(body)) continue;
    for (const field of ["inputs", "constants", "nodes", "outputs"] as const)
      if (!Array.isArray(body[field])) throw new UfomError(`ufom: a program within a program must have a list of ${field}.`);
    verifyProgram(body);
    verified.add(body);
  }
}

function verifyConstant(array: HostArray, k: number): void {
  const refuse = (rule: string): never => {
    throw new UfomError(`ufom: constant ${k} of a program: ${rule}.`);
  };
  if (!isType(array)) refuse("it must have a shape and an element type");
  if (array.data.constructor !== allocate({ shape: [0], dtype: array.dtype }).constructor) {
    refuse(`the numbers of ${showType(array)} cannot be a ${array.data.constructor.name}`);
  }
  if (array.data.length !== sizeOf(array.shape)) refuse(`${showType(array)} cannot have ${array.data.length} numbers`);
  if (array.dtype === "bool" && array.data.some(b => b > 1)) refuse("a bool must be 0 or 1");
}

function shapeless(node: Node): string | undefined {
  if (ruleOf(node.op) === undefined) return "there must be a primitive of this name";
  return isType(node) ? undefined : "the result must have a shape of whole numbers ≥ 0 and an element type";
}

function operandsOutOfOrder({ op, inputs }: Node, i: number): string | undefined {
  const { operands } = ruleOf(op)!,
    n = inputs.length;
  if (operands === "some" ? n === 0 : n !== operands) {
    return `the number of operands must be ${operands === "some" ? "one or more" : operands}`;
  }
  return inputs.every(k => Number.isInteger(k) && k >= 0 && k < i) ? undefined : "the operands must be earlier nodes";
}

function paramsOff({ op, params }: Node): string | undefined {
  const { params: required, optional = [] } = ruleOf(op)! as { params: readonly string[]; optional?: readonly string[] };
  if (typeof params !== "object" || params === null) return "there must be an object of parameters";
  for (const name of required) if (!Object.hasOwn(params, name)) return `the parameter ${name} must be given`;
  for (const name in params) if (!required.includes(name) && !optional.includes(name)) return `there must be no parameter ${name}`;
  return undefined;
}

function leafOff(program: Program, node: Node): string | undefined {
  if (node.op !== "input" && node.op !== "constant") return undefined;
  const { index } = (node as Node<"input" | "constant">).params;
  const types: readonly Type[] = node.op === "input" ? program.inputs : program.constants,
    type = types[index];
  if (!Number.isInteger(index) || type === undefined) return `the program must have ${node.op} ${index}`;
  return sameType(type, node) ? undefined : `the result must be the ${node.op}'s ${showType(type)}`;
}

/** `ufom: program node %4 = matmul: the inner extents must be equal; received %1 float32[2,3], %2 float32[4,5] → float32[2,5].` */
function sentence({ nodes }: Program, i: number, rule: string): string {
  const node = nodes[i];
  const show = (t: Type): string => `${t.dtype}[${Array.isArray(t.shape) ? t.shape.join(",") : String(t.shape)}]`;
  const operand = (k: number): string => `%${k}${Number.isInteger(k) && k >= 0 && k < i ? ` ${show(nodes[k])}` : ""}`;
  const params = JSON.stringify(node.params, (_, value: unknown) => (isProgram(value) ? `program of ${value.nodes.length} nodes` : value));
  return (
    `ufom: program node %${i} = ${node.op}: ${rule}; received ${node.inputs.map(operand).join(", ")}`
    + `${params === "{}" ? "" : ` ${params}`} → ${show(node)}.`
  );
}
