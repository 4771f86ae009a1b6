import type { ElementwisePrimitives, TriangularSolve } from "../../program/program.js";
import { traits } from "../../program/traits.js";
import type { LoopOf } from "./loop-of.js";
import type { DType, HostArray, Shape } from "../../tensor/types.js";

/** Primitives that act on each element alone, and `copy`, which lays a view out anew. */
export type MapOp = keyof ElementwisePrimitives | "copy";

export type Reduction = "sum" | "max" | "min";

/**
 * A strided reading of a tensor: element (i₀, i₁, …) of the view is the tensor's element whose index along its axis a is
 * start[a] + Σ steps[v]·i_v over the view's axes v with axes[v] = a. Axes that repeat one element have axes[v] = null, and so
 * have all axes of extent 1, which makes equal views equal in every field.
 */
export interface View {
  readonly tensor: Tensor;
  readonly shape: Shape;
  readonly axes: readonly (number | null)[];
  readonly steps: readonly number[];
  readonly start: readonly number[];
}

/** An array that generated code may store: dense, row-major, without axes of extent 1. The order of its axes is the compiler's choice. */
interface Base<K extends string> {
  readonly id: number;
  readonly kind: K;
  readonly dtype: DType;
  readonly shape: Shape;
  readonly operands: readonly View[];
}

export interface Input extends Base<"input"> {
  readonly index: number;
}
export interface Constant extends Base<"constant"> {
  readonly data: HostArray["data"];
}
/** One number, of shape []. */
export interface Literal extends Base<"literal"> {
  readonly value: number;
}
/** The memory of its operand (a whole tensor) read with another shape. */
export interface Alias extends Base<"alias"> {
  readonly kind: "alias";
}
/** Element by element; the operands have the tensor's shape. */
export interface MapTensor extends Base<"map"> {
  readonly op: MapOp;
}
/** Over the last axes of its operand, whose shape is [...shape, ...reduced]. */
export interface Reduce extends Base<"reduce"> {
  readonly how: Reduction;
  readonly reduced: Shape;
}
/**
 * A sum of products Σ_t Σ_k a_t[…, k]·b_t[…, k], where k runs over one axis or several; operands a₀, b₀, a₁, b₁, … over
 * [...shape, ...contracted[t]].
 * `outer`: vectors along the last axis, on which b has stride 1 and a is repeated. `inner`: vectors along k.
 * `library`: handed to a matrix product that the machine has; each operand has stride 1 along one of its two axes.
 */
export interface Dot extends Base<"dot"> {
  readonly form: "outer" | "inner" | "library";
  readonly contracted: readonly Shape[];
}
/** Rows of x chosen by indices: out[o, i, :] = x[o, clamp(indices[i]), :]; operands x and indices are whole. */
export interface Gather extends Base<"gather"> {
  readonly outer: number;
  readonly extent: number;
  readonly count: number;
  readonly inner: number;
}
/** Its adjoint: out[o, clamp(indices[i]), :] += g[o, i, :], in the order of i. */
export interface Scatter extends Base<"scatter"> {
  readonly outer: number;
  readonly extent: number;
  readonly count: number;
  readonly inner: number;
}
/** Views written into parts of the array: operand p at start + i·stride, in elements. Where no part lies, zero. */
export interface Assemble extends Base<"assemble"> {
  readonly parts: readonly { readonly offset: number; readonly strides: readonly number[] }[];
  readonly covered: boolean;
}

/**
 * For each of `count` matrices [n, n] its Cholesky factor, or the solution of a linear system with `columns` right-hand sides;
 * operands are whole.
 */
export interface Solve extends Base<"solve"> {
  readonly method: "cholesky" | "substitution" | "elimination";
  readonly count: number;
  readonly n: number;
  readonly columns: number;
  /** How substitution reads the matrix. */
  readonly triangle?: TriangularSolve;
}

/** For each of `lines` lines of n numbers (the operand, whole) the positions that sort them. */
export interface Sort extends Base<"sort"> {
  readonly lines: number;
  readonly n: number;
}

/** A result of a loop over steps, or of a choice; operands are whole. */
export interface Loop extends Base<"loop"> {
  readonly loop: LoopOf;
  readonly result: number;
}

export type Tensor = Input | Constant | Literal | Alias | MapTensor | Reduce | Dot | Gather | Scatter | Assemble | Solve | Sort | Loop;

type WithoutId<T> = T extends Tensor ? Omit<T, "id"> : never;
export type Spec = WithoutId<Tensor>;

/** Whether the operation is an elementary function, which takes a dozen instructions and more. */
export const isElementary = ({ op }: MapTensor): boolean => op !== "copy" && traits[op].bits === "own";

/** Whether no code computes the tensor. */
export const isLeaf = (t: Tensor): t is Input | Constant | Literal => t.kind === "input" || t.kind === "constant" || t.kind === "literal";

/** The arrays in memory that are read for some operands. */
export const sourcesOf = (operands: readonly View[]): Set<Tensor> =>
  new Set(operands.map(v => storageOf(v.tensor)).filter(t => t.kind !== "literal"));

/** The tensor whose memory this one reads. */
export const storageOf = (t: Tensor): Tensor => (t.kind === "alias" ? storageOf(t.operands[0].tensor) : t);
