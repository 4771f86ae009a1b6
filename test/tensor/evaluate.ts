import { evaluateProgram } from "../../src/program/evaluate.js";
import { UfomError } from "../../src/tensor/error.js";
import { mapTypes, trace } from "../../src/tensor/trace.js";
import { paths } from "../../src/tensor/tree.js";
import type { DType, FloatType, HostArray, HostTree, Type } from "../../src/tensor/types.js";
import { allocate } from "../../src/tensor/types.js";

type Traceable = (...inputs: never[]) => unknown;

/** Traces a function in a precision and evaluates it on numbers, by the operations' own rules. @typeParam R the tree of its results */
export function evaluate<R = HostArray>(f: Traceable, inputs: readonly HostTree[] = [], precision: FloatType = "float64"): R {
  const { program, output } = trace(f, inputs, precision);
  const arrays = paths("a test's inputs", inputs).map(([, leaf]) => leaf as HostArray);
  const values = evaluateProgram(
    program,
    arrays.map(({ data }, k) => {
      const array = allocate(program.inputs[k]);
      array.set(data);
      return { ...program.inputs[k], data: array };
    }),
  );
  let k = 0;
  return mapTypes(output, () => values[program.outputs[k++]]) as R;
}

/** The numbers of an array that a function gives. */
export const numbers = (f: Traceable, inputs: readonly HostTree[] = [], precision?: FloatType): number[] =>
  Array.from(evaluate(f, inputs, precision).data);

/** The type of what a function gives, as it is written in messages: `float64[2,3]`. */
export function typeOf(f: Traceable, inputs: readonly Type[] = [], precision: FloatType = "float64"): string {
  const { dtype, shape } = trace(f, inputs, precision).output as Type;
  return `${dtype}[${shape.join(",")}]`;
}

/** What a function refuses with when it is traced. */
export function refusal(f: Traceable, ...inputs: readonly (HostTree | Type)[]): string {
  try {
    trace(f, inputs);
  } catch (error) {
    if (error instanceof UfomError) return error.message;
    throw error;
  }
  throw new Error("nothing was refused");
}

/** A type for tracing: `type("float32", 2, 3)`. */
export const type = (dtype: DType, ...shape: number[]): Type => ({ shape, dtype });
/** A float in the working precision. */
export const float = (...shape: number[]): Type => type("float32", ...shape);
