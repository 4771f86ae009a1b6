import type { Shape } from "../../../tensor/types.js";
import type { Graph } from "./graph.js";
import { restored } from "./graph.js";
import { reduce } from "./reduce.js";
import type { View } from "./view.js";
import { broadcastTo, pick, range, stridesOf } from "./view.js";

/** A matrix product over the index space of its result and, last, the contracted axis k. */
interface Product {
  readonly graph: Graph;
  /** Operands over that space, repeated along the axes they do not have. */
  readonly a: View;
  readonly b: View;
  readonly shape: Shape;
  readonly k: number;
}

const has = (v: View, axis: number): boolean => v.axes[axis] !== null;
const isUnit = (v: View, axis: number): boolean => stridesOf(v)[axis] === 1;
const depth = ({ a, b, k }: Product): number => Math.max(a.shape[k], b.shape[k]);

/** [..batch, m, k] · [..batch, k, n]; `preferred` is the axis of the result that its readers want innermost. */
export function contract(graph: Graph, x: View, y: View, shape: Shape, preferred: number | undefined): View {
  const k = shape.length,
    batch = range(k - 2),
    m = k - 2,
    n = k - 1;
  if (x.shape[n] === 0) return graph.literal(0, x.tensor.dtype, shape);
  const full = [...shape, x.shape[n]];
  const a = broadcastTo(pick(x, [...batch, m, null, n]), full),
    b = broadcastTo(pick(y, [...batch, null, n, m]), full);
  const product = { graph, a, b, shape, k };
  return degenerate(product) ?? asDot(product, preferred);
}

/** Products that are no sums of products, or whose operands share all axes. */
function degenerate({ graph, a, b, shape, k }: Product): View | null {
  const multiply = (p: View, q: View) => graph.map("multiply", a.tensor.dtype, [p, q], p.shape),
    flat = (v: View) => pick(v, range(k));
  if (!has(a, k) && !has(b, k)) {
    const one = multiply(flat(a), flat(b)),
      times = a.shape[k];
    return times === 1 ? one : multiply(one, graph.literal(times, a.tensor.dtype, shape));
  }
  if (!has(a, k)) return multiply(flat(a), reduce(graph, "sum", b, [k]));
  if (!has(b, k)) return multiply(reduce(graph, "sum", a, [k]), flat(b));
  const own = (p: View, q: View) => range(k).some(i => has(p, i) && !has(q, i));
  const integers = a.tensor.dtype === "int32";
  return integers || (!own(a, b) && !own(b, a)) ? reduce(graph, "sum", multiply(a, b), [k]) : null;
}

function asDot(product: Product, preferred: number | undefined): View {
  const { a, b, shape, k } = product,
    axes = range(k);
  const rows = axes.filter(i => has(a, i) && !has(b, i)),
    columns = axes.filter(i => has(b, i) && !has(a, i));
  const candidates = [...rows.filter(i => isUnit(a, i)), ...columns.filter(i => isUnit(b, i))];
  const vector = candidates.includes(preferred ?? -1) ? preferred! : candidates.sort((i, j) => shape[j] - shape[i])[0];
  if (vector === undefined && (rows.length === 0 || columns.length === 0) && isUnit(a, k) && isUnit(b, k))
    return inner(product, rows, columns);
  if (vector !== undefined) return outer(product, rows, columns, vector);
  const all = [...rows, ...columns],
    widest = all.reduce((i, j) => (shape[j] > shape[i] ? j : i));
  const chosen = preferred !== undefined && all.includes(preferred) && shape[preferred] >= 4 ? preferred : widest;
  return outer(packed(product, chosen), rows, columns, chosen);
}

/** The operand that has axis `vector` laid out anew with that axis innermost. */
function packed(product: Product, vector: number): Product {
  const side = has(product.a, vector) ? "a" : "b",
    v = product[side],
    extents = [...product.shape, depth(product)];
  const order = [...range(extents.length).filter(i => has(v, i) && i !== vector), vector];
  const copy = product.graph.mapInOrder("copy", v.tensor.dtype, [v], extents, order);
  return { ...product, [side]: copy };
}

const byStride = (v: View) => {
  const memory = stridesOf(v).map(Math.abs);
  return (i: number, j: number) => memory[j] - memory[i] || i - j;
};

/** Vectors along an axis of the result on which one operand has stride 1. */
function outer({ graph, a, b, shape, k }: Product, rows: readonly number[], columns: readonly number[], vector: number): View {
  const swap = rows.includes(vector),
    [scalar, wide] = swap ? [b, a] : [a, b],
    [mine, theirs] = swap ? [columns, rows] : [rows, columns];
  const batch = range(k)
    .filter(i => has(a, i) && has(b, i))
    .sort(byStride(wide));
  const order = [...batch, ...[...mine].sort(byStride(scalar)), ...theirs.filter(i => i !== vector).sort(byStride(wide)), vector];
  return dot(graph, "outer", scalar, wide, shape, order, k);
}

/** Vectors along the contracted axis, on which both operands have stride 1. */
function inner({ graph, a, b, shape, k }: Product, rows: readonly number[], columns: readonly number[]): View {
  const [matrix, vector] = rows.length ? [a, b] : [b, a],
    batch = range(k)
      .filter(i => has(a, i) && has(b, i))
      .sort(byStride(matrix));
  return dot(graph, "inner", vector, matrix, shape, [...batch, ...[...rows, ...columns].sort(byStride(matrix))], k);
}

function dot(graph: Graph, form: "outer" | "inner", a: View, b: View, shape: Shape, order: readonly number[], k: number): View {
  const tensor = graph.add({
    kind: "dot",
    form,
    dtype: a.tensor.dtype,
    shape: order.map(i => shape[i]),
    contracted: [a.shape[k]],
    operands: [pick(a, [...order, k]), pick(b, [...order, k])],
  });
  return restored(tensor, shape, order);
}
