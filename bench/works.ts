// Works of the bench: shapes, and random numbers that every party computes with.
import { stream } from "../src/core/random/index.js";
import type { Random } from "../src/core/random/index.js";
import { sizeOf, type Shape } from "../src/tensor/types.js";
import { writeWork, type Work } from "./cases.js";
import { conv4Shapes } from "./conv4.js";

/** Weights: normal with the variance 2 / inputs for matrices and kernels, `vector` for what has one axis. */
function weights(random: Random, shapes: readonly Shape[], vector = 0): Float32Array[] {
  return shapes.map(shape => {
    if (shape.length < 2) return new Float32Array(sizeOf(shape)).fill(vector);
    const inputs = shape.length === 2 ? shape[0] : sizeOf(shape.slice(1));
    return Float32Array.from(random.normal([...shape], Math.sqrt(2 / inputs)).data);
  });
}
const normal = (random: Random, shape: Shape, scale = 1) => Float32Array.from(random.normal([...shape], scale).data);

/** One-hot rows of random classes, or of 0, 1, 2, … in turns. */
function oneHot(rows: number, classes: number, classOf: (row: number) => number): Float32Array {
  const labels = new Float32Array(rows * classes);
  for (let i = 0; i < rows; i++) labels[i * classes + classOf(i)] = 1;
  return labels;
}

/** Images with MNIST's share of ink, and their labels. */
function images(random: Random, n: number): [Float32Array, Float32Array] {
  const ink = random.uniform([n * 784]).data;
  return [Float32Array.from(ink, v => (v < 0.2 ? v * 5 : 0)), oneHot(n, 10, () => random.integer(10))];
}

/** An MLP's weights and biases. */
const layers = (widths: readonly number[]): Shape[] => widths.slice(1).flatMap((n, i) => [[widths[i], n], [n]]);

/** MAML on sine waves (Finn et al. 2017): 1-40-40-1, 10 + 10 points a task, mean squares. */
export function sinusoid(folder: string, tasks: number): Work {
  const random = stream(1, "bench", tasks),
    theta = layers([1, 40, 40, 1]),
    waves = Array.from({ length: tasks }, () => {
      const [a, p] = random.uniform([2]).data,
        wave = (x: Float32Array) => Float32Array.from(x, v => (0.1 + 4.9 * a) * Math.sin(v + Math.PI * p)),
        [x, xq] = [0, 1].map(() => Float32Array.from(random.uniform([10], -5, 5).data));
      return [x, wave(x), xq, wave(xq)];
    });
  const data: Shape[] = [0, 1, 2, 3].map(() => [10, 1]);
  return writeWork(
    folder,
    `sinusoid-${tasks}`,
    { network: "mlp", rate: 0.001, theta, data, settings: { squares: 1 } },
    { theta: weights(random, theta), tasks: waves },
  );
}

/** A classifier's initialization: an MLP over batches of images. */
export function mlp(folder: string, widths: readonly number[], batch: number): Work {
  const random = stream(1, "bench-mlp", ...widths),
    theta = layers(widths),
    [inputs, classes] = [widths[0], widths[widths.length - 1]];
  const half = () => [normal(random, [batch, inputs]), oneHot(batch, classes, () => random.integer(classes))],
    shapes: Shape[] = [
      [batch, inputs],
      [batch, classes],
    ];
  return writeWork(
    folder,
    `mlp-${widths.join("-")}`,
    { network: "mlp", rate: 0.05, theta, data: [...shapes, ...shapes], settings: { squares: 0 } },
    { theta: weights(random, theta), tasks: [[...half(), ...half()]] },
  );
}

