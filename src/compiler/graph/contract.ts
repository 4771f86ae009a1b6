import type { Shape } from "../../tensor/types.js";
import { sizeOf } from "../../tensor/types.js";
import type { Graph } from "./graph.js";
import { libraryWays } from "./library.js";
import type { Dot } from "./tensor.js";
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
  readonly depth: number;
}

const has = (v: View, axis: number): boolean => v.axes[axis] !== null;
const isUnit = (v: View, axis: number): boolean => stridesOf(v)[axis] === 1;

/** [..batch, m, k] · [..batch, k, n]; `preferred` is the axis of the result that its readers want innermost. */
export function contract(graph: Graph, x: View, y: View, shape: Shape, preferred: number | undefined): View {
  const k = shape.length,
    batch = range(k - 2),
    m = k - 2,
    n = k - 1,
    depth = x.shape[n];
  if (depth === 0) return graph.literal(0, x.tensor.dtype, shape);
  const full = [...shape, depth];
  const a = broadcastTo(pick(x, [...batch, m, null, n]), full),
    b = broadcastTo(pick(y, [...batch, null, n, m]), full);
  const product = { graph, a, b, shape, k, depth };
  return degenerate(product) ?? cheapest(product, preferred);
}

/** Whether a factor may leave a sum: Σ x·∞ is NaN for x of both signs, (Σ x)·∞ is not. */
const isFinite = ({ tensor }: View): boolean => tensor.kind === "literal" && Number.isFinite(tensor.value);

/** Products that need no sum of products, or in which each operand that varies along k has all axes of the other; null for the rest. */
function degenerate({ graph, a, b, shape, k, depth }: Product): View | null {
  const multiply = (p: View, q: View) => graph.map("multiply", a.tensor.dtype, [p, q], p.shape),
    flat = (v: View) => pick(v, range(k));
  if (!has(a, k) && !has(b, k)) {
    const one = multiply(flat(a), flat(b));
    return depth === 1 ? one : multiply(one, graph.literal(depth, a.tensor.dtype, shape));
  }
  if (!has(a, k) && isFinite(a)) return multiply(flat(a), reduce(graph, "sum", b, [k]));
  if (!has(b, k) && isFinite(b)) return multiply(reduce(graph, "sum", a, [k]), flat(b));
  const spans = (p: View, q: View) => !has(p, k) || range(k).every(i => has(p, i) || !has(q, i));
  return a.tensor.dtype === "int32" || (spans(a, b) && spans(b, a)) ? reduce(graph, "sum", multiply(a, b), [k]) : null;
}

/** One way to compute a product. `a` is the operand whose elements or rows are combined with vectors or rows of `b`. */
interface Way {
  readonly form: Dot["form"];
  readonly a: View;
  readonly b: View;
  /** The axis innermost in the result. */
  readonly last: number;
  /** Operands that are copied first: the axis that shall be innermost. */
  readonly packA: number | null;
  readonly packB: number | null;
}

function cheapest(product: Product, preferred: number | undefined): View {
  const ways = [...waysFor(product, product.a, product.b), ...waysFor(product, product.b, product.a)];
  const cost = ways.map(way => cycles(product, way, preferred));
  return carryOut(product, ways[cost.indexOf(Math.min(...cost))]);
}

/** The ways in which b has the last axis of the result. */
function waysFor({ graph, shape, k }: Product, a: View, b: View): Way[] {
  return range(k)
    .filter(i => has(b, i) && !has(a, i))
    .flatMap((last): Way[] => [
      ...libraryWays(graph, a, b, shape, last),
      { form: "outer", a, b, last, packA: null, packB: isUnit(b, last) ? null : last },
      { form: "inner", a, b, last, packA: isUnit(a, k) ? null : k, packB: isUnit(b, k) ? null : k },
    ]);
}

const elements = (v: View): number => sizeOf(v.shape.filter((_, i) => v.axes[i] !== null));

function cycles(
  { graph: { target }, shape, k, depth }: Product,
  { form, a, b, last, packA, packB }: Way,
  preferred: number | undefined,
): number {
  const axes = range(k);
  const rows = sizeOf(axes.filter(i => has(a, i) && !has(b, i)).map(i => shape[i]));
  const others = sizeOf(axes.filter(i => has(b, i) && i !== last).map(i => shape[i]));
  const product = { rows, columns: shape[last], depth, dtype: a.tensor.dtype },
    once = form === "library" ? target.libraryCycles!(product) : target.productCycles({ form, ...product });
  const copies = (packA === null ? 0 : elements(a)) + (packB === null ? 0 : elements(b));
  const reorder = preferred === undefined || preferred === last ? 0 : target.reorderCycles * sizeOf(shape);
  return others * once + target.copyCycles * copies + reorder;
}

/** Axes by distance in memory, outermost first. */
const byStride = (v: View) => {
  const memory = stridesOf(v).map(Math.abs);
  return (i: number, j: number) => memory[j] - memory[i] || i - j;
};

/** A view laid out anew with one axis innermost. */
export function packed(graph: Graph, v: View, extents: Shape, axis: number): View {
  const order = [...range(extents.length).filter(i => has(v, i) && i !== axis), axis];
  return graph.mapInOrder("copy", v.tensor.dtype, [v], extents, order);
}

function carryOut({ graph, shape, k, depth }: Product, way: Way): View {
  const { form, last, packA, packB } = way,
    extents = [...shape, depth];
  const a = packA === null ? way.a : packed(graph, way.a, extents, packA),
    b = packB === null ? way.b : packed(graph, way.b, extents, packB);
  const axes = range(k),
    batch = axes.filter(i => has(a, i) && has(b, i)).sort(byStride(b));
  const rows = axes.filter(i => has(a, i) && !has(b, i)).sort(byStride(a)),
    columns = axes.filter(i => has(b, i) && !has(a, i) && i !== last).sort(byStride(b));
  const order = [...batch, ...rows, ...columns, last];
  const tensor = graph.add({
    kind: "dot",
    form,
    dtype: a.tensor.dtype,
    shape: order.map(i => shape[i]),
    contracted: [[depth]],
    operands: [pick(a, [...order, k]), pick(b, [...order, k])],
  });
  return restored(tensor, shape, order);
}
