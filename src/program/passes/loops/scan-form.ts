import type { Type } from "../../../tensor/types.js";
import { ProgramBuilder } from "../../builder.js";
import { historyRows } from "../../loops.js";
import type { Node, Program, Scan } from "../../program.js";
import { ancestors } from "../../reachability.js";
import type { Rewriter } from "../rewriter.js";

/** A loop under construction: its operands are positions of the program around it. */
export interface Form {
  readonly body: Program;
  readonly constants: readonly number[];
  readonly carry: readonly number[];
  readonly xs: readonly number[];
  readonly ys: number;
}

/** What a result of the loop as it was has become: a result by kind, or a node around the loop. */
export type Became = { readonly kind: "carry" | "y" | "history"; readonly index: number } | { readonly position: number };

/** What an input of a body becomes: an input of a kind, or what is known of it. */
type Source =
  | { readonly kind: "constant" | "carry" | "x"; readonly operand: number }
  | { readonly literal: number }
  | { readonly kind: "spread"; readonly operand: number };

/** The position of each input's node in a body; undefined where it is not used. */
export function inputNodes({ nodes, inputs }: Program): (number | undefined)[] {
  const at = inputs.map((): number | undefined => undefined);
  nodes.forEach((node, i) => {
    if (node.op === "input") at[(node as Node<"input">).params.index] = i;
  });
  return at;
}

/** Whether a node of a body is one number repeated, and which. */
function uniformIn({ nodes }: Program, position: number): number | undefined {
  let node = nodes[position];
  while (node.op === "broadcast" || node.op === "reshape") node = nodes[node.inputs[0]];
  if (node.op !== "literal") return undefined;
  const { value } = (node as Node<"literal">).params;
  return node.dtype === "float32" ? Math.fround(value) : value;
}

/** What is known of each operand: what does not change from step to step is no carry and no x. */
function sourcesOf(form: Form, rewriter: Rewriter): Source[] {
  const { body, constants, carry, xs } = form,
    at = inputNodes(body);
  const constant = (operand: number): Source => {
    const literal = rewriter.uniform(operand);
    return literal === undefined ? { kind: "constant", operand } : { literal };
  };
  return [
    ...constants.map(constant),
    ...carry.map((operand, k): Source => {
      const output = body.outputs[k],
        stays = at[constants.length + k] === output,
        first = rewriter.uniform(operand),
        next = uniformIn(body, output);
      const same = first !== undefined && next !== undefined && Object.is(first, next);
      return stays || same ? constant(operand) : { kind: "carry", operand };
    }),
    ...xs.map((operand): Source => {
      const literal = rewriter.uniform(operand),
        source = rewriter.as(operand, "broadcast")?.inputs[0];
      if (literal !== undefined) return { literal };
      const repeats = source !== undefined && rewriter.nodes[source].shape.length < rewriter.nodes[operand].shape.length;
      return repeats ? { kind: "spread", operand: source } : { kind: "x", operand };
    }),
  ];
}

/** Which outputs of a body are needed, given which results are: what is carried is needed where it reaches what is. */
function neededOutputs(form: Form, wanted: readonly boolean[]): boolean[] {
  const { body, constants, carry, ys } = form,
    at = inputNodes(body),
    needed = body.outputs.map((_, k) => wanted[k] || (k < carry.length && wanted[carry.length + ys + k]));
  for (;;) {
    const reached = ancestors(
      body,
      body.outputs.filter((_, k) => needed[k]),
    );
    const more = carry.flatMap((_, k) => {
      const input = at[constants.length + k];
      return !needed[k] && input !== undefined && reached[input] ? [k] : [];
    });
    if (more.length === 0) return needed;
    for (const k of more) needed[k] = true;
  }
}

/**
 * The loop without what it does not need: results that nobody asks for, and what only they were carried for; inputs that are not used, or twice the
 * same; a carry or x that is always the same becomes a constant, one that is a known number is written into the body.
 *
 * @param wanted which results are asked for
 */
