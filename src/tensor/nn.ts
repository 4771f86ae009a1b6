import { keepsDims, normalizeAxes } from "./np/axes.js";
import { within } from "./np/bounds.js";
import { sigmoid, softplus, tanh } from "./np/functions.js";
import * as np from "./np/index.js";
import { convert, lift, valueOf } from "./np/promote.js";
import { fail } from "./error.js";
import { checkShape } from "./host.js";
import { workingPrecision } from "./precision.js";
import { stopGradient } from "./transform.js";
import { sameShape, showType } from "./types.js";
import type { Axes, Operand, ReduceOptions, Value } from "./value.js";

export { sigmoid, softplus, tanh };
export { attention } from "./nn/attention.js";
export type { AttentionOptions } from "./nn/attention.js";
export { multiclassHinge, smoothLabels } from "./nn/class-losses.js";
export { conv } from "./nn/conv.js";
export type { ConvInitOptions, ConvLayerOptions } from "./nn/conv.js";
export { dropout } from "./nn/dropout.js";
export { embedding } from "./nn/embedding.js";
export type { EmbeddingOptions } from "./nn/embedding.js";
export { groupNorm } from "./nn/group-norm.js";
export type { GroupNormOptions } from "./nn/group-norm.js";
export { linear } from "./nn/linear.js";
export type { WeightOptions } from "./nn/linear.js";
export { absoluteError, binaryCrossEntropy, hinge, huber, mae, mse, squaredError } from "./nn/losses.js";
export { causalMask, multiHeadAttention } from "./nn/multi-head-attention.js";
export type { MultiHeadAttentionOptions } from "./nn/multi-head-attention.js";
export { batchNorm, layerNorm } from "./nn/normalization.js";
export type { NormOptions } from "./nn/normalization.js";
export { gru, lstm } from "./nn/recurrent.js";
export type { CellOptions } from "./nn/recurrent.js";
export { avgPool, maxPool } from "./nn/pooling.js";
export type { PoolOptions } from "./nn/pooling.js";

// Conditions read `x ≤ 0` and not `x > 0`, so that NaN, for which both are false, comes through.

/** max(x, 0); the derivative at 0 is 0. */
export function relu(x: Operand): Value {
  x = valueOf("relu", x);
  return np.where(np.lessEqual(x, 0), 0, x);
}
/** x where positive, else slope·x; the derivative at 0 is the slope. */
export function leakyRelu(x: Operand, slope = 0.01): Value {
  x = valueOf("leakyRelu", x);
  return np.where(np.lessEqual(x, 0), x.mul(slope), x);
}
/** x where positive, else α(eˣ − 1); the derivative at 0 is α. */
export function elu(x: Operand, alpha = 1): Value {
  x = valueOf("elu", x);
  const below = np.lessEqual(x, 0);
  // Where x is large, eˣ must not be computed: ∞ times the zero of the branch not taken is NaN in a derivative.
  return np.where(below, np.expm1(np.where(below, x, 0)).mul(alpha), x);
}
/** f where x is finite; relu at ±∞, which is what f tends to: x times a factor that is 0 there is NaN, and so is its derivative. */
function tendsToRelu(x: Value, f: (x: Value) => Value): Value {
  const finite = np.less(np.abs(x), Infinity);
  return np.where(finite, f(np.where(finite, x, 0)), relu(x));
}
/** x·σ(x), the swish. */
export function silu(x: Operand): Value {
  x = valueOf("silu", x);
  return tendsToRelu(x, z => z.mul(sigmoid(z)));
}
/** log σ(x) = −log(1 + e^{−x}), without overflow. */
export function logSigmoid(x: Operand): Value {
  x = valueOf("logSigmoid", x);
  return softplus(np.negative(x)).neg();
}
/** x·Φ(x) with the normal distribution function Φ(x) = (1 + erf(x/√2))/2, not its approximation by tanh; below −4 absolute accuracy only. */
export function gelu(x: Operand): Value {
  x = valueOf("gelu", x);
  return tendsToRelu(x, z => z.mul(np.erf(z.mul(Math.SQRT1_2)).add(1)).mul(0.5));
}

/** The largest elements over axes, which stay; without a derivative, as the results do not depend on what is shifted. */
const top = (who: string, x: Value, axis: Axes) => stopGradient(x.max(normalizeAxes(who, x, axis), { keepdims: true }));

