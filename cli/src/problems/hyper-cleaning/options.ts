import type { OptionSpecs, OptionValues } from "../option.js";
import { numberOption, wholeOption } from "../option.js";
import type { Sizes } from "./data.js";
import { quantity } from "ufom/internal/tensor/quantity";

/** What `--set` may change; the defaults are the protocol. */
export interface CleaningOptions extends OptionValues, Sizes {
  readonly lambda: number;
  readonly rate: number;
  readonly retrain: number;
}

export const cleaningOptions: OptionSpecs<CleaningOptions> = {
  train: wholeOption({ summary: "training images", default: 5000, min: 10 }),
  validation: wholeOption({ summary: "clean images of the outer loss", default: 5000, min: 10 }),
  test: wholeOption({ summary: "test images, from the first", default: 10_000, min: 10 }),
  corruption: numberOption({
    summary: "share of the training labels that is replaced by a different class",
    default: 0.5,
    min: 0,
    max: 0.9,
  }),
  lambda: numberOption({ summary: "λ of λ‖W‖² in the inner loss", default: 0.001, min: 0 }),
  rate: numberOption({ summary: "inner step size α", default: 0.5, min: 1e-6 }),
  retrain: wholeOption({ summary: "steps of the classifiers that are trained at the end and compared", default: 200, min: 0 }),
};

/** r where --inner-steps does not say otherwise. */
export const innerSteps = 50;

const count = (n: number): string => n.toLocaleString("en-US");

/** The protocol in a few lines. */
export function protocolOf(options: CleaningOptions): readonly string[] {
  const { train, validation, test, corruption, lambda, rate, retrain } = options;
  const wrong = Math.floor(corruption * train);
  return [
    `MNIST: ${count(train)} training and ${count(validation)} validation images, drawn by seed from the 60,000, none twice; ${test === 10_000 ? "the" : "the first"} ${count(test)} test images`,
    `exactly ${count(wrong)} of the training labels replaced by a different class, the other nine equally likely`,
    `linear softmax from zero; L_in = mean of σ(θ_i)·crossEntropy_i + ${lambda}·‖W‖², full batch, α = ${rate}; L_out = mean cross entropy of the validation images`,
    `θ = one logit for each training image, θ₀ = 0; a label is called wrong if its weight σ(θ_i) is below ½`,
    `accuracies: classifiers trained from zero for ${quantity(retrain, "step")} (same α and λ, weights of mean 1) with equal weights, with the learned weights, with the clean labels only`,
  ];
}
