// What the bench of teams solves: a small dense network on many tasks, and a convolutional one on a few.
import { defineProblem, lax, listed, nn, np, stream, zeros, type Problem, type Value } from "../src/index.js";

type Weights = readonly Value[];

const dense = (p: Weights, x: Value) => {
  const h = nn.relu(np.matmul(x, p[0]).add(p[1]));
  return np.matmul(nn.relu(np.matmul(h, p[2]).add(p[3])), p[4]).add(p[5]);
};
const squares = (p: Weights, x: Value, y: Value) => np.square(dense(p, x).sub(y)).mean();

/** Regression by a network 1-40-40-1 on 10 points, r = 10. */
function sinusoids(tasks: number): Problem {
  const draws = Array.from({ length: tasks }, (_, i) => stream(1, "task", 1, i)),
    points = draws.map(random => ({
      x: random.normal([10, 1]),
      y: random.normal([10, 1]),
      xq: random.normal([10, 1]),
      yq: random.normal([10, 1]),
    }));
  return defineProblem({
    theta: random => [random.normal([1, 40]), zeros(40), random.normal([40, 40], 0.15), zeros(40), random.normal([40, 1], 0.15), zeros(1)],
    task: listed(points),
    init: theta => theta,
    inner: { loss: (_, phi, { x, y }) => squares(phi, x, y), rate: 0.01, steps: 10 },
    outer: (_, phi, { xq, yq }) => squares(phi, xq, yq),
  });
}

/** Four convolutions of 64 channels with batch norm and a linear classifier, as a loss of 20 ways with one image each. */
function convolutions(w: Weights, x: Value): Value {
  let h = x;
  for (let i = 0; i < 16; i += 4) {
    const y = lax.conv(h, w[i], [2, 2], "SAME").add(w[i + 1].reshape([64, 1, 1]));
    h = nn.relu(nn.batchNorm(y, w[i + 2], w[i + 3]));
  }
  return nn.crossEntropy(np.matmul(h.reshape([20, -1]), w[16]).add(w[17]), np.arange(20)).mean();
}

function omniglot(tasks: number): Problem {
  const shapes = [...[1, 64, 64, 64].flatMap(from => [[64, from, 3, 3], [64], [64], [64]]), [64 * 4, 20], [20]],
    draws = Array.from({ length: tasks }, (_, i) => stream(1, "task", 1, i)),
    images = draws.map(random => ({ support: random.normal([20, 1, 28, 28]), query: random.normal([20, 1, 28, 28]) }));
  return defineProblem({
    theta: random => shapes.map(shape => (shape.length === 1 ? random.normal(shape, 0.1) : random.normal(shape, 0.1))),
    task: listed(images),
    init: theta => theta,
    inner: { loss: (_, phi, { support }) => convolutions(phi, support), rate: 0.01, steps: 10 },
    outer: (_, phi, { query }) => convolutions(phi, query),
  });
}

/** A row of the bench. */
export interface TeamCase {
  readonly name: string;
  readonly problem: Problem;
  readonly estimator: string;
  readonly tasks: number;
  /** Outer steps that are timed together. */
  readonly steps: number;
}

export const teamCases = (): readonly TeamCase[] => [
  { name: "25 sinusoid tasks, exact", problem: sinusoids(25), estimator: "exact", tasks: 25, steps: 20 },
  { name: "25 sinusoid tasks, first-order", problem: sinusoids(25), estimator: "first-order", tasks: 25, steps: 40 },
  { name: "Conv4, 4 tasks, exact", problem: omniglot(4), estimator: "exact", tasks: 4, steps: 1 },
  { name: "Conv4, 4 tasks, first-order", problem: omniglot(4), estimator: "first-order", tasks: 4, steps: 1 },
];
