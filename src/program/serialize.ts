import { UfomError } from "../tensor/error.js";
import { bytesOf } from "../tensor/types.js";
import type { HostArray, Type } from "../tensor/types.js";
import { base64Of, bytesOfBase64, littleEndianBytes, numbersOfBytes } from "./bytes.js";
import { numberText } from "./encoding.js";
import { isLoop, isProgram } from "./loops.js";
import type { Node, Program } from "./program.js";
import { verifyProgram } from "./verify.js";

const FORMAT = "ufom-program-1";

const isExactInJson = (x: number): boolean => Number.isFinite(x) && !Object.is(x, -0);

/** JSON has no NaN, infinity or −0: those are written as text. */
const packNode = (node: Node): object => ({
  op: node.op,
  dtype: node.dtype,
  shape: node.shape,
  ...(node.inputs.length > 0 && { inputs: node.inputs }),
  ...(Object.keys(node.params).length > 0 && { params: packParams(node) }),
});
const packParams = (node: Node): object => {
  if (node.op === "literal") return packLiteral(node as Node<"literal">);
  if (!isLoop(node)) return node.params;
  return Object.fromEntries(Object.entries(node.params).map(([name, x]: [string, unknown]) => [name, isProgram(x) ? pack(x) : x]));
};
const packLiteral = ({ params: { value } }: Node<"literal">): object => ({ value: isExactInJson(value) ? value : numberText(value) });
const packType = ({ dtype, shape }: Type): object => ({ dtype, shape });
const packConstant = (array: HostArray): object => ({ ...packType(array), data: base64Of(littleEndianBytes(array)) });

const pack = ({ inputs, constants, nodes, outputs }: Program): object => ({
  inputs: inputs.map(packType),
  constants: constants.map(packConstant),
  nodes: nodes.map(packNode),
  outputs,
});

/** A program as JSON text: constants in base64 (little-endian), every number exact. `deserializeProgram` reads it. */
export const serializeProgram = (program: Program): string => JSON.stringify({ format: FORMAT, ...pack(program) });

type Fields = Readonly<Record<string, unknown>>;

function refuse(rule: string, received: unknown): never {
  throw new UfomError(`ufom: deserializeProgram: ${rule}; received ${String(JSON.stringify(received)).slice(0, 60)}.`);
}
const fields = (x: unknown, what: string): Fields =>
  typeof x === "object" && x !== null && !Array.isArray(x) ? (x as Fields) : refuse(`${what} must be an object`, x);
const list = (x: unknown, what: string): readonly unknown[] => (Array.isArray(x) ? x : refuse(`${what} must be a list`, x));
const wholes = (x: unknown, what: string): readonly number[] =>
  list(x, what).map(n => (Number.isSafeInteger(n) ? (n as number) : refuse(`${what} must hold whole numbers`, x)));
const unpackType = ({ dtype, shape }: Fields): Type => ({
  dtype:
    typeof dtype === "string" && Object.hasOwn(bytesOf, dtype) ? (dtype as Type["dtype"]) : refuse("dtype must be an element type", dtype),
  shape: wholes(shape, "a shape"),
});
const unpackConstant = (x: Fields): HostArray => {
  const type = unpackType(x),
    text = typeof x.data === "string" ? x.data : refuse("the data of a constant must be base64 text", x.data);
  return { ...type, data: numbersOfBytes(bytesOfBase64(text), type.dtype) };
};
const unpackLiteral = ({ value }: Fields): object => {
  if (typeof value === "number") return { value };
  return value === "NaN" || value === "Infinity" || value === "-Infinity" || value === "-0"
    ? { value: Number(value) }
    : refuse("a literal must be a number", value);
};
function unpackNode(x: Fields): Node {
  const op = typeof x.op === "string" ? x.op : refuse("a node must name its operation", x);
  const params = fields(x.params ?? {}, "the parameters of a node");
  return {
    op,
    ...unpackType(x),
    inputs: wholes(x.inputs ?? [], "operands"),
    params: op === "literal" ? unpackLiteral(params) : unpackParams(params),
  } as Node;
}

const unpackParams = (params: Fields): Fields =>
  Object.fromEntries(Object.entries(params).map(([name, x]) => [name, isProgram(x) ? unpack(fields(x, name)) : x]));

function unpack(root: Fields): Program {
  const each = <T>(name: string, unpackOne: (x: Fields) => T): T[] =>
    list(root[name], name).map((x, i) => unpackOne(fields(x, `${name}[${i}]`)));
  return {
    inputs: each("inputs", unpackType),
    constants: each("constants", unpackConstant),
    nodes: each("nodes", unpackNode),
    outputs: wholes(root.outputs, "outputs"),
  };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new UfomError(`ufom: deserializeProgram: the text must be JSON; received ${JSON.stringify(text.slice(0, 40))}.`, {
      cause: error,
    });
  }
}

/**
 * The program that `serializeProgram` wrote, verified: text from elsewhere cannot make an ill-typed program.
 *
 * @throws with a sentence that says what is wrong with the text or the program
 */
export function deserializeProgram(text: string): Program {
  const root = fields(parse(text), "the text");
  if (root.format !== FORMAT) refuse(`the format must be "${FORMAT}"`, root.format);
  const program = unpack(root);
  verifyProgram(program);
  return program;
}
