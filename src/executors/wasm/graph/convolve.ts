import type { Convolution } from "../../../program/program.js";
import type { Shape } from "../../../tensor/types.js";
import { sizeOf } from "../../../tensor/types.js";
import { assemble, pad } from "./assemble.js";
import { contract } from "./contract.js";
import type { Graph } from "./graph.js";
import type { View } from "./view.js";
import { denseStrides, pick, range, strided, windows } from "./view.js";

/** Which element of x a place p of the result and a place k of the kernel meet at: p·stride + k·dilation + offset; outside x are zeros. */
interface Axis {
  readonly stride: number;
  readonly dilation: number;
  readonly offset: number;
  /** Places of the result and of the kernel. */
  readonly places: number;
  readonly taps: number;
}

/** x with the elements that the windows meet, and only those; the channels of a group lie innermost. */
function surrounded(graph: Graph, x: View, axes: readonly Axis[]): View {
  const spans = axes.map(({ stride, dilation, places, taps }) => (places - 1) * stride + (taps - 1) * dilation + 1);
  const before = axes.map(({ offset }) => Math.max(0, -offset)),
    from = axes.map(({ offset }) => Math.max(0, offset));
  const kept = axes.map((_, a) => Math.max(0, Math.min(x.shape[a + 3] - from[a], spans[a] - before[a])));
  const lead = x.shape.slice(0, 3),
    inside = strided(
      x,
      [0, 0, 0, ...from],
      x.shape.map(() => 1),
      [...lead, ...kept],
    );
  if (kept.every((n, a) => n === spans[a])) return inside;
  // [N, G, I, …] → [N, …, G, I], and back.
  const spatial = axes.map((_, a) => a + 3),
    innermost = pick(inside, [0, ...spatial, 1, 2]);
  const around = pad(
    graph,
    innermost,
    [lead[0], ...spans, lead[1], lead[2]],
    [0, ...before, 0, 0],
    innermost.shape.map(() => 1),
  );
  return pick(around, [0, axes.length + 1, axes.length + 2, ...axes.map((_, a) => a + 1)]);
}

/** The windows of x as matrices [G, N·places, taps·I], for whose rows an array is laid out anew. */
function patches(graph: Graph, x: View, axes: readonly Axis[]): View {
  const around = surrounded(graph, x, axes),
    rank = axes.length;
  const view = windows(around, 3, axes);
  // [N, G, I, places…, taps…] → [G, N, places…, taps…, I]
  const order = [1, 0, ...range(rank).map(a => 3 + a), ...range(rank).map(a => 3 + rank + a), 2];
  const inOrder = pick(view, order),
    [groups, n] = inOrder.shape;
  const copy = graph.mapInOrder(
    "copy",
    x.tensor.dtype,
    [inOrder],
    inOrder.shape,
    range(order.length).filter(i => inOrder.shape[i] !== 1),
  );
  return graph.reshape(copy, [groups, n * places(axes), taps(axes) * inOrder.shape[order.length - 1]]);
}

const places = (axes: readonly Axis[]): number => sizeOf(axes.map(a => a.places));
const taps = (axes: readonly Axis[]): number => sizeOf(axes.map(a => a.taps));

/** x [N, G, I, …] and w [G, O, I, taps…] → [N, G, O, places…]. */
function correlate(graph: Graph, x: View, w: View, axes: readonly Axis[]): View {
  const rank = axes.length,
    [groups, out, channels] = w.shape,
    n = x.shape[0];
  const rows = patches(graph, x, axes);
  // [G, O, I, taps…] → [G, taps·I, O]
  const columns = graph.reshape(pick(w, [0, ...range(rank).map(a => 3 + a), 2, 1]), [groups, taps(axes) * channels, out]);
  const y = contract(graph, rows, columns, [groups, n * places(axes), out], undefined);
  const apart = graph.reshape(y, [groups, n, ...axes.map(a => a.places), out]);
  return pick(apart, [1, 0, rank + 2, ...range(rank).map(a => 2 + a)]);
}

/** An axis of channels as groups and what is in them. */
const grouped = (graph: Graph, v: View, axis: number, groups: number): View =>
  graph.reshape(v, [...v.shape.slice(0, axis), groups, v.shape[axis] / groups, ...v.shape.slice(axis + 1)]);

const forward = ({ strides, padding, dilation }: Convolution, kernel: Shape, result: Shape): Axis[] =>
  strides.map((stride, a) => ({ stride, dilation: dilation[a], offset: -padding[a][0], places: result[a + 2], taps: kernel[a + 2] }));

/** The result of a convolution. */
export function conv(graph: Graph, x: View, w: View, shape: Shape, params: Convolution): View {
  const { groups } = params;
  if (sizeOf(w.shape) === 0 || sizeOf(x.shape) === 0) return graph.literal(0, x.tensor.dtype, shape);
  const y = correlate(graph, grouped(graph, x, 1, groups), grouped(graph, w, 0, groups), forward(params, w.shape, shape));
  return graph.reshape(y, shape);
}

