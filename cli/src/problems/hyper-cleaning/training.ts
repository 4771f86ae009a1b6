import { adapt, evaluate, f32, i32, np } from "ufom";
import type { Executor, FloatType, Value } from "ufom";
import type { Labelled } from "./data.js";
import type { Classifier, Task, Training } from "./problem.js";
import { imageRows, predict, trainingProblem } from "./problem.js";

/** Weights with mean 1: the training loss is then the weighted mean, whatever the weights add up to. */
export function normalized(weights: ArrayLike<number>): Float32Array {
  let sum = 0;
  for (let i = 0; i < weights.length; i++) sum += weights[i];
  return Float32Array.from(weights, w => (w * weights.length) / sum);
}

/** Whether the largest logit of each image is its label's; of equal ones the first counts. */
export const isRight = (phi: Classifier, x: Value, y: Value): Value => np.argmax(predict(phi, x), -1).equal(y);

/**
 * Trains classifiers with given weights: r steps of full-batch gradient descent from zero, with the rate and λ of the inner loop, on
 *
 *     Σ_i w_i crossEntropy_i / Σ_i w_i + λ‖W‖²
 *
 * As the weights have mean 1, all classifiers take steps of the same size, however many images they are trained on.
 *
 * @returns the test accuracy of a classifier trained with some weights
 */
export function trainer(
  task: Task,
  test: Labelled,
  training: Training,
  executor: Executor,
  dtype: FloatType,
): (weights: ArrayLike<number>) => Promise<number> {
  const problem = trainingProblem(task, training),
    right = evaluate(isRight, { executor, dtype }),
    [x, y] = [imageRows(test), i32(test.labels)];
  return async weights => {
    const { phi } = await adapt(problem, { theta: { weights: f32(normalized(weights)) }, executor, dtype, losses: false }),
      { data } = await right(phi, x, y);
    return (data as Uint8Array).reduce((sum: number, one) => sum + one, 0) / test.n;
  };
}