/**
 * log Σ eˣ over axes, without overflow; −∞, with the derivative 0, where all elements are. @throws on an axis that x does not have, or an empty one
 */
export function logsumexp(x: Operand, axis: Axes = -1, options?: ReduceOptions): Value {
  x = valueOf("logsumexp", x);
  const keepdims = keepsDims("logsumexp", options);
  const largest = top("logsumexp", x, axis);
  const shift = np.where(np.less(np.abs(largest), Infinity), largest, 0);
  const sum = np.exp(x.sub(shift)).sum(axis, { keepdims: true });
  // Chosen before the logarithm: 1/0 times the zero of the branch not taken is NaN in a derivative.
  const none = np.equal(sum, 0);
  const y = np.where(none, -Infinity, np.log(np.where(none, 1, sum)).add(shift));
  return keepdims ? y : np.squeeze(y, normalizeAxes("logsumexp", x, axis));
}
/** eˣ / Σ eˣ over axes, without overflow; 0 where x is −∞, and NaN where all of a row is. @throws on an axis that x does not have, or an empty one */
export function softmax(x: Operand, axis: Axes = -1): Value {
  x = valueOf("softmax", x);
  const e = np.exp(x.sub(top("softmax", x, axis)));
  return e.div(e.sum(axis, { keepdims: true }));
}
/** x − log Σ eˣ over axes, without overflow; −∞ where x is, and NaN where all of a row is. @throws on an axis that x does not have, or an empty one */
export function logSoftmax(x: Operand, axis: Axes = -1): Value {
  x = valueOf("logSoftmax", x);
  const z = x.sub(top("logSoftmax", x, axis));
  return z.sub(np.log(np.exp(z).sum(axis, { keepdims: true })));
}

/** Where each label is, […] → […, classes] in truth values. */
function atLabels(who: string, labels: Value, classes: number): Value {
  if (labels.dtype !== "int32") fail(who, "takes int32 labels", showType(labels));
  const inside = classes === 0 ? labels : within(labels, { who, what: "labels", extent: classes });
  return np.equal(np.expandDims(inside, -1), np.arange(classes));
}

/**
 * Rows of zeros with a one at each label: int32[…] → […, classes] in the working precision. Known labels must be classes: constants are checked here,
 * those of a task when it is placed; a computed one outside gives zeros.
 * @throws on labels that are not int32, or known to be none of the classes
 */
export function oneHot(classLabels: Operand, classes: number): Value {
  const labels = lift("oneHot", classLabels, "int32");
  const [n] = checkShape("oneHot", [classes]);
  return convert(atLabels("oneHot", labels, n), workingPrecision());
}

/**
 * −Σ labels·logSoftmax(logits) over the last axis, one loss a row: […, classes] → […].
 *
 * A logit of −∞ is a class that is not there: it has the derivative 0, and counts 0 where its label's probability is 0; the loss of a row whose label
 * it is, is ∞. Labels are checked as in `oneHot`; the loss of a computed one outside the classes is 0.
 * @param targets int32 classes […], or rows of probabilities […, classes]
 * @throws if the labels do not fit the logits, or are known to be none of the classes
 */
export function crossEntropy(logits: Operand, targets: Operand): Value {
  logits = valueOf("crossEntropy", logits);
  const labels = lift("crossEntropy", targets, "int32");
  const classes = logits.shape[logits.ndim - 1];
  if (classes === undefined) fail("crossEntropy", "takes logits with an axis of classes", showType(logits));
  const isClass = labels.dtype === "int32" && labels.ndim < logits.ndim;
  const wanted = isClass ? [...labels.shape, classes] : labels.shape;
  if (!sameShape(wanted, logits.shape)) {
    fail(
      "crossEntropy",
      "takes int32 classes, one a row, or rows of probabilities like the logits",
      `${showType(logits)} and ${showType(labels)}`,
    );
  }
  const y = logSoftmax(logits);
  if (isClass)
    return np
      .where(atLabels("crossEntropy", labels, classes), y, 0)
      .sum(-1)
      .neg();
  // 0 · −∞ is 0 here, while the derivative in a probability of 0 stays −logSoftmax where that is finite.
  const absent = np.logicalAnd(np.equal(labels, 0), np.equal(y, -Infinity));
  return np.where(absent, 0, y).mul(labels).sum(-1).neg();
}
