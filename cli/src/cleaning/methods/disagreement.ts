import { argmax } from "../numbers.js";
import type { Method } from "./method.js";

/** A label is wrong where a classifier that has not seen the row predicts another: score max_{k ≠ ỹ} p_k − p_ỹ, cut at 0. */
export const disagreement: Method = {
  name: "disagreement",
  summary: "the label is not what a classifier that has not seen the row predicts",
  async score({ input: { rows, classes }, trusted, base }) {
    const fitted = await base();
    const margins = (logP: Float64Array, labels: Int32Array): Float64Array =>
      Float64Array.from(labels, (label, i) => {
        const at = i * classes;
        return Math.exp(logP[at + argmax(logP, at, classes, label)]) - Math.exp(logP[at + label]);
      });
    const margin = margins(fitted.rows, rows.labels);
    return {
      rows: margin,
      trusted: margins(fitted.trusted, trusted.labels),
      other: rows.labels.map((label, i) => argmax(fitted.rows, i * classes, classes, label)),
      cut: { wrong: Uint8Array.from(margin, d => Number(d > 0)), rule: "another class is predicted" },
    };
  },
};
