import { adjustedMargin, prune } from "../confident-joint.js";
import type { Pruning } from "../confident-joint.js";
import { argmax } from "../numbers.js";
import type { Method } from "./method.js";

/** Options of confident learning. */
export interface ConfidentLearningOptions {
  readonly prune: Pruning;
}

/**
 * Confident learning as published, with its own cut; rows are ranked by the margin beyond the classes' thresholds.
 *
 * Source: Northcutt, Jiang, Chuang, JAIR 2021; the ranking is the adjusted margin of Kuan and Mueller, ICML DataPerf workshop 2022.
 */
export const confidentLearning: Method<ConfidentLearningOptions> = {
  name: "confident-learning",
  summary: "joint of given and true labels, counted where a class exceeds its mean self-confidence",
  async score({ input: { rows, classes }, trusted, base, confident }, options) {
    const fitted = await base(),
      found = await confident(),
      pTrusted = fitted.trusted.map(Math.exp);
    return {
      rows: Float64Array.from(rows.labels, (label, i) => adjustedMargin(found.p, i, label, found.thresholds)),
      trusted: Float64Array.from(trusted.labels, (label, i) => adjustedMargin(pTrusted, i, label, found.thresholds)),
      other: rows.labels.map((label, i) => argmax(found.p, i * classes, classes, label)),
      cut: { wrong: prune(found.p, rows.labels, classes, found, options.prune), rule: `pruning by ${options.prune}` },
    };
  },
};
