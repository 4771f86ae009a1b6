import type { DType } from "../types.js";

export { arange, array, astype, eye, full, ones, onesLike, zeros, zerosLike } from "./create.js";
export { add, atan2, clip, divide, maximum, minimum, multiply, square, subtract } from "./elementwise.js";
export { log10, log2, swapaxes, tan } from "./composed.js";
export { linspace, meshgrid } from "./grids.js";
export type { LinspaceOptions, MeshgridOptions } from "./grids.js";
export type { ReduceOptions } from "../value.js";
export { diag, tril, triu } from "./matrix.js";
export { power } from "./power.js";
export {
  abs,
  acos,
  asin,
  atan,
  cos,
  cosh,
  erf,
  exp,
  expm1,
  floor,
  log,
  log1p,
  negative,
  sign,
  sin,
  sinh,
  sqrt,
  tanh,
} from "./functions.js";
export { scatterAdd, take, takeAlongAxis } from "./indexing.js";
export { dot, matmul, outer } from "./linear.js";
export { einsum } from "./einsum.js";
export { equal, greater, greaterEqual, less, lessEqual, logicalAnd, logicalNot, logicalOr, notEqual, where } from "./logic.js";
export { argmax, argmin, argsort, sort } from "./order.js";
export { max, mean, min, sum, variance } from "./reduce.js";
export { cumprod, cumsum, prod } from "./scan.js";
export { broadcastTo, concatenate, expandDims, flip, moveaxis, pad, reshape, split, squeeze, stack, transpose } from "./shape.js";
export { diff, repeat, roll, tile } from "./repeat.js";
export { ceil, mod, round, trunc } from "./rounding.js";
export { median, ptp, quantile, std } from "./statistics.js";
export { all, any, isFinite, isNaN } from "./truth.js";
export { slice } from "./slice.js";

/** The working precision of the trace: float64 where the problem is traced in float64. */
export const float32: DType = "float32";
export const float64: DType = "float64";
export const int32: DType = "int32";
export const bool: DType = "bool";
