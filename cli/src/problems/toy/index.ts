import { choiceOption, numberOption } from "../option.js";
import { defineEntry } from "../problem-entry.js";
import type { EvaluateContext, Metrics } from "../problem-entry.js";
import type { HostArray, HostTree } from "ufom";
import { objective } from "./family.js";
import type { InnerLoop } from "./family.js";
import type { ToyOptions } from "./variants.js";
import { variantOf } from "./variants.js";

/** θ as a number. */
const numberOf = (theta: HostTree): number => (theta as { readonly x: HostArray }).x.data[0];

/**
 * The scalar family on which first-order descent stops at the wrong place.
 *
 * Source: Likhosherstov et al., ICML 2021; docs/toy.md.
 */
export default defineEntry<ToyOptions>({
  name: "toy",
  summary: "two scalar tasks on which first-order descent stops at the wrong place",
  options: {
    variant: choiceOption(["divergence", "trade-off"], { summary: "which of the two problems", default: "divergence" }),
    gap: numberOption({ summary: "D of the divergence problem: first-order stops where |∇M| = √(2D)", default: 0.06, min: 1e-6, max: 1e3 }),
    rate: numberOption({ summary: "inner step size α of the trade-off problem", default: 0.01, min: 1e-6, max: 1 }),
  },
  async create(options) {
    const variant = variantOf(options);
    const [{ scalarProblem }, { runFigures, runTables }] = await Promise.all([import("./problem.js"), import("./pictures.js")]);
    const { scalar, divergence } = variant;
    const loopOf = (steps: number): InnerLoop => ({ rate: scalar.loop.rate, steps });
    const metrics = (theta: HostTree, { innerSteps }: EvaluateContext): Metrics => {
      const x = numberOf(theta);
      return { theta: x, gradientNorm: Math.abs(objective(scalar.tasks, x, loopOf(innerSteps)).exact) };
    };
    return {
      problem: scalarProblem(`toy (${options.variant})`, scalar, variant.starts),
      defaults: {
        estimator: "ufom:0.1",
        outer: "sgd:10/k",
        outerSteps: 10_000,
        dtype: "float64",
        compare: { estimators: ["first-order", "ufom:0.1", "exact"], seeds: 5 },
      },
      protocol: variant.protocol,
      evaluate: metrics,
      track: metrics,
      criterion: { metric: "gradientNorm", goal: "lowest" },
      headline: {
        metric: "gradientNorm",
        label: "true |∇M(θ)|",
        scale: "log",
        ...(divergence ? { levels: [{ label: `√(2·${options.gap})`, y: divergence.gradientNormThere }] } : {}),
      },
      tables: run => runTables(variant, run),
      figures: run => runFigures(variant, run),
    };
  },
});
