import { f32, zeros } from "../src/tensor/host.js";
import * as nn from "../src/tensor/nn.js";
import * as np from "../src/tensor/np/index.js";
import type { Value } from "../src/tensor/value.js";
import { ProblemPrograms } from "../src/core/problem/programs.js";
import type { FloatType } from "../src/tensor/types.js";

interface Layer {
  w: Value;
  b: Value;
}
interface Points {
  x: Value;
  y: Value;
}

const net = (layers: Layer[], x: Value): Value =>
  layers.reduce((h, { w, b }, i) => {
    const z = np.matmul(h, w).add(b);
    return i < layers.length - 1 ? nn.relu(z) : z;
  }, x);
const meanSquare = (layers: Layer[], { x, y }: Points): Value => np.square(net(layers, x).sub(y)).mean();

/** Programs of the sinusoid problem: an MLP 1-40-40-1 on 10 + 10 points, gradient descent from θ. */
export function sinusoidPrograms(dtype: FloatType): ProblemPrograms {
  const widths = [1, 40, 40, 1],
    theta = widths.slice(1).map((n, i) => ({ w: zeros(widths[i], n), b: zeros(n) }));
  const points = () => ({ x: f32(new Float32Array(10), 10, 1), y: f32(new Float32Array(10), 10, 1) });
  const spec = {
    theta: () => theta,
    task: () => ({ support: points(), query: points() }),
    init: (t: unknown) => t,
    inner: { loss: (_: unknown, phi: Layer[], task: { support: Points }) => meanSquare(phi, task.support), rate: 0.01, steps: 10 },
    outer: (_: unknown, phi: Layer[], task: { query: Points }) => meanSquare(phi, task.query),
  };
  return new ProblemPrograms(spec as never, { theta, task: { support: points(), query: points() } }, dtype);
}
