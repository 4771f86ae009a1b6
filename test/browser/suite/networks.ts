// What runs spend their time in: a step of gradient descent on a network, its pull-back, and a classifier's loss.
import { grad, nn, np, tree, valueAndGrad, vjp, vmap } from "../../../src/index.js";
import type { Value } from "../../../src/tensor/value.js";
import type { FloatType, HostArray } from "../../../src/tensor/types.js";
import type { Case } from "./case.js";
import { float, int, precisions, traced } from "./case.js";
import { tame } from "./numbers.js";

interface Layer {
  readonly [name: string]: Value;
  readonly w: Value;
  readonly b: Value;
}
type Net = readonly Layer[];

const net = (layers: Net, x: Value): Value =>
  layers.reduce((h, { w, b }, i) => {
    const z = np.matmul(h, w).add(b);
    return i < layers.length - 1 ? np.tanh(z) : z;
  }, x);
const loss = (layers: Net, x: Value, y: Value): Value => np.square(net(layers, x).sub(y)).mean();
const step = (layers: Net, x: Value, y: Value): Net => {
  const slope = grad((at: Net) => loss(at, x, y))(layers);
  return tree.map<Net>((p, g) => p.sub(g.mul(0.01)), layers, slope);
};
const pullBack = (layers: Net, x: Value, y: Value, u: Net): Net => vjp((at: Net) => step(at, x, y), layers)[1](u);

const layerTypes = (...batch: number[]) => [
  { w: float(...batch, 1, 40), b: float(...batch, 40) },
  { w: float(...batch, 40, 40), b: float(...batch, 40) },
  { w: float(...batch, 40, 1), b: float(...batch, 1) },
];

const classifier = (precision: FloatType): Case => {
  const labels: HostArray = { shape: [50], dtype: "int32", data: Int32Array.from({ length: 50 }, (_, i) => (7 * i) % 10) };
  const numbers = [[50, 60], [60, 10], [10], [50]].map((shape, i) => tame({ shape, dtype: precision }, i));
  return traced(
    "softmax cross entropy with weights, its gradients",
    precision,
    (x: Value, w: Value, b: Value, weights: Value, y: Value) => {
      const [value, slopes] = valueAndGrad((p: { w: Value; b: Value; weights: Value }) => {
        const logits = np.matmul(x, p.w).add(p.b),
          losses = nn.logSoftmax(logits).mul(nn.oneHot(y, 10)).sum(-1);
        return losses.mul(nn.sigmoid(p.weights)).mean().neg().add(nn.crossEntropy(logits, y).mean());
      })({ w, b, weights });
      return [value, slopes, nn.softmax(np.matmul(x, w).add(b))];
    },
    [float(50, 60), float(60, 10), float(10), float(50), int(50)],
    [...numbers, labels],
  );
};

export const networkCases = (): readonly Case[] => [
  ...precisions.flatMap(precision => [
    traced("a step of a network", precision, step, [layerTypes(), float(10, 1), float(10, 1)]),
    traced("the pull-back of a step", precision, pullBack, [layerTypes(), float(10, 1), float(10, 1), layerTypes()]),
    classifier(precision),
  ]),
  traced("the pull-backs of 25 steps", "float32", vmap(pullBack), [layerTypes(25), float(25, 10, 1), float(25, 10, 1), layerTypes(25)]),
];
