import type { HostArray, Type } from "../tensor/types.js";
import { sizeOf } from "../tensor/types.js";
import { firstOfLoops } from "./loop-groups.js";
import type { ElementaryPrimitives, ElementwisePrimitives, Node, Primitive, Program } from "./program.js";

/**
 * What an operation does with the elements of its operands:
 *
 * - `leaf`: it has no operands;
 * - `elementwise`: each element of the result depends on the elements in the same place alone;
 * - `view`: the same numbers read in another shape, which needs no memory of its own;
 * - `move`: the same numbers, copied to other places;
 * - `index`: places are given by an operand;
 * - `reduce`: axes are folded;
 * - `sort`: an axis is ordered;
 * - `product`: sums of products;
 * - `solve`: linear algebra;
 * - `loop`: programs within the program decide.
 */
export type Kind = "leaf" | "elementwise" | "view" | "move" | "index" | "reduce" | "sort" | "product" | "solve" | "loop";

/** What the passes and the compiler know about an operation, besides its types (`typing.ts`) and its derivatives (`tensor/ops/`). */
export interface Traits<P extends Primitive = Primitive> {
  readonly kind: P extends keyof ElementwisePrimitives ? "elementwise" : Exclude<Kind, "elementwise">;
  /**
   * Who decides about the last bit of a result. `exact`: JavaScript and WebAssembly define it, so that it may be computed at compile time.
   * `own`: an elementary function, which every JavaScript engine's `Math` rounds in its own way; only the executor's own function computes it.
   */
  readonly bits: P extends keyof ElementaryPrimitives ? "own" : "exact";
  /** Whether no element of the result can be NaN or infinite, given the same of the operands. int32 and bool are finite anyway. */
  finite(node: Node<P>, operands: readonly boolean[], constants: readonly HostArray[]): boolean;
  /** Whether the two operands may be exchanged. */
  readonly commutative: boolean;
  /** Arithmetic operations: an elementary function counts as 10, a product [m, k] · [k, n] as 2mkn. */
  flops(node: Node<P>, operands: readonly Type[]): number;
}

/** How many operations an elementary function is worth. */
const FUNCTION = 10;

const always = () => true;
const never = () => false;
/** Finite where all operands are. */
const kept = (_: Node, operands: readonly boolean[]): boolean => operands.every(Boolean);

const free = () => 0;
const perResult = (node: Type): number => sizeOf(node.shape);
const perFunction = (node: Type): number => FUNCTION * sizeOf(node.shape);
const perOperand = (_: Type, [x]: readonly Type[]): number => sizeOf(x.shape);
const sideOf = (a: Type): number => a.shape[a.shape.length - 1];
/** Each element of a convolution's result y is a sum of products over a window. */
const perWindow = (y: Type, w: Type): number => 2 * sizeOf(y.shape) * sizeOf(w.shape.slice(1));

/** How often runs of one element are merged in pairs until n elements are one run: ⌈log₂ n⌉. */
export const mergesOf = (n: number): number => (n > 1 ? 32 - Math.clz32(n - 1) : 0);

const common = { bits: "exact", finite: never, commutative: false, flops: free } as const;
const leaf = { ...common, kind: "leaf" } as const;
const elementwise = { ...common, kind: "elementwise", flops: perResult } as const;
/** An elementary function. */
const ownFunction = { ...elementwise, bits: "own", flops: perFunction } as const;
const view = { ...common, kind: "view", finite: kept } as const;
const move = { ...common, kind: "move", finite: kept } as const;
const reduce = { ...common, kind: "reduce", flops: perOperand } as const;
const product = { ...common, kind: "product" } as const;
const solver = { ...common, kind: "solve" } as const;
/** Of several nodes of one loop the first counts: see `nodeCost`. */
const loop = { ...common, kind: "loop" } as const;

/** Operations of all nodes of a program; a loop counts once, however many results it has. */
function flopsWithin(program: Program): number {
  const counts = firstOfLoops(program),
    { nodes } = program;
  return nodes.reduce(
    (sum, node, i) =>
      counts[i]
        ? sum
          + traitsOf(node).flops(
            node,
            node.inputs.map(k => nodes[k]),
          )
        : sum,
    0,
  );
}

