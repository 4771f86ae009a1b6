import type { Convolution } from "../../../src/program/program.js";
import * as lax from "../../../src/tensor/lax.js";
import { apply } from "../../../src/tensor/operation.js";
import type { Value } from "../../../src/tensor/value.js";
import type { Case } from "./case.js";
import { inputsFor } from "./inputs.js";
import type { Plain } from "./plain.js";
import { at, indices, tabulate, total } from "./plain.js";

const { integers, real } = inputsFor("convolution");

type Shape = readonly number[];
type Padding = Convolution["padding"];
interface Spec {
  readonly strides: Shape;
  readonly padding: Padding;
  readonly dilation: Shape;
  readonly groups: number;
  readonly inputDilation: Shape;
}

/** An element, or zero where there is none. */
const within = (x: Plain, index: Shape): number => (index.every((i, axis) => i >= 0 && i < x.shape[axis]) ? at(x, index) : 0);
const spread = (n: number, d: number) => (n === 0 ? 0 : (n - 1) * d + 1);

/** Zeros between the elements of the spatial axes. */
const dilated = (x: Plain, by: Shape): Plain =>
  tabulate([...x.shape.slice(0, 2), ...x.shape.slice(2).map((n, a) => spread(n, by[a]))], (n, c, ...p) =>
    p.every((i, a) => i % by[a] === 0) ? at(x, [n, c, ...p.map((i, a) => i / by[a])]) : 0,
  );

/** The definition, one sum an element of the result. */
function convolved(given: Plain, w: Plain, { strides, padding, dilation, groups, inputDilation }: Spec): Plain {
  const x = dilated(given, inputDilation);
  const [out, channels, ...kernel] = w.shape;
  const spatial = x.shape.slice(2).map((n, a) => {
    const room = n + padding[a][0] + padding[a][1] - spread(kernel[a], dilation[a]);
    return room < 0 ? 0 : Math.floor(room / strides[a]) + 1;
  });
  return tabulate([x.shape[0], out, ...spatial], (n, o, ...p) => {
    const first = Math.floor(o / (out / groups)) * channels;
    const places = indices([channels, ...kernel]);
    return total(
      places.map(([i, ...k]) => {
        const q = p.map((v, a) => v * strides[a] + k[a] * dilation[a] - padding[a][0]);
        return within(x, [n, first + i, ...q]) * at(w, [o, i, ...k]);
      }),
    );
  });
}

/** Adds each product x[n, c, p] · w[o, c, −k] to place p·stride + k·dilation − low, of as many as there are. */
function scattered(x: Plain, w: Plain, strides: Shape, dilation: Shape, low: Shape, extents: Shape): Plain {
  const shape = [x.shape[0], w.shape[0], ...extents];
  const sums = new Map(indices(shape).map(index => [index.join(), 0]));
  for (const [n, c, ...p] of indices(x.shape)) {
    for (const [o, ...k] of indices([w.shape[0], ...w.shape.slice(2)])) {
      const turned = k.map((v, a) => w.shape[a + 2] - 1 - v);
      const place = [n, o, ...p.map((v, a) => v * strides[a] + k[a] * dilation[a] - low[a])].join();
      if (sums.has(place)) sums.set(place, sums.get(place)! + at(x, [n, c, ...p]) * at(w, [o, c, ...turned]));
    }
  }
  return { shape, data: [...sums.values()] };
}

