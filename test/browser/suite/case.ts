import type { Program } from "../../../src/program/program.js";
import { trace } from "../../../src/tensor/trace.js";
import type { FloatType, HostArray, Type } from "../../../src/tensor/types.js";
import { tame } from "./numbers.js";

/** A program with the numbers that it is run on, one list a run. */
export interface Case {
  readonly name: string;
  readonly program: Program;
  readonly runs: readonly (readonly HostArray[])[];
}

export const precisions: readonly FloatType[] = ["float32", "float64"];

/** Types in the notation of the traces: float32 stands for the working precision. */
export const float = (...shape: number[]): Type => ({ shape, dtype: "float32" });
export const int = (...shape: number[]): Type => ({ shape, dtype: "int32" });

/** A function of trees of values, traced in a precision. Without inputs of its own it is run on ordinary numbers. */
export function traced(
  name: string,
  precision: FloatType,
  f: (...args: never[]) => unknown,
  args: readonly unknown[],
  ...runs: readonly (readonly HostArray[])[]
): Case {
  const { program } = trace(f, args, precision);
  return {
    name: `${name}, ${precision}`,
    program,
    runs: runs.length > 0 ? runs : [program.inputs.map((type, i) => tame(type, i))],
  };
}
