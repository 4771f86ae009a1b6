import type { HostArray, TypedArray } from "../../src/tensor/types.js";

// Outer transforms written the plain way: one operation at a time over whole typed arrays, which round as they store.

type Leaf = TypedArray;

const each = (like: Leaf, f: (i: number) => number): Leaf => {
  const result = like.slice();
  for (let i = 0; i < result.length; i++) result[i] = f(i);
  return result;
};
const scale = (s: number, x: Leaf): Leaf => each(x, i => s * x[i]);
const divide = (x: Leaf, s: number): Leaf => each(x, i => x[i] / s);
const shift = (x: Leaf, s: number): Leaf => each(x, i => x[i] + s);
const add = (x: Leaf, y: Leaf): Leaf => each(x, i => x[i] + y[i]);
const multiply = (x: Leaf, y: Leaf): Leaf => each(x, i => x[i] * y[i]);
const quotient = (x: Leaf, y: Leaf): Leaf => each(x, i => x[i] / y[i]);
const root = (x: Leaf): Leaf => each(x, i => Math.sqrt(x[i]));

/** Updates of one leaf from its gradients so far, the newest last; `all` holds every leaf's newest gradient. */
export type Reference = (gradients: readonly Leaf[], all: readonly Leaf[], gamma: (k: number) => number) => Leaf;

export const references = {
  sgd: ((gradients, _all, gamma) => scale(-gamma(gradients.length), gradients.at(-1)!)) as Reference,

  momentum:
    (beta: number): Reference =>
    (gradients, _all, gamma) => {
      let trace: Leaf = gradients[0].slice().fill(0);
      for (const g of gradients) trace = add(scale(beta, trace), g);
      return scale(-gamma(gradients.length), trace);
    },

  adam:
    (beta1: number, beta2: number, epsilon: number): Reference =>
    (gradients, _all, gamma) => {
      let first: Leaf = gradients[0].slice().fill(0);
      let second: Leaf = first;
      let [power1, power2] = [1, 1];
      for (const g of gradients) {
        first = add(scale(beta1, first), scale(1 - beta1, g));
        second = add(scale(beta2, second), scale(1 - beta2, multiply(g, g)));
        power1 *= beta1;
        power2 *= beta2;
      }
      const direction = quotient(divide(first, 1 - power1), shift(root(divide(second, 1 - power2)), epsilon));
      return scale(-gamma(gradients.length), direction);
    },

  clipByValue:
    (limit: number): Reference =>
    gradients => {
      const g = gradients.at(-1)!;
      const bound = each(g, () => limit);
      return each(g, i => (g[i] > bound[i] ? bound[i] : g[i] < -bound[i] ? -bound[i] : g[i]));
    },

  clipByGlobalNorm:
    (maxNorm: number): Reference =>
    (gradients, all) => {
      const norm = Math.sqrt(all.flatMap(leaf => [...leaf]).reduce((sum, x) => sum + x * x, 0));
      return norm > maxNorm ? scale(maxNorm / norm, gradients.at(-1)!) : gradients.at(-1)!;
    },
};

export const host = (data: TypedArray, dtype: HostArray["dtype"], shape: readonly number[] = [data.length]): HostArray => ({
  shape,
  dtype,
  data,
});
