import { evaluateLoop, rowAt } from "../../program/evaluate-loops.js";
import { evaluateProgram, outputsOf } from "../../program/evaluate.js";
import { historyRowOf, isCond, isScan, rowOf, yields } from "../../program/loops.js";
import type { Node, Program, Scan } from "../../program/program.js";
import type { HostArray } from "../../tensor/types.js";

/** The first number of an array that is not finite. */
export const oddNumber = ({ data }: HostArray): number | undefined => {
  for (const x of data) if (!Number.isFinite(x)) return x;
  return undefined;
};

/** The node that made a number that is not finite of numbers that are, in a program or one within it. */
export interface Origin {
  readonly within: Program;
  readonly node: number;
  readonly value: number;
}

/**
 * From a node that is not finite back to what it was made of, as long as that is not finite either.
 *
 * @param numbers of every node of the program
 */
export function originOf(program: Program, numbers: readonly HostArray[], node: number): Origin {
  const odd = (i: number) => oddNumber(numbers[i]);
  let at = node;
  for (;;) {
    const from: readonly number[] = program.nodes[at].inputs,
      before: number | undefined = from.find(i => Number.isNaN(odd(i))) ?? from.find(i => odd(i) !== undefined);
    if (before === undefined) break;
    at = before;
  }
  const operands = program.nodes[at].inputs.map(i => numbers[i]);
  return originWithin(program.nodes[at], operands, numbers[at]) ?? { within: program, node: at, value: odd(at)! };
}

/** Where in a loop or a choice of finite operands a result stopped being finite. */
function originWithin(loop: Node, operands: readonly HostArray[], result: HostArray): Origin | undefined {
  if (isScan(loop)) return originInSteps(loop, operands, result);
  if (!isCond(loop)) return undefined;
  const [pred, ...inputs] = operands,
    taken = pred.data[0] === 0 ? loop.params.onFalse : loop.params.onTrue;
  return originOf(taken, evaluateProgram(taken, inputs), taken.outputs[loop.params.result]);
}

/** From step to step back, as long as the carry before a step is what is not finite. */
function originInSteps(loop: Node<"scan">, operands: readonly HostArray[], result: HostArray): Origin {
  const scan = { ...loop.params, every: 1 },
    { body, constants, carry } = scan;
  const histories = evaluateLoop({ ...loop, params: scan }, operands, outputsOf).slice(carry + yields(scan)),
    xs = operands.slice(constants + carry);
  let [step, output] = firstOdd(loop.params, result);
  for (;;) {
    const before = histories.map(h => rowAt(h, historyRowOf(scan, step)!)),
      given = [...operands.slice(0, constants), ...before, ...xs.map(x => rowAt(x, rowOf(scan, step)))],
      found = originOf(body, evaluateProgram(body, given), body.outputs[output]);
    const { op, params } = found.within.nodes[found.node];
    if (found.within !== body || op !== "input") return found;
    output = (params as Node<"input">["params"]).index - constants;
    step -= 1;
  }
}

/** The first step in which a result is not finite, and the output of the body that is. */
function firstOdd(scan: Scan, result: HostArray): [step: number, output: number] {
  const { carry, length, result: index } = scan;
  if (index < carry) return [length - 1, index];
  const isOdd = (row: number): boolean => oddNumber(rowAt(result, row)) !== undefined,
    steps = Array.from({ length }, (_, s) => s),
    ys = yields(scan);
  if (index < carry + ys) return [steps.find(s => isOdd(rowOf(scan, s)))!, index];
  // What a history holds is the carry that the step before has left.
  const kept = steps.find(s => {
    const row = historyRowOf(scan, s);
    return row !== undefined && isOdd(row);
  })!;
  return [kept - 1, index - carry - ys];
}
