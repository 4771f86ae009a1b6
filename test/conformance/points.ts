import * as np from "../../src/tensor/np/index.js";
import { grad } from "../../src/tensor/transform.js";
import type { HostArray } from "../../src/tensor/types.js";
import { isFloat } from "../../src/tensor/types.js";
import type { Value } from "../../src/tensor/value.js";
import type { Case } from "./cases/case.js";
import { differentiable, weights } from "./derivatives.js";

const cycle = (numbers: readonly number[]) => (operand: number, i: number) => numbers[(i + 3 * operand) % numbers.length];

/** Where functions have kinks, ties and poles, and far out: the number of element i of an operand. */
export const points: Readonly<Record<string, (operand: number, i: number) => number>> = {
  "0": () => 0,
  "whole numbers": cycle([1, 0, -1, 1, 2, -2, 0]),
  "±100": cycle([100, -100, -100, 100, 100]),
  "±10,000": cycle([-1e4, 1e4, 1e4, -1e4, 1e4]),
  "all of them": cycle([1e4, 0, -100, 1, -1e4, 100, -1]),
};

/** The inputs of a case with their floating point numbers at a point. */
export const inputsAt = (c: Case, point: string): HostArray[] =>
  c.inputs.map((x, k) => (isFloat(x) ? { ...x, data: Float64Array.from(x.data, (_, i) => points[point](k, i)) } : x));

/** Value, and gradient of Σ w·y. */
export interface AtPoint {
  readonly y: HostArray;
  readonly gradient?: readonly HostArray[];
}
export function valueAndGradient(c: Case) {
  return (...inputs: Value[]) => {
    const y = c.f(...inputs);
    const which = differentiable(c, y);
    if (which.length === 0) return { y };
    const { shape, data } = weights(y.shape, 0.3);
    const constant = np.array({ shape, dtype: "float32", data: Float32Array.from(data) });
    const loss = (x: readonly Value[]) =>
      c
        .f(...inputs.map((v, i) => (which.includes(i) ? x[which.indexOf(i)] : v)))
        .mul(constant)
        .sum();
    return { y, gradient: grad(loss)(which.map(i => inputs[i])) };
  };
}

/** Whose derivatives are not finite at some of the points, and where: docs/tensor-language.md says the same. */
export const unbounded: Readonly<Record<string, string>> = {
  "np.sqrt": "infinite at 0, NaN below",
  "np.log": "infinite at 0",
  "np.log1p": "infinite at −1",
  "np.log2": "infinite at 0",
  "np.log10": "infinite at 0",
  "np.mod": "NaN where the divisor is 0",
  "np.exp": "as the value, infinite from 89 on in float32 and from 710 on in float64",
  "np.expm1": "as the value, infinite from 89 on in float32 and from 710 on in float64",
  "np.asin": "infinite at ±1, NaN beyond",
  "np.acos": "infinite at ±1, NaN beyond",
  "np.sinh": "as the value, infinite from 90 on in float32 and from 711 on in float64",
  "np.cosh": "as the value, infinite from 90 on in float32 and from 711 on in float64",
  "np.divide": "infinite or NaN where the divisor is 0",
  "np.power": "as x or y says: poles at 0, e^{y log x} overflows, NaN for negative x",
  "linalg.cholesky": "NaN where rounding makes a matrix indefinite",
  customGradient: "the rule of its example is that of exp",
  "lax.scan": "its cases go through exp and products of their results, as infinite as those",
  "lax.cond": "the branch of one of its cases is exp",
};

/** Whose errors grow with the condition of a matrix, 10⁸ at some of these points: float32 keeps no digit there, and loops know no better. */
export const illConditioned: ReadonlySet<string> = new Set(["linalg.cholesky", "op.cholesky", "linalg.solve", "linalg.solveTriangular"]);

/** Why no case of a function has an operand or a result without elements, or a single number. */
export const withoutEmpty: Readonly<Record<string, string>> = {
  "op.stopGradient": "a type like any other",
  "random.key": "has one shape",
  "random.foldIn": "has one shape",
  "nn.mse": "the mean of nothing is not a number",
  "nn.mae": "the mean of nothing is not a number",
};
const matrices = "works on matrices";
const axis = "works along an axis, which a single number has not";
const windows = "works on images";
export const withoutScalar: Readonly<Record<string, string>> = {
  "np.arange": axis,
  "np.eye": matrices,
  "op.iota": axis,
  "op.stopGradient": "a type like any other",
  "np.argsort": axis,
  "np.sort": axis,
  "np.outer": axis,
  "lax.conv": windows,
  "lax.convTranspose": windows,
  "op.convInput": windows,
  "op.convKernel": windows,
  "linalg.cholesky": matrices,
  "op.cholesky": matrices,
  "linalg.solve": matrices,
  "linalg.solveTriangular": matrices,
  "np.moveaxis": axis,
  "np.concatenate": axis,
  "np.split": axis,
  "np.takeAlongAxis": axis,
  "nn.softmax": axis,
  "nn.logSoftmax": axis,
  "nn.maxPool": windows,
  "nn.avgPool": windows,
  "nn.layerNorm": axis,
  "nn.attention": matrices,
  "nn.multiHeadAttention": matrices,
  "nn.causalMask": matrices,
  "nn.linear": axis,
  "nn.conv": windows,
  "nn.groupNorm": axis,
  "nn.gru": axis,
  "nn.lstm": axis,
  "random.split": "has an axis of keys",
  "linalg.diagonal": matrices,
  "linalg.inv": matrices,
  "np.cumprod": axis,
  "np.diag": matrices,
  "np.diff": axis,
  "np.meshgrid": axis,
  "np.repeat": axis,
  "np.roll": axis,
  "np.swapaxes": axis,
  "np.tril": matrices,
  "np.triu": matrices,
  "random.categorical": "works along an axis of classes",
  "random.choice": "draws several",
  "random.permutation": axis,
};
