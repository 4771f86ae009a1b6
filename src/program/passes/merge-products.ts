import type { Shape } from "../../tensor/types.js";
import { sizeOf } from "../../tensor/types.js";
import type { Node, Program } from "../program.js";
import { Graph } from "./graph.js";
import type { Rule, Rules } from "./graph.js";
import { finish, moved, rewrite } from "./rewrite.js";

const shapeOf = (graph: Graph, x: number): Shape => graph.nodes[x].shape;

function product(graph: Graph, a: number, b: number): number {
  const shape = shapeOf(graph, a);
  return graph.add("matmul", [a, b], { dtype: graph.nodes[a].dtype, shape: [...shape.slice(0, -1), shapeOf(graph, b).at(-1)!] }, {});
}

const swap = (graph: Graph, x: number): number => {
  const n = shapeOf(graph, x).length;
  return graph.transpose(x, [...Array.from({ length: n - 2 }, (_, i) => i), n - 1, n - 2]);
};

/** How many of the last batch axes an operand merely repeats, and what it repeats: [..batch, m, n] with 1 there. */
function repeatedBatch(graph: Graph, x: number): { count: number; source: number } {
  const { shape } = graph.nodes[x], source = graph.as(x, "broadcast")?.inputs[0], batch = shape.length - 2;
  if (source === undefined) return { count: 0, source: x };
  const own = shapeOf(graph, source), extra = shape.length - own.length;
  const extent = (a: number): number => (a < extra ? 1 : own[a - extra]);
  if (extent(batch) !== shape[batch] || extent(batch + 1) !== shape[batch + 1]) return { count: 0, source: x };
  let count = 0;
  while (count < batch && extent(batch - 1 - count) === 1) count++;
  return { count, source };
}

/** The matrices behind an operand, with its last `count` batch axes left out. */
function withoutRepeats(graph: Graph, x: number, source: number, count: number): number {
  const shape = shapeOf(graph, x), batch = shape.length - 2 - count, own = shapeOf(graph, source);
  const aligned = [...new Array<number>(shape.length - own.length).fill(1), ...own];
  const squeezed = graph.reshape(source, [...aligned.slice(0, batch), ...aligned.slice(-2)]);
  return graph.broadcast(squeezed, [...shape.slice(0, batch), ...shape.slice(-2)]);
}

/** (V repeated) · (W repeated) = V · W repeated. */
const repeatedBoth: Rule<"matmul"> = (node, graph) => {
  const [a, b] = node.inputs, left = repeatedBatch(graph, a), right = repeatedBatch(graph, b), count = Math.min(left.count, right.count);
  if (count === 0) return undefined;
  const once = product(graph, withoutRepeats(graph, a, left.source, count), withoutRepeats(graph, b, right.source, count)), shape = shapeOf(graph, once);
  const aligned = graph.reshape(once, [...shape.slice(0, -2), ...new Array<number>(count).fill(1), ...shape.slice(-2)]);
  return graph.broadcast(aligned, node.shape);
};

/** [b, m, k] · (W [k, n] repeated b times) = [b·m, k] · W: one product instead of many. */
const repeatedRight: Rule<"matmul"> = (node, graph) => {
  const [a, b] = node.inputs, { count, source } = repeatedBatch(graph, b);
  if (count === 0) return undefined;
  const shape = shapeOf(graph, a), batch = shape.length - 2 - count, rows = sizeOf(shape.slice(batch, -1));
  const merged = graph.reshape(a, [...shape.slice(0, batch), rows, shape[shape.length - 1]]);
  return graph.reshape(product(graph, merged, withoutRepeats(graph, b, source, count)), node.shape);
};

/** (W repeated) · x = (xᵀ · Wᵀ)ᵀ, where xᵀ costs nothing: x is a transpose already, or columns. */
const repeatedLeft: Rule<"matmul"> = (node, graph) => {
  const [a, b] = node.inputs, { count } = repeatedBatch(graph, a), rank = node.shape.length;
  if (count === 0) return undefined;
  const columns = node.shape[rank - 1] === 1, turned = graph.as(b, "transpose")?.params.permutation;
  if (!columns && !(turned && turned[rank - 1] === rank - 2 && turned[rank - 2] === rank - 1)) return undefined;
  const bT = columns ? graph.reshape(b, [...node.shape.slice(0, -2), 1, shapeOf(graph, b)[rank - 2]]) : swap(graph, b);
  const flipped = product(graph, bT, swap(graph, a));
  return columns ? graph.reshape(flipped, node.shape) : swap(graph, flipped);
};

/** Signs move outwards. */
const sign: Rule<"matmul"> = ({ inputs: [a, b] }, graph) => {
  const minusA = graph.as(a, "negative")?.inputs[0], minusB = graph.as(b, "negative")?.inputs[0];
  if (minusA === undefined && minusB === undefined) return undefined;
  const positive = product(graph, minusA ?? a, minusB ?? b);
  return minusA !== undefined && minusB !== undefined ? positive : graph.apply("negative", positive);
};

export const productRules: Rules = { matmul: [sign, repeatedBoth, repeatedRight, repeatedLeft] };

/** Σ_b A_b·B_b over batch axes as one product whose inner axis holds b too. */
function mergeInner(sum: Node<"sum">, a: number, b: number, graph: Graph): number | undefined {
  const left = shapeOf(graph, a), right = shapeOf(graph, b), batch = left.length - 2;
  const summed = sum.params.axes.filter(x => x < batch);
  if (summed.length === 0) return undefined;
  const kept = Array.from({ length: batch }, (_, x) => x).filter(x => !summed.includes(x));
  const outer = kept.map(x => left[x]), inner = sizeOf(summed.map(x => left[x])) * left[batch + 1];
  const rows = graph.reshape(graph.transpose(a, [...kept, batch, ...summed, batch + 1]), [...outer, left[batch], inner]);
  const columns = graph.reshape(graph.transpose(b, [...kept, ...summed, batch, batch + 1]), [...outer, inner, right[batch + 1]]);
  const rest = sum.params.axes.filter(x => x >= batch || kept.includes(x)).map(x => (x >= batch ? x - summed.length : kept.indexOf(x)));
  const merged = product(graph, rows, columns);
  return rest.length === 0 ? merged : graph.reduce("sum", merged, rest);
}

/** Merges products that are summed over their batch right away and used by nothing else. */
export function mergeSummedProducts(program: Program): Program {
  const { nodes, outputs } = program, uses = new Uint32Array(nodes.length), graph = new Graph({}, program.constants), positions: number[] = [];
  for (const node of nodes) for (const i of node.inputs) uses[i]++;
  for (const o of outputs) uses[o]++;
  for (const node of nodes) {
    const summand = node.op === "sum" ? nodes[node.inputs[0]] : undefined;
    const merged = summand?.op === "matmul" && uses[node.inputs[0]] === 1
      ? mergeInner(node as Node<"sum">, positions[summand.inputs[0]], positions[summand.inputs[1]], graph)
      : undefined;
    positions.push(merged ?? graph.put(moved(node, positions)));
  }
  return finish(program, graph, positions);
}

/**
 * Batches of products that are one product: with a matrix that is repeated over the batch (as under `vmap`), or summed
 * over the batch (as in a gradient with respect to that matrix). Bit-identical, but for the sums, whose terms are added
 * in one go: the usual bound of a dot product, k·2⁻⁵³·Σ|aᵢbᵢ| in float64, covers the difference.
 */
export const mergeProducts = (program: Program): Program => rewrite(mergeSummedProducts(program), productRules);
