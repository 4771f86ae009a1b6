import type { Shape } from "../../tensor/types.js";
import { sizeOf } from "../../tensor/types.js";
import { pad } from "./assemble.js";
import { contract, packed } from "./contract.js";
import type { Graph } from "./graph.js";
import { restored } from "./graph.js";
import type { View } from "./view.js";
import { broadcastTo, pick, range, strided, stridesOf, windows } from "./view.js";

/** Which element of x a place p of the result and a place k of the kernel meet at: p·stride + k·dilation + offset; outside x are zeros. */
export interface Axis {
  readonly stride: number;
  readonly dilation: number;
  readonly offset: number;
  /** Places of the result and of the kernel. */
  readonly places: number;
  readonly taps: number;
}

const placesOf = (axes: readonly Axis[]): number[] => axes.map(a => a.places);
const tapsOf = (axes: readonly Axis[]): number[] => axes.map(a => a.taps);
const from = (first: number, n: number): number[] => range(n).map(i => first + i);

/** x [N, G, I, …] with zeros where windows reach over its edges, and without what none of them meets. */
function surrounded(graph: Graph, x: View, axes: readonly Axis[]): View {
  const spans = axes.map(({ stride, dilation, places, taps }) => (places - 1) * stride + (taps - 1) * dilation + 1);
  const before = axes.map(({ offset }) => Math.max(0, -offset)),
    start = axes.map(({ offset }) => Math.max(0, offset));
  const kept = axes.map((_, a) => Math.max(0, Math.min(x.shape[a + 3] - start[a], spans[a] - before[a])));
  const lead = x.shape.slice(0, 3),
    inside = strided(
      x,
      [0, 0, 0, ...start],
      x.shape.map(() => 1),
      [...lead, ...kept],
    );
  if (kept.every((n, a) => n === spans[a])) return inside;
  // The channels of a group innermost: [N, …, G, I].
  const rank = axes.length,
    moved = pick(inside, [0, ...from(3, rank), 1, 2]);
  const around = pad(
    graph,
    moved,
    [lead[0], ...spans, lead[1], lead[2]],
    [0, ...before, 0, 0],
    moved.shape.map(() => 1),
  );
  return pick(around, [0, rank + 1, rank + 2, ...from(1, rank)]);
}

/** The windows of x: [N, G, I, places…, taps…]. */
const windowsOf = (graph: Graph, x: View, axes: readonly Axis[]): View => windows(surrounded(graph, x, axes), 3, axes);

/** The windows as matrices [G, N·places, taps·I], laid out in memory. */
function patches(graph: Graph, x: View, axes: readonly Axis[]): View {
  const rank = axes.length,
    v = pick(x, [1, 0, ...from(3, 2 * rank), 2]),
    order = range(v.shape.length).filter(i => v.shape[i] !== 1);
  const copy = graph.mapInOrder("copy", x.tensor.dtype, [v], v.shape, order),
    [groups, n] = v.shape;
  return graph.reshape(copy, [groups, n * sizeOf(placesOf(axes)), sizeOf(tapsOf(axes)) * x.shape[2]]);
}

/** Whether each axis is one of the tensor's, so that nothing is read repeatedly. */
const isFull = (v: View): boolean => v.axes.every((a, i) => a !== null || v.shape[i] === 1);

/** Whether windows are read where they lie. */
const readsInPlace = ({ target }: Graph, x: View, vectors: View, columns: number, depth: number): boolean =>
  isFull(x) && isFull(vectors) && target.readsWindowsInPlace({ elements: sizeOf(x.shape), columns, depth, dtype: x.tensor.dtype });

/** Σ a·b over the axes behind those of `shape`; vectors lie along the last of these, which only b has. */
function product(graph: Graph, x: View, y: View, shape: Shape, contracted: Shape): View {
  const rank = shape.length,
    full = [...shape, ...contracted],
    a = broadcastTo(x, full),
    given = broadcastTo(y, full);
  const b = stridesOf(given)[rank - 1] === 1 ? given : packed(graph, given, full, rank - 1);
  const order = range(rank).filter(i => shape[i] !== 1),
    inner = range(contracted.length).filter(i => contracted[i] !== 1);
  const all = [...order, ...inner.map(i => rank + i)];
  const tensor = graph.add({
    kind: "dot",
    form: "outer",
    dtype: a.tensor.dtype,
    shape: order.map(i => shape[i]),
    contracted: [inner.map(i => contracted[i])],
    operands: [pick(a, all), pick(b, all)],
  });
  return restored(tensor, shape, order);
}

/** x [N, G, I, …] and w [G, O, I, taps…] → [N, G, O, places…]. */
export function correlate(graph: Graph, given: View, w: View, axes: readonly Axis[]): View {
  const rank = axes.length,
    [groups, out, channels] = w.shape,
    x = windowsOf(graph, given, axes),
    n = x.shape[0];
  const nowhere = axes.map(() => null);
  if (readsInPlace(graph, x, w, out, channels * axes[rank - 1].taps)) {
    const a = pick(x, [1, 0, ...from(3, rank), null, ...from(3 + rank, rank), 2]),
      b = pick(w, [0, null, ...nowhere, 1, ...from(3, rank), 2]);
    const y = product(graph, a, b, [groups, n, ...placesOf(axes), out], [...tapsOf(axes), channels]);
    return pick(y, [1, 0, rank + 2, ...from(2, rank)]);
  }
  const rows = patches(graph, x, axes),
    columns = graph.reshape(pick(w, [0, ...from(3, rank), 2, 1]), [groups, rows.shape[2], out]);
  const y = contract(graph, rows, columns, [groups, rows.shape[1], out], undefined);
  return pick(graph.reshape(y, [groups, n, ...placesOf(axes), out]), [1, 0, rank + 2, ...from(2, rank)]);
}

/** x [N, G, I, …] and g [N, G, O, places…] → the sum over n and places, [G, O, I, taps…]. */
export function correlateAll(graph: Graph, given: View, g: View, axes: readonly Axis[]): View {
  const rank = axes.length,
    x = windowsOf(graph, given, axes),
    [n, groups, channels] = x.shape,
    out = g.shape[2];
  const nowhere = axes.map(() => null);
  if (readsInPlace(graph, x, g, out, n * sizeOf(placesOf(axes)))) {
    const a = pick(x, [1, ...from(3 + rank, rank), 2, null, 0, ...from(3, rank)]),
      b = pick(g, [1, ...nowhere, null, 2, 0, ...from(3, rank)]);
    const w = product(graph, a, b, [groups, ...tapsOf(axes), channels, out], [n, ...placesOf(axes)]);
    return pick(w, [0, rank + 2, rank + 1, ...from(1, rank)]);
  }
  const columns = patches(graph, x, axes),
    rows = graph.reshape(pick(g, [1, 0, ...from(3, rank), 2]), [groups, columns.shape[1], out]);
  const w = contract(graph, pick(columns, [0, 2, 1]), rows, [groups, columns.shape[2], out], undefined);
  return pick(graph.reshape(w, [groups, ...tapsOf(axes), channels, out]), [0, rank + 2, rank + 1, ...from(1, rank)]);
}
