import { judge } from "../transition.js";
import type { Method } from "./method.js";

/**
 * Log-odds of a wrong label by the noise model: p(y | x) P(ỹ | x, y), where p is trained through the model and the model is the likeliest for p.
 *
 * Sources: Patrini et al., CVPR 2017 (the forward correction); Hendrycks et al., NeurIPS 2018 (T from trusted rows, with which it starts).
 */
export const transition: Method = {
  name: "transition",
  summary: "posterior of the true label under a model of how labels are lost",
  async score({ input: { rows, classes }, trusted, noise }) {
    const { fitted, evidence, trustedEvidence } = await noise(),
      judged = Array.from(rows.labels, (label, i) => judge(fitted.rows, evidence, i, label, classes));
    return {
      rows: Float64Array.from(judged, ({ wrong }) => wrong),
      trusted: Float64Array.from(trusted.labels, (label, i) => judge(fitted.trusted, trustedEvidence, i, label, classes).wrong),
      other: Int32Array.from(judged, ({ other }) => other),
    };
  },
};