/** The adjoint in the kernel: [G, taps·I, N·places] · [G, N·places, O]. */
export function convKernel(graph: Graph, x: View, g: View, shape: Shape, params: Convolution): View {
  const { groups } = params,
    axes = forward(params, shape, g.shape),
    rank = axes.length;
  if (sizeOf(g.shape) === 0 || sizeOf(x.shape) === 0) return graph.literal(0, x.tensor.dtype, shape);
  const columns = patches(graph, grouped(graph, x, 1, groups), axes);
  const cotangent = grouped(graph, g, 1, groups),
    [n, , out] = cotangent.shape;
  // [N, G, O, places…] → [G, N·places, O]
  const rows = graph.reshape(pick(cotangent, [1, 0, ...range(rank).map(a => 3 + a), 2]), [groups, n * places(axes), out]);
  const w = contract(graph, pick(columns, [0, 2, 1]), rows, [groups, columns.shape[2], out], undefined);
  const apart = graph.reshape(w, [groups, ...axes.map(a => a.taps), shape[1], out]);
  return graph.reshape(pick(apart, [0, rank + 2, rank + 1, ...range(rank).map(a => 1 + a)]), shape);
}

/** Places of an axis of x that are `stride` apart, and the places of the kernel that they meet: those are apart, too, and backwards. */
interface Phase extends Axis {
  readonly first: number;
  readonly lastTap: number;
  readonly between: number;
}

const gcd = (a: number, b: number): number => (b === 0 ? a : gcd(b, a % b));

/** The phases of an axis: for each remainder of a place by the stride, a convolution of the cotangent with stride 1. */
function phasesOf({ stride, dilation, offset, taps: kernel }: Axis, extent: number): (Phase | null)[] {
  const apart = gcd(stride, dilation),
    between = stride / apart;
  return range(Math.min(stride, extent)).map(first => {
    const met = range(kernel).filter(k => (first - offset - k * dilation) % stride === 0);
    if (met.length === 0) return null;
    const lastTap = met[met.length - 1];
    return {
      first,
      lastTap,
      between,
      stride: 1,
      dilation: dilation / apart,
      offset: (first - offset - lastTap * dilation) / stride,
      places: Math.ceil((extent - first) / stride),
      taps: met.length,
    };
  });
}

/** All choices of one element of each list. */
const choices = <T>(lists: readonly (readonly T[])[]): T[][] =>
  lists.reduce<T[][]>((before, list) => before.flatMap(some => list.map(one => [...some, one])), [[]]);

/** The adjoint in the input: for each phase of the places of x a convolution of the cotangent, put where the phase is. */
export function convInput(graph: Graph, g: View, w: View, shape: Shape, params: Convolution): View {
  const { groups, strides } = params,
    { dtype } = g.tensor;
  if (sizeOf(g.shape) === 0 || sizeOf(w.shape) === 0) return graph.literal(0, dtype, shape);
  const cotangent = grouped(graph, g, 1, groups),
    kernel = pick(grouped(graph, w, 0, groups), [0, 2, 1, ...range(strides.length).map(a => 3 + a)]);
  const all = choices(forward(params, w.shape, g.shape).map((axis, a) => phasesOf(axis, shape[a + 2])));
  const some = all.filter((phase): phase is Phase[] => phase.every(p => p !== null));
  const parts = some.map(phase => {
    const lead = kernel.shape.slice(0, 3),
      start = [0, 0, 0, ...phase.map(p => p.lastTap)],
      step = [1, 1, 1, ...phase.map(p => -p.between)];
    return correlate(graph, cotangent, strided(kernel, start, step, [...lead, ...phase.map(p => p.taps)]), phase);
  });
  if (parts.length === 0) return graph.literal(0, dtype, shape);
  const x = strides.every(s => s === 1) ? parts[0] : interleaved(graph, parts, some, shape, strides, groups, some.length === all.length);
  return graph.reshape(x, shape);
}

/** The parts [N, G, I, places…] each at its first place, `strides` apart; the channels innermost. */
function interleaved(
  graph: Graph,
  parts: readonly View[],
  phases: readonly (readonly Phase[])[],
  [n, channels, ...extents]: Shape,
  strides: readonly number[],
  groups: number,
  covered: boolean,
): View {
  const rank = extents.length,
    whole = [n, ...extents, groups, channels / groups],
    dense = denseStrides(whole);
  const operands = parts.map(part => pick(part, [0, ...range(rank).map(a => 3 + a), 1, 2]));
  const placed = phases.map(phase => ({
    offset: phase.reduce((sum, { first }, a) => sum + first * dense[a + 1], 0),
    strides: dense.map((d, i) => (i >= 1 && i <= rank ? d * strides[i - 1] : d)),
  }));
  return pick(assemble(graph, operands, placed, whole, covered), [0, rank + 1, rank + 2, ...range(rank).map(a => 1 + a)]);
}
