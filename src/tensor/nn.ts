import { fail } from "./error.js";
import { convert } from "./np/promote.js";
import * as np from "./np/index.js";
import { sigmoid, softplus } from "./np/functions.js";
import { stopGradient } from "./transform.js";
import { showType } from "./types.js";
import { workingPrecision } from "./precision.js";
import type { Axes, ReduceOptions, Value } from "./value.js";

export { sigmoid, softplus };
export { tanh } from "./np/functions.js";

/** max(x, 0); the derivative at 0 is 0. */
export function relu(x: Value): Value {
  return np.where(np.greater(x, 0), x, 0);
}
/** x where positive, else slope·x. */
export function leakyRelu(x: Value, slope = 0.01): Value {
  return np.where(np.greater(x, 0), x, x.mul(slope));
}
/** x where positive, else α(eˣ − 1). */
export function elu(x: Value, alpha = 1): Value {
  return np.where(np.greater(x, 0), x, np.expm1(np.minimum(x, 0)).mul(alpha));
}
/** x·σ(x). */
export function silu(x: Value): Value {
  return x.mul(sigmoid(x));
}
/** log σ(x) = −log(1 + e^{−x}). */
export function logSigmoid(x: Value): Value {
  return softplus(x.neg()).neg();
}
/** x·Φ(x) with the normal distribution function Φ. */
export function gelu(x: Value): Value {
  return x.mul(np.erf(x.mul(Math.SQRT1_2)).add(1)).mul(0.5);
}

const shifted = (x: Value, axis: Axes) => x.sub(stopGradient(x.max(axis, { keepdims: true })));

/** log Σ eˣ over an axis, without overflow. */
export function logsumexp(x: Value, axis: Axes = -1, options: ReduceOptions = {}): Value {
  const top = stopGradient(x.max(axis, { keepdims: true })),
    y = np.log(np.exp(x.sub(top)).sum(axis, { keepdims: true })).add(top);
  return options.keepdims ? y : y.reshape(x.sum(axis).shape);
}
/** eˣ / Σ eˣ over an axis, without overflow. */
export function softmax(x: Value, axis: Axes = -1): Value {
  const e = np.exp(shifted(x, axis));
  return e.div(e.sum(axis, { keepdims: true }));
}
/** x − log Σ eˣ over an axis, without overflow. */
export function logSoftmax(x: Value, axis: Axes = -1): Value {
  const z = shifted(x, axis);
  return z.sub(np.log(np.exp(z).sum(axis, { keepdims: true })));
}

/** Rows of zeros with a one at each label: int32[…] → […, classes] in the working precision. */
export function oneHot(labels: Value, classes: number): Value {
  if (labels.dtype !== "int32") fail("oneHot", "takes int32 labels", showType(labels));
  return convert(np.equal(np.expandDims(labels, -1), np.arange(classes)), workingPrecision());
}

/** −Σ labels·logSoftmax(logits) over the last axis: one loss a row. Labels are int32 classes, or rows of probabilities. */
export function crossEntropy(logits: Value, labels: Value): Value {
  const target = labels.dtype === "int32" ? oneHot(labels, logits.shape[logits.ndim - 1]) : labels;
  return logSoftmax(logits).mul(target).sum(-1).neg();
}
