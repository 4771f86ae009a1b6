// The networks of few-shot learning: a start for one of your own. A body makes features of images, a linear head makes logits of features. Both are
// trees of arrays, and all of it is written in the tensor language, so any part may be learned inside, outside, or both.
import { initializers, nn, np, zeros } from "ufom";
import type { HostArray, RandomSource, Value } from "ufom";

/** One layer of a body: a kernel or a matrix with a bias, and scale and shift where it normalizes. */
export type Layer<T = Value> = Readonly<Record<string, T>>;

/** All that is learned of a network. */
export interface Network<T = Value> {
  readonly body: readonly Layer<T>[];
  readonly head: { readonly w: T; readonly b: T };
}

/** What a network is made for. */
export interface Layout {
  readonly channels: number;
  readonly height: number;
  readonly width: number;
  /** Number of classes of a task. */
  readonly ways: number;
  /** Channels of a convolution, or units of a hidden layer. */
  readonly filters: number;
}

/** An architecture by name. */
export interface Architecture {
  readonly summary: string;
  /** Whether logits depend on the other images of the batch, by batch normalization. */
  readonly normalizes: boolean;
  /** First parameters: Glorot's uniform weights, no bias, a scale of ones. */
  init(random: RandomSource, layout: Layout): Network<HostArray>;
  /** Features [n, f] of images [n, channels, height, width], normalized by mean and variance of the first `reference` images. */
  features(body: readonly Layer[], x: Value, reference: number): Value;
}

/** ε of batch normalization. */
const epsilon = 1e-3;
const weights = initializers.glorotUniform;

/** Batch normalization of each channel of [n, c, h, w] by mean and variance of the first rows: of the very batch where that is all of them. */
export function normalized({ scale, shift }: Layer, x: Value, reference = x.shape[0]): Value {
  if (reference === x.shape[0]) return nn.batchNorm(x, scale, shift, { epsilon });
  const of = np.slice(x, [0, reference]),
    axes = [0, 2, 3],
    mean = of.mean(axes, { keepdims: true }),
    variance = np.square(of.sub(mean)).mean(axes, { keepdims: true });
  return x
    .sub(mean)
    .div(np.sqrt(variance.add(epsilon)))
    .mul(scale.reshape([-1, 1, 1]))
    .add(shift.reshape([-1, 1, 1]));
}

const flat = (x: Value): Value => x.reshape([x.shape[0], -1]);

const head = (random: RandomSource, features: number, ways: number) => ({ w: weights(random, [features, ways]), b: zeros(ways) });

/** Four 3×3 convolutions, each of which halves height and width (rounded up), and what comes behind each. */
const fourConvolutions = (strides: readonly number[], behind: (layer: Layer, x: Value, reference: number) => Value) => ({
  normalizes: true,
  init(random: RandomSource, { channels, height, width, ways, filters }: Layout): Network<HostArray> {
    const body = [channels, filters, filters, filters].map(inputs => ({
      ...nn.conv.init(random, inputs, filters, [3, 3], { weights }),
      ...nn.batchNorm.init(filters),
    }));
    return { body, head: head(random, filters * Math.ceil(height / 16) * Math.ceil(width / 16), ways) };
  },
  features: (body: readonly Layer[], x: Value, reference: number): Value =>
    flat(body.reduce((h, layer) => behind(layer, nn.conv({ kernel: layer.kernel, b: layer.b }, h, { strides }), reference), x)),
});

/** The architectures that `model` names. */
export const architectures = {
  conv4: {
    summary: "four convolutions of stride 2 with batch normalization and relu: for 28×28 and 32×32",
    ...fourConvolutions([2, 2], (layer, h, reference) => nn.relu(normalized(layer, h, reference))),
  },
  "conv4-pool": {
    summary: "four convolutions of stride 1 with batch normalization, 2×2 maxima and relu: for 84×84",
    ...fourConvolutions([1, 1], (layer, h, reference) =>
      nn.relu(nn.maxPool(normalized(layer, h, reference), { window: [2, 2], padding: "SAME" })),
    ),
  },
  mlp: {
    summary: "two hidden layers with relu, on pixels in a row",
    normalizes: false,
    init(random, { channels, height, width, ways, filters }) {
      const body = [channels * height * width, filters].map(inputs => ({ w: weights(random, [inputs, filters]), b: zeros(filters) }));
      return { body, head: head(random, filters, ways) };
    },
    features: (body, x) => body.reduce((h, { w, b }) => nn.relu(nn.linear({ w, b }, h)), flat(x)),
  },
  linear: {
    summary: "a linear head on the numbers as they are given",
    normalizes: false,
    init: (random, { channels, height, width, ways }) => ({ body: [], head: head(random, channels * height * width, ways) }),
    features: (_, x) => flat(x),
  },
} as const satisfies Readonly<Record<string, Architecture>>;

export type Model = keyof typeof architectures;

/**
 * Logits [n, ways] of images [n, channels, height, width].
 * @param reference by the mean and variance of how many images, from the first, a network normalizes that does; of all unless told
 */
export const logits = (model: Model, { body, head }: Network, x: Value, reference = x.shape[0]): Value =>
  nn.linear(head, (architectures[model] as Architecture).features(body, x, reference));
