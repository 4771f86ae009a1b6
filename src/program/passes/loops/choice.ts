import { ProgramBuilder } from "../../builder.js";
import type { Node, Program } from "../../program.js";
import { ancestors } from "../../reachability.js";
import type { Rewriter } from "../rewriter.js";
import { inline } from "./inline.js";

/** A choice without the results and the operands that nobody needs; of one whose bool is known, the way that is taken. */
export function chosen(
  node: Node<"cond">,
  [pred, ...operands]: readonly number[],
  wanted: ReadonlySet<number>,
  rewriter: Rewriter,
  optimize: (body: Program) => Program,
): (result: number) => number {
  const { onTrue, onFalse } = node.params,
    known = rewriter.uniform(pred);
  if (known !== undefined) {
    const outputs = inline(optimize(known === 0 ? onFalse : onTrue), operands, rewriter);
    return r => outputs[r];
  }
  const kept = onTrue.outputs.flatMap((_, k) => (wanted.has(k) ? [k] : [])),
    ways = [onTrue, onFalse].map(way => optimize({ ...way, outputs: kept.map(k => way.outputs[k]) })),
    reads = ways.map(usedInputs),
    used = operands.flatMap((_, i) => (reads.some(of => of.has(i)) ? [i] : []));
  const [yes, no] = ways.map(way => withInputs(way, used)),
    inputs = [pred, ...used.map(i => operands[i])];
  return r => {
    const result = kept.indexOf(r),
      { shape, dtype } = yes.nodes[yes.outputs[result]];
    return rewriter.put({ op: "cond", inputs, params: { onTrue: yes, onFalse: no, result }, shape, dtype });
  };
}

/** The inputs of a program that its outputs depend on. */
function usedInputs(program: Program): Set<number> {
  const reached = ancestors(program, program.outputs);
  return new Set(program.nodes.flatMap((node, i) => (node.op === "input" && reached[i] ? [(node as Node<"input">).params.index] : [])));
}

/** A program of some of its inputs, on which alone it depends. */
function withInputs({ inputs, constants, nodes, outputs }: Program, used: readonly number[]): Program {
  if (used.length === inputs.length) return { inputs, constants, nodes, outputs };
  const builder = new ProgramBuilder(),
    at = new Map(used.map(i => [i, builder.input(inputs[i].shape, inputs[i].dtype)])),
    positions: number[] = [];
  builder.constants.push(...constants);
  nodes.forEach((node, i) => {
    if (node.op === "input") {
      const own = at.get((node as Node<"input">).params.index);
      if (own !== undefined) positions[i] = own;
    } else positions[i] = builder.nodes.push({ ...node, inputs: node.inputs.map(k => positions[k]) }) - 1;
  });
  return builder.build(outputs.map(o => positions[o]));
}
