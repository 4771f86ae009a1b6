import * as nn from "../../../src/tensor/nn.js";
import { erf } from "../../../src/tensor/special.js";
import type { Axes, Value } from "../../../src/tensor/value.js";
import type { Case, Kink } from "./case.js";
import { unary } from "./elementwise.js";
import { inputsFor, vector } from "./inputs.js";
import type { Plain } from "./plain.js";
import { along, at, fold, tabulate, total, zip } from "./plain.js";

const { integers, real } = inputsFor("nn");

const at0 = (name: string, gradient: number[], value = [0]): Kink => ({ name, inputs: [vector(0)], value, gradient });
const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));
const softplus = (x: number) => Math.log(1 + Math.exp(x));
const softmax = (list: number[]) => list.map(v => Math.exp(v) / total(list.map(Math.exp)));
const logSoftmax = (list: number[]) => list.map(v => v - Math.log(total(list.map(Math.exp))));

const rows: readonly (readonly [readonly number[], number])[] = [
  [[4], -1],
  [[2, 3], -1],
  [[2, 3], 0],
  [[2, 1, 3], 2],
  [[3, 1], -1],
  [[0, 3], 1],
  [[2, 2, 3], 1],
];

/** Cases of a function along an axis. */
const normalized = (
  of: string,
  f: (x: Value, axis?: Axes) => Value,
  value: (list: number[]) => number[],
  jax: "softmax" | "logSoftmax",
): Case[] => [
  ...rows.map(([shape, axis]): Case => ({
    of,
    f: x => f(x, axis),
    inputs: [real(...shape)],
    expected: x => along(value, x, (axis + shape.length) % shape.length),
    jax: shape.includes(0) ? undefined : (j, x) => j.nn[jax](x, axis),
  })),
  { of, f: x => f(x, [0, 1]), inputs: [real(2, 3)], expected: x => ({ shape: x.shape, data: value([...x.data]) }) },
  { of, f: x => f(x), inputs: [integers(-2, 3, 2, 3)], expected: x => along(value, x, 1) },
];

const hot = (labels: Plain, classes: number) =>
  tabulate([...labels.shape, classes], (...index) => +(at(labels, index.slice(0, -1)) === index[index.length - 1]));
const losses = (logits: Plain, labels: Plain): Plain => {
  const { data } = along(logSoftmax, logits, logits.shape.length - 1);
  return fold(
    list => -total(list),
    zip((p, q) => p * q, { shape: logits.shape, data }, labels),
    [logits.shape.length - 1],
  );
};

export const network: readonly Case[] = [
  ...unary(
    "nn.relu",
    nn.relu,
    x => Math.max(x, 0),
    (j, x) => j.nn.relu(x),
    real,
    [at0("relu′(0) = 0", [0])],
  ),
  ...unary(
    "nn.leakyRelu",
    nn.leakyRelu,
    x => (x > 0 ? x : 0.01 * x),
    (j, x) => j.nn.leakyRelu(x),
    real,
    [at0("the slope at 0", [0.01])],
  ),
  ...unary(
    "nn.leakyRelu",
    x => nn.leakyRelu(x, 0.3),
    x => (x > 0 ? x : 0.3 * x),
  ),
  ...unary(
    "nn.elu",
    nn.elu,
    x => (x > 0 ? x : Math.exp(x) - 1),
    (j, x) => j.nn.elu(x),
    real,
    [at0("elu′(0) = 1", [1])],
  ),
  ...unary(
    "nn.elu",
    x => nn.elu(x, 0.3),
    x => (x > 0 ? x : 0.3 * (Math.exp(x) - 1)),
    undefined,
    real,
    [at0("elu′(0) = α", [0.3])],
  ),
  ...unary(
    "nn.silu",
    nn.silu,
    x => x * sigmoid(x),
    (j, x) => j.nn.silu(x),
  ),
  ...unary("nn.gelu", nn.gelu, x => (x * (1 + erf(x / Math.SQRT2))) / 2),
  ...unary("nn.tanh", nn.tanh, Math.tanh, (j, x) => j.np.tanh(x)),
  ...unary("nn.sigmoid", nn.sigmoid, sigmoid, (j, x) => j.nn.sigmoid(x)),
  ...unary("nn.softplus", nn.softplus, softplus, (j, x) => j.nn.softplus(x)),
  ...unary(
    "nn.logSigmoid",
    nn.logSigmoid,
    x => -softplus(-x),
    (j, x) => j.nn.logSigmoid(x),
  ),
  ...normalized("nn.softmax", nn.softmax, softmax, "softmax"),
  ...normalized("nn.logSoftmax", nn.logSoftmax, logSoftmax, "logSoftmax"),
  ...rows.flatMap(([shape, axis]): Case[] =>
    [false, true].map(keepdims => ({
      of: "nn.logsumexp",
      f: x => nn.logsumexp(x, axis, { keepdims }),
      inputs: [real(...shape)],
      expected: x => fold(list => Math.log(total(list.map(Math.exp))), x, [(axis + shape.length) % shape.length], keepdims),
      jax: shape.includes(0) ? undefined : (j, x) => j.nn.logsumexp(x, axis, { keepdims }),
    })),
  ),
  {
    of: "nn.logsumexp",
    f: x => nn.logsumexp(x, null),
    inputs: [real(2, 3)],
    expected: x => ({ shape: [], data: [Math.log(total(x.data.map(Math.exp)))] }),
  },
  ...[[], [3], [2, 2], [0]].map((shape): Case => ({
    of: "nn.oneHot",
    f: labels => nn.oneHot(labels, 4),
    inputs: [integers(-1, 5, ...shape)],
    expected: labels => hot(labels, 4),
  })),
  ...[[], [3], [2, 2], [0]].flatMap((shape): Case[] => [
    {
      of: "nn.crossEntropy",
      f: nn.crossEntropy,
      inputs: [real(...shape, 4), integers(0, 4, ...shape)],
      expected: (x, labels) => losses(x, hot(labels, 4)),
    },
    { of: "nn.crossEntropy", f: nn.crossEntropy, inputs: [real(...shape, 4), real(...shape, 4)], expected: losses },
  ]),
];
