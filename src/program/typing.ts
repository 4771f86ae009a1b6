import { sameShape, showType, sizeOf } from "../tensor/types.js";
import type { DType, Shape, Type } from "../tensor/types.js";
import type { Node, Primitive, Primitives } from "./program.js";

/**
 * The typing rules of all primitives, written independently of the shape rules in `tensor/ops`: they check what those
 * rules, the passes and the senders of serialized programs have made.
 */
export interface TypingRule<P extends Primitive> {
  /** Number of operands; `"some"` is one or more. */
  readonly operands: number | "some";
  /** Parameters that must be there; others are refused, except those in `optional`. */
  readonly params: readonly (keyof Primitives[P] & string)[];
  readonly optional?: readonly (keyof Primitives[P] & string)[];
  /** The rule that the node breaks, as a clause: "the operands must …"; nothing if all is well. */
  complaint(node: Node<P>, operands: readonly Type[]): string | undefined;
}

const floats: readonly DType[] = ["float32", "float64"];
const numbers: readonly DType[] = ["float32", "float64", "int32"];
const integers: readonly DType[] = ["int32"];
const bools: readonly DType[] = ["bool"];
const anything: readonly DType[] = ["float32", "float64", "int32", "bool"];

const isWhole = (n: unknown, low: number, high: number): boolean => Number.isInteger(n) && (n as number) >= low && (n as number) < high;
const isWholeList = (list: unknown, length: number, low: number): list is readonly number[] =>
  Array.isArray(list) && list.length === length && list.every(n => isWhole(n, low, Infinity));
const isAxes = (axes: unknown, rank: number): axes is readonly number[] =>
  Array.isArray(axes) && axes.every((a, i) => isWhole(a, i === 0 ? 0 : (axes[i - 1] as number) + 1, rank));

const sameType = (a: Type, b: Type): boolean => a.dtype === b.dtype && sameShape(a.shape, b.shape);
const mustBe = (node: Node, shape: Shape, dtype: DType): string | undefined =>
  sameType(node, { shape, dtype }) ? undefined : `the result must be ${showType({ shape, dtype })}`;
const mustHave = (dtypes: readonly DType[], { dtype }: Type): string | undefined =>
  dtypes.includes(dtype) ? undefined : `the element type must be ${dtypes.join(" or ")}`;

/** Primitives without parameters. */
type Bare = { [P in Primitive]: keyof Primitives[P] extends never ? P : never }[Primitive];

const leaf = { operands: 0 } as const;

const unary = (dtypes: readonly DType[]): TypingRule<Bare> => ({
  operands: 1,
  params: [],
  complaint: (node, [x]) => mustHave(dtypes, x) ?? mustBe(node, x.shape, x.dtype),
});

const binary = (dtypes: readonly DType[], result?: DType): TypingRule<Bare> => ({
  operands: 2,
  params: [],
  complaint: (node, [x, y]) =>
    sameType(x, y) ? (mustHave(dtypes, x) ?? mustBe(node, x.shape, result ?? x.dtype)) : "the operands must have one type",
});

const reduction: TypingRule<"sum" | "max" | "min"> = {
  operands: 1,
  params: ["axes"],
  complaint: (node, [x]) => {
    const { axes } = node.params;
    if (!isAxes(axes, x.shape.length)) return "the axes must be ascending and in range";
    return (
      mustHave(numbers, x)
      ?? mustBe(
        node,
        x.shape.filter((_, i) => !axes.includes(i)),
        x.dtype,
      )
    );
  },
};

/** Whether n elements from `start` in steps of `stride` lie within an axis. */
const fits = (n: number, start: number, stride: number, extent: number): boolean => n === 0 || start + (n - 1) * stride < extent;

/** `part` lies inside `whole` at `start`, `stride`: the rule of `slice` and, with the roles exchanged, of `pad`. */
const strided = (node: Node<"slice" | "pad">, part: Type, whole: Type): string | undefined => {
  const { start, stride } = node.params,
    rank = whole.shape.length;
  if (part.dtype !== whole.dtype) return "the element type must stay";
  if (part.shape.length !== rank) return "the rank must stay";
  if (!isWholeList(start, rank, 0)) return "start must hold a whole number ≥ 0 for each axis";
  if (!isWholeList(stride, rank, 1)) return "stride must hold a whole number ≥ 1 for each axis";
  return part.shape.every((n, a) => fits(n, start[a], stride[a], whole.shape[a])) ? undefined : "the elements must lie within the array";
};

/** Type of `take(x, indices, axis)`. */
const taken = (x: Type, indices: Type, axis: number): Type => ({
  dtype: x.dtype,
  shape: [...x.shape.slice(0, axis), ...indices.shape, ...x.shape.slice(axis + 1)],
});

