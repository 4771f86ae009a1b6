import * as np from "../../../src/tensor/np/index.js";
import type { HostArray } from "../../../src/tensor/types.js";
import type { Case, Unary } from "./case.js";
import { inputsFor } from "./inputs.js";
import type { Plain } from "./plain.js";
import { at, indices, tabulate } from "./plain.js";

const { integers, real, truths } = inputsFor("shape");

type Shape = readonly number[];

const one = (of: string, f: Unary, x: HostArray, expected: (x: Plain) => Plain, jax?: Case["jax"]): Case => ({
  of,
  f,
  inputs: [x],
  expected,
  jax,
});

/** From, as written, to. */
// prettier-ignore
const reshapes: readonly (readonly [Shape, Shape, Shape])[] = [
  [[2, 3], [3, 2], [3, 2]], [[2, 3], [-1], [6]], [[6], [2, -1], [2, 3]], [[], [1, 1], [1, 1]], [[1], [], []], [[4], [4], [4]], [[0, 3], [3, 0], [3, 0]], [[0], [-1, 2], [0, 2]],
];
// prettier-ignore
const permutations: readonly (readonly [Shape, Shape | undefined])[] = [
  [[], undefined], [[4], undefined], [[2, 3], undefined], [[2, 3], [1, 0]], [[2, 3], [0, 1]], [[2, 3, 4], [2, 0, 1]], [[2, 3, 4], [-1, 0, 1]], [[2, 1, 3], [1, 2, 0]], [[2, 0], undefined],
];
/** Shape, from, to. */
// prettier-ignore
const moves: readonly (readonly [Shape, number, number])[] = [[[2, 3, 4], 0, 2], [[2, 3, 4], 2, 0], [[2, 3, 4], -1, -3], [[2, 3, 4], 1, 1], [[3], 0, 0]];
// prettier-ignore
const broadcasts: readonly (readonly [Shape, Shape])[] = [
  [[], [3]], [[3], [2, 3]], [[2, 1], [2, 3]], [[1], [4, 2, 5]], [[1, 3], [2, 3]], [[1], [0]], [[2, 3], [2, 3]], [[3, 1, 1], [2, 3, 2, 1]],
];
/** Shape, axis as written, its place. */
// prettier-ignore
const expansions: readonly (readonly [Shape, number, number])[] = [[[], 0, 0], [[3], 0, 0], [[3], -1, 1], [[2, 3], 1, 1], [[2, 3], -3, 0], [[2, 3], 2, 2]];
// prettier-ignore
const squeezes: readonly (readonly [Shape, number | Shape | undefined, Shape])[] = [
  [[1, 3, 1], undefined, [3]], [[1, 3, 1], 0, [3, 1]], [[1, 3, 1], [-1], [1, 3]], [[2, 3], undefined, [2, 3]], [[1], [0], []],
];
// prettier-ignore
const flips: readonly (readonly [Shape, number | Shape | undefined])[] = [
  [[4], undefined], [[2, 3], undefined], [[2, 3], 0], [[2, 3], [-1]], [[2, 3, 2], [0, 2]], [[0, 2], 1], [[], undefined], [[2, 3], []],
];
// prettier-ignore
const paddings: readonly (readonly [Shape, readonly (readonly [number, number])[]])[] = [
  [[3], [[1, 2]]], [[2, 3], [[0, 1], [2, 0]]], [[2, 2], [[0, 0], [0, 0]]], [[], []], [[0], [[1, 1]]], [[2, 1, 2], [[1, 0], [0, 0], [0, 3]]],
];
// prettier-ignore
const concatenations: readonly (readonly [readonly Shape[], number])[] = [
  [[[3], [2]], 0], [[[2, 3], [2, 1], [2, 2]], 1], [[[2, 3], [1, 3]], -2], [[[2, 3]], 0], [[[0, 2], [2, 2]], 0], [[[2, 1, 2], [2, 3, 2]], 1],
];
/** Shape, how many, axis. */
// prettier-ignore
const stacks: readonly (readonly [Shape, number, number])[] = [[[], 2, 0], [[3], 2, 0], [[3], 3, -1], [[2, 3], 2, 1], [[0], 2, 0]];

/** Axis i of the result is axis order[i]. */
const permuted =
  (order: Shape) =>
  (x: Plain): Plain =>
    tabulate(
      order.map(a => x.shape[a]),
      (...index) =>
        at(
          x,
          order.map((_, axis) => index[order.indexOf(axis)]),
        ),
    );

const movedOrder = (rank: number, from: number, to: number): number[] =>
  Array.from({ length: rank }, (_, axis) => axis)
    .filter(axis => axis !== from)
    .toSpliced(to, 0, from);

const reversed =
  (axes: Shape) =>
  (x: Plain): Plain =>
    tabulate(x.shape, (...index) =>
      at(
        x,
        index.map((i, axis) => (axes.includes(axis) ? x.shape[axis] - 1 - i : i)),
      ),
    );

function padded(x: Plain, widths: readonly (readonly [number, number])[]): Plain {
  const shape = x.shape.map((n, axis) => n + widths[axis][0] + widths[axis][1]);
  return tabulate(shape, (...index) => {
    const own = index.map((i, axis) => i - widths[axis][0]);
    return own.every((i, axis) => i >= 0 && i < x.shape[axis]) ? at(x, own) : 0;
  });
}

