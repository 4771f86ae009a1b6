import { normalOverMedian, weightedMedian } from "../robust.js";
import type { ValueMethod } from "./method.js";

/** Beyond so many scales a value is an outlier. */
const cut = 3.5;

/**
 * A value is wrong where it is far from what a model that has not seen the row predicts: score |r|/s, with s the local scale of residuals.
 *
 * Source of the cut at 3.5: B. Iglewicz, D. C. Hoaglin, How to detect and handle outliers, ASQC 1993.
 */
export const residual: ValueMethod = {
  name: "residual",
  summary: "the value is far from what a model that has not seen the row predicts",
  async score(fits) {
    const { predicted } = await fits.base(),
      judged = fits.judge(predicted),
      n = fits.data.rows,
      { residual: r, scale } = judged.residuals,
      size = Float64Array.from({ length: n }, (_, i) => Math.abs(r[i]) / scale[i]),
      unit = normalOverMedian * weightedMedian(size) || 1,
      score = size.map(z => z / unit);
    return {
      judged,
      score,
      cut: { wrong: Uint8Array.from(score, z => Number(z > cut)), rule: `more than ${cut} scales from the prediction` },
    };
  },
};
