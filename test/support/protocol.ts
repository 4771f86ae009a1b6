// A small problem with a published protocol of its own, as text of a module and as its entry.
import { defineProblem, full, np, type HostTree, type Problem, type Value } from "../../src/index.js";
import { numbersOf } from "./gradients.js";
import { defineEntry } from "../../cli/src/problems/problem-entry.js";
import { wholeOption } from "../../cli/src/problems/option.js";
import type { Preset } from "../../cli/src/problems/preset.js";

/** What few-shot learning is published with: 10 inner steps, 5 tasks, 280 charged evaluations for each of 200,000. */
export const authors: Preset = {
  name: "authors",
  summary: "what they did",
  source: "A. Author, 2021",
  options: estimator => ({ shots: estimator === "first-order" ? 10 : 1 }),
  outer: estimator => (estimator === "first-order" ? "sgd:linear:0.04..0@end" : "sgd:linear:0.02..0@end"),
  innerSteps: () => 10,
  metaBatch: 5,
  estimators: ["first-order", "exact", "ufom:0.2", "ufom:adaptive"],
  total: 56_000_000,
  charge: estimator => (estimator.startsWith("ufom") ? { always: 11, exact: 55 } : { always: estimator === "exact" ? 55 : 11, exact: 0 }),
};

/** A number between 0 and 1 that moves with θ. */
const accuracy = (theta: HostTree) => ({ accuracy: 1 / (1 + Math.abs(numbersOf(theta)[0])) });

/** Distances of a point from others that are drawn. */
export const entry = defineEntry({
  name: "points",
  summary: "a point among others",
  options: {
    shots: wholeOption({ summary: "points of a task", default: 1, min: 1 }),
    ways: wholeOption({ summary: "nothing", default: 5, min: 1 }),
  },
  presets: [authors, { ...authors, name: "others", total: 1000 }],
  create({ shots, ways }) {
    const problem = defineProblem({
      theta: () => ({ center: full(0.5, 3) }),
      task: random => ({ x: random.normal([shots, 3]) }),
      init: theta => ({ w: theta.center }),
      inner: {
        loss: (_, { w }: { w: Value }, { x }) => np.square(w.sub(x)).sum().add(np.exp(w).sum()),
        rate: 0.01,
        steps: 4,
      },
      outer: (_, { w }, { x }) => np.square(w.mul(2).sub(x)).mean(),
    }) as unknown as Problem;
    return {
      problem,
      defaults: { estimator: "exact", outer: "sgd:0.1", outerSteps: 7 },
      protocol: ["a protocol", `${shots} shots, ${ways} ways`],
      evaluate: accuracy,
      track: accuracy,
      headline: { metric: "accuracy", label: "accuracy" },
    };
  },
});