const indexed = (node: Node<"take" | "scatterAdd">, indices: Type, whole: Type, part: Type): string | undefined => {
  const { axis } = node.params;
  if (!isWhole(axis, 0, whole.shape.length)) return "the axis must be in range";
  if (indices.dtype !== "int32") return "the indices must be int32";
  if (whole.shape[axis] === 0 && sizeOf(indices.shape) > 0) return "the axis must not be empty";
  const expected = taken(whole, indices, axis);
  return sameType(part, expected) ? undefined : `${node.op === "take" ? "the result" : "the first operand"} must be ${showType(expected)}`;
};

const convolution = { operands: 2, params: ["strides", "padding", "dilation", "groups"] } as const;

/** x, w and y fit as a convolution's operands and result, in whichever roles. */
const convolved = ({ params }: Node<"conv" | "convInput" | "convKernel">, x: Type, w: Type, y: Type): string | undefined => {
  const { strides, padding, dilation, groups } = params,
    axes = x.shape.length - 2;
  if (axes < 1 || w.shape.length !== axes + 2 || y.shape.length !== axes + 2) return "all arrays must have one rank ≥ 3";
  if (x.dtype !== w.dtype || x.dtype !== y.dtype) return "all arrays must have one element type";
  if (!isWholeList(strides, axes, 1) || !isWholeList(dilation, axes, 1)) return "strides and dilation must be whole numbers ≥ 1";
  if (!Array.isArray(padding) || padding.length !== axes || !padding.every(p => isWholeList(p, 2, -Infinity)))
    return "padding must be two whole numbers for each spatial axis";
  if (!isWhole(groups, 1, Infinity) || w.shape[0] % groups !== 0 || x.shape[1] !== w.shape[1] * groups)
    return "groups must divide the channels, and the kernel must have those of one group";
  if (y.shape[0] !== x.shape[0] || y.shape[1] !== w.shape[0]) return "batch and output channels must agree";
  for (let a = 0; a < axes; a++) {
    const padded = x.shape[a + 2] + padding[a][0] + padding[a][1],
      k = w.shape[a + 2],
      last = padded - (k > 0 ? dilation[a] * (k - 1) + 1 : 0);
    if (padded < 0) return "padding must not cut more than there is";
    if (y.shape[a + 2] !== (last < 0 ? 0 : 1 + Math.floor(last / strides[a]))) return "the spatial extents must agree";
  }
  return mustHave(floats, x);
};

const squareMatrices = (a: Type): string | undefined => {
  const [m, n] = a.shape.slice(-2);
  return n !== undefined && m === n ? mustHave(floats, a) : "the first operand must be square matrices";
};

const linearSystem = (node: Node, [a, b]: readonly Type[]): string | undefined => {
  if (a.shape.length !== b.shape.length || !sameShape(a.shape.slice(0, -1), b.shape.slice(0, -1)))
    return "the operands must differ in the last axis only";
  return a.dtype === b.dtype ? (squareMatrices(a) ?? mustBe(node, b.shape, b.dtype)) : "the operands must have one element type";
};

