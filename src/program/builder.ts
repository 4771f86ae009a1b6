import type { DType, HostArray, Shape, Type } from "../tensor/types.js";
import type { Node, Primitive, Primitives, Program } from "./program.js";

/** Writes a program node by node; every method answers the position of the node. Nothing is checked: see `verifyProgram`. */
export class ProgramBuilder {
  readonly nodes: Node[] = [];
  readonly constants: HostArray[] = [];
  readonly inputs: Type[] = [];

  add<P extends Primitive>(op: P, inputs: readonly number[], shape: Shape, dtype: DType, params: Primitives[P]): number {
    return this.nodes.push({ op, inputs, params, shape, dtype }) - 1;
  }

  input(shape: Shape, dtype: DType, name?: string): number {
    const index = this.inputs.push({ shape, dtype }) - 1;
    return this.add("input", [], shape, dtype, name === undefined ? { index } : { index, name });
  }

  constant(array: HostArray): number {
    const index = this.constants.push(array) - 1;
    return this.add("constant", [], array.shape, array.dtype, { index });
  }

  literal(value: number, dtype: DType): number {
    return this.add("literal", [], [], dtype, { value });
  }

  build(outputs: readonly number[]): Program {
    return { inputs: this.inputs, constants: this.constants, nodes: this.nodes, outputs };
  }
}
