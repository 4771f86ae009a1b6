import * as np from "../../src/tensor/np/index.js";
import { grad, jvp, vjp } from "../../src/tensor/transform.js";
import * as tree from "../../src/tensor/tree-functions.js";
import { isFloat } from "../../src/tensor/types.js";
import type { HostArray, Shape } from "../../src/tensor/types.js";
import type { Value } from "../../src/tensor/value.js";
import type { Case } from "./cases/case.js";

/** The same numbers wherever they are needed, in [−1, 1] and not near 0. */
export function weights(shape: Shape, phase: number): HostArray {
  const data = new Float64Array(shape.reduce((n, d) => n * d, 1)).map((_, i) => Math.fround(Math.sin(1.7 * i + phase) + 0.1));
  return { shape, dtype: "float64", data };
}
const constant = ({ shape, data }: HostArray) => np.array({ shape, dtype: "float32", data: Float32Array.from(data) });

/** Σ w y + ½ Σ v y²: a scalar of y with a second derivative, so that linear operations are tested in both directions. */
export function lossOf(y: Value): Value {
  const [w, v] = [constant(weights(y.shape, 0.3)), constant(weights(y.shape, 1.1))];
  return y.mul(w).sum().add(y.mul(y).mul(v).sum().mul(0.5));
}

/** Which inputs of a case have derivatives: the floats, if the result is one too. */
export function differentiable(c: Case, y: Value): number[] {
  return isFloat(y) ? c.inputs.flatMap((x, i) => (isFloat(x) ? [i] : [])) : [];
}

/** The case as a function of its differentiable inputs. */
const atOthers = (c: Case, inputs: readonly Value[], which: readonly number[]) => (x: readonly Value[]) =>
  c.f(...inputs.map((v, i) => (which.includes(i) ? x[which.indexOf(i)] : v)));

/** The results of `derivatives`; nothing but the value where there is no derivative. */
export interface Derivatives {
  readonly y: HostArray;
  readonly loss?: HostArray;
  readonly gradient?: readonly HostArray[];
  readonly tangent?: HostArray;
  readonly pulled?: readonly HostArray[];
  readonly forwardOverReverse?: readonly HostArray[];
  readonly reverseOverForward?: readonly HostArray[];
  readonly reverseOverReverse?: readonly HostArray[];
}

/** Everything that is claimed about a case at one point, as one program. */
export function derivatives(c: Case) {
  return (...inputs: Value[]) => {
    const y = c.f(...inputs);
    const which = differentiable(c, y);
    if (which.length === 0) return { y };
    const x = which.map(i => inputs[i]);
    const v = x.map((xi, i) => constant(weights(xi.shape, 2 + i)));
    const f = atOthers(c, inputs, which);
    const loss = (z: readonly Value[]) => lossOf(f(z));
    const cotangent = constant(weights(y.shape, 5));
    return {
      y,
      loss: loss(x),
      gradient: grad(loss)(x),
      tangent: jvp(f, x, v)[1],
      pulled: vjp(f, x)[1](cotangent),
      // H v in three nestings.
      forwardOverReverse: jvp(grad(loss), x, v)[1],
      reverseOverForward: grad((z: readonly Value[]) => jvp(loss, z, v)[1])(x),
      reverseOverReverse: grad((z: readonly Value[]) => tree.dot(grad(loss)(z), v))(x),
    };
  };
}

/** The value and the gradient alone, for differences. */
export function firstDerivative(c: Case) {
  return (...inputs: Value[]) => {
    const y = c.f(...inputs);
    const which = differentiable(c, y);
    const f = atOthers(c, inputs, which);
    const loss = (z: readonly Value[]) => lossOf(f(z));
    return which.length === 0 ? { y } : { y, loss: lossOf(y), gradient: grad(loss)(which.map(i => inputs[i])) };
  };
}
