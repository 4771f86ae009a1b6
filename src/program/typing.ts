import { sameShape, sizeOf } from "../tensor/types.js";
import type { Type } from "../tensor/types.js";
import type { Primitive } from "./program.js";
import { choosing, scanning } from "./typing-loops.js";
import {
  leaf,
  convolution,
  floats,
  numbers,
  integers,
  bools,
  anything,
  isWhole,
  isWholeList,
  isAxes,
  sameType,
  mustBe,
  mustHave,
  unary,
  binary,
  reduction,
  strided,
  indexed,
  convolved,
  squareMatrices,
  linearSystem,
} from "./typing-rules.js";
import type { TypingRule } from "./typing-rules.js";

export type { TypingRule } from "./typing-rules.js";

/**
 * The typing rules of all primitives, written independently of the shape rules in `tensor/ops`: they check what those
 * rules, the passes and the senders of serialized programs have made.
 */
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

  scan: scanning,
  cond: choosing,
};
