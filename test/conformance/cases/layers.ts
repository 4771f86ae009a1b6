import * as nn from "../../../src/tensor/nn.js";
import type { Value } from "../../../src/tensor/value.js";
import type { Case } from "./case.js";
import { inputsFor, vector } from "./inputs.js";
import type { Plain } from "./plain.js";
import { at, fold, indices, tabulate, total, zip } from "./plain.js";

const { distinct, integers, real, truths } = inputsFor("layers");

type Shape = readonly number[];
const mean = (list: readonly number[]) => total(list) / list.length;
const variance = (list: readonly number[]) => mean(list.map(v => (v - mean(list)) ** 2));

/** A fold of each window over the last axes, of the elements that are inside. */
const windows =
  (f: (list: number[]) => number, window: Shape, strides: Shape, padding: "SAME" | "VALID") =>
  (x: Plain): Plain => {
    const lead = x.shape.length - window.length;
    const lines = window.map((w, i) => {
      const n = x.shape[lead + i];
      if (padding === "VALID") return { count: Math.floor((n - w) / strides[i]) + 1, before: 0 };
      const count = Math.ceil(n / strides[i]);
      return { count, before: Math.floor(Math.max((count - 1) * strides[i] + w - n, 0) / 2) };
    });
    return tabulate([...x.shape.slice(0, lead), ...lines.map(l => l.count)], (...index) => {
      const places = indices(window).map(o => o.map((k, i) => index[lead + i] * strides[i] - lines[i].before + k));
      const inside = places.filter(p => p.every((v, i) => v >= 0 && v < x.shape[lead + i]));
      return f(inside.map(p => at(x, [...index.slice(0, lead), ...p])));
    });
  };

const pools: readonly (readonly [Shape, Shape, Shape | undefined, "SAME" | "VALID" | undefined])[] = [
  [[1, 2, 4, 4], [2, 2], undefined, undefined],
  [[1, 1, 5, 4], [3, 2], [2, 1], "VALID"],
  [[2, 1, 4, 3], [2, 3], [2, 2], "SAME"],
  [[1, 5], [4], [1], "SAME"],
  [[4], [2], [3], "SAME"],
  [[3], [3], undefined, "VALID"],
  [[0, 1, 2, 2], [2, 2], undefined, undefined],
  [[1, 0], [2], undefined, "SAME"],
];
const pooling = (of: string, f: typeof nn.maxPool, value: (list: number[]) => number): Case[] =>
  pools.map(([shape, window, strides, padding]): Case => ({
    of,
    f: x => f(x, { window, strides, padding }),
    inputs: [distinct(...shape)],
    expected: windows(value, window, strides ?? window, padding ?? "VALID"),
    kinks:
      of === "nn.maxPool" && shape.length === 1 && padding === "SAME"
        ? [{ name: "equal elements share", inputs: [vector(1e4, 1e4, -100, -1e4)], value: [1e4, -1e4], gradient: [0.5, 0.5, 0, 1] }]
        : undefined,
  }));

/** Statistics over some axes, parameters over others. */
const normed =
  (axes: Shape, epsilon: number, own: Shape) =>
  (x: Plain, scale: Plain, shift: Plain): Plain => {
    const standard = zip((v, m, s) => (v - m) / Math.sqrt(s + epsilon), x, fold(mean, x, axes, true), fold(variance, x, axes, true));
    const over = (p: Plain): Plain => ({ shape: x.shape.map((n, i) => (own.includes(i) ? n : 1)), data: p.data });
    return zip((v, a, b) => v * a + b, standard, over(scale), over(shift));
  };
const norms: readonly (readonly [Shape, Shape | undefined, Shape, Shape, number | undefined])[] = [
  [[4, 2], undefined, [0], [1], undefined],
  [[2, 2, 2, 2], undefined, [0, 2, 3], [1], 0.1],
  [[4, 3], [-2], [0], [1], undefined],
  [[3], [0], [0], [], undefined],
  [[0, 2], [1], [1], [0], undefined],
];
const layers: readonly (readonly [Shape, Shape | undefined, Shape, number | undefined])[] = [
  [[4], undefined, [0], undefined],
  [[2, 3], undefined, [1], undefined],
  [[2, 2, 3], [1, 2], [1, 2], 0.1],
  [[0, 3], undefined, [1], undefined],
];

