import { lift, valueOf } from "../np/promote.js";
import { fail } from "../error.js";
import { checkShape } from "../host.js";
import * as np from "../np/index.js";
import { sameShape, showType } from "../types.js";
import type { Operand, Value } from "../value.js";

/** Whether each class is the label's: int32[…] → bool[…, classes]. */
const isLabel = (labels: Value, classes: number): Value => np.equal(np.expandDims(labels, -1), np.arange(classes));

/**
 * Rows of probabilities for crossEntropy with label smoothing: (1 − α)·y + α/classes, so that no class has none.
 * @param labels y: int32 classes […], or rows of probabilities […, classes]
 * @param classes how many there are
 * @param amount α in [0, 1]
 * @returns […, classes]
 * @throws on another α, or rows of another length
 */
export function smoothLabels(labels: Operand, classes: number, amount: number): Value {
  labels = lift("smoothLabels", labels, "int32");
  if (!(amount >= 0 && amount <= 1)) fail("smoothLabels", "takes an amount in [0, 1]", `${amount}`);
  const [n] = checkShape("smoothLabels", [classes]),
    rows = labels.dtype === "int32" ? np.astype(isLabel(labels, n), np.float32) : labels;
  if (rows.shape[rows.ndim - 1] !== n) fail("smoothLabels", `takes int32 classes or rows of ${n} probabilities`, showType(labels));
  return rows.mul(1 - amount).add(amount / n);
}

/**
 * The hinge loss of several classes, one a row: max(0, 1 + max_{j ≠ y} s_j − s_y); the derivative at the margin is 0.
 * @param scores s, […, classes]
 * @param labels y, int32 classes […]
 * @returns […]
 * @throws if the labels do not fit the scores
 *
 * Source: K. Crammer and Y. Singer, On the algorithmic implementation of multiclass kernel-based vector machines, JMLR 2, 2001.
 */
export function multiclassHinge(scores: Operand, labels: Operand): Value {
  scores = valueOf("multiclassHinge", scores);
  labels = lift("multiclassHinge", labels, "int32");
  const classes = scores.shape[scores.ndim - 1];
  if (classes === undefined || labels.dtype !== "int32" || !sameShape(labels.shape, scores.shape.slice(0, -1)))
    fail("multiclassHinge", "takes scores […, classes] and int32 labels, one a row", `${showType(scores)} and ${showType(labels)}`);
  const own = isLabel(labels, classes),
    best = np.where(own, -Infinity, scores).max(-1),
    short = best.sub(np.where(own, scores, 0).sum(-1)).add(1);
  return np.where(short.lessEqual(0), 0, short);
}
