import type { Shape } from "../../tensor/types.js";
import type { Tensor, View } from "./tensor.js";

export type { View } from "./tensor.js";

/** 0, …, n − 1. */
export function range(n: number): number[] {
  const out: number[] = [];
  for (let i = 0; i < n; i++) out.push(i);
  return out;
}

function view(tensor: Tensor, shape: Shape, axes: readonly (number | null)[], steps: readonly number[], start: readonly number[]): View {
  const real = axes.map((a, v) => (shape[v] === 1 ? null : a));
  return { tensor, shape, axes: real, steps: steps.map((s, v) => (real[v] === null ? 0 : s)), start };
}

/** The tensor itself. */
export const whole = (tensor: Tensor): View =>
  view(
    tensor,
    tensor.shape,
    range(tensor.shape.length),
    tensor.shape.map(() => 1),
    tensor.shape.map(() => 0),
  );

/** The tensor's elements in order, with axes of extent 1 put in: `shape` without those is the tensor's shape. */
export function unsqueezed(tensor: Tensor, shape: Shape): View {
  let next = 0;
  const axes = shape.map(n => (n === 1 ? null : next++));
  return view(
    tensor,
    shape,
    axes,
    axes.map(() => 1),
    tensor.shape.map(() => 0),
  );
}

/** A view's axes chosen and ordered; null is a new axis of extent 1. Axes left out must have extent 1 or be repeated. */
export const pick = (v: View, positions: readonly (number | null)[]): View =>
  view(
    v.tensor,
    positions.map(p => (p === null ? 1 : v.shape[p])),
    positions.map(p => (p === null ? null : v.axes[p])),
    positions.map(p => (p === null ? 0 : v.steps[p])),
    v.start,
  );

/** NumPy's broadcasting: aligned at the right, extents of 1 repeated. */
export function broadcastTo(v: View, shape: Shape): View {
  const extra = shape.length - v.shape.length;
  return view(
    v.tensor,
    shape,
    shape.map((_, i) => (i < extra ? null : v.axes[i - extra])),
    shape.map((_, i) => (i < extra ? 0 : v.steps[i - extra])),
    v.start,
  );
}

/** Element i of axis v is the view's element start[v] + i·stride[v]. */
export function strided(v: View, start: readonly number[], stride: readonly number[], shape: Shape): View {
  const from = [...v.start];
  v.axes.forEach((a, i) => {
    if (a !== null) from[a] += v.steps[i] * start[i];
  });
  return view(
    v.tensor,
    shape,
    v.axes,
    v.steps.map((s, i) => s * stride[i]),
    from,
  );
}

/** The windows of a view's axes from `first` on: places `stride` apart, then for each axis the places in a window, `dilation` apart. */
export function windows(
  v: View,
  first: number,
  spans: readonly { readonly places: number; readonly stride: number; readonly taps: number; readonly dilation: number }[],
): View {
  const lead = range(first),
    axes = v.axes.slice(first),
    steps = v.steps.slice(first);
  return view(
    v.tensor,
    [...lead.map(i => v.shape[i]), ...spans.map(s => s.places), ...spans.map(s => s.taps)],
    [...lead.map(i => v.axes[i]), ...axes, ...axes],
    [...lead.map(i => v.steps[i]), ...steps.map((s, a) => s * spans[a].stride), ...steps.map((s, a) => s * spans[a].dilation)],
    v.start,
  );
}

/** The view with another shape of as many elements, or null where the elements do not lie at strides. */
export function reshaped(v: View, shape: Shape): View | null {
  const axes: (number | null)[] = [],
    steps: number[] = [];
  let i = 0,
    j = 0;
  while (i < v.shape.length || j < shape.length) {
    if (j < shape.length && shape[j] === 1) {
      axes.push(null);
      steps.push(0);
      j++;
      continue;
    }
    if (v.shape[i] === 1) {
      i++;
      continue;
    }
    const from = i,
      to = j;
    let have = v.shape[i++],
      want = shape[j++];
    while (have !== want)
      if (have < want) have *= v.shape[i++];
      else want *= shape[j++];
    const group = range(i - from)
        .map(k => from + k)
        .filter(k => v.shape[k] !== 1),
      repeated = group.every(k => v.axes[k] === null);
    if (group.length > 1 && !repeated) return null;
    let size = want;
    for (const n of shape.slice(to, j)) {
      size /= n;
      axes.push(repeated ? null : v.axes[group[0]]);
      steps.push(v.steps[group[0]] * size);
    }
  }
  return view(v.tensor, shape, axes, steps, v.start);
}

/** The view with neighbouring axes from `first` on merged where together they walk along one axis of the tensor. */
export function merged(v: View, first: number): View {
  const axes = range(v.shape.length),
    joins = (i: number) => i > first && v.axes[i] !== null && v.axes[i] === v.axes[i - 1] && v.steps[i - 1] === v.steps[i] * v.shape[i];
  const last = axes.filter(i => !joins(i + 1)),
    extents = last.map((i, k) => axes.slice(k === 0 ? 0 : last[k - 1] + 1, i + 1).reduce((n, a) => n * v.shape[a], 1));
  return view(
    v.tensor,
    extents,
    last.map(i => v.axes[i]),
    last.map(i => v.steps[i]),
    v.start,
  );
}

/** Row-major strides of a dense array, in elements. */
export function denseStrides(shape: Shape): number[] {
  const strides = new Array<number>(shape.length);
  let size = 1;
  for (let a = shape.length - 1; a >= 0; a--) {
    strides[a] = size;
    size *= shape[a];
  }
  return strides;
}

/** Elements between neighbours along each axis of the view. */
export function stridesOf(v: View): number[] {
  const dense = denseStrides(v.tensor.shape);
  return v.axes.map((a, i) => (a === null ? 0 : v.steps[i] * dense[a]));
}

/** Elements before the view's first one. */
export function offsetOf(v: View): number {
  const dense = denseStrides(v.tensor.shape);
  return v.start.reduce((sum, s, a) => sum + s * dense[a], 0);
}

/** Whether the view is the tensor itself. */
export const isWhole = (v: View): boolean =>
  v.axes.length === v.tensor.shape.length && v.axes.every((a, i) => a === i && v.steps[i] === 1 && v.shape[i] === v.tensor.shape[i]);

/** Whether the view reads every element of its tensor once. */
export const isPermutation = (v: View): boolean =>
  v.axes.length === v.tensor.shape.length
  && v.axes.every((a, i) => a !== null && v.steps[i] === 1 && v.shape[i] === v.tensor.shape[a])
  && new Set(v.axes).size === v.axes.length;

/** Equal keys, equal views. */
export const keyOf = (v: View): string => `${v.tensor.id}:${v.axes.join()}:${v.steps.join()}:${v.start.join()}:${v.shape.join()}`;
