import { lax, linalg, nn, np, random } from "../../src/index.js";

const x = np.ones([2, 2]),
  image = np.ones([1, 1, 4, 4]);

/** Everything that takes an object of options: what it is called in sentences, its keys, options that are right, and the call. */
export interface Taker {
  readonly who: string;
  readonly keys: readonly string[];
  readonly good?: object;
  call(options: never): unknown;
}
const reduce = (who: string, call: (options: never) => unknown): Taker => ({ who, keys: ["keepdims"], good: { keepdims: true }, call });

/** What of the language takes options. */
export const languageTakers: readonly Taker[] = [
  reduce("sum", o => np.sum(x, 0, o)),
  reduce("sum", o => x.sum(0, o)),
  reduce("std", o => np.std(x, 0, o)),
  reduce("ptp", o => np.ptp(x, 0, o)),
  reduce("any", o => np.any(x, 0, o)),
  reduce("all", o => np.all(x, 0, o)),
  reduce("median", o => np.median(x, 0, o)),
  reduce("quantile", o => np.quantile(x, 0.5, 0, o)),
  reduce("norm", o => linalg.norm(x, 1, 0, o)),
  { who: "groupNorm", keys: ["epsilon"], call: o => nn.groupNorm(np.ones(2, 4, 2), np.ones(4), np.ones(4), 2, o) },
  { who: "linspace", keys: ["endpoint"], call: o => np.linspace(0, 1, 3, o) },
  { who: "meshgrid", keys: ["indexing"], call: o => np.meshgrid([[1, 2], [3]], o) },
  { who: "choice", keys: ["replace", "p", "axis"], call: o => random.choice(random.key(1), 3, [2], o) },
  reduce("mean", o => x.mean(0, o)),
  reduce("max", o => x.max(0, o)),
  reduce("min", o => x.min(0, o)),
  reduce("variance", o => np.variance(x, 0, o)),
  reduce("prod", o => np.prod(x, 0, o)),
  reduce("argmax", o => np.argmax(x, 0, o)),
  reduce("argmax", o => np.argmax(x, undefined, o)),
  reduce("argmin", o => np.argmin(x, 0, o)),
  reduce("logsumexp", o => nn.logsumexp(x, -1, o)),
  { who: "attention", keys: ["mask"], call: o => nn.attention(x, x, x, o) },
  { who: "batchNorm", keys: ["axes", "epsilon"], call: o => nn.batchNorm(x, np.ones([2]), np.ones([2]), o) },
  { who: "layerNorm", keys: ["axes", "epsilon"], call: o => nn.layerNorm(x, np.ones([2]), np.ones([2]), o) },
  { who: "maxPool", keys: ["window", "strides", "padding"], good: { window: [2, 2] }, call: o => nn.maxPool(image, o) },
  { who: "avgPool", keys: ["window", "strides", "padding"], good: { window: [2, 2] }, call: o => nn.avgPool(image, o) },
  { who: "conv", keys: ["dilation", "groups", "inputDilation"], call: o => lax.conv(image, image, [1, 1], "SAME", o) },
  { who: "convTranspose", keys: ["dilation", "transposeKernel"], call: o => lax.convTranspose(image, image, [1, 1], "SAME", o) },
  { who: "solveTriangular", keys: ["lower", "trans", "unitDiagonal"], call: o => linalg.solveTriangular(x, x, o) },
];
