import type { OptionValues } from "../option.js";
import type { Charge, Preset } from "../preset.js";

const source = "Likhosherstov et al., ICML 2021, as their released code has it: docs/few-shot.md";

/** What a protocol says; the rest is the same in all three. */
interface Protocol {
  readonly name: string;
  readonly summary: string;
  readonly options: OptionValues;
  /** What is different for Reptile. */
  readonly reptile: OptionValues;
  /** r, as it is counted there: the support steps and the outer loss as the last. */
  readonly r: number;
  readonly metaBatch: number;
  /** Outer step size at the start, on gradients of the summed loss: their meta-step times α, as their updates are α times a gradient. */
  readonly outerRate: number;
  readonly total: number;
}

const isReptile = (estimator: string): boolean => /^reptile\b/.test(estimator);

/** Gradient evaluations as they are charged there: a sweep back takes each state from the start of the inner loop again. */
function chargeOf(estimator: string, r: number): Charge {
  const exact = r + (r * (r - 1)) / 2;
  if (isReptile(estimator)) return { always: r, exact: 0 };
  if (/^first-order\b/.test(estimator)) return { always: r + 1, exact: 0 };
  return /^ufom\b/.test(estimator) ? { always: r + 1, exact } : { always: exact, exact: 0 };
}

const presetOf = ({ name, summary, options, reptile, r, metaBatch, outerRate, total }: Protocol): Preset => ({
  name,
  summary,
  source,
  options: estimator => (isReptile(estimator) ? { ...options, ...reptile } : options),
  outer: estimator => `sgd:linear:${isReptile(estimator) ? 1 : outerRate}..0@end`,
  innerSteps: estimator => (isReptile(estimator) ? r : r - 1),
  metaBatch,
  estimators: ["first-order", "exact", "ufom:adaptive", `ufom:adaptive:as-released:r=${r}`, "ufom:0.2", "reptile"],
  total,
  charge: estimator => chargeOf(estimator, r),
});

const common = {
  ways: 20,
  shots: 1,
  queries: 1,
  model: "conv4",
  filters: 64,
  loss: "sum",
  "inner-optimizer": "sgd",
  rate: 0.005,
  "swept-clip": 0.1,
  transductive: true,
};
const reptile = {
  "inner-optimizer": "adam",
  beta1: 0,
  rate: 0.0005,
  "swept-clip": 0,
  "train-shots": 10,
  "test-batch": 10,
  "test-steps": 50,
  // Fifty steps each: fewer tasks, so that looking at θ on the way stays cheap.
  "validation-tasks": 8,
};

/** The few-shot experiments of the method's authors. */
export const presets: readonly Preset[] = [
  presetOf({
    name: "omniglot",
    summary: "20-way 1-shot on Omniglot, r = 10 (ways=5 … 60 are theirs too)",
    options: { ...common, data: "omniglot", split: "authors" },
    reptile,
    r: 10,
    metaBatch: 5,
    outerRate: 0.0005,
    total: 56_000_000,
  }),
  presetOf({
    name: "cifar100",
    summary: "20-way 1-shot on CIFAR-100, r = 10 (ways=5, 10, 15 are theirs too)",
    options: { ...common, data: "cifar100", split: "authors" },
    reptile,
    r: 10,
    metaBatch: 5,
    outerRate: 0.0005,
    total: 11_200_000,
  }),
  presetOf({
    name: "mini-imagenet",
    summary: "10-way 1-shot on Mini-ImageNet, r = 8",
    options: {
      ...common,
      data: "mini-imagenet",
      split: "official",
      ways: 10,
      model: "conv4-pool",
      filters: 32,
      rate: 0.001,
      "swept-clip": 0,
    },
    reptile: { ...reptile, rate: 0.001, "train-shots": 15, "test-batch": 5 },
    r: 8,
    metaBatch: 5,
    outerRate: 0.001,
    total: 18_500_000,
  }),
];