/** Hyper-cleaning: one weight a training image, a linear softmax from zeros. */
export function hyperCleaning(folder: string, n: number): Work {
  const random = stream(1, "bench-cleaning"),
    shapes: Shape[] = [
      [n, 784],
      [n, 10],
    ];
  return writeWork(
    folder,
    `cleaning-${n}`,
    { network: "hyper-cleaning", rate: 0.5, theta: [[n]], data: [...shapes, ...shapes], settings: { decay: 1e-3 } },
    { theta: [new Float32Array(n)], tasks: [[...images(random, n), ...images(random, n)]] },
  );
}

/** Distillation: θ is a few synthetic images, on which a linear softmax is trained from zeros. */
export function distillation(folder: string, synthetic: number, n: number): Work {
  const random = stream(1, "bench-distillation"),
    data: Shape[] = [
      [synthetic, 10],
      [n, 784],
      [n, 10],
    ];
  return writeWork(
    folder,
    "distillation",
    { network: "distillation", rate: 0.05, theta: [[synthetic, 784]], data, settings: {} },
    { theta: [normal(random, [synthetic, 784], 0.3)], tasks: [[oneHot(synthetic, 10, i => i % 10), ...images(random, n)]] },
  );
}

/** The initialization of a transformer block and its classifier. */
export function attention(folder: string, batch: number, tokens: number, width: number, heads: number): Work {
  const random = stream(1, "bench-attention"),
    square: Shape = [width, width],
    norm: Shape[] = [[width], [width]],
    theta: Shape[] = [...norm, square, square, square, square, ...norm, ...layers([width, 2 * width, width]), ...layers([width, 10])];
  const numbers = weights(random, theta);
  // Scales of the two normalizations.
  for (const i of [0, 6]) numbers[i].fill(1);
  const half = () => [normal(random, [batch, tokens, width]), oneHot(batch, 10, () => random.integer(10))],
    shapes: Shape[] = [
      [batch, tokens, width],
      [batch, 10],
    ];
  return writeWork(
    folder,
    "attention",
    { network: "attention", rate: 0.05, theta, data: [...shapes, ...shapes], settings: { heads } },
    { theta: numbers, tasks: [[...half(), ...half()]] },
  );
}

/** The initialization of a gated recurrent unit that is asked for a number after the last time step. */
export function gru(folder: string, times: number, batch = 16, inputs = 8, units = 64): Work {
  const random = stream(1, "bench-gru", times),
    theta: Shape[] = [[inputs, 3 * units], [units, 3 * units], [3 * units], [3 * units], ...layers([units, 1])],
    half = () => [normal(random, [times, batch, inputs]), normal(random, [batch, 1])],
    shapes: Shape[] = [
      [times, batch, inputs],
      [batch, 1],
    ];
  const numbers = weights(random, theta).map(w => w.map(v => v / 2));
  // An update gate that keeps about as many time steps as there are: otherwise gradients fade into subnormal numbers, and those would be measured.
  numbers[2].fill(Math.log(times), units, 2 * units);
  return writeWork(
    folder,
    `gru-${times}`,
    { network: "gru", rate: 0.05, theta, data: [...shapes, ...shapes], settings: {} },
    { theta: numbers, tasks: [[...half(), ...half()]] },
  );
}

/** Few-shot learning, one image a class: the initialization of Conv4. */
export function conv4(folder: string, ways: number, tasks: number): Work {
  const random = stream(1, "bench-conv4", ways, tasks),
    theta = conv4Shapes(ways),
    numbers = weights(random, theta);
  // Scales of the normalizations: the third leaf of each layer.
  for (const i of [2, 6, 10, 14]) numbers[i].fill(1);
  const half = () => [images(random, ways)[0], oneHot(ways, ways, i => i)],
    shapes: Shape[] = [
      [ways, 1, 28, 28],
      [ways, ways],
    ];
  return writeWork(
    folder,
    `conv4-${ways}-${tasks}`,
    { network: "conv4", rate: 0.01, theta, data: [...shapes, ...shapes], settings: {} },
    { theta: numbers, tasks: Array.from({ length: tasks }, () => [...half(), ...half()]) },
  );
}
