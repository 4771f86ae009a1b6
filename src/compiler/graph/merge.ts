import type { Node, Program } from "../../program/program.js";
import { sameShape } from "../../tensor/types.js";
import type { Graph } from "./graph.js";
import { sourcesOf } from "./tensor.js";
import type { Dot } from "./tensor.js";
import type { View } from "./view.js";

/** Nodes that only move the elements of their operand, or add two of them. */
const passing: readonly Node["op"][] = ["transpose", "reshape", "add"];

/** For each node whether it is a matrix product, or made of such products only, and has exactly one reader. */
export function exclusiveProducts({ nodes, outputs }: Program): boolean[] {
  const uses = new Array<number>(nodes.length).fill(0);
  for (const node of nodes) for (const i of node.inputs) uses[i]++;
  for (const o of outputs) uses[o]++;
  const exclusive: boolean[] = [];
  nodes.forEach(({ op, inputs }, i) => {
    exclusive.push(uses[i] === 1 && (op === "matmul" || (passing.includes(op) && inputs.every(k => exclusive[k]))));
  });
  return exclusive;
}

/** Products in one sum: the code of each is written out, and each more copies the list. */
const MOST_PRODUCTS = 256;

/** A·B + C·D as one sum of products, whose result is not stored in between; null if the two do not lie alike. */
export function mergeProducts(graph: Graph, x: View, y: View): View | null {
  const p = x.tensor,
    q = y.tensor;
  if (p.kind !== "dot" || q.kind !== "dot" || p === q || p.form !== q.form) return null;
  if (p.contracted.length + q.contracted.length > MOST_PRODUCTS || !sameShape(p.shape, q.shape) || !sameReading(x, y)) return null;
  const { addsUpInMemory, mostInputs } = graph.target,
    operands = [...p.operands, ...q.operands];
  const apart = (t: Dot) => t.form !== "library" && addsUpInMemory(t);
  if (apart(p) || apart(q) || (mostInputs < Infinity && sourcesOf(operands).size > mostInputs)) return null;
  const { form, dtype, shape } = p;
  const tensor = graph.add(
    { kind: "dot", form, dtype, shape, contracted: [...p.contracted, ...q.contracted], operands },
    `products ${p.id} ${q.id}`,
  );
  return { ...x, tensor };
}

const sameReading = (x: View, y: View): boolean =>
  (["shape", "axes", "steps", "start"] as const).every(field => x[field].join() === y[field].join());
