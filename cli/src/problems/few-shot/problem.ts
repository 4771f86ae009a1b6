import { defineProblem, nn, np, optimizers, tree } from "ufom";
import type { HostArray, HostTree, Problem, Random, Value, ValueTree } from "ufom";
import type { Layout, Model, Network } from "./networks.js";
import { architectures, logits, type Architecture } from "./networks.js";
import type { LearnRates } from "./rates.js";
import { firstRates, ratesAt } from "./rates.js";
import type { Examples, Task } from "./tasks.js";

/** What the inner loop trains: the whole network, its head alone (ANIL), or its body alone. */
export type Adapts = "all" | "head" | "body";

/** How a network learns a task. */
export interface Learner {
  readonly model: Model;
  readonly layout: Layout;
  readonly adapts: Adapts;
  readonly loss: "sum" | "mean";
  /** α. */
  readonly rate: number;
  readonly optimizer: "sgd" | "adam";
  /** β₁ of Adam. */
  readonly beta1: number;
  readonly learnRates: LearnRates;
  /** λ of (λ/2)‖φ − θ‖². */
  readonly proximal: number;
  /** r of training: so many steps have learned step sizes of their own. */
  readonly steps: number;
  /** The bound c on α·u within the exact sweep; 0 for none. */
  readonly sweptClip: number;
}

/** θ: the network from which every task starts, and logarithms of step sizes, in units of `rate`, where those are learned. */
export interface Theta<T = HostArray> {
  readonly network: Network<T>;
  readonly rates?: unknown;
}

/** φ: what is trained of the network. */
export type Adapted<T = HostArray> = Partial<Network<T>>;

/** The part of a network that is trained. */
export const adaptedPart = <T>({ body, head }: Network<T>, adapts: Adapts): Adapted<T> =>
  adapts === "all" ? { body, head } : adapts === "head" ? { head } : { body };

/** The network that is evaluated: φ, and θ where nothing is trained. */
export const networkAt = (theta: ValueTree, phi: ValueTree): Network<Value> => ({
  ...(theta as unknown as Theta<Value>).network,
  ...(phi as unknown as Adapted<Value>),
});

/** The examples that a step trains on. */
const minibatch = ({ support: { x, y }, order }: Task<Value>, step: Value): Examples<Value> => {
  if (order === undefined) return { x, y };
  const chosen = np.take(order, step, 0);
  return { x: np.take(x, chosen, 0), y: np.take(y, chosen, 0) };
};

/** θ₀ of a stream of random numbers. */
export function firstTheta(random: Random, { model, layout, adapts, learnRates, steps }: Learner): HostTree {
  const network = (architectures[model] as Architecture).init(random, layout),
    rates = () => firstRates(adaptedPart(network, adapts), learnRates === "step" ? steps : undefined);
  return (learnRates === "none" ? { network } : { network, rates: rates() }) as unknown as HostTree;
}

/**
 * Learning where to learn from: every task trains a network from the same start θ,
 *
 *     φ₀ = θ,   φ_j = φ_{j−1} − α ∂_φ L_in(φ_{j−1}),   L_in = Σ_i crossEntropy(f_φ(x_i), y_i) + (λ/2)‖φ − θ‖²   over the support,
 *
 * and L_out is the same sum over the query images.
 *
 * Source: C. Finn, P. Abbeel and S. Levine, Model-agnostic meta-learning for fast adaptation of deep networks, ICML 2017; the pull towards θ:
 * A. Rajeswaran, C. Finn, S. Kakade and S. Levine, Meta-learning with implicit gradients, NeurIPS 2019, equation 3; only the head trained: A. Raghu, M.
 * Raghu, S. Bengio and O. Vinyals, Rapid learning or feature reuse?, ICLR 2020.
 */
export function fewShotProblem(learner: Learner, steps: number, task: (random: Random) => Task): Problem {
  const { model, adapts, loss, rate, optimizer, beta1, learnRates, proximal, sweptClip } = learner;
  const total = (theta: ValueTree, phi: ValueTree, { x, y }: Examples<Value>): Value => {
    const each = nn.crossEntropy(logits(model, networkAt(theta, phi), x), y);
    return loss === "sum" ? each.sum() : each.mean();
  };
  const start = (theta: ValueTree) => adaptedPart((theta as unknown as Theta<Value>).network, adapts) as unknown as ValueTree,
    learned = (theta: ValueTree, step: Value) => ratesAt((theta as unknown as { readonly rates: ValueTree }).rates, rate, step);
  const pull = (theta: ValueTree, phi: ValueTree) => tree.sumSquares(tree.map((p, t) => p.sub(t), phi, start(theta))).mul(proximal / 2);
  const inner = {
    loss: (theta: ValueTree, phi: ValueTree, given: ValueTree, step: Value) => {
      const fit = total(theta, phi, minibatch(given as unknown as Task<Value>, step));
      return proximal === 0 ? fit : fit.add(pull(theta, phi));
    },
    steps,
    // What is swept there is α·u, here u.
    ...(sweptClip === 0 ? {} : { sweptClip: sweptClip / rate }),
  };
  const common = {
    name: "few-shot",
    theta: (random: Random) => firstTheta(random, learner),
    task: (random: Random) => task(random) as unknown as HostTree,
    init: start,
    outer: (theta: ValueTree, phi: ValueTree, given: ValueTree) => total(theta, phi, (given as unknown as Task<Value>).query),
  };
  if (optimizer === "adam") {
    const made = (rates: Parameters<typeof optimizers.adam>[0]["rate"]) => optimizers.adam({ rate: rates, beta1 });
    return defineProblem({
      ...common,
      // An optimizer counts its steps from 1.
      inner: {
        ...inner,
        optimizer: learnRates === "none" ? made(rate) : (theta: ValueTree) => made(k => learned(theta, k.sub(1))),
      },
    });
  }
  return defineProblem({ ...common, inner: { ...inner, rate: learnRates === "none" ? rate : learned } });
}
