// Conv4, the network of few-shot learning (Finn et al. 2017; Likhosherstov et al. 2021): four convolutions of 64 channels in steps of two,
// each with batch normalization over the very batch (transductive) and relu, and a linear classifier.
import { lax, nn, np, type Shape, type Value } from "../src/index.js";

/** Kernel, bias, scale and shift of each layer, then the classifier's matrix and bias. */
export const conv4Shapes = (ways: number): Shape[] => [
  ...[1, 64, 64, 64].flatMap((channels): Shape[] => [[64, channels, 3, 3], [64], [64], [64]]),
  [64 * 4, ways],
  [ways],
];

/** Logits [n, ways] of images [n, 1, 28, 28]. */
export function conv4Logits(w: readonly Value[], x: Value): Value {
  let h = x;
  const around = [
    [1, 1],
    [1, 1],
  ] as const;
  for (let i = 0; i < 16; i += 4) {
    const y = lax.conv(h, w[i], [2, 2], around).add(w[i + 1].reshape([64, 1, 1]));
    h = nn.relu(nn.batchNorm(y, w[i + 2], w[i + 3]));
  }
  return np.matmul(h.reshape([x.shape[0], -1]), w[16]).add(w[17]);
}
