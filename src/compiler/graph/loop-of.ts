import { hashProgram } from "../../program/hash.js";
import { bodiesOf, isScan } from "../../program/loops.js";
import type { Node, Program, Scan } from "../../program/program.js";
import { traitsOf } from "../../program/traits.js";

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
