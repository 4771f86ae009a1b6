import { classes } from "../../datasets/mnist.js";
import { f32 } from "ufom";
import { init, step } from "ufom/internal/core/problem/definitions";
import type { Executor, FloatType, HostArray } from "ufom";
import { trace } from "ufom/internal/tensor/trace";
import type { Labelled } from "./data.js";
import type { Classifier, Task, Training } from "./problem.js";
import { imageRows, predict, trainingProblem } from "./problem.js";

/** Weights with mean 1: the training loss is then the weighted mean, whatever the weights add up to. */
export function normalized(weights: ArrayLike<number>): Float32Array {
  let sum = 0;
  for (let i = 0; i < weights.length; i++) sum += weights[i];
  return Float32Array.from(weights, w => (w * weights.length) / sum);
}

/** The share of images whose largest logit is their label's; of equal ones the first counts. */
export function accuracyOf(logits: ArrayLike<number>, labels: ArrayLike<number>): number {
  let right = 0;
  for (let i = 0; i < labels.length; i++) {
    let best = 0;
    for (let c = 1; c < classes; c++) if (logits[i * classes + c] > logits[i * classes + best]) best = c;
    if (best === labels[i]) right++;
  }
  return right / labels.length;
}

const inPrecision = (array: HostArray, dtype: FloatType): HostArray =>
  dtype === "float64" && array.dtype === "float32" ? { ...array, dtype, data: Float64Array.from(array.data) } : array;

/** Trains classifiers one after another on the same images. */
export interface Trainer {
  /** Test accuracy of a classifier trained with these weights. */
  accuracy(weights: ArrayLike<number>): Promise<number>;
  close(): void;
}

/**
 * Trains classifiers with given weights: r steps of full-batch gradient descent from zero, with the rate and λ of the inner loop, on
 *
 *     Σ_i w_i crossEntropy_i / Σ_i w_i + λ‖W‖²
 *
 * As the weights have mean 1, all classifiers take steps of the same size, however many images they are trained on.
 */
export async function openTrainer(task: Task, test: Labelled, training: Training, executor: Executor, dtype: FloatType): Promise<Trainer> {
  const problem = trainingProblem(task, training);
  const programs = problem.programs({ theta: problem.theta(0), task }, dtype);
  const images = imageRows(test);
  const phi: Classifier<{ shape: number[]; dtype: FloatType }> = { w: { shape: [784, classes], dtype }, b: { shape: [classes], dtype } };
  const logits = trace((at: Classifier, x: never) => predict(at, x), [phi, images], dtype).program;
  const [start, descend, score] = await Promise.all([
    executor.compile(programs.of(init).program, "training: init"),
    executor.compile(programs.of(step).program, "training: step"),
    executor.compile(logits, "training: logits"),
  ]);
  const place = (array: HostArray) => executor.upload(inPrecision(array, dtype));
  const placedTask = [task.x, task.y, task.xValidation, task.yValidation].map(place);
  const [placedImages, index] = [place(images), place({ shape: [], dtype: "int32", data: Int32Array.of(0) })];
  const held = [...placedTask, placedImages, index];

  return {
    async accuracy(weights) {
      const theta = place(f32(normalized(weights)));
      let state = await start.run([theta, ...placedTask]);
      for (let j = 0; j < training.steps; j++) {
        const next = await descend.run([theta, ...state, ...placedTask, index]);
        for (const buffer of state) executor.free(buffer);
        state = next;
      }
      const [output] = await score.run([...state, placedImages]);
      const { data } = await executor.read(output);
      for (const buffer of [theta, ...state, output]) executor.free(buffer);
      return accuracyOf(data, test.labels);
    },
    close() {
      for (const buffer of held) executor.free(buffer);
      for (const executable of [start, descend, score]) executable.dispose();
    },
  };
}
