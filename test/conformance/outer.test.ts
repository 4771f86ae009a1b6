import {
  adam,
  adamw,
  addDecayedWeights,
  chain,
  clipByGlobalNorm,
  clipByValue,
  cosine,
  joinSchedules,
  linear,
  momentum,
  perLeaf,
  powerDecay,
  reduceOnPlateau,
  sgd,
  type OuterTransform,
  type Schedule,
} from "../../src/core/outer/index.js";
import * as np from "../../src/tensor/np/index.js";
import { map, zerosLike, type ValueTree } from "../../src/tensor/tree.js";
import { references as reference } from "../support/outer-reference.js";
import { runOuterTests, type OuterSuite } from "./suites/outer.js";

const always = (gamma: number) => (): number => gamma;
const halving: Schedule = k => np.exp(np.floor(k.div(40)).mul(-Math.LN2)).mul(0.4);

/** A user's own: the sign of an average of gradients, as in X. Chen et al., Symbolic discovery of optimization algorithms, NeurIPS 2023. */
const lion = (rate: number): OuterTransform<{ readonly m: ValueTree }> => ({
  name: `lion(${rate})`,
  init: theta => ({ m: zerosLike(theta) }),
  update(gradient, { m }) {
    const average = (beta: number) => map((x, g) => x.mul(beta).add(g.mul(1 - beta)), m, gradient);
    return { updates: map(x => np.sign(x).mul(-rate), average(0.9)), state: { m: average(0.99) } };
  },
});

// Every outer transform keeps these promises; a new one is added here and nowhere else.
const rows: readonly (OuterSuite & { readonly name: string })[] = [
  { name: "sgd(0.1)", create: () => sgd(0.1), reference: reference.sgd(always(0.1)) },
  { name: "sgd(1.5/k)", create: () => sgd(powerDecay(1.5, 1)), reference: reference.sgd(k => 1.5 / k) },
  { name: "sgd(halving)", create: () => sgd(halving), reference: reference.sgd(k => 0.4 * 0.5 ** Math.floor(k / 40)) },
  {
    name: "sgd(linear:0..0.3@5~0.2@10~1.5/k^0.75)",
    create: () => sgd(joinSchedules([linear(0, 0.3, 5), 0.2, powerDecay(1.5, 0.75)], [5, 15])),
    reference: reference.sgd(k => (k <= 5 ? (0.3 * (k - 1)) / 5 : k <= 15 ? 0.2 : 1.5 / (k - 15) ** 0.75)),
  },
  { name: "momentum(0.05, 0.9)", create: () => momentum(0.05), reference: reference.momentum(always(0.05), 0.9) },
  {
    name: "momentum(linear:0.2..0.01@200, 0.5)",
    create: () => momentum(linear(0.2, 0.01, 200), 0.5),
    reference: reference.momentum(k => 0.2 + (0.01 - 0.2) * (Math.min(k - 1, 200) / 200), 0.5),
  },
  {
    name: "momentum(0.05, 0.9, nesterov)",
    create: () => momentum(0.05, 0.9, { nesterov: true }),
    reference: reference.momentum(always(0.05), 0.9, true),
  },
  {
    name: "adam(cosine:0.2..0@300)",
    create: () => adam(cosine(0.2, 0, 300)),
    reference: reference.adam(k => 0.1 * (1 + Math.cos((Math.PI * (k - 1)) / 300)), 0.9, 0.999, 1e-8),
  },
  {
    name: "adam(0.5/k^0.5, beta1 = 0.5, beta2 = 0.9, epsilon = 0.001)",
    create: () => adam(powerDecay(0.5, 0.5), { beta1: 0.5, beta2: 0.9, epsilon: 1e-3 }),
    reference: reference.adam(k => 0.5 / Math.sqrt(k), 0.5, 0.9, 1e-3),
  },
  {
    name: "adamw(0.2/k^0.5, 0.01, beta1 = 0.8)",
    create: () => adamw(powerDecay(0.2, 0.5), { weightDecay: 0.01, beta1: 0.8 }),
    reference: reference.adam(k => 0.2 / Math.sqrt(k), 0.8, 0.999, 1e-8, 0.01),
    skip: [{ reason: "its minimum is another: weights decay", tests: ["takes a quadratic to its minimum"] }],
  },
  { name: "clipByValue(0.3)", create: () => clipByValue(0.3), reference: reference.clipByValue(0.3), descends: false },
  { name: "clipByGlobalNorm(1.7)", create: () => clipByGlobalNorm(1.7), reference: reference.clipByGlobalNorm(1.7), descends: false },
  { name: "clipByGlobalNorm(100)", create: () => clipByGlobalNorm(100), reference: reference.clipByGlobalNorm(100), descends: false },
  {
    name: "addDecayedWeights(0.001)",
    create: () => addDecayedWeights(0.001),
    reference: reference.addDecayedWeights(0.001),
    descends: false,
  },
  {
    name: "reduceOnPlateau(factor = 0.5, patience = 3)",
    create: () => reduceOnPlateau({ factor: 0.5, patience: 3 }),
    reference: reference.reduceOnPlateau({ factor: 0.5, patience: 3 }),
    descends: false,
  },
  {
    name: "reduceOnPlateau(factor = 0.3, patience = 2, rtol = 0.01, atol = 0.001, cooldown = 1, accumulationSize = 2, minScale = 0.2)",
    create: () => reduceOnPlateau({ factor: 0.3, patience: 2, rtol: 0.01, atol: 1e-3, cooldown: 1, accumulationSize: 2, minScale: 0.2 }),
    reference: reference.reduceOnPlateau({
      factor: 0.3,
      patience: 2,
      rtol: 0.01,
      atol: 1e-3,
      cooldown: 1,
      accumulationSize: 2,
      minScale: 0.2,
    }),
    descends: false,
  },
  {
    name: "chain(clipByValue(0.3), momentum(0.05, 0.5))",
    create: () => chain(clipByValue(0.3), momentum(0.05, 0.5)),
    reference: reference.chain(reference.clipByValue(0.3), reference.momentum(always(0.05), 0.5)),
  },
  {
    name: "chain(adam(0.1), reduceOnPlateau(factor = 0.9, patience = 2))",
    create: () => chain(adam(0.1), reduceOnPlateau({ factor: 0.9, patience: 2 })),
    reference: reference.chain(reference.adam(always(0.1), 0.9, 0.999, 1e-8), reference.reduceOnPlateau({ factor: 0.9, patience: 2 })),
  },
  {
    // Leaves: w, layers.0.bias, layers.0.gain, layers.1.bias, empty.
    name: "perLeaf({ layers.*.bias: adam(0.1), layers.0.*: sgd(0.2), *: chain(clipByGlobalNorm(0.5), momentum(0.1, 0.9)) })",
    create: () => perLeaf({ "layers.*.bias": adam(0.1), "layers.0.*": sgd(0.2), "*": chain(clipByGlobalNorm(0.5), momentum(0.1)) }),
    reference: reference.perLeaf(
      [[1, 3], reference.adam(always(0.1), 0.9, 0.999, 1e-8)],
      [[2], reference.sgd(always(0.2))],
      [[0, 4], reference.chain(reference.clipByGlobalNorm(0.5), reference.momentum(always(0.1), 0.9))],
    ),
  },
  {
    name: "lion(0.003)",
    create: () => lion(0.003),
    skip: [{ reason: "steps of one size end beside the minimum", tests: ["takes a quadratic to its minimum"] }],
  },
];

for (const row of rows) runOuterTests(row);