const softmax = (list: readonly number[]) => list.map(v => Math.exp(v) / total(list.map(Math.exp)));
/** Row by row, over the keys that are seen. */
const attended =
  (lead: Shape, mask: (index: Shape, j: number) => boolean) =>
  (q: Plain, k: Plain, v: Plain): Plain => {
    const rank = lead.length;
    const d = q.shape[q.shape.length - 1];
    return tabulate([...lead, q.shape[q.shape.length - 2], v.shape[v.shape.length - 1]], (...index) => {
      const [before, i, c] = [index.slice(0, rank), index[rank], index[rank + 1]];
      const keys = Array.from({ length: k.shape[k.shape.length - 2] }, (_, j) => j).filter(j => mask([...before, i], j));
      const place = (x: Plain, ...last: number[]) => at(x, [...before, ...last]);
      const score = (j: number) => total(Array.from({ length: d }, (_, l) => place(q, i, l) * place(k, j, l))) / Math.sqrt(d);
      return total(softmax(keys.map(score)).map((w, s) => w * place(v, keys[s], c)));
    });
  };
const heads: readonly (readonly [Shape, Shape, Shape, Shape])[] = [
  [[], [2, 3], [4, 3], [4, 2]],
  [[2], [2, 2, 3], [2, 3, 3], [2, 3, 1]],
  [
    [2, 2],
    [2, 2, 1, 2],
    [2, 1, 2, 2],
    [2, 2, 2],
  ],
  [[], [0, 2], [3, 2], [3, 2]],
  [[], [2, 1], [1, 1], [1, 2]],
];

export const composed: readonly Case[] = [
  ...pooling("nn.maxPool", nn.maxPool, list => Math.max(...list)),
  ...pooling("nn.avgPool", nn.avgPool, mean),
  ...(
    [
      ["nn.maxPool", nn.maxPool, list => Math.max(...list)],
      ["nn.avgPool", nn.avgPool, mean],
    ] as [string, typeof nn.maxPool, (list: number[]) => number][]
  ).map(([of, f, value]): Case => ({
    of,
    f: x => f(x, { window: [2] }),
    inputs: [integers(-5, 6, 4)],
    expected: windows(value, [2], [2], "VALID"),
  })),
  ...[integers(-5, 6, 5), truths(5)].map((x): Case => ({
    of: "nn.maxPool",
    f: v => nn.maxPool(v, { window: [3], strides: [2], padding: "SAME" }),
    inputs: [x],
    expected: windows(list => Math.max(...list), [3], [2], "SAME"),
  })),
  ...norms.map(([shape, axes, over, own, epsilon]): Case => ({
    of: "nn.batchNorm",
    f: (x, scale, shift) => nn.batchNorm(x, scale, shift, { axes, epsilon }),
    inputs: [real(...shape), real(...own.map(i => shape[i])), real(...own.map(i => shape[i]))],
    expected: normed(over, epsilon ?? 1e-5, own),
  })),
  ...layers.map(([shape, axes, over, epsilon]): Case => ({
    of: "nn.layerNorm",
    f: (x, scale, shift) => nn.layerNorm(x, scale, shift, { axes, epsilon }),
    inputs: [real(...shape), real(...over.map(i => shape[i])), real(...over.map(i => shape[i]))],
    expected: normed(over, epsilon ?? 1e-5, over),
  })),
  ...heads.map(([lead, q, k, v]): Case => ({
    of: "nn.attention",
    f: (...x) => nn.attention(...(x as [Value, Value, Value])),
    inputs: [real(...q), real(...k), real(...v)],
    expected: attended(lead, () => true),
  })),
  {
    of: "nn.attention",
    f: (q, k, v, mask) => nn.attention(q, k, v, { mask }),
    inputs: [real(2, 3, 2), real(2, 4, 2), real(2, 4, 3), truths(3, 4)],
    expected: (q, k, v, mask) => attended([2], ([, i], j) => at(mask, [i, j]) === 1)(q, k, v),
  },
  {
    // The second query sees nothing.
    of: "nn.attention",
    f: (q, k, v, mask) => nn.attention(q, k, v, { mask }),
    inputs: [real(2, 3), real(3, 3), real(3, 2), { shape: [2, 3], dtype: "bool", data: Uint8Array.of(1, 0, 1, 0, 0, 0) }],
    expected: (q, k, v, mask) => attended([], ([i], j) => at(mask, [i, j]) === 1)(q, k, v),
  },
];
