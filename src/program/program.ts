import type { HostArray, Shape, Type } from "../tensor/types.js";

/** No parameters. */
type None = Record<never, never>;

/** Place p of y and place k of the kernel meet x at p·stride + k·dilation − low, along each spatial axis. */
export interface Convolution {
  readonly strides: readonly number[];
  /** [low, high]: zeros before and behind each spatial axis of x; negative numbers cut. */
  readonly padding: readonly (readonly [number, number])[];
  readonly dilation: readonly number[];
  readonly groups: number;
}

/** How a matrix is read as a triangular one, and whether it is transposed. */
export interface TriangularSolve {
  readonly lower: boolean;
  readonly transpose: boolean;
  readonly unitDiagonal: boolean;
}

/**
 * A loop over steps (s = 0, 1, …, length − 1): [carry, y] = body(constants, carry, x). Operands: constants, the first carry, and xs, whose rows (of
 * the first axis) are the steps' x. Results: the last carry; ys, the steps' y as rows; and histories, the carries before every `every`-th step as rows.
 * Nodes of one loop differ in `result` only, and are computed together.
 */
export interface Scan {
  /** Inputs: constants, carry, x. Outputs: carry, y. */
  readonly body: Program;
  /** How many of the operands are constants, and how many the carry; the rest are xs. */
  readonly constants: number;
  readonly carry: number;
  readonly length: number;
  /** Whether step s reads and writes row length − 1 − s, not s. */
  readonly reverse: boolean;
  readonly every: number;
  readonly result: number;
}

/** One of two programs of the same inputs and outputs, by a bool. Nodes of one choice differ in `result` only, and are computed together. */
export interface Cond {
  readonly onTrue: Program;
  readonly onFalse: Program;
  readonly result: number;
}

/**
 * Functions of one number that JavaScript's engines each round in their own way. Executors compute them by formulas of this package
 * (`compiler/math/`), and passes leave them to run time.
 */
export interface ElementaryUnaryPrimitives {
  exp: None;
  expm1: None;
  log: None;
  log1p: None;
  sin: None;
  cos: None;
  tanh: None;
  erf: None;
  /** 1 / (1 + e^{−x}), without overflow. */
  sigmoid: None;
  /** log(1 + e^x), without overflow. */
  softplus: None;
  atan: None;
  asin: None;
  acos: None;
  sinh: None;
  cosh: None;
}

/** The same of one or two numbers. */
export interface ElementaryPrimitives extends ElementaryUnaryPrimitives {
  /** operands: y, then x; the angle of the point (x, y), from −π to π. */
  atan2: None;
}

/** Functions of one number. */
export interface UnaryPrimitives extends ElementaryUnaryPrimitives {
  negative: None;
  abs: None;
  sign: None;
  floor: None;
  sqrt: None;
}

/** What acts on each element alone. Operands have one common shape: broadcasting is a node of its own. */
export interface ElementwisePrimitives extends UnaryPrimitives, ElementaryPrimitives {
  /** Logical not of a bool. */
  not: None;
  /** To the node's dtype: floats to int32 truncate, bool is 0 or 1, anything ≠ 0 is true. */
  cast: None;

  // Two operands of one type.
  add: None;
  subtract: None;
  multiply: None;
  divide: None;
  maximum: None;
  minimum: None;
  less: None;
  lessEqual: None;
  equal: None;
  and: None;
  or: None;

  // The bits of int32.
  xor: None;
  /** x · 2^y modulo 2³²; y counts modulo 32. */
  shiftLeft: None;
  /** The bits of x moved y places down, zeros from above; y counts modulo 32. */
  shiftRight: None;

  /** operands: a bool, then the values where it is true and where it is false. */
  where: None;
}

/** The primitives and their parameters. Axes are non-negative and ascending. */
export interface Primitives extends ElementwisePrimitives {
  // Leaves.
  input: { readonly index: number; readonly name?: string };
  constant: { readonly index: number };
  /** A scalar; the number is exact, whatever the dtype. */
  literal: { readonly value: number };
  /** 0, 1, 2, … along `axis`. */
  iota: { readonly axis: number };

  /** Identity whose derivative is zero. */
  stopGradient: None;

  // Over axes, which are removed.
  sum: { readonly axes: readonly number[] };
  max: { readonly axes: readonly number[] };
  min: { readonly axes: readonly number[] };

  // Shape only.
  reshape: None;
  transpose: { readonly permutation: readonly number[] };
  /** NumPy's rule: shapes are aligned at the right, extents of 1 are repeated. */
  broadcast: None;
  /** Element i of axis a is the operand's element start[a] + i·stride[a]; the node's shape gives the lengths. */
  slice: { readonly start: readonly number[]; readonly stride: readonly number[] };
  /** The adjoint of `slice`: operand element i of axis a goes to start[a] + i·stride[a]; the rest is zero. */
  pad: { readonly start: readonly number[]; readonly stride: readonly number[] };
  concatenate: { readonly axis: number };
  flip: { readonly axes: readonly number[] };

  // Indexed. Indices are int32 of any shape; they are clamped to the axis.
  /** operands: x, indices; shape x[..axis] + indices + x[axis+1..]. */
  take: { readonly axis: number };
  /** operands: g (shaped as the result of `take`), indices; adds into zeros of the node's shape. */
  scatterAdd: { readonly axis: number };

  /** int32 positions that sort the operand along an axis: ascending, equal elements in their order, NaN last. */
  argsort: { readonly axis: number };

  /** [..batch, m, k] · [..batch, k, n], batch axes equal. */
  matmul: None;

  // Convolution and its adjoints: a closed family. x [N, C, …], w [O, C / groups, …], y [N, O, …].
  /** operands: x, w. */
  conv: Convolution;
  /** operands: a cotangent of y, w; the adjoint in x, of the node's shape. */
  convInput: Convolution;
  /** operands: x, a cotangent of y; the adjoint in w, of the node's shape. */
  convKernel: Convolution;

  // Linear algebra over the last two axes, batch axes equal.
  /** [.., n, n] → the lower triangular L with L Lᵀ = A; the upper triangle of A is not read. */
  cholesky: None;
  /** operands: A [.., n, n], B [.., n, k]; X with op(A) X = B. */
  triangularSolve: TriangularSolve;
  /** operands: A [.., n, n], B [.., n, k]; X with A X = B. */
  solve: None;

  // Programs within a program.
  /** operands: constants, carry, xs. */
  scan: Scan;
  /** operands: a bool, then the inputs of both programs. */
  cond: Cond;
}

export type Primitive = keyof Primitives;

/** One operation of a program; `inputs` are positions of earlier nodes. */
export interface Node<P extends Primitive = Primitive> extends Type {
  readonly op: P;
  readonly inputs: readonly number[];
  readonly params: Primitives[P];
}

/**
 * A traced function as plain data. Nodes are in topological order; node i may use nodes before it only.
 * Inputs and constants are nodes too (`input` k is the k-th argument).
 */
export interface Program {
  readonly inputs: readonly Type[];
  readonly constants: readonly HostArray[];
  readonly nodes: readonly Node[];
  readonly outputs: readonly number[];
}

export type { HostArray, Shape, Type };