export const typingRules: { readonly [P in Primitive]: TypingRule<P> } = {
  input: {
    ...leaf,
    params: ["index"],
    optional: ["name"],
    complaint: ({ params: { name } }) => (name === undefined || typeof name === "string" ? undefined : "the name must be text"),
  },
  constant: { ...leaf, params: ["index"], complaint: () => undefined },
  literal: {
    ...leaf,
    params: ["value"],
    complaint: node => {
      const { value } = node.params;
      if (typeof value !== "number") return "the value must be a number";
      if (node.dtype === "bool" && value !== 0 && value !== 1) return "a bool must be 0 or 1";
      if (node.dtype === "int32" && !isWhole(value, -(2 ** 31), 2 ** 31)) return "an int32 must be a whole number of 32 bits";
      return mustBe(node, [], node.dtype);
    },
  },
  iota: {
    ...leaf,
    params: ["axis"],
    complaint: node => (isWhole(node.params.axis, 0, node.shape.length) ? mustHave(numbers, node) : "the axis must be in range"),
  },

  negative: unary(numbers),
  abs: unary(numbers),
  sign: unary(numbers),
  sqrt: unary(floats),
  exp: unary(floats),
  expm1: unary(floats),
  log: unary(floats),
  log1p: unary(floats),
  sin: unary(floats),
  cos: unary(floats),
  tanh: unary(floats),
  erf: unary(floats),
  sigmoid: unary(floats),
  softplus: unary(floats),
  atan: unary(floats),
  atan2: binary(floats),
  asin: unary(floats),
  acos: unary(floats),
  sinh: unary(floats),
  cosh: unary(floats),
  floor: unary(floats),
  not: unary(bools),
  stopGradient: unary(anything),
  cast: { operands: 1, params: [], complaint: (node, [x]) => mustBe(node, x.shape, node.dtype) },

  add: binary(numbers),
  subtract: binary(numbers),
  multiply: binary(numbers),
  divide: binary(floats),
  maximum: binary(numbers),
  minimum: binary(numbers),
  less: binary(anything, "bool"),
  lessEqual: binary(anything, "bool"),
  equal: binary(anything, "bool"),
  and: binary(bools),
  or: binary(bools),
  xor: binary(integers),
  shiftLeft: binary(integers),
  shiftRight: binary(integers),
  where: {
    operands: 3,
    params: [],
    complaint: (node, [c, x, y]) => {
      if (!sameType(c, { shape: x.shape, dtype: "bool" })) return "the first operand must be a bool of the others' shape";
      return sameType(x, y) ? mustBe(node, x.shape, x.dtype) : "the second and third operand must have one type";
    },
  },

  sum: reduction,
  max: reduction,
  min: reduction,

  reshape: {
    operands: 1,
    params: [],
    complaint: (node, [x]) =>
      sizeOf(node.shape) === sizeOf(x.shape) ? mustBe(node, node.shape, x.dtype) : "the number of elements must stay",
  },
  transpose: {
    operands: 1,
    params: ["permutation"],
    complaint: (node, [x]) => {
      const { permutation } = node.params,
        rank = x.shape.length;
      if (!isWholeList(permutation, rank, 0) || !permutation.every(a => a < rank) || new Set(permutation).size !== rank) {
        return "the permutation must name each axis once";
      }
      return mustBe(
        node,
        permutation.map(a => x.shape[a]),
        x.dtype,
      );
    },
  },
  broadcast: {
    operands: 1,
    params: [],
    complaint: (node, [x]) => {
      const extra = node.shape.length - x.shape.length;
      return extra >= 0 && x.shape.every((d, i) => d === 1 || d === node.shape[extra + i])
        ? mustBe(node, node.shape, x.dtype)
        : "extents, aligned at the right, must be equal or 1";
    },
  },
  slice: { operands: 1, params: ["start", "stride"], complaint: (node, [x]) => strided(node, node, x) },
  pad: { operands: 1, params: ["start", "stride"], complaint: (node, [x]) => strided(node, x, node) },
  concatenate: {
    operands: "some",
    params: ["axis"],
    complaint: (node, operands) => {
      const { axis } = node.params,
        [first] = operands;
      if (!isWhole(axis, 0, first.shape.length)) return "the axis must be in range";
      const along = (n: number): Type => ({ dtype: first.dtype, shape: first.shape.map((d, i) => (i === axis ? n : d)) });
      if (!operands.every(x => sameType(x, along(x.shape[axis])))) return "the operands may differ along the axis only";
      const { shape, dtype } = along(operands.reduce((n, x) => n + x.shape[axis], 0));
      return mustBe(node, shape, dtype);
    },
  },
  flip: {
    operands: 1,
    params: ["axes"],
    complaint: (node, [x]) =>
      isAxes(node.params.axes, x.shape.length) ? mustBe(node, x.shape, x.dtype) : "the axes must be ascending and in range",
  },

  take: { operands: 2, params: ["axis"], complaint: (node, [x, indices]) => indexed(node, indices, x, node) },
  scatterAdd: { operands: 2, params: ["axis"], complaint: (node, [g, indices]) => mustHave(numbers, g) ?? indexed(node, indices, node, g) },

  argsort: {
    operands: 1,
    params: ["axis"],
    complaint: (node, [x]) =>
      isWhole(node.params.axis, 0, x.shape.length) ? (mustHave(numbers, x) ?? mustBe(node, x.shape, "int32")) : "the axis must be in range",
  },

  matmul: {
    operands: 2,
    params: [],
    complaint: (node, [a, b]) => {
      const rank = a.shape.length;
      if (rank < 2 || b.shape.length !== rank) return "the operands must have one rank ≥ 2";
      if (a.dtype !== b.dtype) return "the operands must have one element type";
      const batch = a.shape.slice(0, -2);
      if (!sameShape(batch, b.shape.slice(0, -2))) return "the batch axes must be equal";
      if (a.shape[rank - 1] !== b.shape[rank - 2]) return "the inner extents must be equal";
      return mustHave(numbers, a) ?? mustBe(node, [...batch, a.shape[rank - 2], b.shape[rank - 1]], a.dtype);
    },
  },

  conv: { ...convolution, complaint: (node, [x, w]) => convolved(node, x, w, node) },
  convInput: { ...convolution, complaint: (node, [y, w]) => convolved(node, node, w, y) },
  convKernel: { ...convolution, complaint: (node, [x, y]) => convolved(node, x, node, y) },

  cholesky: { operands: 1, params: [], complaint: (node, [a]) => squareMatrices(a) ?? mustBe(node, a.shape, a.dtype) },
  triangularSolve: {
    operands: 2,
    params: ["lower", "transpose", "unitDiagonal"],
    complaint: (node, operands) =>
      Object.values(node.params).every(v => typeof v === "boolean") ? linearSystem(node, operands) : "the parameters must be true or false",
  },
  solve: { operands: 2, params: [], complaint: linearSystem },
};