/** x, kernel, strides, padding as given and as numbers, dilation, groups, input dilation. */
const layers: readonly (readonly [Shape, Shape, Shape, lax.Padding, Padding, Partial<Spec>?])[] = [
  [[2, 2, 5], [3, 2, 3], [1], "VALID", [[0, 0]]],
  [[2, 2, 5], [3, 2, 3], [2], "SAME", [[1, 1]]],
  [[1, 2, 6], [1, 2, 3], [2], "SAME", [[0, 1]]],
  [[1, 1, 7], [2, 1, 2], [3], "VALID", [[0, 0]]],
  // Windows apart from each other, and a kernel of one place.
  [[1, 1, 9], [1, 1, 2], [4], [[1, 1]], [[1, 1]]],
  [[2, 3, 4], [2, 3, 1], [1], "SAME", [[0, 0]]],
  [
    [1, 2, 3, 4],
    [2, 2, 1, 1],
    [2, 3],
    "VALID",
    [
      [0, 0],
      [0, 0],
    ],
  ],
  [
    [1, 2, 4, 4],
    [2, 2, 3, 3],
    [2, 2],
    "SAME",
    [
      [0, 1],
      [0, 1],
    ],
  ],
  [
    [1, 1, 4, 5],
    [2, 1, 2, 3],
    [1, 2],
    [
      [2, 0],
      [0, 3],
    ],
    [
      [2, 0],
      [0, 3],
    ],
  ],
  // Cut instead of padded.
  [
    [1, 1, 5, 4],
    [1, 1, 2, 2],
    [1, 1],
    [
      [-1, 1],
      [1, -2],
    ],
    [
      [-1, 1],
      [1, -2],
    ],
  ],
  [
    [1, 1, 7, 6],
    [2, 1, 2, 3],
    [1, 2],
    "SAME",
    [
      [1, 2],
      [1, 2],
    ],
    { dilation: [3, 2] },
  ],
  [[1, 1, 8], [1, 1, 3], [4], [[2, 3]], [[2, 3]], { dilation: [2] }],
  [[1, 1, 9], [1, 1, 3], [2], [[2, 3]], [[2, 3]], { dilation: [3] }],
  [[2, 4, 4], [6, 2, 2], [1], "SAME", [[0, 1]], { groups: 2 }],
  [
    [1, 3, 3, 3],
    [3, 1, 2, 2],
    [2, 2],
    "SAME",
    [
      [0, 1],
      [0, 1],
    ],
    { groups: 3 },
  ],
  [[1, 1, 3], [2, 1, 3], [1], [[2, 2]], [[2, 2]], { inputDilation: [3] }],
  [[1, 2, 3], [2, 1, 2], [1], [[2, 0]], [[2, 0]], { inputDilation: [2], groups: 2, dilation: [2] }],
  [[1, 1, 4], [1, 1, 3], [2], "SAME", [[1, 1]], { inputDilation: [2] }],
  [
    [1, 1, 2, 3, 2],
    [2, 1, 2, 2, 1],
    [1, 2, 1],
    "SAME",
    [
      [0, 1],
      [0, 1],
      [0, 0],
    ],
  ],
  [
    [1, 1, 1, 1],
    [1, 1, 1, 1],
    [1, 1],
    "SAME",
    [
      [0, 0],
      [0, 0],
    ],
  ],
  [
    [1, 1, 1, 1],
    [1, 1, 3, 3],
    [1, 1],
    "SAME",
    [
      [1, 1],
      [1, 1],
    ],
  ],
  // A window larger than x, and arrays without elements.
  [[1, 1, 2], [2, 1, 3], [1], "VALID", [[0, 0]]],
  [[0, 2, 4], [3, 2, 2], [1], "VALID", [[0, 0]]],
  [[2, 2, 4], [0, 2, 2], [1], "VALID", [[0, 0]]],
  [[2, 0, 4], [3, 0, 2], [1], "VALID", [[0, 0]]],
];

const complete = ([, w, strides, , padding, some = {}]: (typeof layers)[number]): Spec => {
  const ones = w.slice(2).map(() => 1);
  return { strides, padding, dilation: ones, groups: 1, inputDilation: ones, ...some };
};

const forward: Case[] = layers.map(layer => {
  const [x, w, strides, padding, pairs, options] = layer;
  const spec = complete(layer);
  return {
    of: "lax.conv",
    f: (a, b) => lax.conv(a, b, strides, padding, options),
    inputs: [real(...x), real(...w)],
    expected: (a, b) => convolved(a, b, spec),
    // jax-js refuses windows larger than x.
    jax: w.some((k, a) => a > 1 && k > x[a] && padding === "VALID")
      ? undefined
      : (j, a, b) =>
          j.lax.convGeneralDilated(
            a,
            b,
            [...strides],
            pairs.map(([low, high]) => [low, high]),
            { lhsDilation: [...spec.inputDilation], rhsDilation: [...spec.dilation], featureGroupCount: spec.groups },
          ),
  };
});

