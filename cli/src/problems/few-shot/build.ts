import type { ImageClasses } from "../../datasets/image-classes.js";
import type { Split } from "../../datasets/splits.js";
import type { Built } from "../problem-entry.js";
import { checkOptions, trainBatch, trainShots } from "./checks.js";
import { accuracyTable } from "./figures.js";
import type { FewShotOptions } from "./options.js";
import { forWays, waysOf } from "./other-ways.js";
import type { Learner } from "./problem.js";
import { fewShotProblem } from "./problem.js";
import { protocolOf } from "./protocol.js";
import { drawTask } from "./tasks.js";
import { momentsOf, Testing } from "./testing.js";
import { quantity } from "ufom/internal/tensor/quantity";

/** How the options say that a network learns. */
const learnerOf = (options: FewShotOptions, { channels, height, width }: ImageClasses, steps: number): Learner => ({
  model: options.model,
  layout: { channels, height, width, ways: options.ways, filters: options.filters },
  adapts: options.adapts,
  loss: options.loss,
  rate: options.rate,
  optimizer: options["inner-optimizer"],
  beta1: options.beta1,
  learnRates: options["learn-rates"],
  proximal: options.proximal,
  steps,
  sweptClip: options["swept-clip"],
});

/** Why an estimator makes no sense, before a run or a comparison begins. */
const withoutSteps = /^(first-order|truncated:0(?::.*)?)$/;

function whyNot(estimator: string, { "learn-rates": learned }: FewShotOptions): string | undefined {
  return learned !== "none" && withoutSteps.test(estimator)
    ? `${estimator} leaves learned step sizes as they are: they enter inner steps only, which it drops (first-order:mixed keeps their part; or learn-rates=none).`
    : undefined;
}

/** The problem of some classes and options, and its evaluation. @throws a sentence if they do not go together */
export function buildFewShot(split: Split, options: FewShotOptions, seed: number, steps: number): Omit<Built, "defaults"> {
  checkOptions(options, split);
  const { ways, queries, model, tasks, transductive } = options,
    learner = learnerOf(options, split.train, steps),
    sizes = { ways, shots: trainShots(options), queries, batch: trainBatch(options), steps },
    problem = fewShotProblem(learner, steps, random => drawTask(random, split.train, sizes)),
    testing = new Testing(options, learner, split);
  return {
    problem,
    protocol: protocolOf(options, split, problem.theta(seed), steps),
    refuse: estimator => whyNot(estimator, options),
    headline: { metric: "accuracy", label: "accuracy on classes that training never sees" },
    criterion: { metric: "accuracy", goal: "highest" },
    fit(theta, before, say) {
      const learned = waysOf(theta);
      if (before.data !== options.data || before.split !== options.split)
        say(
          "The classes are divided in another way than for the run: some that it is tested on now may be among those that it was trained on.",
        );
      if (learned !== ways)
        say(
          `θ was learned with ${learned} ways: every one of the ${ways} classes starts with the mean of the head's ${learned} columns, as classes of a task have no order.`,
        );
      return forWays(theta, ways);
    },
    async track(theta, context) {
      const moments = [{ name: "accuracy" as const, steps: testing.steps(context.innerSteps), transductive }];
      return testing.accuracies(theta, moments, options["validation-tasks"], "validation", context);
    },
    async evaluate(theta, context) {
      const steps = testing.steps(context.innerSteps);
      context.progress(`testing on ${quantity(tasks, "task")}, and what is reached without any outer step`);
      return {
        ...(await testing.accuracies(theta, momentsOf(model, transductive, steps), tasks, "testing", context)),
        ...(await testing.baselines(context)),
      };
    },
    tables: run => [accuracyTable(run.metrics, tasks, ways)],
  };
}
