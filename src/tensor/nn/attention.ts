import { valueOf } from "../np/promote.js";
import { fail } from "../error.js";
import type { KeysOf } from "../options.js";
import { checkOptions } from "../options.js";
import * as np from "../np/index.js";
import { stopGradient } from "../transform.js";
import { isFloat, showType } from "../types.js";
import type { Operand, Value } from "../value.js";

/** Which keys a query may see. */
export interface AttentionOptions {
  /**
   * Broadcast to […, n, m]: truth values, true where query i may see key j; or numbers that are added to the scores, −∞ where it may not. Absent:
   * everywhere.
   */
  readonly mask?: Value;
}

const attentionKeys: KeysOf<AttentionOptions> = { mask: true };

/**
 * Scaled dot-product attention, softmax(q kᵀ / √d) v over the keys; leading axes (batch, heads) broadcast. A query that may see no key gives zeros.
 * @param q queries […, n, d]
 * @param k keys […, m, d], m ≥ 1
 * @param v values […, m, e]
 * @returns […, n, e]
 * @throws if the shapes do not fit
 */
export function attention(q: Operand, k: Operand, v: Operand, options?: AttentionOptions): Value {
  q = valueOf("attention", q);
  k = valueOf("attention", k);
  v = valueOf("attention", v);
  const { mask } = checkOptions("attention", options, attentionKeys);
  const received = [q, k, v].map(showType).join(", ");
  if ([q, k, v].some(x => x.ndim < 2)) fail("attention", "takes arrays with at least two axes", received);
  const [m, d] = k.shape.slice(-2);
  if (q.shape[q.ndim - 1] !== d || v.shape[v.ndim - 2] !== m)
    fail("attention", "takes queries [n, d], keys [m, d] and values [m, e], each with leading axes", received);
  const leading = Array.from({ length: k.ndim - 2 }, (_, i) => i);
  const plain = np.matmul(q, k.transpose([...leading, k.ndim - 1, k.ndim - 2])).div(Math.sqrt(d));
  if (m === 0) fail("attention", "takes at least one key", received);
  if (mask && mask.dtype !== "bool" && !isFloat(mask))
    fail("attention", "takes a mask of truth values, or of floating point numbers that are added to the scores", showType(mask));
  const added = mask && isFloat(mask),
    scores = added ? plain.add(mask) : plain,
    seen = added ? np.greater(mask, -Infinity) : mask;
  const see = (x: Value, otherwise: number) => (seen ? np.where(seen, x, otherwise) : x);
  // Of nothing but −∞ the largest is −∞, and what it is taken off is not chosen: no NaN, in the derivatives neither.
  const largest = stopGradient(see(scores, -Infinity).max(-1, { keepdims: true }));
  const weights = see(np.exp(see(scores.sub(largest), 0)), 0);
  const sum = weights.sum(-1, { keepdims: true });
  return np.matmul(weights, v).div(mask ? np.where(np.equal(sum, 0), 1, sum) : sum);
}
