import type { FunctionBuilder, Local } from "../assembler.js";

/** A loop nest's current position: the index along each axis, null where it is 0. */
export type Index = (Local | null)[];

/** Loops over the axes given, outermost first; the body sees their positions in `index`. */
export function nest(f: FunctionBuilder, axes: readonly number[], shape: readonly number[], index: Index, body: () => void): void {
  if (axes.length === 0) {
    body();
    return;
  }
  const [axis, ...rest] = axes;
  if (shape[axis] === 1) {
    nest(f, rest, shape, index, body);
    return;
  }
  const i = f.local("i32");
  index[axis] = i;
  f.loop(i, 0, shape[axis], 1, () => {
    nest(f, rest, shape, index, body);
  });
  index[axis] = null;
  f.release(i);
}

/** Runs of equal steps that cover an axis. */
export interface Run {
  readonly from: number;
  readonly to: number;
  readonly by: number;
}

/** n elements in steps of `unit`, and what remains in one shorter step. */
export const blocks = (n: number, unit: number): Run[] => {
  const even = n - (n % unit);
  return [
    { from: 0, to: even, by: unit },
    { from: even, to: n, by: n - even },
  ].filter(r => r.to > r.from);
};

/** Loops over runs along an axis; the body is written once for each step size. */
export function overRuns(f: FunctionBuilder, runs: readonly Run[], index: Index, axis: number, body: (by: number) => void): void {
  for (const { from, to, by } of runs) {
    if (from === 0 && to === by) {
      body(by);
      continue;
    }
    const i = f.local("i32");
    index[axis] = i;
    if (to - from === by) {
      f.i32(from).set(i);
      body(by);
    } else
      f.loop(i, from, to, by, () => {
        body(by);
      });
    index[axis] = null;
    f.release(i);
  }
}

/** Loops over runs that are counted from an index. */
export function overRunsFrom(
  f: FunctionBuilder,
  base: Local | null,
  runs: readonly Run[],
  index: Index,
  axis: number,
  body: (by: number) => void,
): void {
  if (base === null) {
    overRuns(f, runs, index, axis, body);
    return;
  }
  const i = f.local("i32"),
    end = f.local("i32");
  for (const { from, to, by } of runs) {
    f.get(base).i32(from).add().set(i).get(base).i32(to).add().set(end);
    index[axis] = i;
    if (to - from === by) body(by);
    else f.loop(i, null, end, by, () => body(by));
  }
  index[axis] = base;
  f.release(i, end);
}

/** A distance along one axis. */
export const along = (shape: readonly number[], axis: number, distance: number): number[] =>
  shape.map((_, i) => (i === axis ? distance : 0));
