import * as lax from "../../../src/tensor/lax.js";
import * as nn from "../../../src/tensor/nn.js";
import * as np from "../../../src/tensor/np/index.js";
import type { Shape } from "../../../src/tensor/types.js";
import type { Value } from "../../../src/tensor/value.js";

/** A layer: its weights by shape on demand, and numbers for whatever else is to be decided. Takes and gives [N, C, H, W]. */
export type Block = (x: Value, weight: (shape: Shape) => Value, p: readonly number[]) => Value;

/** A divisor of both numbers. */
function common(a: number, b: number, choice: number): number {
  const divisors = Array.from({ length: Math.min(a, b) }, (_, i) => i + 1).filter(d => a % d === 0 && b % d === 0);
  return divisors[choice % divisors.length];
}

const conv: Block = (x, weight, p) => {
  const [, channels, ...extents] = x.shape,
    out = 1 + (p[0] % 5),
    groups = common(channels, out, p[1]),
    dilation = [1 + (p[2] % 2), 1];
  const kernel = extents.map((_, a) => 1 + (p[3 + a] % 3)),
    fits = extents.every((n, a) => n > (kernel[a] - 1) * dilation[a]);
  const w = weight([out, channels / groups, ...kernel]);
  return lax.conv(x, w, [1 + (p[5] % 2), 1 + (p[1] % 2)], fits && p[2] % 3 === 0 ? "VALID" : "SAME", { groups, dilation });
};

const upwards: Block = (x, weight, p) => {
  const [, channels, height, width] = x.shape;
  if (height * width > 16) return x;
  return lax.convTranspose(x, weight([1 + (p[0] % 3), channels, 1 + (p[1] % 3), 1 + (p[2] % 3)]), [1 + (p[3] % 2), 1 + (p[4] % 2)], "SAME");
};

const pool =
  (how: typeof nn.maxPool): Block =>
  (x, _, p) => {
    const window = [1 + (p[0] % 3), 1 + (p[1] % 3)],
      strides = [1 + (p[2] % 2), 1 + (p[3] % 3)];
    const fits = window.every((n, a) => n <= x.shape[2 + a]);
    return how(x, { window, strides, padding: fits && p[4] % 2 === 0 ? "VALID" : "SAME" });
  };

const batchNorm: Block = (x, weight) => nn.batchNorm(x, weight([x.shape[1]]), weight([x.shape[1]]), { epsilon: 0.1 });

const layerNorm: Block = (x, weight, p) => {
  const axes = [[-1], [1, 2, 3], [1]][p[0] % 3],
    shape = axes.map(a => x.shape[a < 0 ? x.ndim + a : a]);
  return nn.layerNorm(x, weight(shape), weight(shape), { axes, epsilon: 0.1 });
};

/** Places are tokens, or rows are. */
const attention: Block = (x, weight, p) => {
  const [n, channels, height, width] = x.shape,
    rows = p[0] % 2 === 0,
    tokens = rows ? height : height * width,
    wide = rows ? channels * width : channels;
  const sequence = x.transpose(rows ? [0, 2, 1, 3] : [0, 2, 3, 1]).reshape([n, tokens, wide]),
    heads = common(wide, wide, p[1]);
  const apart = (y: Value) => y.reshape([n, tokens, heads, wide / heads]).transpose([0, 2, 1, 3]);
  const [q, k, v] = [0, 1, 2].map(() => apart(np.matmul(sequence, weight([wide, wide]))));
  const mask = p[2] % 2 === 0 ? np.lessEqual(np.arange(tokens), np.arange(tokens).reshape([tokens, 1])) : undefined;
  const y = nn.attention(q, k, v, { mask }).transpose([0, 2, 1, 3]);
  return rows
    ? y.reshape([n, height, channels, width]).transpose([0, 2, 1, 3])
    : y.reshape([n, height, width, channels]).transpose([0, 3, 1, 2]);
};

/** A linear map of channels, with a bias. */
const dense: Block = (x, weight, p) => {
  const [, channels] = x.shape,
    out = 1 + (p[0] % 5);
  const y = np.matmul(x.transpose([0, 2, 3, 1]), weight([channels, out])).add(weight([out]));
  return y.transpose([0, 3, 1, 2]);
};

const activations = [nn.relu, nn.leakyRelu, nn.elu, nn.gelu, nn.silu, nn.sigmoid, nn.softplus, np.tanh, (x: Value) => nn.softmax(x, 1)];
const activation: Block = (x, _, p) => activations[p[0] % activations.length](x);

export const blocks: readonly Block[] = [
  conv,
  conv,
  upwards,
  pool(nn.maxPool),
  pool(nn.avgPool),
  batchNorm,
  layerNorm,
  attention,
  dense,
  activation,
  activation,
];
