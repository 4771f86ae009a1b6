import { bytesOf, sizeOf } from "../tensor/types.js";
import type { Type } from "../tensor/types.js";
import type { Node, Primitive, Program } from "./program.js";

/** Work counted from shapes alone, so that it is the same on every machine. */
export interface Cost {
  /** Arithmetic operations: an elementary function counts as 10, a product [m, k] · [k, n] as 2mkn. */
  readonly flops: number;
  /** Bytes read and written if every node went through memory; views, literals and repeated elements are free. */
  readonly bytes: number;
}

type Work = (node: Node, operands: readonly Type[]) => number;

/** How many elementary operations an elementary function is worth. */
const FUNCTION = 10;

const none: Work = () => 0;
const perResult: Work = node => sizeOf(node.shape);
const perFunction: Work = node => FUNCTION * sizeOf(node.shape);
const perOperand: Work = (_, [x]) => sizeOf(x.shape);

/** How often runs of one element are to be merged in pairs until n are one run: ⌈log₂ n⌉. */
export const mergesOf = (n: number): number => (n > 1 ? 32 - Math.clz32(n - 1) : 0);

/** Each element of a convolution's result is a sum over a window. */
const perWindow = (y: Type, w: Type): number => 2 * sizeOf(y.shape) * sizeOf(w.shape.slice(1));
const sideOf = (a: Type): number => a.shape[a.shape.length - 1];

const work: { readonly [P in Primitive]: Work } = {
  input: none,
  constant: none,
  literal: none,
  iota: none,
  negative: perResult,
  abs: perResult,
  sign: perResult,
  floor: perResult,
  not: perResult,
  cast: perResult,
  stopGradient: none,
  sqrt: perFunction,
  exp: perFunction,
  expm1: perFunction,
  log: perFunction,
  log1p: perFunction,
  sin: perFunction,
  cos: perFunction,
  tanh: perFunction,
  erf: perFunction,
  sigmoid: perFunction,
  softplus: perFunction,
  add: perResult,
  subtract: perResult,
  multiply: perResult,
  divide: perResult,
  maximum: perResult,
  minimum: perResult,
  less: perResult,
  lessEqual: perResult,
  equal: perResult,
  and: perResult,
  or: perResult,
  xor: perResult,
  shiftLeft: perResult,
  shiftRight: perResult,
  where: perResult,
  sum: perOperand,
  max: perOperand,
  min: perOperand,
  reshape: none,
  transpose: none,
  broadcast: none,
  slice: none,
  pad: none,
  concatenate: none,
  flip: none,
  take: none,
  scatterAdd: perOperand,
  argsort: node => sizeOf(node.shape) * mergesOf(node.shape[(node as Node<"argsort">).params.axis]),
  matmul: (node, [a]) => 2 * sizeOf(node.shape) * a.shape[a.shape.length - 1],
  conv: (y, [, w]) => perWindow(y, w),
  convInput: (_, [y, w]) => perWindow(y, w),
  convKernel: (w, [, y]) => perWindow(y, w),
  cholesky: node => (sizeOf(node.shape) * sideOf(node)) / 3,
  triangularSolve: (node, [a]) => sizeOf(node.shape) * sideOf(a),
  solve: (node, [a]) => (2 / 3) * sizeOf(a.shape) * sideOf(a) + 2 * sizeOf(node.shape) * sideOf(a),
};

const isView = ({ op }: Node): boolean => op === "reshape" || op === "transpose" || op === "broadcast" || op === "stopGradient";
const isLeaf = ({ op }: Node): boolean => op === "input" || op === "constant" || op === "literal" || op === "iota";

/** Bytes behind a node: those of what it is a view of; literals and iota are made on the way. */
function bytesBehind({ nodes }: Program, i: number): number {
  let node = nodes[i];
  while (isView(node)) node = nodes[node.inputs[0]];
  return node.op === "literal" || node.op === "iota" ? 0 : sizeOf(node.shape) * bytesOf[node.dtype];
}

/** Cost of node i: `flops` of its operation, `bytes` of its operands and its result. */
export function nodeCost(program: Program, i: number): Cost {
  const node = program.nodes[i],
    flops = work[node.op](
      node,
      node.inputs.map(k => program.nodes[k]),
    );
  if (isView(node) || isLeaf(node)) return { flops, bytes: 0 };
  const read = node.inputs.reduce((n, k) => n + bytesBehind(program, k), 0);
  return { flops, bytes: read + sizeOf(node.shape) * bytesOf[node.dtype] };
}

/** Cost of running a program once: the sum over its nodes. */
export function costOf(program: Program): Cost {
  let flops = 0,
    bytes = 0;
  program.nodes.forEach((_, i) => {
    const cost = nodeCost(program, i);
    flops += cost.flops;
    bytes += cost.bytes;
  });
  return { flops, bytes };
}
