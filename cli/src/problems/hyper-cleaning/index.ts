import type { HostArray, HostTree } from "ufom";
import type { Metrics } from "../problem-entry.js";
import { defineEntry } from "../problem-entry.js";
import { detection, weightsOf } from "./detection.js";
import type { CleaningOptions } from "./options.js";
import { cleaningOptions, innerSteps, protocolOf } from "./options.js";
import { quantity } from "ufom/internal/tensor/quantity";
import { outerFor } from "./outer.js";

/** The logits of θ. */
const logitsOf = (theta: HostTree): HostArray["data"] => (theta as { readonly logits: HostArray }).logits.data;

/** Estimators, or baselines, that drop all inner steps; refused before a comparison begins, not in its midst. */
const withoutSteps = /(?:^|baseline=)(first-order|truncated:0(?::.*)?)$/;

function whyNot(estimator: string): string | undefined {
  const name = withoutSteps.exec(estimator)?.[1];
  return (
    name
    && `${name} makes no sense on hyper-cleaning: θ enters its inner steps only, so without them the gradient is zero (first-order:mixed keeps that part).`
  );
}

/**
 * Data hyper-cleaning: learn one weight for each training image, half of whose labels are wrong, so that a classifier trained with
 * them does well on clean validation images.
 *
 * Source: L. Franceschi, M. Donini, P. Frasconi and M. Pontil, Forward and reverse gradient-based hyperparameter optimization,
 * ICML 2017; protocol in docs/hyper-cleaning.md.
 */
export default defineEntry<CleaningOptions>({
  name: "hyper-cleaning",
  summary: "one weight for each training image of MNIST, half of whose labels are wrong",
  options: cleaningOptions,
  async create(options, { seed, progress }) {
    const [{ loadMnist }, { drawData }, { cleaningProblem, taskOf }, { trainer }, { runFigures, runTables }] = await Promise.all([
      import("../../datasets/mnist.js"),
      import("./data.js"),
      import("./problem.js"),
      import("./training.js"),
      import("./pictures.js"),
    ]);
    progress("reading MNIST");
    const data = drawData(await loadMnist(), options, seed);
    const { corrupted } = data.train;
    const task = taskOf(data);
    const training = { lambda: options.lambda, rate: options.rate };
    const found = (theta: HostTree): Metrics => ({ ...detection(logitsOf(theta), corrupted) });
    return {
      problem: cleaningProblem(task, { ...training, steps: innerSteps }),
      defaults: {
        estimator: "exact",
        outer: estimator => outerFor(estimator),
        outerSteps: 30,
        compare: {
          estimators: ["exact", "first-order:mixed", "ufom:adaptive:checkpoint=8", "ufom:adaptive:checkpoint=8:baseline=truncated:10"],
        },
      },
      protocol: protocolOf(options),
      refuse: whyNot,
      track: found,
      headline: { metric: "f1", label: "F1 of the wrong labels found" },
      async evaluate(theta, { executor, dtype, progress: say }) {
        say(`training three classifiers for ${quantity(options.retrain, "step")}`);
        const accuracy = trainer(task, data.test, { ...training, steps: options.retrain }, executor, dtype);
        return {
          accuracyNone: await accuracy(new Float64Array(corrupted.length).fill(1)),
          accuracyCleaned: await accuracy(weightsOf(logitsOf(theta))),
          accuracyOracle: await accuracy(corrupted.map(wrong => 1 - wrong)),
          ...found(theta),
        };
      },
      tables: run => runTables(data, run.metrics),
      figures: run => runFigures(data, logitsOf(run.theta)),
    };
  },
});
