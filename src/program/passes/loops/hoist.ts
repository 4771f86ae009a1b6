import { ProgramBuilder } from "../../builder.js";
import type { Node, Scan } from "../../program.js";
import { traitsOf } from "../../traits.js";
import type { Rewriter } from "../rewriter.js";
import { inline } from "./inline.js";
import type { Became, Form } from "./scan-form.js";

/** Moves out of the body what is made of constants alone, and is more than another reading of them. */
export function hoisted(form: Form, rewriter: Rewriter): Form {
  const { body, constants } = form,
    fixed: boolean[] = [],
    known: boolean[] = [];
  body.nodes.forEach((node, i) => {
    const { inputs } = node;
    known[i] = node.op !== "input" && inputs.every(k => known[k]);
    fixed[i] = node.op === "input" ? (node as Node<"input">).params.index < constants.length : inputs.every(k => fixed[k]);
  });
  const isWork = (i: number): boolean => fixed[i] && !known[i] && !["leaf", "view"].includes(traitsOf(body.nodes[i]).kind);
  if (!body.nodes.some((_, i) => isWork(i))) return form;
  // What others read, and is work, comes from around.
  const read = new Set<number>(body.outputs);
  body.nodes.forEach((node, i) => {
    if (!fixed[i]) for (const k of node.inputs) read.add(k);
  });
  const around: (number | undefined)[] = [];
  const outside = (i: number): number => {
    const node = body.nodes[i];
    return (around[i] ??=
      node.op === "input"
        ? constants[(node as Node<"input">).params.index]
        : node.op === "constant"
          ? rewriter.constant(body.constants[(node as Node<"constant">).params.index])
          : rewriter.put({ ...node, inputs: node.inputs.map(outside) }));
  };
  const moved: number[] = [];
  // From what is read, readings are followed to the work behind them.
  const seen = new Set<number>(),
    visit = (i: number): void => {
      if (seen.has(i)) return;
      seen.add(i);
      if (isWork(i)) moved.push(i);
      else if (fixed[i]) body.nodes[i].inputs.forEach(visit);
    };
  read.forEach(visit);
  const builder = new ProgramBuilder();
  const types = body.inputs;
  const first = constants.map((_, k) => builder.input(types[k].shape, types[k].dtype)),
    added = moved.map(i => builder.input(body.nodes[i].shape, body.nodes[i].dtype)),
    rest = types.slice(constants.length).map(t => builder.input(t.shape, t.dtype)),
    inputs = [...first, ...rest];
  builder.constants.push(...body.constants);
  const positions: number[] = [];
  body.nodes.forEach((node, i) => {
    const at = moved.indexOf(i);
    if (at >= 0) positions[i] = added[at];
    else if (node.op === "input") positions[i] = inputs[(node as Node<"input">).params.index];
    else positions[i] = builder.nodes.push({ ...node, inputs: node.inputs.map(k => positions[k]) }) - 1;
  });
  return {
    ...form,
    body: builder.build(body.outputs.map(o => positions[o])),
    constants: [...constants, ...moved.map(outside)],
  };
}

/** The results of a loop of one step, or of one that carries and reads nothing, as nodes around it; undefined for others. */
export function unrolled(form: Form, settings: Pick<Scan, "length" | "every">, rewriter: Rewriter): ((b: Became) => number) | undefined {
  const { body, constants, carry, xs } = form,
    { length } = settings;
  const still = carry.length === 0 && xs.length === 0;
  if (length !== 1 && !still) return undefined;
  const rows = xs.map(x => rewriter.reshape(x, rewriter.nodes[x].shape.slice(1))),
    outputs = inline(body, [...constants, ...carry, ...rows], rewriter);
  return b => {
    if ("position" in b) return b.position;
    if (b.kind === "carry") return outputs[b.index];
    const one = b.kind === "y" ? outputs[carry.length + b.index] : carry[b.index];
    return rewriter.broadcast(one, [length, ...rewriter.nodes[one].shape]);
  };
}
