import { hashProgram } from "../../program/hash.js";
import { bodiesOf, isScan } from "../../program/loops.js";
import type { Node, Program, Scan } from "../../program/program.js";
import { traitsOf } from "../../program/traits.js";
import { sizeOf } from "../../tensor/types.js";
import type { Graph } from "./graph.js";
import type { View } from "./view.js";
import { unsqueezed, whole } from "./view.js";

/** A loop over steps or a choice: the programs within, and how they are run. */
export class LoopOf {
  readonly bodies: readonly Program[];
  /** Absent for a choice. */
  readonly scan: Scan | undefined;
  readonly name: "scan" | "cond";
  /** Arithmetic operations of all steps. */
  readonly flops: number;
  private readonly key: string;

  constructor(node: Node<"scan" | "cond">) {
    this.bodies = bodiesOf(node);
    this.scan = isScan(node) ? node.params : undefined;
    const { constants, carry, length, reverse, every } = (this.scan ?? {}) as Partial<Scan>;
    this.name = node.op;
    this.flops = traitsOf(node).flops(node, []);
    this.key = [node.op, ...this.bodies.map(hashProgram), constants, carry, length, reverse, every].join(" ");
  }

  /** What tells it from others. */
  toJSON(): string {
    return this.key;
  }
}

/** A result of a loop. Operands without elements are never read: one number stands for each. */
export function loop(graph: Graph, node: Node<"scan" | "cond">, operands: readonly View[]): View {
  const { result } = node.params,
    { dtype, shape } = node;
  const dense = operands.map(v => whole(graph.dense(sizeOf(v.shape) === 0 ? graph.literal(0, v.tensor.dtype) : v)));
  const tensor = graph.add({
    kind: "loop",
    dtype,
    shape: shape.filter(n => n !== 1),
    operands: dense,
    loop: new LoopOf(node),
    result,
  });
  return unsqueezed(tensor, shape);
}
