import * as nn from "../../../src/tensor/nn.js";
import * as np from "../../../src/tensor/np/index.js";
import type { Value } from "../../../src/tensor/value.js";
import type { Case } from "./case.js";
import { inputsFor } from "./inputs.js";
import type { Plain } from "./plain.js";
import { at, indices, tabulate, total } from "./plain.js";

const { integers, real, truths } = inputsFor("blocks");
type Shape = readonly number[];

const range = (n: number) => Array.from({ length: n }, (_, i) => i);
const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));
/** x w + b over the last axis. */
const affine = (x: Plain, w: Plain, b: Plain): Plain =>
  tabulate([...x.shape.slice(0, -1), w.shape[1]], (...index) => {
    const [lead, j] = [index.slice(0, -1), index[index.length - 1]];
    return at(b, [j]) + total(range(w.shape[0]).map(i => at(x, [...lead, i]) * at(w, [i, j])));
  });

/** A convolution with the padding SAME in plain loops. */
const convolved =
  (stride: number, groups: number) =>
  (kernel: Plain, b: Plain, x: Plain): Plain => {
    const [outputs, inputs, ...window] = kernel.shape,
      [n, , ...places] = x.shape,
      counts = places.map(d => Math.ceil(d / stride)),
      before = places.map((d, a) => Math.floor(Math.max((counts[a] - 1) * stride + window[a] - d, 0) / 2));
    return tabulate([n, outputs, ...counts], (i, o, ...place) => {
      const first = Math.floor(o / (outputs / groups)) * inputs;
      const terms = range(inputs).flatMap(c =>
        indices(window).map(offset => {
          const from = place.map((p, a) => p * stride - before[a] + offset[a]);
          return from.every((p, a) => p >= 0 && p < places[a]) ? at(x, [i, first + c, ...from]) * at(kernel, [o, c, ...offset]) : 0;
        }),
      );
      return at(b, [o]) + total(terms);
    });
  };

const grouped =
  (groups: number, epsilon: number) =>
  (x: Plain, scale: Plain, shift: Plain): Plain => {
    const [, channels] = x.shape,
      size = channels / groups;
    return tabulate(x.shape, (...index) => {
      const group = Math.floor(index[1] / size);
      const own = indices(x.shape)
        .filter(other => other[0] === index[0] && Math.floor(other[1] / size) === group)
        .map(other => at(x, other));
      const mean = total(own) / own.length,
        variance = total(own.map(v => (v - mean) ** 2)) / own.length;
      return ((at(x, index) - mean) / Math.sqrt(variance + epsilon)) * at(scale, [index[1]]) + at(shift, [index[1]]);
    });
  };

/** A gate of several that stand side by side along the last axis. */
const gate = (x: Plain, g: number, units: number, index: Shape) => at(x, [...index.slice(0, -1), g * units + index[index.length - 1]]);

function gru(input: Plain, hidden: Plain, inputBias: Plain, hiddenBias: Plain, h: Plain, x: Plain): Plain {
  const units = hidden.shape[0],
    fromInput = affine(x, input, inputBias),
    fromState = affine(h, hidden, hiddenBias);
  return tabulate(h.shape, (...index) => {
    const [r, z] = [0, 1].map(g => sigmoid(gate(fromInput, g, units, index) + gate(fromState, g, units, index))),
      n = Math.tanh(gate(fromInput, 2, units, index) + r * gate(fromState, 2, units, index));
    return (1 - z) * n + z * at(h, index);
  });
}

