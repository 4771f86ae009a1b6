import { argmax } from "../numbers.js";
import type { Method } from "./method.js";

/** Rows by their out-of-sample loss: −log p_ỹ(x), the cross entropy of the given label. */
export const loss: Method = {
  name: "loss",
  summary: "cross entropy of the label, by a classifier that has not seen the row",
  async score({ input: { rows, classes }, trusted, base }) {
    const fitted = await base();
    const losses = (logP: Float64Array, labels: Int32Array): Float64Array =>
      Float64Array.from(labels, (label, i) => -logP[i * classes + label]);
    return {
      rows: losses(fitted.rows, rows.labels),
      trusted: losses(fitted.trusted, trusted.labels),
      other: rows.labels.map((label, i) => argmax(fitted.rows, i * classes, classes, label)),
    };
  },
};
