import { evaluateProgram } from "../../src/program/evaluate.js";
import { ProgramBuilder } from "../../src/program/builder.js";
import { eliminateDeadCode } from "../../src/program/passes/dead-code.js";
import { optimize } from "../../src/program/passes/index.js";
import type { Pass } from "../../src/program/passes/index.js";
import { printProgram } from "../../src/program/print.js";
import type { Primitive, Program } from "../../src/program/program.js";
import { verifyProgram } from "../../src/program/verify.js";
import type { HostArray, Shape } from "../../src/tensor/types.js";
import { allocate } from "../../src/tensor/types.js";

/** Short names for what tests write most. */
export class Sketch extends ProgramBuilder {
  /** A float64 input. */
  x(...shape: number[]): number {
    return this.input(shape, "float64");
  }
  /** An operation without parameters, typed as its last operand. */
  op(op: Primitive, ...inputs: number[]): number {
    const { shape, dtype } = this.nodes[inputs[inputs.length - 1]];
    return this.add(op, inputs, shape, dtype, {});
  }
  full(value: number, shape: Shape): number {
    return this.add("broadcast", [this.literal(value, "float64")], shape, "float64", {});
  }
  broadcast(x: number, ...shape: number[]): number {
    return this.add("broadcast", [x], shape, this.nodes[x].dtype, {});
  }
  reshape(x: number, ...shape: number[]): number {
    return this.add("reshape", [x], shape, this.nodes[x].dtype, {});
  }
  transpose(x: number, ...permutation: number[]): number {
    return this.add(
      "transpose",
      [x],
      permutation.map(a => this.nodes[x].shape[a]),
      this.nodes[x].dtype,
      { permutation },
    );
  }
  sum(x: number, ...axes: number[]): number {
    return this.add(
      "sum",
      [x],
      this.nodes[x].shape.filter((_, a) => !axes.includes(a)),
      this.nodes[x].dtype,
      { axes },
    );
  }
  matmul(a: number, b: number): number {
    return this.add("matmul", [a, b], [...this.nodes[a].shape.slice(0, -1), this.nodes[b].shape.at(-1)!], this.nodes[a].dtype, {});
  }
}

export function sketch(build: (s: Sketch) => number | readonly number[]): Program {
  const s = new Sketch(),
    out = build(s);
  return s.build(typeof out === "number" ? [out] : out);
}

/** Numbers with both signs, none of them 0, for the inputs of a program. */
export const someInputs = (program: Program): HostArray[] =>
  program.inputs.map((type, k) => {
    const data = allocate(type);
    for (let i = 0; i < data.length; i++)
      data[i] = type.dtype === "bool" ? i % 2 : ((((i + 1) * 37 + 11 * k) % 19) - 9.25) * (type.dtype === "int32" ? 1 : 0.375);
    return { ...type, data };
  });

export const outputsOf = (program: Program, inputs: readonly HostArray[]): HostArray[] => {
  const values = evaluateProgram(program, inputs);
  return program.outputs.map(o => values[o]);
};

/** What a pass makes of a program, without dead code and the lines of inputs; verified. */
export function after(pass: Pass, program: Program): string {
  verifyProgram(program);
  return printProgram(optimize(program, [pass, eliminateDeadCode]))
    .split("\n")
    .filter(line => !line.includes(" = input "))
    .join("\n");
}
