import type { OptionSpecs, OptionValues } from "../option.js";
import { choiceOption, flagOption, numberOption, textOption, wholeOption } from "../option.js";
import type { Model } from "./networks.js";
import type { Adapts } from "./problem.js";
import type { LearnRates } from "./rates.js";

/** What `--set` may change. */
export interface FewShotOptions extends OptionValues {
  readonly data: string;
  readonly split: "authors" | "official" | "alphabets";
  readonly ways: number;
  readonly shots: number;
  readonly queries: number;
  readonly model: Model;
  readonly filters: number;
  readonly rate: number;
  readonly "inner-optimizer": "sgd" | "adam";
  readonly beta1: number;
  readonly adapts: Adapts;
  readonly "learn-rates": LearnRates;
  readonly proximal: number;
  readonly loss: "sum" | "mean";
  readonly "swept-clip": number;
  readonly "train-shots": number;
  readonly batch: number;
  readonly "test-steps": number;
  readonly "test-batch": number;
  readonly tasks: number;
  readonly "validation-tasks": number;
  readonly transductive: boolean;
}

/** r where --inner-steps does not say otherwise: ten with the outer loss, as the authors count. */
export const usualSteps = 9;

/** `data` where nothing is said: what is there. */
export const whatIsThere = "auto";

export const fewShotOptions: OptionSpecs<FewShotOptions> = {
  data: textOption({
    summary: `images in classes: omniglot, cifar100, mini-imagenet, glyphs, hanzi, or a folder of class folders (./faces); ${whatIsThere}: omniglot if it is there, else glyphs`,
    default: whatIsThere,
  }),
  split: choiceOption(["authors", "official", "alphabets"], {
    summary:
      "which classes are kept for testing: authors (random ones; turned characters as training classes), official, alphabets (whole ones)",
    default: "authors",
  }),
  ways: wholeOption({ summary: "classes of a task", default: 5, min: 2 }),
  shots: wholeOption({ summary: "images of each class to learn from", default: 1, min: 1 }),
  queries: wholeOption({ summary: "images of each class to be judged by", default: 1, min: 1 }),
  model: choiceOption(["conv4", "conv4-pool", "mlp", "linear"], {
    summary: "network: conv4 (28×28, 32×32), conv4-pool (84×84), mlp (two hidden layers) or linear (on the pixels)",
    default: "conv4",
  }),
  filters: wholeOption({ summary: "channels of the convolutions, units of the mlp's layers", default: 64, min: 1 }),
  rate: numberOption({ summary: "inner step size α, at the start where step sizes are learned", default: 0.005, min: 1e-9 }),
  "inner-optimizer": choiceOption(["sgd", "adam"], { summary: "optimizer of the inner loop", default: "sgd" }),
  beta1: numberOption({ summary: "β₁ of the inner adam; 0 is Reptile's", default: 0, min: 0, max: 0.999 }),
  adapts: choiceOption(["all", "head", "body"], {
    summary: "what the inner loop trains: all of the network, its linear head alone (ANIL), or its body alone",
    default: "all",
  }),
  "learn-rates": choiceOption(["none", "array", "step"], {
    summary: "whether θ holds inner step sizes too: one for each array, or one for each array and step (as Meta-SGD, by their logarithms)",
    default: "none",
  }),
  proximal: numberOption({ summary: "λ of (λ/2)‖φ − θ‖² in the inner loss", default: 0, min: 0 }),
  loss: choiceOption(["sum", "mean"], { summary: "inner and outer loss over the images of a batch", default: "sum" }),
  "swept-clip": numberOption({
    summary: "bound ±c on every number of α·u after each Hessian product of the exact sweep; 0 for none",
    default: 0,
    min: 0,
  }),
  "train-shots": wholeOption({ summary: "images of each class to learn from in training, 0 for as many as shots", default: 0, min: 0 }),
  batch: wholeOption({ summary: "images of an inner step in training, 0 for as many as testing has: ways × shots", default: 0, min: 0 }),
  "test-steps": wholeOption({ summary: "inner steps in testing, 0 for as many as in training", default: 0, min: 0 }),
  "test-batch": wholeOption({ summary: "images of an inner step in testing, 0 for all that there are to learn from", default: 0, min: 0 }),
  tasks: wholeOption({ summary: "tasks of testing", default: 600, min: 2 }),
  "validation-tasks": wholeOption({ summary: "tasks on which θ is looked at on the way", default: 20, min: 1 }),
  transductive: flagOption({
    summary: "whether accuracies are those of query images normalized together, in place of by the images that were learned from",
    default: true,
  }),
};