/** h′ and c′, one behind the other. */
function lstm(input: Plain, hidden: Plain, bias: Plain, h: Plain, c: Plain, x: Plain): Plain {
  const units = hidden.shape[0],
    none: Plain = { shape: bias.shape, data: bias.data.map(() => 0) },
    [a, b] = [affine(x, input, bias), affine(h, hidden, none)];
  return tabulate([...h.shape.slice(0, -1), 2 * units], (...last) => {
    const index = last.with(-1, last[last.length - 1] % units),
      [i, f, g, o] = [0, 1, 2, 3].map(k => gate(a, k, units, index) + gate(b, k, units, index)),
      next = sigmoid(f) * at(c, index) + sigmoid(i) * Math.tanh(g);
    return last[last.length - 1] < units ? sigmoid(o) * Math.tanh(next) : next;
  });
}

// Bounded: scores of millions have ties that are no ties after rounding.
const bounded = (v: readonly Value[]): Value[] => v.map(x => np.tanh(x));
const boundedPlain = (v: readonly Plain[]): Plain[] => v.map(({ shape, data }) => ({ shape, data: data.map(Math.tanh) }));

/** Head by head, in plain loops; `sees` says which keys a query may see. */
const multiHead =
  (heads: number, sees: (i: number, j: number) => boolean) =>
  (inputs: readonly Plain[]): Plain => {
    const [wq, bq, wk, bk, wv, bv, wo, bo, x, other] = boundedPlain(inputs),
      from = inputs.length > 9 ? other : x;
    const [q, k, v] = [affine(x, wq, bq), affine(from, wk, bk), affine(from, wv, bv)],
      features = wq.shape[1],
      d = features / heads,
      m = from.shape[from.shape.length - 2];
    const joined = tabulate([...x.shape.slice(0, -1), features], (...index) => {
      const [lead, i, c] = [index.slice(0, -2), index[index.length - 2], index[index.length - 1]],
        first = Math.floor(c / d) * d,
        seen = range(m).filter(j => sees(i, j)),
        scores = seen.map(j => total(range(d).map(l => at(q, [...lead, i, first + l]) * at(k, [...lead, j, first + l]))) / Math.sqrt(d)),
        sum = total(scores.map(Math.exp));
      return total(seen.map((j, s) => (Math.exp(scores[s]) / sum) * at(v, [...lead, j, c])));
    });
    return affine(joined, wo, bo);
  };
const attentionInputs = (features: number, x: Shape, from?: Shape) => [
  ...range(4).flatMap(() => [real(features, features), real(features)]),
  real(...x),
  ...(from ? [real(...from)] : []),
];
/** Multi-head attention of eight parameters, x and what is looked at. */
function attend(inputs: readonly Value[], options: { readonly heads: number; readonly mask?: Value }): Value {
  const [wq, bq, wk, bk, wv, bv, wo, bo, x, from] = bounded(inputs),
    parameters = { query: { w: wq, b: bq }, key: { w: wk, b: bk }, value: { w: wv, b: bv }, output: { w: wo, b: bo } };
  return nn.multiHeadAttention(parameters, x, { ...options, from });
}

