import type { HostTree, Problem } from "ufom";
import { stream } from "ufom/internal/core/random/index";
import type { Split } from "../../datasets/splits.js";
import type { EvaluateContext, Metrics } from "../problem-entry.js";
import { baselinesOf } from "./baselines.js";
import { accuraciesOf, intervalOf, measuring, type Moment } from "./evaluation.js";
import { asMetrics, type AccuracyName } from "./figures.js";
import type { Architecture } from "./networks.js";
import { architectures } from "./networks.js";
import type { FewShotOptions } from "./options.js";
import type { Learner } from "./problem.js";
import { fewShotProblem } from "./problem.js";
import { drawTask, type Sizes } from "./tasks.js";

/** A moment, and what its accuracies are called. */
export interface NamedMoment extends Moment {
  readonly name: AccuracyName;
}

/** What is taken of θ at the end: `accuracy` as the options say, the other way of normalizing, and after twice the steps. */
export const momentsOf = (model: FewShotOptions["model"], transductive: boolean, steps: number): readonly NamedMoment[] => [
  { name: "accuracy", steps, transductive },
  ...((architectures[model] as Architecture).normalizes
    ? [
        {
          name: transductive ? ("accuracyNonTransductive" as const) : ("accuracyTransductive" as const),
          steps,
          transductive: !transductive,
        },
      ]
    : []),
  { name: "accuracyTwiceTheSteps", steps: 2 * steps, transductive },
];

/** Accuracies of testing, on the same tasks for the same seed, whatever was trained how. */
export class Testing {
  readonly #problems = new Map<number, Problem>();
  readonly #measures = new Map<string, ReturnType<typeof measuring>>();
  #baselines: { readonly key: string; readonly metrics: Promise<Metrics> } | undefined;

  constructor(
    readonly options: FewShotOptions,
    readonly learner: Learner,
    readonly split: Split,
  ) {}

  /** Inner steps of testing, where training has so many. */
  steps(innerSteps: number): number {
    return this.options["test-steps"] || innerSteps;
  }

  #sizes(steps: number): Sizes {
    const { ways, shots, queries, "test-batch": batch } = this.options;
    return { ways, shots, queries, batch, steps };
  }

  /** The problem of tasks whose minibatches are drawn for so many steps; compiled once. */
  #problem(steps: number): Problem {
    const known = this.#problems.get(steps),
      made = known ?? fewShotProblem(this.learner, steps, random => drawTask(random, this.split.test, this.#sizes(steps)));
    this.#problems.set(steps, made);
    return made;
  }

  /** An estimator is known by its object: what was compiled for it is found again. */
  #measure(moments: readonly Moment[]) {
    const key = JSON.stringify(moments),
      made = this.#measures.get(key) ?? measuring(this.options.model, moments);
    this.#measures.set(key, made);
    return made;
  }

  /** @param part whose classes, and which tasks of them */
  async accuracies(
    theta: HostTree,
    moments: readonly NamedMoment[],
    count: number,
    part: "testing" | "validation",
    context: EvaluateContext,
  ): Promise<Metrics> {
    const steps = Math.max(...moments.map(moment => moment.steps)),
      classes = part === "validation" ? (this.split.validation ?? this.split.test) : this.split.test,
      sizes = this.#sizes(steps),
      task = (i: number) => drawTask(stream(context.seed, part, i), classes, sizes) as unknown as HostTree,
      measured = {
        problem: this.#problem(steps),
        theta,
        steps,
        estimator: this.#measure(moments.map(({ steps: at, transductive }) => ({ steps: at, transductive }))),
      },
      { executor, dtype } = context,
      found = await accuraciesOf(measured, count, task, { executor, dtype });
    return Object.assign({}, ...moments.map(({ name }, i) => asMetrics(name, intervalOf(found[i])))) as Metrics;
  }

  /** What is reached without any outer step: the same for all runs of a seed. */
  baselines(context: EvaluateContext): Promise<Metrics> {
    const { seed, dtype, innerSteps } = context,
      key = JSON.stringify([seed, dtype, innerSteps]);
    if (this.#baselines?.key !== key) this.#baselines = { key, metrics: this.#takeBaselines(context) };
    return this.#baselines.metrics;
  }

  async #takeBaselines(context: EvaluateContext): Promise<Metrics> {
    const { model, ways, tasks, transductive } = this.options,
      { executor, dtype } = context,
      steps = this.steps(context.innerSteps),
      first = this.#problem(2 * steps).theta(context.seed),
      task = (i: number) => drawTask(stream(context.seed, "testing", i), this.split.test, this.#sizes(0)) as unknown as HostTree,
      { probe, nearest } = await baselinesOf(model, ways, first, tasks, task, transductive, { executor, dtype });
    return {
      ...(await this.accuracies(first, [{ name: "accuracyStart", steps, transductive }], tasks, "testing", context)),
      ...asMetrics("accuracyProbe", intervalOf(probe)),
      ...asMetrics("accuracyNearest", intervalOf(nearest)),
    };
  }
}
