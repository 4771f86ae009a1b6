import { judge } from "../transition.js";
import type { Method } from "./method.js";

/**
 * Log-odds of a wrong label by the noise model: p(y | x) T[y, ỹ], where p is trained through T and T is the likeliest for p.
 *
 * Sources: Patrini et al., CVPR 2017 (the forward correction); Hendrycks et al., NeurIPS 2018 (T from trusted rows, with which it starts).
 */
export const transition: Method = {
  name: "transition",
  summary: "posterior of the true label under a matrix of how classes are confused",
  async score({ input: { rows }, trusted, noise }) {
    const { fitted, transition: model } = await noise(),
      judged = Array.from(rows.labels, (label, i) => judge(fitted.rows, i, label, model));
    return {
      rows: Float64Array.from(judged, ({ wrong }) => wrong),
      trusted: Float64Array.from(trusted.labels, (label, i) => judge(fitted.trusted, i, label, model).wrong),
      other: Int32Array.from(judged, ({ other }) => other),
    };
  },
};
