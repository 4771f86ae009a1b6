import type { HostArray, Type } from "../tensor/types.js";
import type { Node, Primitive, Program } from "./program.js";
import { typingRules } from "./typing.js";

/** Text of a number from which it comes back exactly: `-0`, `NaN` and `Infinity` included. */
export const numberText = (x: number): string => (Object.is(x, -0) ? "-0" : String(x));

const typeText = ({ dtype, shape }: Type): string => `${dtype}[${shape.join(",")}]`;

function paramText(value: unknown): string {
  if (typeof value === "number") return numberText(value);
  return Array.isArray(value) ? `[${value.join(",")}]` : String(value);
}

const paramNames = (op: Primitive): readonly string[] => typingRules[op].params;

/**
 * One line that two nodes share exactly when they compute the same thing from the same operands. The name of an input
 * is left out: it means nothing to the numbers.
 */
export function nodeText(node: Node, inputs: readonly number[] = node.inputs): string {
  let text = `${node.op} ${node.dtype}[${node.shape.join(",")}] ${inputs.join(",")}`;
  for (const name of paramNames(node.op)) text += ` ${paramText((node.params as Readonly<Record<string, unknown>>)[name])}`;
  return text;
}

/** A program as canonical text; `digest` stands for a constant's numbers. */
export const programText = (program: Program, digest: (array: HostArray) => string): string =>
  [
    "ufom program 1",
    ...program.inputs.map(type => `in ${typeText(type)}`),
    ...program.constants.map(array => `constant ${typeText(array)} ${digest(array)}`),
    ...program.nodes.map(node => nodeText(node)),
    `out ${program.outputs.join(",")}`,
  ].join("\n");
