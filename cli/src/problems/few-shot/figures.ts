import type { Table } from "../figure.js";
import type { Metrics } from "../problem-entry.js";
import type { Interval } from "./evaluation.js";
import { quantity } from "ufom/internal/tensor/quantity";

/** `accuracyStart: 0.31` and `accuracyStartInterval: 0.02`, half of the 95 % interval. */
export const asMetrics = (name: string, { mean, half }: Interval): Metrics => ({ [name]: mean, [`${name}Interval`]: half });

const percent = (x: number): string => (100 * x).toFixed(2);

/** What a row is called, by the name of its metric. */
const rows = {
  accuracy: "learned start",
  accuracyTransductive: "… query images normalized together",
  accuracyNonTransductive: "… query images normalized by what was learned from",
  accuracyTwiceTheSteps: "… after twice the inner steps",
  accuracyStart: "first θ, before any outer step",
  accuracyProbe: "ridge regression on the first θ's features, which are random",
  accuracyNearest: "nearest image, pixel by pixel",
} as const;
export type AccuracyName = keyof typeof rows;

/** Accuracies with their intervals. */
export function accuracyTable(metrics: Metrics, tasks: number, ways: number): Table {
  const there = Object.entries(rows).filter(([name]) => Object.hasOwn(metrics, name));
  return {
    title: `Accuracy on ${quantity(tasks, "task")} of classes that training never sees`,
    columns: ["", "accuracy, %", "95 % interval"],
    rows: [
      ...there.map(([name, title]) => [title, percent(metrics[name]), `± ${percent(metrics[`${name}Interval`])}`]),
      ["guessing", percent(1 / ways), ""],
    ],
  };
}
