import type { HostArray, Type } from "../tensor/types.js";
import { littleEndianBytes } from "./bytes.js";
import { numberText } from "./encoding.js";
import { isProgram } from "./loops.js";
import type { Node, Primitive, Program } from "./program.js";
import { sha256 } from "./sha256.js";
import { typingRules } from "./typing.js";

/** Digits kept: 128 bits name a program without collisions in practice. */
const DIGITS = 32;

const hashes = new WeakMap<Program, string>();
const digests = new WeakMap<HostArray, string>();

function remembered<K extends object>(cache: WeakMap<K, string>, key: K, compute: () => string): string {
  let value = cache.get(key);
  if (value === undefined) cache.set(key, (value = compute()));
  return value;
}

/** Names the numbers of an array: 32 hexadecimal digits of the SHA-256 of its little-endian bytes. */
export const digestOf = (array: HostArray): string => remembered(digests, array, () => sha256(littleEndianBytes(array)).slice(0, DIGITS));

const typeText = ({ dtype, shape }: Type): string => `${dtype}[${shape.join(",")}]`;

function paramText(value: unknown): string {
  if (typeof value === "number") return numberText(value);
  if (isProgram(value)) return hashProgram(value);
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

/**
 * Names a program by its content: 32 hexadecimal digits (128 bits of a SHA-256), the same on every machine and in
 * browsers. Every type, operation, parameter, literal and constant counts; the names of inputs do not. Remembered by
 * object, so a program must not be changed afterwards.
 */
export const hashProgram = (program: Program): string =>
  remembered(hashes, program, () => sha256(new TextEncoder().encode(programText(program, digestOf))).slice(0, DIGITS));
