import { fail } from "./error.js";
import { checkShape } from "./host.js";
import type { HostArray, Shape } from "./types.js";
import { sizeOf } from "./types.js";

/** Where initializers get random numbers: the `random` of a problem's `theta`, or `stream(seed, "init")`. */
export interface RandomSource {
  /** Standard normal numbers times `scale`. */
  normal(shape: Shape, scale?: number): HostArray;
  /** Uniform numbers in [low, high). */
  uniform(shape: Shape, low?: number, high?: number): HostArray;
}

/** Makes the first numbers of a parameter. */
export type Initializer = (random: RandomSource, shape: Shape) => HostArray;

/**
 * What goes into an element and what comes out: of [inputs, outputs], as a matrix behind `np.matmul(x, w)`, and of [outputs, inputs, …window], a
 * kernel of `lax.conv`, with as many of both as the window has places.
 */
function fans(who: string, shape: Shape): { readonly inputs: number; readonly outputs: number } {
  checkShape(who, shape);
  if (shape.length < 2) fail(who, "takes a shape [inputs, outputs] or [outputs, inputs, …window]", `[${shape.join(", ")}]`);
  const [first, second, ...window] = shape,
    places = sizeOf(window);
  return shape.length === 2 ? { inputs: first, outputs: second } : { inputs: second * places, outputs: first * places };
}

/** Numbers of a variance; of an empty shape none. */
const normal = (random: RandomSource, shape: Shape, variance: number): HostArray =>
  random.normal(shape, sizeOf(shape) ? Math.sqrt(variance) : 1);
const uniform = (random: RandomSource, shape: Shape, variance: number): HostArray => {
  const bound = sizeOf(shape) ? Math.sqrt(3 * variance) : 1;
  return random.uniform(shape, -bound, bound);
};

/** 2 / (inputs + outputs). */
const glorot = (who: string, shape: Shape): number => {
  const { inputs, outputs } = fans(who, shape);
  return 2 / (inputs + outputs);
};

/**
 * Normal numbers of variance 2/(inputs + outputs), Xavier's: for tanh and linear layers.
 * @param shape [inputs, outputs], or [outputs, inputs, …window] of a convolution
 * @throws on another shape
 *
 * @example
 * const w = initializers.glorotNormal(stream(1, "init"), [20, 10]);
 *
 * Source: X. Glorot and Y. Bengio, Understanding the difficulty of training deep feedforward neural networks, AISTATS 2010.
 */
export const glorotNormal: Initializer = (random, shape) => normal(random, shape, glorot("glorotNormal", shape));

/**
 * Uniform numbers in ±√(6/(inputs + outputs)), Xavier's: of the variance of `glorotNormal`.
 * @param shape [inputs, outputs], or [outputs, inputs, …window] of a convolution
 * @throws on another shape
 */
export const glorotUniform: Initializer = (random, shape) => uniform(random, shape, glorot("glorotUniform", shape));

/**
 * Normal numbers of variance 2/inputs, Kaiming's: for relu.
 * @param shape [inputs, outputs], or [outputs, inputs, …window] of a convolution
 * @throws on another shape
 *
 * Source: K. He, X. Zhang, S. Ren and J. Sun, Delving deep into rectifiers, ICCV 2015, equation 10.
 */
export const heNormal: Initializer = (random, shape) => normal(random, shape, 2 / fans("heNormal", shape).inputs);

/**
 * Uniform numbers in ±√(6/inputs), Kaiming's: of the variance of `heNormal`.
 * @param shape [inputs, outputs], or [outputs, inputs, …window] of a convolution
 * @throws on another shape
 */
export const heUniform: Initializer = (random, shape) => uniform(random, shape, 2 / fans("heUniform", shape).inputs);

/**
 * Normal numbers of variance 1/inputs: what layers take unless told.
 * @param shape [inputs, outputs], or [outputs, inputs, …window] of a convolution
 * @throws on another shape
 *
 * Source: Y. LeCun, L. Bottou, G. Orr and K.-R. Müller, Efficient BackProp, 1998, section 4.6.
 */
export const lecunNormal: Initializer = (random, shape) => normal(random, shape, 1 / fans("lecunNormal", shape).inputs);

/**
 * Uniform numbers in ±√(3/inputs): of the variance of `lecunNormal`.
 * @param shape [inputs, outputs], or [outputs, inputs, …window] of a convolution
 * @throws on another shape
 */
export const lecunUniform: Initializer = (random, shape) => uniform(random, shape, 1 / fans("lecunUniform", shape).inputs);

/** A float32 array of one number. */
const filled = (shape: Shape, value: number): HostArray => ({
  shape: checkShape("an initializer", shape),
  dtype: "float32",
  data: new Float32Array(sizeOf(shape)).fill(value),
});

/** Zeros, whatever the random numbers are. */
export const zeros: Initializer = (_, shape) => filled(shape, 0);

/** Ones, whatever the random numbers are. */
export const ones: Initializer = (_, shape) => filled(shape, 1);

/**
 * A random orthogonal matrix: the rows of shape[0] × (the rest), or its columns where it has more rows, have length 1 and are perpendicular.
 * All rotations are equally likely.
 * @param shape at least two axes
 * @throws on another shape
 *
 * @example
 * const w = initializers.orthogonal(stream(1, "init"), [2, 2]).data;
 * Math.abs(w[0] * w[2] + w[1] * w[3]) < 1e-6; // true
 *
 * Source: A. Saxe, J. McClelland and S. Ganguli, Exact solutions to the nonlinear dynamics of learning in deep linear neural networks, ICLR 2014.
 */
export const orthogonal: Initializer = (random, shape) => {
  fans("orthogonal", shape);
  const size = sizeOf(shape),
    rows = shape[0],
    columns = rows ? size / rows : 0,
    [few, many] = rows <= columns ? [rows, columns] : [columns, rows],
    vectors: Float64Array[] = [];
  for (let i = 0; i < few; i++) {
    const v = Float64Array.from(random.normal([many]).data);
    // Twice, as the first time leaves rounding of the size of what it takes away.
    for (let again = 0; again < 2; again++)
      for (const u of vectors) {
        const along = dot(u, v);
        for (let k = 0; k < many; k++) v[k] -= along * u[k];
      }
    const length = Math.sqrt(dot(v, v));
    vectors.push(v.map(x => x / length));
  }
  const data = new Float32Array(size);
  vectors.forEach((v, i) => v.forEach((x, k) => (data[rows <= columns ? i * columns + k : k * columns + i] = x)));
  return { shape: [...shape], dtype: "float32", data };
};

const dot = (a: Float64Array, b: Float64Array): number => a.reduce((sum, x, i) => sum + x * b[i], 0);
