import { sameShape } from "../../tensor/types.js";
import type { DType, HostArray, Shape, Type } from "../../tensor/types.js";
import { digestOf, nodeText } from "../hash.js";
import type { Node, Primitive, Primitives } from "../program.js";
import { traits, traitsOf } from "../traits.js";

/** Answers the position of a node that computes the same as the given one, which is not in the rewriter's program yet; nothing to keep it. */
export type Rule<P extends Primitive = Primitive> = (node: Node<P>, rewriter: Rewriter) => number | undefined;

/** Rules by the operation that they look at; the first that answers wins. */
export type Rules = { readonly [P in Primitive]?: readonly Rule<P>[] };

/** All rules of some tables, in order. */
export function mergeRules(...tables: readonly Rules[]): Rules {
  const merged: Partial<Record<Primitive, readonly Rule[]>> = {};
  for (const table of tables) {
    for (const op of Object.keys(table) as Primitive[]) merged[op] = [...(merged[op] ?? []), ...(table[op] as readonly Rule[])];
  }
  return merged;
}

/**
 * The program that a rewriting pass writes. Every node that is added passes the rules first and is shared with an equal
 * one, so rules may build freely: what they build is simplified in turn. Positions are stable; what turns out unused is
 * left for dead-code elimination.
 */
export class Rewriter {
  readonly nodes: Node[] = [];
  readonly constants: HostArray[];
  private readonly finite: boolean[] = [];
  private readonly known = new Map<string, number>();

  constructor(
    private readonly rules: Rules,
    constants: readonly HostArray[],
  ) {
    this.constants = [...constants];
  }

  /** Adds a node whose operands are positions of this rewriter. */
  put(node: Node): number {
    for (const rule of (this.rules[node.op] ?? []) as readonly Rule[]) {
      const found = rule(node, this);
      if (found !== undefined) return found;
    }
    const key = this.keyOf(node);
    let position = this.known.get(key);
    if (position === undefined) {
      this.known.set(key, (position = this.nodes.push(node) - 1));
      this.finite.push(this.isFiniteNode(node));
    }
    return position;
  }

  private isFiniteNode(node: Node): boolean {
    if (node.dtype === "int32" || node.dtype === "bool") return true;
    const operands = node.inputs.map(i => this.finite[i]);
    return traitsOf(node).finite(node, operands, this.constants);
  }

  private keyOf(node: Node): string {
    if (node.op === "constant") {
      const array = this.constants[(node as Node<"constant">).params.index];
      return `constant ${array.dtype}[${array.shape.join(",")}] ${digestOf(array)}`;
    }
    const [a, b] = node.inputs;
    return traits[node.op].commutative && a > b ? nodeText(node, [b, a]) : nodeText(node);
  }

  add<P extends Primitive>(op: P, inputs: readonly number[], { shape, dtype }: Type, params: Primitives[P]): number {
    return this.put({ op, inputs, params, shape, dtype });
  }

  /** The node at a position if it is of the given operation. */
  as<P extends Primitive>(position: number, op: P): Node<P> | undefined {
    const node = this.nodes[position];
    return node.op === op ? (node as Node<P>) : undefined;
  }

  /** The one number that all elements of a value are, rounded to its dtype; nothing if they may differ or are unknown. */
  uniform(position: number): number | undefined {
    const literal = this.as(this.as(position, "broadcast")?.inputs[0] ?? position, "literal");
    return literal && (literal.dtype === "float32" ? Math.fround(literal.params.value) : literal.params.value);
  }

  /** Whether no element can be NaN or infinite, whatever the inputs are. */
  isFinite(position: number): boolean {
    return this.finite[position];
  }

  constant(array: HostArray): number {
    return this.add("constant", [], array, { index: this.constants.push(array) - 1 });
  }

  literal(value: number, dtype: DType): number {
    return this.add("literal", [], { shape: [], dtype }, { value });
  }

  /** One number at every element. */
  full(value: number, { shape, dtype }: Type): number {
    return this.broadcast(this.literal(value, dtype), shape);
  }

  /** An operation without parameters whose result is typed as the first operand. */
  apply(op: "negative" | "abs" | "add" | "subtract" | "multiply" | "divide" | "and" | "or" | "not", ...inputs: readonly number[]): number {
    return this.add(op, inputs, this.nodes[inputs[0]], {});
  }

  broadcast(x: number, shape: Shape): number {
    const { shape: own, dtype } = this.nodes[x];
    return sameShape(own, shape) ? x : this.add("broadcast", [x], { shape, dtype }, {});
  }

  reshape(x: number, shape: Shape): number {
    const { shape: own, dtype } = this.nodes[x];
    return sameShape(own, shape) ? x : this.add("reshape", [x], { shape, dtype }, {});
  }

  transpose(x: number, permutation: readonly number[]): number {
    const { shape, dtype } = this.nodes[x];
    if (permutation.every((a, i) => a === i)) return x;
    return this.add("transpose", [x], { shape: permutation.map(a => shape[a]), dtype }, { permutation });
  }

  product(a: number, b: number): number {
    const { shape, dtype } = this.nodes[a],
      columns = this.nodes[b].shape;
    return this.add("matmul", [a, b], { shape: [...shape.slice(0, -1), columns[columns.length - 1]], dtype }, {});
  }

  reduce(op: "sum" | "max" | "min", x: number, axes: readonly number[]): number {
    const { shape, dtype } = this.nodes[x];
    return this.add(op, [x], { shape: shape.filter((_, a) => !axes.includes(a)), dtype }, { axes });
  }
}
