/**
 * Arrays as plainly as they can be: a shape and a list of numbers, made by a function of the index. What the cases expect is written
 * with these and shares nothing with the operations under test.
 */
export interface Plain {
  readonly shape: readonly number[];
  readonly data: readonly number[];
}

type Index = readonly number[];

/** Every index of a shape, row-major. */
export function indices(shape: readonly number[]): number[][] {
  return shape.reduce<number[][]>((before, n) => before.flatMap(index => Array.from({ length: n }, (_, i) => [...index, i])), [[]]);
}

/** An array by a function of the index. */
export const tabulate = (shape: readonly number[], f: (...index: number[]) => number): Plain => ({
  shape,
  data: indices(shape).map(index => f(...index)),
});

/** An element. An array of fewer axes or with extents of 1 is seen over the index as broadcasting sees it. */
export function at({ shape, data }: Plain, index: Index): number {
  const own = index.slice(index.length - shape.length).map((i, axis) => (shape[axis] === 1 ? 0 : i));
  return data[own.reduce((offset, i, axis) => offset * shape[axis] + i, 0)];
}

/** The shape that shapes broadcast to. */
export function broadcast(...shapes: (readonly number[])[]): number[] {
  const rank = Math.max(...shapes.map(s => s.length));
  return Array.from({ length: rank }, (_, axis) => {
    const extents = shapes.map(s => s[axis - rank + s.length] ?? 1);
    return extents.find(n => n !== 1) ?? 1;
  });
}

/** Element by element, broadcast. */
export function zip(f: (...elements: number[]) => number, ...arrays: Plain[]): Plain {
  const shape = broadcast(...arrays.map(a => a.shape));
  return tabulate(shape, (...index) => f(...arrays.map(a => at(a, index))));
}

/** A function of the list of elements along some axes, which go. */
export function fold(f: (elements: number[]) => number, x: Plain, axes: readonly number[], keepdims = false): Plain {
  const over = indices(x.shape.map((n, axis) => (axes.includes(axis) ? n : 1)));
  const kept = x.shape.map((n, axis) => (axes.includes(axis) ? 1 : n));
  const { data } = tabulate(kept, (...index) =>
    f(
      over.map(o =>
        at(
          x,
          index.map((i, axis) => i + o[axis]),
        ),
      ),
    ),
  );
  return { shape: keepdims ? kept : x.shape.filter((_, axis) => !axes.includes(axis)), data };
}

/** A function of the list of elements along one axis that gives as many again. */
export function along(f: (elements: number[]) => number[], x: Plain, axis: number): Plain {
  const results = fold(() => 0, x, [axis], true);
  const lists = new Map(
    indices(results.shape).map(index => {
      const elements = Array.from({ length: x.shape[axis] }, (_, i) => at(x, index.with(axis, i)));
      return [index.join(), f(elements)];
    }),
  );
  return tabulate(x.shape, (...index) => lists.get(index.with(axis, 0).join())![index[axis]]);
}

export const total = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0);
