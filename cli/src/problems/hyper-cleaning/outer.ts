/** Rows for which the clip was chosen. */
const usual = 5000;

/**
 * The gradient shrinks a hundredfold on the way, and UFOM's draws differ by as much: clipped, they count alike in Adam's averages. β₁ is ½,
 * because weights that momentum has driven near 0 or 1 hardly come back: σ′ vanishes there. Estimators that begin with a biased direction
 * warm up for the same reason. The mean over n rows gives each logit 1/n of the gradient, and all of them together 1/√n.
 *
 * @param n rows that have a weight
 */
export function outerFor(estimator: string, n = usual): string {
  const rate = /^(ufom|first-order|truncated|head)/.test(estimator) ? "linear:0.02..0.5@30" : "0.5";
  return `clip-norm:${Number((0.0003 * Math.sqrt(usual / n)).toPrecision(6))}+adam:${rate},0.5`;
}
