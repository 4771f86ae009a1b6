import type { ElementwisePrimitives, Node, Primitive, Program } from "../../program/program.js";
import { traits } from "../../program/traits.js";
import { allocate, sizeOf } from "../../tensor/types.js";
import type { TypedArray } from "../../tensor/types.js";
import { contract } from "./contract.js";
import { conv, convInput, convKernel } from "./convolve.js";
import { gather, scatter } from "./indexed.js";
import type { Graph } from "./graph.js";
import { concatenate, pad } from "./assemble.js";
import { loop } from "./loop.js";
import { exclusiveProducts, mergeProducts } from "./merge.js";
import { argsort } from "./order.js";
import { reduce } from "./reduce.js";
import { solve } from "./solve.js";
import type { MapOp } from "./tensor.js";
import type { View } from "./view.js";
import { broadcastTo, pick, strided } from "./view.js";

/** What lowering a node may use besides its operands. */
export interface Context {
  readonly program: Program;
  readonly graph: Graph;
  /** For each node the axis of the result that should lie innermost in memory; undefined where it makes no difference. */
  readonly preferred: readonly (number | undefined)[];
  /** Nodes that are matrix products for one reader only. */
  readonly exclusive: readonly boolean[];
}

type Rule<P extends Primitive> = (node: Node<P>, operands: readonly View[], context: Context, position: number) => View;

const map: Rule<MapOp & Primitive> = (node, operands, { graph }) => graph.map(node.op, node.dtype, operands, node.shape);

/** 0, 1, 2, … as stored numbers, repeated along the other axes. */
const counting = (node: Node<"iota">, graph: Graph): View => {
  const { axis } = node.params,
    shape = node.shape.map((n, i) => (i === axis ? n : 1));
  const data = allocate({ dtype: node.dtype, shape }).map((_: number, i: number) => i) as TypedArray;
  return broadcastTo(graph.constant({ dtype: node.dtype, shape, data }), node.shape);
};

/** How every operation is lowered that is not element by element. */
const rules: { readonly [P in Exclude<Primitive, keyof ElementwisePrimitives>]: Rule<P> } = {
  input: (node, _, { graph }) => graph.input(node.params.index, node.dtype, node.shape),
  constant: (node, _, { graph, program }) => graph.constant(program.constants[node.params.index]),
  literal: (node, _, { graph }) => graph.literal(node.params.value, node.dtype),
  iota: (node, _, { graph }) => counting(node, graph),
  stopGradient: (_, [x]) => x,
  sum: (node, [x], { graph }) => reduce(graph, "sum", x, node.params.axes),
  max: (node, [x], { graph }) => reduce(graph, "max", x, node.params.axes),
  min: (node, [x], { graph }) => reduce(graph, "min", x, node.params.axes),
  reshape: (node, [x], { graph }) => graph.reshape(x, node.shape),
  transpose: (node, [x]) => pick(x, node.params.permutation),
  broadcast: (node, [x]) => broadcastTo(x, node.shape),
  slice: (node, [x]) => strided(x, node.params.start, node.params.stride, node.shape),
  flip: (node, [x]) => {
    const flipped = (i: number) => node.params.axes.includes(i);
    return strided(
      x,
      x.shape.map((n, i) => (flipped(i) ? n - 1 : 0)),
      x.shape.map((_, i) => (flipped(i) ? -1 : 1)),
      x.shape,
    );
  },
  pad: (node, [x], { graph }) => pad(graph, x, node.shape, node.params.start, node.params.stride),
  concatenate: (node, operands, { graph }) => concatenate(graph, operands, node.shape, node.params.axis),
  take: (node, [x, indices], { graph }) => gather(graph, x, indices, node.shape, node.params.axis),
  scatterAdd: (node, [g, indices], { graph }) => scatter(graph, g, indices, node.shape, node.params.axis),
  argsort: (node, [x], { graph }) => argsort(graph, x, node.shape, node.params.axis),
  matmul: (node, [a, b], { graph, preferred }, i) => contract(graph, a, b, node.shape, preferred[i]),
  conv: (node, [x, w], { graph }) => conv(graph, x, w, node.shape, node.params),
  convInput: (node, [g, w], { graph }) => convInput(graph, g, w, node.shape, node.params),
  convKernel: (node, [x, g], { graph }) => convKernel(graph, x, g, node.shape, node.params),
  cholesky: (node, operands, { graph }) => solve(graph, "cholesky", operands, node.shape),
  triangularSolve: (node, operands, { graph }) => solve(graph, "substitution", operands, node.shape, node.params),
  solve: (node, operands, { graph }) => solve(graph, "elimination", operands, node.shape),
  scan: (node, operands, { graph }) => loop(graph, node, operands),
  cond: (node, operands, { graph }) => loop(graph, node, operands),
};

/** Element-by-element operations that are not simply a map. */
const special: { readonly [P in keyof ElementwisePrimitives]?: Rule<P> } = {
  cast: (node, operands, context, i) => (node.dtype === operands[0].tensor.dtype ? operands[0] : map(node, operands, context, i)),
  add: (node, [x, y], context, i) =>
    (node.inputs.every(k => context.exclusive[k]) ? mergeProducts(context.graph, x, y) : null) ?? map(node, [x, y], context, i),
};

const isElementwise = (op: Primitive): op is keyof ElementwisePrimitives => traits[op].kind === "elementwise";
const ruleFor = (op: Primitive): Rule<Primitive> => (isElementwise(op) ? (special[op] ?? map) : rules[op]) as Rule<Primitive>;

/** Lowers a program's nodes to tensors; returns the views of its outputs. */
export function lower(program: Program, graph: Graph, preferred: readonly (number | undefined)[]): View[] {
  const views: View[] = [],
    context = { program, graph, preferred, exclusive: exclusiveProducts(program) };
  program.nodes.forEach((node, i) => {
    const rule = ruleFor(node.op);
    // An array without elements is never read: any number stands for it.
    views.push(
      sizeOf(node.shape) === 0
        ? graph.literal(0, node.dtype, node.shape)
        : rule(
            node,
            node.inputs.map(k => views[k]),
            context,
            i,
          ),
    );
  });
  return program.outputs.map(o => views[o]);
}
