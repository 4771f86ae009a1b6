import { defineEntry } from "../problem-entry.js";
import type { FewShotOptions } from "./options.js";
import { fewShotOptions, usualSteps } from "./options.js";
import { presets } from "./presets.js";

/**
 * Few-shot learning: where a network should start from, so that a few inner steps on a few images of new classes teach it these. The protocol and where
 * guesses about it go wrong are in docs/few-shot.md.
 */
export default defineEntry<FewShotOptions>({
  name: "few-shot",
  summary: "where a network should start from to learn new classes from a few images of each",
  options: fewShotOptions,
  presets,
  async create(options, { seed, innerSteps = usualSteps, progress }) {
    const [{ openSplit }, { buildFewShot }] = await Promise.all([import("./data.js"), import("./build.js")]);
    const split = await openSplit(options, seed, progress);
    return {
      ...buildFewShot(split, options, seed, innerSteps),
      defaults: {
        estimator: "exact",
        // Reptile's direction is a way to go, no gradient.
        outer: estimator => (estimator === "reptile" ? "sgd:linear:1..0@1000" : "adam:0.001"),
        outerSteps: 1000,
        metaBatch: 5,
        compare: { estimators: ["exact", "first-order", "ufom:adaptive", "ufom:0.2"] },
      },
    };
  },
});