export const blocks: readonly Case[] = [
  ...[[3], [2, 3], [2, 2, 3], [0, 3]].map((shape): Case => ({
    of: "nn.linear",
    f: (w, b, x) => nn.linear({ w, b }, x),
    inputs: [real(3, 2), real(2), real(...shape)],
    expected: (w, b, x) => affine(x, w, b),
  })),
  ...(
    [
      [[2, 3, 3], [2], [1, 3, 5], 1, 1],
      [[4, 1, 2, 3], [4], [2, 2, 3, 4], 2, 2],
      [[2, 1, 1], [2], [1, 1, 3], 1, 1],
      [[2, 1, 2], [2], [0, 1, 3], 1, 1],
    ] as readonly [Shape, Shape, Shape, number, number][]
  ).map(([kernel, b, x, stride, groups]): Case => ({
    of: "nn.conv",
    f: (k, shift, images) =>
      nn.conv({ kernel: k, b: shift }, images, stride === 1 ? undefined : { strides: Array<number>(x.length - 2).fill(stride), groups }),
    inputs: [real(...kernel), real(...b), real(...x)],
    expected: convolved(stride, groups),
  })),
  ...(
    [
      [[2, 4], 2, undefined],
      [[2, 4, 3], 1, 0.1],
      [[1, 2, 2, 2], 2, undefined],
      [[0, 2], 1, undefined],
    ] as readonly [Shape, number, number | undefined][]
  ).map(([shape, groups, epsilon]): Case => ({
    of: "nn.groupNorm",
    f: (x, scale, shift) => nn.groupNorm(x, scale, shift, groups, { epsilon }),
    inputs: [real(...shape), real(shape[1]), real(shape[1])],
    expected: grouped(groups, epsilon ?? 1e-5),
  })),
  ...[[], [4], [2, 2], [0]].map((shape): Case => ({
    of: "nn.embedding",
    f: (table, numbers) => nn.embedding({ table }, numbers),
    inputs: [real(3, 2), integers(0, 3, ...shape)],
    expected: (table, numbers) =>
      tabulate([...shape, 2], (...index) => at(table, [at(numbers, index.slice(0, -1)), index[index.length - 1]])),
  })),
  ...[[2], [0]].flatMap((lead): Case[] => [
    {
      of: "nn.gru",
      f: (input, hidden, inputBias, hiddenBias, h, x) => nn.gru({ input, hidden, inputBias, hiddenBias }, h, x),
      inputs: [real(3, 6), real(2, 6), real(6), real(6), real(...lead, 2), real(...lead, 3)],
      expected: gru,
    },
    {
      of: "nn.lstm",
      f: (input, hidden, bias, h, c, x) => {
        const next = nn.lstm({ input, hidden, bias }, { h, c }, x);
        return np.concatenate([next.h, next.c], -1);
      },
      inputs: [real(3, 8), real(2, 8), real(8), real(...lead, 2), real(...lead, 2), real(...lead, 3)],
      expected: lstm,
    },
  ]),
  ...[
    [2, 3, 4],
    [0, 2, 4],
  ].map((shape): Case => ({
    of: "nn.multiHeadAttention",
    f: (...v) => attend(v, { heads: 2 }),
    inputs: attentionInputs(4, shape),
    expected: (...v) => multiHead(2, () => true)(v),
  })),
  {
    of: "nn.multiHeadAttention",
    f: (...v) => attend(v, { heads: 1, mask: nn.causalMask(3) }),
    inputs: attentionInputs(2, [3, 2]),
    expected: (...v) => multiHead(1, (i, j) => j <= i)(v),
  },
  {
    of: "nn.multiHeadAttention",
    f: (...v) => attend(v, { heads: 2 }),
    inputs: attentionInputs(2, [2, 2], [3, 2]),
    expected: (...v) => multiHead(2, () => true)(v),
  },
  ...[0, 1, 3].map((n): Case => ({
    of: "nn.causalMask",
    f: x => np.where(nn.causalMask(n), x, 0),
    inputs: [real(n, n)],
    expected: x => tabulate([n, n], (i, j) => (j <= i ? at(x, [i, j]) : 0)),
  })),
  {
    // A mask that is added: finite numbers shift the scores, −∞ bars.
    of: "nn.attention",
    f: (q, k, v, bias, seen) => nn.attention(q, k, v, { mask: np.where(seen, bias, -Infinity) }),
    inputs: [real(2, 2), real(3, 2), real(3, 2), real(2, 3), { ...truths(2, 3), data: Uint8Array.of(1, 0, 1, 0, 0, 0) }],
    expected: (q, k, v, bias, seen) =>
      tabulate([2, 2], (i, c) => {
        const keys = range(3).filter(j => at(seen, [i, j]) === 1),
          weights = keys.map(j => Math.exp(total(range(2).map(l => at(q, [i, l]) * at(k, [j, l]))) / Math.SQRT2 + at(bias, [i, j])));
        return total(keys.map((j, s) => (weights[s] / total(weights)) * at(v, [j, c])));
      }),
  },
];
