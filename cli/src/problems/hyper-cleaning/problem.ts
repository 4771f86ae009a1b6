import { classes } from "../../datasets/mnist.js";
import { defineProblem, nn, np, zeros } from "ufom";
import type { HostArray, Problem, Traced, Value } from "ufom";
import type { CleaningData, Labelled } from "./data.js";

const pixels = 784;

/** Grey values as rows in [0, 1]. */
export const imageRows = ({ n, images }: Labelled): HostArray => ({
  shape: [n, pixels],
  dtype: "float32",
  data: Float32Array.from(images, grey => grey / 255),
});

/** Labels as rows with a one. */
export function labelRows({ n, labels }: Labelled): HostArray {
  const data = new Float32Array(n * classes);
  labels.forEach((label, i) => (data[i * classes + label] = 1));
  return { shape: [n, classes], dtype: "float32", data };
}

/** A linear classifier: logits x·W + b. */
export interface Classifier<T = Value> {
  readonly w: T;
  readonly b: T;
}

export const predict = ({ w, b }: Classifier, x: Value): Value => np.matmul(x, w).add(b);

/** How the classifier is trained. */
export interface Training {
  /** λ of λ‖W‖². */
  readonly lambda: number;
  /** α, the inner step size. */
  readonly rate: number;
  /** r, the number of inner steps. */
  readonly steps: number;
}

/** The one task: what the classifier is trained on, and the validation images of the outer loss. */
export const taskOf = ({ train, validation }: Pick<CleaningData, "train" | "validation">) => ({
  x: imageRows(train),
  y: labelRows(train),
  xValidation: imageRows(validation),
  yValidation: labelRows(validation),
});
export type Task = ReturnType<typeof taskOf>;

/**
 * A bi-level problem whose inner loop trains a linear softmax classifier from zero by full-batch gradient descent on
 *
 *     L_in(θ, φ) = 1/n Σ_i w_i(θ) · crossEntropy(x_i W + b, y_i) + λ‖W‖²
 *
 * and whose outer loss is the mean cross entropy on the validation images.
 */
function weighted<TH extends Readonly<Record<string, HostArray>>>(
  name: string,
  task: Task,
  { lambda, rate, steps }: Training,
  theta: () => TH,
  weights: (theta: Traced<TH>) => Value,
): Problem<TH, Task, Classifier<HostArray>> {
  return defineProblem({
    name,
    theta,
    task: () => task,
    init: (_, { x, y }): Classifier => ({ w: np.zeros([x.shape[1], y.shape[1]]), b: np.zeros([y.shape[1]]) }),
    inner: {
      loss: (th, phi, { x, y }) => {
        const perImage = nn.crossEntropy(predict(phi, x), y);
        return weights(th).mul(perImage).mean().add(np.square(phi.w).sum().mul(lambda));
      },
      rate,
      steps,
    },
    outer: (_, phi, { xValidation, yValidation }) => nn.crossEntropy(predict(phi, xValidation), yValidation).mean(),
  });
}

/** Data hyper-cleaning: θ is one logit per training image, w = σ(θ), and θ₀ = 0. */
export const cleaningProblem = (task: Task, training: Training) =>
  weighted(
    "hyper-cleaning",
    task,
    training,
    () => ({ logits: zeros(task.x.shape[0]) }),
    theta => nn.sigmoid(theta.logits),
  );

/** The same inner loop with the weights themselves for θ: how a classifier is trained once they are known. */
export const trainingProblem = (task: Task, training: Training) =>
  weighted(
    "training",
    task,
    training,
    () => ({ weights: zeros(task.x.shape[0]) }),
    theta => theta.weights,
  );