/** The traits of all operations; one that is missing does not compile. */
export const traits: { readonly [P in Primitive]: Traits<P> } = {
  input: leaf,
  constant: { ...leaf, finite: ({ params }, _, constants) => constants[params.index].data.every(x => Number.isFinite(x)) },
  literal: {
    ...leaf,
    finite: ({ dtype, params: { value } }) => Number.isFinite(dtype === "float32" ? Math.fround(value) : value),
  },
  iota: { ...leaf, finite: always },

  negative: { ...elementwise, finite: kept },
  abs: { ...elementwise, finite: kept },
  sign: { ...elementwise, finite: kept },
  floor: { ...elementwise, finite: kept },
  not: elementwise,
  // To float64 from a narrower type, or from bool or int32; from float64 to float32 a number may overflow.
  cast: { ...elementwise, finite: ({ dtype }, [x]) => x && dtype === "float64" },
  sqrt: { ...elementwise, flops: perFunction },

  exp: ownFunction,
  expm1: ownFunction,
  log: ownFunction,
  log1p: ownFunction,
  sin: { ...ownFunction, finite: kept },
  cos: { ...ownFunction, finite: kept },
  tanh: { ...ownFunction, finite: kept },
  erf: { ...ownFunction, finite: kept },
  sigmoid: { ...ownFunction, finite: kept },
  softplus: ownFunction,
  atan: { ...ownFunction, finite: kept },
  atan2: { ...ownFunction, finite: kept },
  asin: ownFunction,
  acos: ownFunction,
  sinh: ownFunction,
  cosh: ownFunction,

  add: { ...elementwise, commutative: true },
  subtract: elementwise,
  multiply: { ...elementwise, commutative: true },
  divide: elementwise,
  maximum: { ...elementwise, finite: kept, commutative: true },
  minimum: { ...elementwise, finite: kept, commutative: true },
  less: elementwise,
  lessEqual: elementwise,
  equal: { ...elementwise, commutative: true },
  and: { ...elementwise, commutative: true },
  or: { ...elementwise, commutative: true },
  xor: { ...elementwise, commutative: true },
  shiftLeft: elementwise,
  shiftRight: elementwise,
  where: { ...elementwise, finite: kept },

  stopGradient: view,
  reshape: view,
  transpose: view,
  broadcast: view,
  slice: move,
  pad: move,
  concatenate: move,
  flip: move,
  take: { ...common, kind: "index", finite: kept },
  scatterAdd: { ...common, kind: "index", flops: perOperand },

  sum: reduce,
  max: reduce,
  min: reduce,
  argsort: { ...common, kind: "sort", flops: ({ shape, params: { axis } }) => sizeOf(shape) * mergesOf(shape[axis]) },

  matmul: { ...product, flops: (y, [a]) => 2 * sizeOf(y.shape) * sideOf(a) },
  conv: { ...product, flops: (y, [, w]) => perWindow(y, w) },
  convInput: { ...product, flops: (_, [y, w]) => perWindow(y, w) },
  convKernel: { ...product, flops: (w, [, y]) => perWindow(y, w) },

  cholesky: { ...solver, flops: a => (sizeOf(a.shape) * sideOf(a)) / 3 },
  triangularSolve: { ...solver, flops: (x, [a]) => sizeOf(x.shape) * sideOf(a) },
  solve: { ...solver, flops: (x, [a]) => (2 / 3) * sizeOf(a.shape) * sideOf(a) + 2 * sizeOf(x.shape) * sideOf(a) },

  scan: { ...loop, flops: ({ params: { body, length } }) => length * flopsWithin(body) },
  // What is not known counts as the longer way.
  cond: { ...loop, flops: ({ params: { onTrue, onFalse } }) => Math.max(flopsWithin(onTrue), flopsWithin(onFalse)) },
};

/** The traits of a node's operation. */
export const traitsOf = (node: Node): Traits => traits[node.op];

/** Arithmetic operations for one element of an element-by-element operation. */
export function flopsPerElement(op: keyof ElementwisePrimitives): number {
  const scalar: Node = { op, inputs: [], params: {}, shape: [], dtype: "float32" };
  return traitsOf(scalar).flops(scalar, []);
}

/** Operations of some kinds. */
export const primitivesOf = (...kinds: readonly Kind[]): readonly Primitive[] =>
  (Object.keys(traits) as Primitive[]).filter(op => kinds.includes(traits[op].kind));
