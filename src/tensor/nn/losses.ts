import { valueOf } from "../np/promote.js";
import { fail } from "../error.js";
import * as np from "../np/index.js";
import { softplus } from "../np/functions.js";
import { isFloat, sameShape, showType } from "../types.js";
import type { Operand, Value } from "../value.js";

// One loss an element or a row, as crossEntropy has them: `.mean()` averages, and weights of examples multiply before.

/** Two arrays of one shape: [n] beside [n, 1] would broadcast to n² differences without a word. @throws if they differ */
function alike(who: string, prediction: Value, target: Value): void {
  if (!sameShape(prediction.shape, target.shape))
    fail(who, "takes two arrays of one shape", `${showType(prediction)} and ${showType(target)}`);
}

/** (ŷ − y)², one loss an element. @throws unless prediction and target have one shape */
export function squaredError(prediction: Operand, target: Operand): Value {
  prediction = valueOf("squaredError", prediction);
  target = valueOf("squaredError", target);
  alike("squaredError", prediction, target);
  return np.square(prediction.sub(target));
}

/** |ŷ − y|, one loss an element; the derivative where they are equal is 0. @throws unless prediction and target have one shape */
export function absoluteError(prediction: Operand, target: Operand): Value {
  prediction = valueOf("absoluteError", prediction);
  target = valueOf("absoluteError", target);
  alike("absoluteError", prediction, target);
  return np.abs(prediction.sub(target));
}

/** The mean squared error over all elements, a scalar: mean (ŷ − y)². @throws unless prediction and target have one shape */
export function mse(prediction: Operand, target: Operand): Value {
  prediction = valueOf("mse", prediction);
  target = valueOf("mse", target);
  alike("mse", prediction, target);
  return np.square(prediction.sub(target)).mean();
}

/** The mean absolute error over all elements, a scalar: mean |ŷ − y|, the L1 loss. @throws unless prediction and target have one shape */
export function mae(prediction: Operand, target: Operand): Value {
  prediction = valueOf("mae", prediction);
  target = valueOf("mae", target);
  alike("mae", prediction, target);
  return np.abs(prediction.sub(target)).mean();
}

/**
 * The Huber loss of e = ŷ − y, one an element: e²/2 where |e| ≤ δ, else δ·(|e| − δ/2).
 * @param delta δ > 0; 1 unless told
 * @throws unless prediction and target have one shape, or on another δ
 */
export function huber(prediction: Operand, target: Operand, delta = 1): Value {
  prediction = valueOf("huber", prediction);
  target = valueOf("huber", target);
  alike("huber", prediction, target);
  if (!(delta > 0 && delta < Infinity)) fail("huber", "takes a finite delta > 0", `${delta}`);
  const e = prediction.sub(target),
    size = np.abs(e),
    near = size.lessEqual(delta);
  // What is squared is small, whatever e is.
  return np.where(near, np.square(np.where(near, e, 0)).div(2), size.sub(delta / 2).mul(delta));
}

/**
 * The cross-entropy of two classes from logits, one an element: −y·log σ(x) − (1 − y)·log(1 − σ(x)), without overflow or cancellation.
 * Where the label is certain, a logit of ±∞ of the same sign costs 0, and one of the other ∞.
 * @param logits x
 * @param labels y, of the same shape: truth values, 0 and 1, or probabilities
 * @throws unless both have one shape
 */
export function binaryCrossEntropy(logits: Operand, labels: Operand): Value {
  logits = valueOf("binaryCrossEntropy", logits);
  labels = valueOf("binaryCrossEntropy", labels);
  alike("binaryCrossEntropy", logits, labels);
  const y = isFloat(labels) ? labels : np.astype(labels, np.float32);
  // A class of probability 0 costs nothing, also where its own cost is infinite.
  const share = (cost: Value, probability: Value) =>
    np.where(np.logicalAnd(np.equal(probability, 0), np.equal(cost, Infinity)), 0, cost).mul(probability);
  return share(softplus(logits.neg()), y).add(share(softplus(logits), np.subtract(1, y)));
}

/**
 * The hinge loss of two classes, one an element: max(0, 1 − y·s); the derivative at the margin is 0.
 * @param scores s
 * @param labels y, −1 or 1, of the same shape
 * @throws unless both have one shape
 */
export function hinge(scores: Operand, labels: Operand): Value {
  scores = valueOf("hinge", scores);
  labels = valueOf("hinge", labels);
  alike("hinge", scores, labels);
  const short = np.subtract(1, scores.mul(labels));
  return np.where(short.lessEqual(0), 0, short);
}