export function trimmed(
  form: Form,
  wanted: readonly boolean[],
  settings: Pick<Scan, "length" | "every">,
  rewriter: Rewriter,
): { readonly form: Form; readonly became: readonly (Became | undefined)[] } {
  const { body, carry, ys } = form,
    needed = neededOutputs(form, wanted),
    sources = sourcesOf(form, rewriter),
    reached = ancestors(
      body,
      body.outputs.filter((_, k) => needed[k]),
    ),
    at = inputNodes(body);
  const first = form.constants.length;
  const kept = carry.map((_, k) => needed[k] && "kind" in sources[first + k] && (sources[first + k] as { kind: string }).kind === "carry");
  const uses = (i: number): boolean => {
    const node = at[i];
    return (node !== undefined && reached[node] === 1) || (i >= first && i < first + carry.length && kept[i - first]);
  };
  const lists = { constant: [] as number[], carry: [] as number[], x: [] as number[] };
  const slot = (kind: "constant" | "carry" | "x", operand: number): number => {
    const known = kind === "carry" ? -1 : lists[kind].indexOf(operand);
    return known >= 0 ? known : lists[kind].push(operand) - 1;
  };
  const slots = sources.map((source, i) => {
    if (!uses(i) || "literal" in source) return undefined;
    return source.kind === "spread" ? slot("constant", source.operand) : slot(source.kind, source.operand);
  });
  const offsets = { constant: 0, spread: 0, carry: lists.constant.length, x: lists.constant.length + lists.carry.length };
  const builder = new ProgramBuilder(),
    inputs = [...lists.constant, ...lists.carry].map(p => builder.input(rewriter.nodes[p].shape, rewriter.nodes[p].dtype));
  for (const p of lists.x) inputs.push(builder.input(rewriter.nodes[p].shape.slice(1), rewriter.nodes[p].dtype));
  const asInput = (i: number, { shape, dtype }: Type): number => {
    const source = sources[i];
    if ("literal" in source) {
      const literal = builder.literal(source.literal, dtype);
      return shape.length ? builder.add("broadcast", [literal], shape, dtype, {}) : literal;
    }
    const input = inputs[offsets[source.kind] + (slots[i] as number)];
    if (source.kind !== "spread" || builder.nodes[input].shape.join() === shape.join()) return input;
    return builder.add("broadcast", [input], shape, dtype, {});
  };
  const positions: number[] = [];
  const held = new Map<number, number>();
  body.nodes.forEach((node, i) => {
    if (node.op === "input") {
      const { index } = (node as Node<"input">).params;
      if (uses(index)) positions[i] = asInput(index, node);
    } else if (reached[i]) {
      const params = node.op === "constant" ? { index: constantAt((node as Node<"constant">).params.index) } : node.params;
      positions[i] = builder.nodes.push({ ...node, params, inputs: node.inputs.map(k => positions[k]) }) - 1;
    }
  });
  const keptCarries = carry.flatMap((_, k) => (kept[k] ? [k] : [])),
    keptYs = Array.from({ length: ys }, (_, k) => k).filter(k => needed[carry.length + k]);
  const outputs = [...keptCarries, ...keptYs.map(k => carry.length + k)].map(k => positions[body.outputs[k]]);
  const rows = historyRows(settings);
  const became = [
    ...carry.map((operand, k): Became | undefined =>
      wanted[k] ? (kept[k] ? { kind: "carry", index: keptCarries.indexOf(k) } : { position: operand }) : undefined,
    ),
    ...Array.from({ length: ys }, (_, k): Became | undefined =>
      wanted[carry.length + k] ? { kind: "y", index: keptYs.indexOf(k) } : undefined,
    ),
    ...carry.map((operand, k): Became | undefined => {
      if (!wanted[carry.length + ys + k]) return undefined;
      if (kept[k]) return { kind: "history", index: keptCarries.indexOf(k) };
      return { position: rewriter.broadcast(operand, [rows, ...rewriter.nodes[operand].shape]) };
    }),
  ];
  return {
    form: { body: builder.build(outputs), constants: lists.constant, carry: lists.carry, xs: lists.x, ys: keptYs.length },
    became,
  };

  function constantAt(index: number): number {
    let position = held.get(index);
    if (position === undefined) held.set(index, (position = builder.constants.push(body.constants[index]) - 1));
    return position;
  }
}