/** The layers whose adjoints are operations of their own: x, w and their result. */
const family = layers.filter(([x, w, , , , some]) => some?.inputDilation === undefined && ![...x, ...w].includes(0)).slice(1);

const adjoints: Case[] = family.flatMap(layer => {
  const [x, w] = layer;
  const { inputDilation: ones, ...params } = complete(layer);
  const zero = (shape: Shape): Plain => tabulate(shape, () => 0);
  const y = convolved(zero(x), zero(w), { ...params, inputDilation: ones }).shape;
  /** The derivative of Σ g·y by an element: what the convolution of that element alone gives. */
  const derivative = (shape: Shape, g: Plain, response: (unit: Plain) => Plain): Plain =>
    tabulate(shape, (...index) => {
      const one = response(tabulate(shape, (...other) => +(other.join() === index.join())));
      return total(one.data.map((v, i) => v * g.data[i]));
    });
  const whole = { ...params, inputDilation: ones };
  return [
    {
      of: "op.convInput",
      f: (g: Value, b: Value) => apply("convInput", [g, b], params, { shape: x }),
      inputs: [real(...y), real(...w)],
      expected: (g: Plain, b: Plain) => derivative(x, g, unit => convolved(unit, b, whole)),
    },
    {
      of: "op.convKernel",
      f: (a: Value, g: Value) => apply("convKernel", [a, g], params, { shape: w }),
      inputs: [real(...x), real(...y)],
      expected: (a: Plain, g: Plain) => derivative(w, g, unit => convolved(a, unit, whole)),
    },
  ];
});

/** x, kernel, strides, padding, dilation; zeros cut from the full result in front, and what is left. */
const transposed: readonly (readonly [Shape, Shape, Shape, lax.Padding, Shape, Shape, Shape])[] = [
  [[1, 2, 3], [3, 2, 3], [2], "SAME", [1], [0], [6]],
  [[2, 1, 4], [1, 1, 2], [1], "VALID", [1], [0], [5]],
  [[1, 2, 3], [2, 2, 2], [3], "SAME", [1], [0], [9]],
  [[1, 1, 3], [1, 1, 4], [2], "VALID", [1], [0], [8]],
  [
    [1, 1, 3, 2],
    [2, 1, 3, 2],
    [2, 1],
    [
      [1, 0],
      [0, 1],
    ],
    [1, 2],
    [1, 0],
    [6, 3],
  ],
];

const transposes: Case[] = transposed.flatMap(([x, w, strides, padding, dilation, low, extents]) =>
  [false, true].map((transposeKernel): Case => {
    const exchanged = [w[1], w[0], ...w.slice(2)];
    const asGiven = (b: Plain): Plain =>
      transposeKernel ? tabulate(w, (o, c, ...k) => at(b, [c, o, ...k.map((v, a) => w[a + 2] - 1 - v)])) : b;
    return {
      of: "lax.convTranspose",
      f: (a, b) => lax.convTranspose(a, b, strides, padding, { dilation, transposeKernel }),
      inputs: [real(...x), real(...(transposeKernel ? exchanged : w))],
      expected: (a, b) => scattered(a, asGiven(b), strides, dilation, low, extents),
      jax: (j, a, b) =>
        j.lax.convTranspose(a, b, [...strides], typeof padding === "string" ? padding : padding.map(([l, h]) => [l, h]), {
          rhsDilation: [...dilation],
          transposeKernel,
        }),
    };
  }),
);

export const convolution: readonly Case[] = [
  ...forward,
  {
    of: "lax.conv",
    f: (a, b) => lax.conv(a, b, [1], "VALID"),
    inputs: [integers(-3, 4, 1, 2, 4), real(2, 2, 2)],
    expected: (a, b) => convolved(a, b, complete(layers[0])),
  },
  ...adjoints,
  ...transposes,
];
