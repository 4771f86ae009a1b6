import { sigmoid } from "../../numbers.js";
import { studentWeights } from "../mixture.js";
import type { ValueMethod } from "./method.js";

/** Models are trained so often again, each time with what the last ones said of the rows. */
const rounds = 3;

/**
 * Right values scatter around a model's predictions as Student's t, wrong ones lie anywhere; how many there are is found by expectation maximization. The models
 * are trained again with 1 − p_wrong for weights, less for the far tails of right values, so that wrong values do not bend them.
 */
export const noiseModel: ValueMethod = {
  name: "noise-model",
  summary: "right values scatter around predictions, wrong ones lie anywhere: the likeliest share, and models trained without them",
  async score(fits) {
    const { input } = fits;
    let judged = fits.judge((await fits.base()).predicted);
    for (let round = 1; round <= rounds; round++) {
      const tails = studentWeights(judged.errors, judged.residuals),
        weights = judged.z.map((z, i) => tails[i] * (i >= fits.data.rows || input.settled?.[i] === 1 ? 1 : sigmoid(-z)));
      judged = fits.judge((await fits.refit(weights, `models without wrong values, ${round} of ${rounds}`)).predicted);
    }
    return { judged };
  },
};
