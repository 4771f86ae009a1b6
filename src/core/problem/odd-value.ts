import { evaluateProgram } from "../../program/evaluate.js";
import type { TracedFunction } from "../../tensor/trace.js";
import type { HostArray } from "../../tensor/types.js";
import { lineOfValue } from "./where.js";

/** Where numbers stopped being finite. */
export interface OddValue {
  /** The operation that made the first of them: `log`. */
  readonly operation: string;
  /** What it made: NaN, Infinity or −Infinity. */
  readonly value: number;
  /** The line of the user's function that asked for it, or for what it is the derivative of: `my-problem.ts:14`. */
  readonly line: string | undefined;
}

/** The first number of an array that is not finite. */
export const oddNumber = ({ data }: HostArray): number | undefined => {
  for (const x of data) if (!Number.isFinite(x)) return x;
  return undefined;
};

/**
 * Where the outputs of a traced function stop being finite: it is evaluated node by node, as it was written, and from the first odd output the
 * way goes back to what it was made of, as long as that is odd too.
 *
 * @param trace traces the function; called again to find the line
 */
export function oddValue(trace: () => TracedFunction, inputs: readonly HostArray[]): OddValue | undefined {
  const { program, made } = trace(),
    numbers = evaluateProgram(program, inputs),
    odd = (node: number) => oddNumber(numbers[node]);
  let at = program.outputs.find(node => odd(node) !== undefined);
  if (at === undefined) return undefined;
  for (;;) {
    const from: readonly number[] = program.nodes[at].inputs,
      before: number | undefined = from.find(node => Number.isNaN(odd(node))) ?? from.find(node => odd(node) !== undefined);
    if (before === undefined) break;
    at = before;
  }
  return { operation: program.nodes[at].op, value: odd(at)!, line: lineOfValue(made[at], trace) };
}
