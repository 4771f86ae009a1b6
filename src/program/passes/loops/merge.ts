import type { HostArray } from "../../../tensor/types.js";
import { loopKey } from "../../loop-groups.js";
import { isScan } from "../../loops.js";
import type { Node, Program, Scan } from "../../program.js";
import { ancestors } from "../../reachability.js";
import { Rewriter } from "../rewriter.js";
import { place } from "./inline.js";

/** A loop of a program: its operands, and the nodes of its results. */
interface Group {
  readonly scan: Scan;
  readonly inputs: readonly number[];
  readonly nodes: readonly number[];
}

function groupsOf({ nodes }: Program): Group[] {
  const groups = new Map<string, { scan: Scan; inputs: readonly number[]; nodes: number[] }>();
  nodes.forEach((node, i) => {
    if (!isScan(node)) return;
    const key = loopKey(node),
      group = groups.get(key);
    if (group) group.nodes.push(i);
    else groups.set(key, { scan: node.params, inputs: node.inputs, nodes: [i] });
  });
  return [...groups.values()];
}

/** The input of a loop that has the given operand, of the same kind and not taken yet. */
function inputFor(operand: number, inputs: readonly number[], from: number, to: number, taken: ReadonlySet<number>): number | undefined {
  for (let i = from; i < to; i++) if (inputs[i] === operand && !taken.has(i)) return i;
  return undefined;
}

/** For each operand of one loop the same one of another; nothing if the other lacks one. */
function sameOperands(part: Group, whole: Group): number[] | undefined {
  const ends = ({ scan, inputs }: Group): number[] => [0, scan.constants, scan.constants + scan.carry, inputs.length];
  const [own, other] = [ends(part), ends(whole)],
    taken = new Set<number>(),
    found: number[] = [];
  for (let kind = 0; kind < 3; kind++)
    for (let i = own[kind]; i < own[kind + 1]; i++) {
      const at = inputFor(part.inputs[i], whole.inputs, other[kind], other[kind + 1], kind === 1 ? taken : new Set());
      if (at === undefined) return undefined;
      taken.add(at);
      found.push(at);
    }
  return found;
}

/** The loop that computes what another computes too: its body, and where the results of both are among its own. */
interface Merged {
  readonly scan: Scan;
  readonly ofPart: readonly number[];
  readonly ofWhole: readonly number[];
}

/** Whether neither of two loops needs the other. */
function areApart(program: Program, a: Group, b: Group): boolean {
  const before = ancestors(program, b.inputs),
    after = ancestors(program, a.inputs);
  return !a.nodes.some(i => before[i]) && !b.nodes.some(i => after[i]);
}

/** One loop in place of two, if all that one carries is carried by the other, and computed alike. */
function merge(program: Program, part: Group, whole: Group): Merged | undefined {
  const [a, b] = [part.scan, whole.scan];
  if (a.length !== b.length || a.reverse !== b.reverse || a.every !== b.every || a.carry > b.carry) return undefined;
  const inputs = sameOperands(part, whole);
  // Looked at last, as it is a walk over the program, and most loops have operands of their own.
  if (!inputs || !areApart(program, part, whole)) return undefined;
  const rewriter = new Rewriter({}, []),
    own = b.body.inputs.map((type, index) => rewriter.add("input", [], type, { index })),
    constants = new Map<HostArray, number>();
  const placed = place(b.body, own, rewriter, constants),
    again = place(
      a.body,
      inputs.map(i => own[i]),
      rewriter,
      constants,
    );
  const outputs = b.body.outputs.map(o => placed[o]),
    wanted = a.body.outputs.map(o => again[o]),
    carried = inputs.slice(a.constants, a.constants + a.carry).map(i => i - b.constants);
  if (!carried.every((j, k) => outputs[j] === wanted[k])) return undefined;
  const ys = wanted.slice(a.carry).map(position => {
    const known = outputs.indexOf(position, b.carry);
    return known >= 0 ? known : outputs.push(position) - 1;
  });
  const body: Program = { inputs: b.body.inputs, constants: rewriter.constants, nodes: rewriter.nodes, outputs };
  const histories = (n: number): number[] => Array.from({ length: n }, (_, k) => outputs.length + k);
  return {
    scan: { ...b, body },
    ofPart: [...carried, ...ys, ...carried.map(k => outputs.length + k)],
    ofWhole: [...b.body.outputs.map((_, k) => k), ...histories(b.carry)],
  };
}

/**
 * Computes once what two loops compute alike, as the values that are carried beside their tangents were already: a loop whose carry is part of
 * another's becomes part of that. Bit-identical.
 */
export function mergeScans(program: Program): Program {
  for (let current = program; ;) {
    const next = mergeOnce(current);
    if (next === undefined) return current;
    current = next;
  }
}

function mergeOnce(program: Program): Program | undefined {
  const groups = groupsOf(program);
  for (const part of groups)
    for (const whole of groups) {
      const merged = part === whole ? undefined : merge(program, part, whole);
      if (merged) return replaced(program, part, whole, merged);
    }
  return undefined;
}

/** The program with both loops replaced by one. */
function replaced(program: Program, part: Group, whole: Group, { scan, ofPart, ofWhole }: Merged): Program {
  const results = new Map<number, number>();
  for (const i of part.nodes) results.set(i, ofPart[(program.nodes[i].params as Scan).result]);
  for (const i of whole.nodes) results.set(i, ofWhole[(program.nodes[i].params as Scan).result]);
  const nodes: Node[] = [],
    made = new Map<number, number>(),
    positions = new Array<number | undefined>(program.nodes.length).fill(undefined);
  const inputsOf = (i: number): readonly number[] => (results.has(i) ? whole.inputs : program.nodes[i].inputs);
  const add = (i: number): void => {
    const node = program.nodes[i],
      inputs = inputsOf(i).map(k => positions[k] as number),
      result = results.get(i);
    if (result === undefined) positions[i] = nodes.push(node.inputs.every((k, n) => inputs[n] === k) ? node : { ...node, inputs }) - 1;
    else {
      let position = made.get(result);
      if (position === undefined) made.set(result, (position = nodes.push({ ...node, inputs, params: { ...scan, result } }) - 1));
      positions[i] = position;
    }
  };
  // In order, but for what the loop now needs earlier.
  for (let i = 0; i < program.nodes.length; i++) {
    const stack = [i];
    while (stack.length) {
      const top = stack[stack.length - 1],
        missing = positions[top] === undefined ? inputsOf(top).find(k => positions[k] === undefined) : undefined;
      if (missing !== undefined) {
        stack.push(missing);
        continue;
      }
      if (positions[top] === undefined) add(top);
      stack.pop();
    }
  }
  return { ...program, nodes, outputs: program.outputs.map(o => positions[o] as number) };
}
