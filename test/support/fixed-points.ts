// Problems whose inner loops come to a fixed point, where the implicit gradient is the exact one.
import { defineProblem, f64, grad, nn, np, tree, type Problem, type Random, type Value } from "../../src/index.js";
import type { HostArray } from "../../src/tensor/types.js";
import { normal64 } from "./problems.js";

const any = (problem: unknown) => problem as Problem;

const logLoss = (score: Value, y: Value): Value => nn.softplus(score.mul(np.sign(y)).neg()).mean();
const points = (random: Random) => ({
  x: normal64(random, [20, 3]),
  y: normal64(random, [20]),
  xOut: normal64(random, [10, 3]),
  yOut: normal64(random, [10]),
});

/** Twenty points, three features, one log penalty a feature; weights and a bias are learned by gradient descent. */
export const logistic = any(
  defineProblem({
    name: "logistic penalties",
    theta: random => normal64(random, [3], 0.3, -2),
    task: points,
    init: () => ({ w: np.zeros([3]), bias: np.zeros([]) }),
    inner: {
      loss: (penalty, { w, bias }, { x, y }) => logLoss(np.dot(x, w).add(bias), y).add(np.exp(penalty).mul(w).mul(w).sum()),
      rate: 0.7,
      steps: 2000,
    },
    outer: (_, { w, bias }, { xOut, yOut }) => logLoss(np.dot(xOut, w).add(bias), yOut),
  }),
);

/** The same with a step size an array, by which ∂Φ/∂φ is not symmetric; the step sizes are learned too, in vain. */
export const logisticRates = any(
  defineProblem({
    name: "logistic penalties, a rate an array",
    theta: random => ({ penalty: normal64(random, [3], 0.3, -2), rates: f64([0.9, 0.4]) }),
    task: points,
    init: () => ({ w: np.zeros([3]), bias: np.zeros([]) }),
    inner: {
      loss: ({ penalty }, { w, bias }, { x, y }) => logLoss(np.dot(x, w).add(bias), y).add(np.exp(penalty).mul(w).mul(w).sum()),
      rate: ({ rates }) => ({ w: np.take(rates, 0), bias: np.take(rates, 1) }),
      steps: 2000,
    },
    outer: (_, { w, bias }, { xOut, yOut }) => logLoss(np.dot(xOut, w).add(bias), yOut),
  }),
);

/** The same by heavy-ball momentum, whose state is a part of the fixed point. */
export const logisticMomentum = any(
  defineProblem({
    name: "logistic penalties, momentum",
    theta: random => normal64(random, [3], 0.3, -2),
    task: points,
    init: () => np.zeros([3]),
    inner: {
      steps: 2000,
      state: (_, w) => tree.zerosLike(w),
      step: (penalty, { phi, state }, { x, y }) => {
        const loss = (w: Value) => logLoss(np.dot(x, w), y).add(np.exp(penalty).mul(w).mul(w).sum()),
          velocity = state.mul(0.6).add(grad(loss)(phi));
        return { phi: phi.sub(velocity.mul(0.5)), state: velocity };
      },
    },
    outer: (_, w, { xOut, yOut }) => logLoss(np.dot(xOut, w), yOut),
  }),
);

/** What {@link quadratic} is given. */
export interface QuadraticOptions {
  /** The curvatures; also negative ones. */
  readonly curvatures: readonly number[];
  readonly rate: number;
  /** ∂L_out/∂φ at the fixed point φ = θ. */
  readonly slopes: readonly number[];
}

/**
 * L_in = ½ Σ d_i (φ_i − θ_i)² from its fixed point φ₀ = θ, and L_out = Σ u_i φ_i: I − ∂Φ/∂φ = α diag(d), ∂Φ/∂θ = α diag(d), and the implicit
 * gradient is u where all d_i ≠ 0.
 */
export const quadratic = ({ curvatures, rate, slopes }: QuadraticOptions): Problem =>
  any(
    defineProblem({
      name: "a quadratic at its fixed point",
      theta: (): HostArray => f64(curvatures.map((_, i) => 1 / (i + 1))),
      task: () => ({ d: f64([...curvatures]), u: f64([...slopes]) }),
      init: theta => theta,
      inner: { loss: (theta, phi, { d }) => np.square(phi.sub(theta)).mul(d).sum().div(2), rate, steps: 1 },
      outer: (_, phi, { u }) => phi.mul(u).sum(),
    }),
  );
