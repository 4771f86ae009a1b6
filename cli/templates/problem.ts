// A problem to start from: learn one penalty per weight of a ridge regression, so that the weights found on the training
// points do well on others. Run it with `ufom run`, then change it into yours.
import { defineProblem, f32, full, np, type HostArray, type OptionsOf, type ProblemOptions, type Value } from "ufom";

const features = 20;

// What `--set noise=0.1` may change; `ufom compare --set noise=0.1,0.5` runs every value. May be left out: the default export is
// then the problem itself.
export const options = {
  noise: { default: 0.5, min: 0, help: "standard deviation of the noise" },
} satisfies ProblemOptions;

/** Mean squared error of the weights w on some points. */
const error = (w: Value, { x, y }: { x: Value; y: Value }) => np.square(np.matmul(x, w).sub(y)).mean();

export default ({ noise }: OptionsOf<typeof options>) =>
  defineProblem({
    name: "ridge",

    // θ₀: what is learned, a tree of arrays. Here: the logarithm of each weight's penalty.
    theta: () => ({ logPenalty: full(-2, features) }),

    // One draw of a task: the data of one inner problem. All draws must have the same shapes; take randomness from `random`
    // only, and the same seed gives the same numbers. Here: a linear law in which every second feature is noise.
    task: random => {
      const law = Array.from(random.normal([features]).data, (weight, i) => (i % 2 === 0 ? weight : 0));
      const points = (n: number) => {
        const x = random.normal([n, features]);
        const off = Array.from(random.normal([n], noise).data);
        const y = off.map((e, row) => law.reduce((sum, weight, i) => sum + weight * x.data[row * features + i], e));
        return { x, y: f32(y) };
      };
      return { train: points(30), validation: points(30) };
    },

    // φ₀: where the inner loop begins. It may depend on θ (as in MAML) and on the task.
    init: () => np.zeros([features]),

    // The inner loop: `steps` steps of gradient descent on `loss` with step size `rate`.
    inner: {
      loss: (theta, w, task) => error(w, task.train).add(np.exp(theta.logPenalty).mul(np.square(w)).mean()),
      rate: 0.1,
      steps: 50,
    },

    // What θ is to make small, at the end of the inner loop: a scalar.
    outer: (_, w, task) => error(w, task.validation),
  });

// What `ufom run` does unless its options say otherwise. All of it may be left out.
export const defaults = { estimator: "exact", outer: "adam:0.05", outerSteps: 300, metaBatch: 4 };

// Figures of θ along the way, drawn in the report. May be left out.
export const track = (theta: { logPenalty: HostArray }) => ({ largestPenalty: Math.exp(Math.max(...theta.logPenalty.data)) });
