import { eliminateDeadCode } from "../passes/dead-code.js";
import type { Node, Program } from "../program.js";
import type { Type } from "../../tensor/types.js";
import { verifyProgram } from "../verify.js";
import type { Cut, Prices } from "./partition.js";
import { ordersOf } from "./lying.js";
import { cutBetween } from "./partition.js";
import { unite } from "./union.js";

/** A later program that reads what the first one kept: it takes these after its own inputs. */
export interface Resumed {
  readonly program: Program;
  /** Which of what is kept it takes. */
  readonly reads: readonly number[];
}

/** A program and later ones, with what the first keeps for the others. */
export interface Split {
  /** The first program, which gives what it keeps after its own outputs. */
  readonly first: Program;
  readonly later: readonly Resumed[];
  /** What is kept. */
  readonly kept: readonly Type[];
  readonly gain: Cut["gain"];
}

/**
 * Splits what later programs compute: what a first program, whose inputs they begin with, computes as well and what is dearer to compute again than
 * to keep, they read. Each operation stays what it was; the order in which a compiler adds up may not, as it depends on how arrays lie.
 */
export function split(first: Program, later: readonly Program[], prices?: Prices): Split {
  const united = unite([first, ...later], first.inputs.length),
    { inputs } = united,
    { kept: worth, gain } = cutBetween(united.program, united.outputs[0], united.outputs.slice(1), prices),
    { program, kept, moved } = laidOut(united.program, worth),
    outputs = united.outputs.map(list => list.map(o => moved[o])),
    types = kept.map(i => ({ shape: program.nodes[i].shape, dtype: program.nodes[i].dtype }));
  return {
    first: finished({ ...withInputs(program, inputs[0], []), outputs: [...outputs[0], ...kept] }, first.inputs),
    later: later.map((one, k) => resumed(program, inputs[k + 1], outputs[k + 1], kept, one.inputs)),
    kept: types,
    gain,
  };
}

/** The program with each kept value laid out as it is computed, and what was read of the value itself a view of that. */
function laidOut(program: Program, values: readonly number[]) {
  const orders = ordersOf(program),
    wanted = new Set(values),
    nodes: Node[] = [],
    kept: number[] = [],
    moved: number[] = [];
  program.nodes.forEach((node, i) => {
    moved[i] = nodes.push({ ...node, inputs: node.inputs.map(k => moved[k]) }) - 1;
    if (!wanted.has(i)) return;
    const order = orders[i];
    kept.push(order ? nodes.push(transposed(node, moved[i], order)) - 1 : moved[i]);
    if (order)
      moved[i] =
        nodes.push(
          transposed(
            nodes[nodes.length - 1],
            nodes.length - 1,
            order.map((_, axis) => order.indexOf(axis)),
          ),
        ) - 1;
  });
  return { program: { ...program, nodes }, kept, moved };
}

const transposed = ({ shape, dtype }: Type, x: number, permutation: readonly number[]): Node<"transpose"> => ({
  op: "transpose",
  inputs: [x],
  params: { permutation },
  shape: permutation.map(axis => shape[axis]),
  dtype,
});

function resumed(
  program: Program,
  inputs: readonly number[],
  outputs: readonly number[],
  kept: readonly number[],
  own: readonly Type[],
): Resumed {
  const read = eliminateDeadCode({ ...withInputs(program, inputs, kept), outputs }),
    used = new Set<number>();
  // What is given in vain is an input that no node reads.
  const needed = new Set(read.nodes.flatMap(node => node.inputs).concat(read.outputs));
  read.nodes.forEach((node, i) => {
    const at = node.op === "input" ? (node as Node<"input">).params.index - own.length : -1;
    if (at >= 0 && needed.has(i)) used.add(at);
  });
  const reads = kept.flatMap((_, k) => (used.has(k) ? [k] : [])),
    types = reads.map(k => program.nodes[kept[k]]).map(({ shape, dtype }) => ({ shape, dtype }));
  const taken = reads.map(k => kept[k]);
  return { program: finished({ ...withInputs(program, inputs, taken), outputs }, [...own, ...types]), reads };
}

/** The program with inputs of one of its parts, and further ones in place of some nodes; other inputs are left out, so that nothing may use them. */
function withInputs(program: Program, inputs: readonly number[], replaced: readonly number[]): Omit<Program, "outputs"> {
  const own = new Map(inputs.map((at, i) => [at, i])),
    given = new Map(replaced.map((node, k) => [node, inputs.length + k]));
  const nodes = program.nodes.map((node, i): Node => {
    const taken = given.get(i);
    if (taken !== undefined)
      return {
        op: "input",
        inputs: [],
        params: { index: taken, name: `kept.${taken - inputs.length}` },
        shape: node.shape,
        dtype: node.dtype,
      };
    if (node.op !== "input") return node;
    const { params } = node as Node<"input">;
    // One that belongs to another program is dead here: it becomes what dead code may be.
    const index = own.get(params.index);
    return index === undefined
      ? { op: "literal", inputs: [], params: { value: 0 }, shape: [], dtype: node.dtype }
      : { ...node, params: { ...params, index } };
  });
  return { inputs: [], constants: program.constants, nodes };
}

function finished(program: Program, inputs: readonly Type[]): Program {
  const clean = eliminateDeadCode({ ...program, inputs });
  verifyProgram(clean);
  return clean;
}
