import * as np from "../../../src/tensor/np/index.js";
import { apply } from "../../../src/tensor/operation.js";
import type { HostArray } from "../../../src/tensor/types.js";
import type { Value } from "../../../src/tensor/value.js";
import type { Case } from "./case.js";
import { inputsFor, vector } from "./inputs.js";
import type { Plain } from "./plain.js";
import { at, broadcast, indices, tabulate, zip } from "./plain.js";

const { integers, real, truths } = inputsFor("indexing");

type Shape = readonly number[];
const clamped = (i: number, n: number) => Math.min(Math.max(i, 0), n - 1);

const taken =
  (axis: number) =>
  (x: Plain, positions: Plain): Plain => {
    const shape = [...x.shape.slice(0, axis), ...positions.shape, ...x.shape.slice(axis + 1)];
    return tabulate(shape, (...index) => {
      const i = at(positions, index.slice(axis, axis + positions.shape.length));
      return at(x, [...index.slice(0, axis), clamped(i, x.shape[axis]), ...index.slice(axis + positions.shape.length)]);
    });
  };
const added =
  (axis: number, shape: Shape) =>
  (g: Plain, positions: Plain): Plain => {
    const result = new Map(indices(shape).map(index => [index.join(), 0]));
    for (const index of indices(g.shape)) {
      const i = clamped(at(positions, index.slice(axis, axis + positions.shape.length)), shape[axis]);
      const place = [...index.slice(0, axis), i, ...index.slice(axis + positions.shape.length)].join();
      result.set(place, result.get(place)! + at(g, index));
    }
    return { shape, data: [...result.values()] };
  };

/** The array, the axis, and the shape of the positions. */
const takes: readonly (readonly [Shape, number, Shape])[] = [
  [[5], 0, []],
  [[5], 0, [3]],
  [[5], -1, [2, 2]],
  [[4, 3], 0, [6]],
  [[4, 3], 1, [2]],
  [[2, 3, 4], 1, [2, 2]],
  [[2, 3, 4], -1, []],
  [[2, 4, 3], 1, [1]],
  [[3, 2], 0, [0]],
  [[3, 0], 0, [2]],
  [[1, 2], 0, [3]],
];
const scatters = takes.filter(([, axis]) => axis >= 0);

const scatterAdd = (axis: number, shape: Shape) => (g: Value, i: Value) => apply("scatterAdd", [g, i], { axis }, { shape });
const rowsOf = (shape: Shape, axis: number, positions: Shape): HostArray =>
  real(...shape.slice(0, axis), ...positions, ...shape.slice(axis + 1));

/** Line by line, broadcast over the other axes. */
const takenAlong =
  (axis: number) =>
  (x: Plain, positions: Plain): Plain => {
    const shape = broadcast(x.shape.with(axis, 1), positions.shape.with(axis, 1)).with(axis, positions.shape[axis]);
    return tabulate(shape, (...index) => {
      const i = at(
        { ...positions },
        positions.shape.map((n, a) => (n === 1 ? 0 : index[a])),
      );
      return at(
        x,
        x.shape.map((n, a) => (a === axis ? clamped(i, n) : n === 1 ? 0 : index[a])),
      );
    });
  };
/** The array, the positions and the axis. */
const alongs: readonly (readonly [Shape, Shape, number])[] = [
  [[5], [3], 0],
  [[4, 3], [2, 3], 0],
  [[4, 3], [4, 5], -1],
  [[2, 3, 2], [2, 4, 2], 1],
  [[2, 3, 2], [1, 1, 2], 1],
  [[1, 3], [2, 2], 1],
  [[4, 3], [0, 3], 0],
  [[0, 3], [0, 2], 1],
];

export const indexing: readonly Case[] = [
  ...alongs.map(([shape, positions, axis]): Case => ({
    of: "np.takeAlongAxis",
    f: (x, i) => np.takeAlongAxis(x, i, axis),
    inputs: [real(...shape), integers(-1, shape.at(axis)! + 1, ...positions)],
    expected: takenAlong((axis + shape.length) % shape.length),
  })),
  { of: "np.takeAlongAxis", f: (x, i) => np.takeAlongAxis(x, i, 0), inputs: [truths(5), integers(0, 5, 3)], expected: takenAlong(0) },
  ...scatters
    .filter(([shape]) => !shape.includes(0))
    .map(([shape, axis, positions]): Case => ({
      of: "np.scatterAdd",
      f: (x, i, updates) => np.scatterAdd(x, i, updates, axis),
      inputs: [real(...shape), integers(-1, shape[axis] + 1, ...positions), rowsOf(shape, axis, positions)],
      expected: (x, i, updates) => zip((a, b) => a + b, x, added(axis, shape)(updates, i)),
    })),
  {
    of: "np.scatterAdd",
    f: (x, i) => np.scatterAdd(x, i, 0.5),
    inputs: [real(3), integers(0, 3, 5)],
    expected: (x, i) => zip((a, b) => a + b, x, added(0, [3])({ shape: [5], data: [0.5, 0.5, 0.5, 0.5, 0.5] }, i)),
  },
  {
    of: "np.scatterAdd",
    f: (x, i, updates) => np.scatterAdd(x, i, updates),
    inputs: [integers(-5, 6, 3), integers(0, 3, 4), integers(-5, 6, 4)],
    expected: (x, i, updates) => zip((a, b) => a + b, x, added(0, [3])(updates, i)),
  },
  ...takes.map(([shape, axis, positions]): Case => {
    const place = axis < 0 ? axis + shape.length : axis;
    return {
      of: "np.take",
      f: (x, i) => np.take(x, i, axis),
      inputs: [real(...shape), integers(0, shape[place], ...positions)],
      expected: taken(place),
      jax: shape.includes(0) || positions.includes(0) ? undefined : (j, x, i) => j.np.take(x, i, place),
    };
  }),
  // Positions outside are clamped, and repeated ones add up.
  {
    of: "np.take",
    f: (x, i) => np.take(x, i, 0),
    inputs: [real(3), { shape: [5], dtype: "int32", data: Int32Array.of(-7, -1, 1, 1, 99) }],
    expected: taken(0),
  },
  {
    of: "np.take",
    f: (x, i) => np.take(x, i),
    inputs: [real(2, 3), integers(0, 6, 4)],
    expected: (x, i) => taken(0)({ shape: [x.data.length], data: x.data }, i),
  },
  { of: "np.take", f: x => np.take(x, 2), inputs: [vector(1, 2, 3)], expected: x => ({ shape: [], data: [x.data[2]] }) },
  { of: "np.take", f: (x, i) => np.take(x, i, 0), inputs: [integers(0, 99, 5), integers(0, 5, 3)], expected: taken(0) },
  { of: "np.take", f: (x, i) => np.take(x, i, 0), inputs: [truths(5), integers(0, 5, 3)], expected: taken(0) },
  ...scatters.map(([shape, axis, positions]): Case => ({
    of: "op.scatterAdd",
    f: scatterAdd(axis, shape),
    inputs: [rowsOf(shape, axis, positions), integers(-1, shape[axis] + 1, ...positions)],
    expected: added(axis, shape),
  })),
  { of: "op.scatterAdd", f: scatterAdd(0, [3]), inputs: [integers(-5, 6, 6), integers(0, 3, 6)], expected: added(0, [3]) },
];
