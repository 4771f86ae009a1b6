import { loopKey } from "../../loop-groups.js";
import { isLoop, isScan, yields } from "../../loops.js";
import type { Node, Program, Scan } from "../../program.js";
import { Rewriter } from "../rewriter.js";
import { finish, moved } from "../rewrite.js";
import { chosen } from "./choice.js";
import { hoisted, unrolled } from "./hoist.js";
import { mergeScans } from "./merge.js";
import type { Became, Form } from "./scan-form.js";
import { trimmed } from "./scan-form.js";

/** How often a loop is gone through: what is taken out of a body may show that more can be. */
const ROUNDS = 4;

/** What a loop's results have become, by their number. */
export type Replaced = (result: number) => number;

/**
 * Optimizes programs within a program. Results that nobody needs are not computed, what is the same at every step is computed once, before the loop,
 * and what two loops compute alike is computed by one. A loop of one step is none.
 *
 * @param optimize what programs within go through
 */
export function optimizeLoops(program: Program, optimize: (body: Program) => Program): Program {
  if (!program.nodes.some(isLoop)) return program;
  const merged = mergeScans(program),
    rewriter = new Rewriter({}, merged.constants),
    positions: number[] = [],
    loops = new Map<string, Replaced>();
  const wanted = wantedResults(merged);
  for (const node of merged.nodes) {
    if (!isLoop(node)) {
      positions.push(rewriter.put(moved(node, positions)));
      continue;
    }
    const key = loopKey(node);
    let replaced = loops.get(key);
    if (!replaced) {
      const inputs = node.inputs.map(i => positions[i]),
        some = wanted.get(key) as ReadonlySet<number>;
      replaced = isScan(node)
        ? scanned(node, inputs, some, rewriter, optimize)
        : chosen(node as Node<"cond">, inputs, some, rewriter, optimize);
      loops.set(key, replaced);
    }
    positions.push(replaced(node.params.result));
  }
  return finish(merged, rewriter, positions);
}

/** Which results of each loop there are nodes for. */
function wantedResults({ nodes }: Program): Map<string, Set<number>> {
  const wanted = new Map<string, Set<number>>();
  for (const node of nodes) {
    if (!isLoop(node)) continue;
    const key = loopKey(node);
    wanted.set(key, (wanted.get(key) ?? new Set()).add(node.params.result));
  }
  return wanted;
}

function scanned(
  { params }: Node<"scan">,
  inputs: readonly number[],
  wanted: ReadonlySet<number>,
  rewriter: Rewriter,
  optimize: (body: Program) => Program,
): Replaced {
  const first = params.constants + params.carry;
  let form: Form = {
    body: optimize(params.body),
    constants: inputs.slice(0, params.constants),
    carry: inputs.slice(params.constants, first),
    xs: inputs.slice(first),
    ys: yields(params),
  };
  const count = form.ys + 2 * params.carry;
  // What each of the first results is now: a result of the form as it is, or a node.
  let became: (Became | undefined)[] = Array.from({ length: count }, (_, r): Became | undefined =>
    !wanted.has(r)
      ? undefined
      : r < params.carry
        ? { kind: "carry", index: r }
        : r < params.carry + form.ys
          ? { kind: "y", index: r - params.carry }
          : { kind: "history", index: r - params.carry - form.ys },
  );
  for (let round = 0; round < ROUNDS; round++) {
    const before = form,
      numberOf = numberIn(form);
    const some = new Array<boolean>(2 * form.carry.length + form.ys).fill(false);
    for (const b of became) if (b && "kind" in b) some[numberOf(b)] = true;
    const trim = trimmed(form, some, params, rewriter);
    became = became.map(b => (b && "kind" in b ? trim.became[numberOf(b)] : b));
    form = hoisted({ ...trim.form, body: optimize(trim.form.body) }, rewriter);
    if (form.body !== trim.form.body) form = { ...form, body: optimize(form.body) };
    if (same(before, form)) break;
  }
  const alone = unrolled(form, params, rewriter);
  if (alone) return r => alone(became[r] as Became);
  const { length, reverse, every } = params,
    spec = { body: form.body, constants: form.constants.length, carry: form.carry.length, length, reverse, every };
  return r => {
    const b = became[r] as Became;
    if ("position" in b) return b.position;
    return rewriter.put({
      op: "scan",
      inputs: [...form.constants, ...form.carry, ...form.xs],
      params: { ...spec, result: numberIn(form)(b) },
      ...typeOf(form, b, params, rewriter),
    });
  };
}

const same = (a: Form, b: Form): boolean =>
  a.constants.length === b.constants.length
  && a.carry.length === b.carry.length
  && a.xs.length === b.xs.length
  && a.ys === b.ys
  && a.body.nodes.length === b.body.nodes.length;

const numberIn =
  ({ carry, ys }: Form) =>
  (b: Extract<Became, { kind: string }>): number =>
    b.index + (b.kind === "carry" ? 0 : b.kind === "y" ? carry.length : carry.length + ys);

function typeOf(
  { body, carry }: Form,
  b: Extract<Became, { kind: string }>,
  { length, every }: Scan,
  rewriter: Rewriter,
): Pick<Node, "shape" | "dtype"> {
  if (b.kind === "y") {
    const { shape, dtype } = body.nodes[body.outputs[carry.length + b.index]];
    return { shape: [length, ...shape], dtype };
  }
  const { shape, dtype } = rewriter.nodes[carry[b.index]];
  return { shape: b.kind === "carry" ? shape : [Math.ceil(length / every), ...shape], dtype };
}
