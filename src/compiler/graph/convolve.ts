import type { Convolution } from "../../program/program.js";
import type { Shape } from "../../tensor/types.js";
import { sizeOf } from "../../tensor/types.js";
import { assemble } from "./assemble.js";
import { correlate, correlateAll } from "./correlate.js";
import type { Axis } from "./correlate.js";
import type { Graph } from "./graph.js";
import type { View } from "./view.js";
import { denseStrides, pick, range, strided } from "./view.js";

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

/** The adjoint in the kernel. */
export function convKernel(graph: Graph, x: View, g: View, shape: Shape, params: Convolution): View {
  const { groups } = params;
  if (sizeOf(g.shape) === 0 || sizeOf(x.shape) === 0) return graph.literal(0, x.tensor.dtype, shape);
  const w = correlateAll(graph, grouped(graph, x, 1, groups), grouped(graph, g, 1, groups), forward(params, shape, g.shape));
  return graph.reshape(w, shape);
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
