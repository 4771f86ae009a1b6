import * as np from "../../../src/tensor/np/index.js";
import type { Case } from "./case.js";
import { inputsFor } from "./inputs.js";
import type { Plain } from "./plain.js";
import { at, broadcast, tabulate, total } from "./plain.js";

const { integers, real, truths } = inputsFor("linear");

type Shape = readonly number[];

/** NumPy's matmul in loops. */
function product(a: Plain, b: Plain): Plain {
  const [x, y] = [a.shape.length === 1 ? [1, ...a.shape] : a.shape, b.shape.length === 1 ? [...b.shape, 1] : b.shape];
  const lead = broadcast(x.slice(0, -2), y.slice(0, -2));
  const [left, right] = [
    { shape: x, data: a.data },
    { shape: y, data: b.data },
  ];
  const inner = Array.from({ length: x[x.length - 1] }, (_, k) => k);
  const { shape, data } = tabulate([...lead, x[x.length - 2], y[y.length - 1]], (...index) => {
    const [batch, [i, j]] = [index.slice(0, -2), index.slice(-2)];
    return total(inner.map(k => at(left, [...batch, i, k]) * at(right, [...batch, k, j])));
  });
  const rank = shape.length;
  return {
    data,
    shape: shape.filter((_, axis) => !(axis === rank - 2 && a.shape.length === 1) && !(axis === rank - 1 && b.shape.length === 1)),
  };
}

const products: readonly (readonly [Shape, Shape])[] = [
  [
    [2, 3],
    [3, 4],
  ],
  [
    [1, 3],
    [3, 1],
  ],
  [[3], [3]],
  [[3], [3, 2]],
  [[2, 3], [3]],
  [
    [1, 1],
    [1, 1],
  ],
  [
    [5, 2, 3],
    [3, 4],
  ],
  [
    [2, 3],
    [5, 3, 2],
  ],
  [
    [5, 2, 3],
    [5, 3, 2],
  ],
  [
    [5, 1, 2, 3],
    [2, 3, 2],
  ],
  [
    [1, 2, 3],
    [4, 3, 1],
  ],
  [[3], [2, 3, 2]],
  [[2, 2, 3], [3]],
  [
    [0, 3],
    [3, 2],
  ],
  [
    [2, 0],
    [0, 3],
  ],
  [
    [2, 3],
    [3, 0],
  ],
  [
    [2, 3, 0],
    [0, 4],
  ],
  [
    [0, 2, 3],
    [3, 4],
  ],
];

export const linear: readonly Case[] = [
  ...products.map(([a, b]): Case => ({
    of: "np.matmul",
    f: np.matmul,
    inputs: [real(...a), real(...b)],
    expected: product,
    // jax-js (0.1.25) gives batch axes that are broadcast in another order.
    jax:
      a.includes(0) || b.includes(0) || (b.length > 2 && String(a.slice(0, -2)) !== String(b.slice(0, -2)))
        ? undefined
        : (j, x, y) => j.np.matmul(x, y),
  })),
  { of: "np.matmul", f: np.matmul, inputs: [integers(-3, 4, 2, 3), integers(-3, 4, 3, 2)], expected: product },
  { of: "np.matmul", f: np.matmul, inputs: [integers(-3, 4, 2, 3), real(3, 2)], expected: product },
  { of: "np.matmul", f: np.matmul, inputs: [truths(2, 3), truths(3, 2)], expected: product },
  {
    of: "np.matmul",
    f: x => np.matmul(x, x.T),
    inputs: [real(2, 3)],
    expected: x =>
      product(
        x,
        tabulate([3, 2], (i, j) => at(x, [j, i])),
      ),
  },
  ...products
    .filter(([, b]) => b.length <= 2)
    .map(([a, b]): Case => ({
      of: "np.dot",
      f: np.dot,
      inputs: [real(...a), real(...b)],
      expected: product,
    })),
  { of: "np.dot", f: np.dot, inputs: [real(), real(2, 3)], expected: (x, y) => tabulate(y.shape, (...i) => x.data[0] * at(y, i)) },
  { of: "np.dot", f: np.dot, inputs: [integers(0, 4, 3), integers(0, 4, 3)], expected: product },
  ...[
    [2, 3],
    [1, 1],
    [0, 2],
  ].map(([m, n]): Case => ({
    of: "np.outer",
    f: np.outer,
    inputs: [real(m), real(n)],
    expected: (x, y) => tabulate([m, n], (i, j) => x.data[i] * y.data[j]),
  })),
];