const withAxis = (x: Plain, axis: number): Plain => ({ data: x.data, shape: x.shape.toSpliced(axis, 0, 1) });

const joined =
  (axis: number) =>
  (...parts: Plain[]): Plain => {
    const extent = parts.reduce((n, { shape }) => n + shape[axis], 0);
    return tabulate(parts[0].shape.with(axis, extent), (...index) => {
      let part = 0;
      let i = index[axis];
      while (i >= parts[part].shape[axis]) i -= parts[part++].shape[axis];
      return at(parts[part], index.with(axis, i));
    });
  };

const inRank = (axis: number, rank: number) => (axis + rank) % rank;
const isEmpty = (shape: Shape) => indices(shape).length === 0;

export const shape: readonly Case[] = [
  ...reshapes.map(([from, given, to]) =>
    one(
      "np.reshape",
      x => np.reshape(x, given),
      real(...from),
      x => ({ shape: to, data: x.data }),
      (j, x) => j.np.reshape(x, [...to]),
    ),
  ),
  ...permutations.map(([s, p]) => {
    const order = p?.map(axis => inRank(axis, s.length)) ?? s.map((_, axis) => s.length - 1 - axis);
    const jax: Case["jax"] = s.length < 2 ? undefined : (j, x) => j.np.transpose(x, order);
    return one("np.transpose", x => np.transpose(x, p), real(...s), permuted(order), jax);
  }),
  ...moves.map(([s, from, to]) => {
    const order = movedOrder(s.length, inRank(from, s.length), inRank(to, s.length));
    return one(
      "np.moveaxis",
      x => np.moveaxis(x, from, to),
      real(...s),
      permuted(order),
      (j, x) => j.np.moveaxis(x, from, to),
    );
  }),
  ...broadcasts.map(([from, to]) =>
    one(
      "np.broadcastTo",
      x => np.broadcastTo(x, to),
      real(...from),
      x => tabulate(to, (...index) => at(x, index)),
    ),
  ),
  ...expansions.map(([s, axis, place]) =>
    one(
      "np.expandDims",
      x => np.expandDims(x, axis),
      real(...s),
      x => withAxis(x, place),
      (j, x) => j.np.expandDims(x, axis),
    ),
  ),
  ...squeezes.map(([s, axis, to]) =>
    one(
      "np.squeeze",
      x => np.squeeze(x, axis),
      real(...s),
      x => ({ shape: to, data: x.data }),
    ),
  ),
  ...flips.map(([s, axis]) => {
    const axes = axis === undefined ? s.map((_, a) => a) : [axis].flat().map(a => inRank(a, s.length));
    return one("np.flip", x => np.flip(x, axis), real(...s), reversed(axes));
  }),
  ...paddings.map(([s, widths]) => {
    const jax: Case["jax"] =
      s.length === 0 || isEmpty(s)
        ? undefined
        : (j, x) =>
            j.np.pad(
              x,
              widths.map(([before, after]): [number, number] => [before, after]),
            );
    return one(
      "np.pad",
      x => np.pad(x, widths),
      real(...s),
      x => padded(x, widths),
      jax,
    );
  }),
  ...concatenations.map(([parts, axis]): Case => ({
    of: "np.concatenate",
    f: (...x) => np.concatenate(x, axis),
    inputs: parts.map(s => real(...s)),
    expected: joined(inRank(axis, parts[0].length)),
    jax: parts.length < 2 || parts.some(isEmpty) ? undefined : (j, ...x) => j.np.concatenate(x, axis),
  })),
  { of: "np.concatenate", f: (...x) => np.concatenate(x), inputs: [integers(0, 5, 2), real(3)], expected: joined(0) },
  { of: "np.concatenate", f: (...x) => np.concatenate(x), inputs: [truths(2), integers(0, 5, 3)], expected: joined(0) },
  {
    of: "np.concatenate",
    f: x => np.concatenate([x, x.mul(x), x]),
    inputs: [real(2)],
    expected: x => joined(0)(x, { ...x, data: x.data.map(v => v * v) }, x),
  },
  ...stacks.map(([s, n, axis]): Case => {
    const place = inRank(axis, s.length + 1);
    const inputs = Array.from({ length: n }, () => real(...s));
    return { of: "np.stack", f: (...x) => np.stack(x, axis), inputs, expected: (...x) => joined(place)(...x.map(p => withAxis(p, place))) };
  }),
  // The parts come back scaled by their number, so that each is seen to be the right one.
  ...(
    [
      [[6], 3, 0, [2, 4]],
      [[2, 4], 2, -1, [2]],
      [[3, 2], [1], 0, [1]],
      [[5], [2, 2, 4], 0, [2, 2, 4]],
      [[3], 1, 0, []],
      [[0, 2], 2, 0, [0]],
    ] as const
  ).map(([s, parts, axis, cuts]): Case => ({
    of: "np.split",
    f: x =>
      np.concatenate(
        np.split(x, parts, axis).map((part, i) => part.mul(i + 1)),
        axis,
      ),
    inputs: [real(...s)],
    expected: x => {
      const place = inRank(axis, s.length);
      return tabulate(s, (...index) => at(x, index) * (1 + cuts.filter(cut => cut <= index[place]).length));
    },
  })),
];
