import { evaluateProgram } from "../../program/evaluate.js";
import type { TracedFunction } from "../../tensor/trace.js";
import type { HostArray } from "../../tensor/types.js";
import { oddNumber, originOf } from "./odd-origin.js";
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

/**
 * Where the outputs of a traced function stop being finite: it is evaluated node by node, as it was written, and from the first odd output the
 * way goes back to what it was made of, as long as that is odd too, and into the steps of loops.
 *
 * @param trace traces the function; called again to find the line
 */
export function oddValue(trace: () => TracedFunction, inputs: readonly HostArray[]): OddValue | undefined {
  const { program, made, madeWithin } = trace(),
    numbers = evaluateProgram(program, inputs),
    output = program.outputs.find(node => oddNumber(numbers[node]) !== undefined);
  if (output === undefined) return undefined;
  const { within, node, value } = originOf(program, numbers, output),
    places = within === program ? made : madeWithin(within);
  return { operation: within.nodes[node].op, value, line: lineOfValue(places[node], trace) };
}
