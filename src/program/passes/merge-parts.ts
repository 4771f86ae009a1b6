import { sizeOf } from "../../tensor/types.js";
import type { HostArray, Shape } from "../../tensor/types.js";
import type { Node, Program } from "../program.js";
import { eliminateDeadCode } from "./dead-code.js";
import { layersOf, placeOf } from "./parts.js";
import type { Part } from "./parts.js";
import { Rewriter } from "./rewriter.js";
import { finish, moved } from "./rewrite.js";

/** Terms from which on it pays to put them together; shorter sums keep their order. */
const MANY = 8;

/** A value as a list of its parts, of which each is written once, where the terms of a sum are an array of its size each. */
class PartMerger {
  readonly rewriter: Rewriter;
  readonly positions: number[] = [];
  private readonly uses: Uint32Array;
  /** Adds that another add alone reads. */
  private readonly inner: Uint8Array;

  constructor(private readonly program: Program) {
    const { nodes, outputs, constants } = program;
    this.rewriter = new Rewriter({}, constants);
    this.uses = new Uint32Array(nodes.length);
    this.inner = new Uint8Array(nodes.length);
    for (const { inputs, op } of nodes)
      for (const i of inputs) {
        this.uses[i]++;
        if (op === "add") this.inner[i] = 1;
      }
    for (const o of outputs) this.uses[o] += 2;
    nodes.forEach(({ op }, i) => {
      if (op !== "add" || this.uses[i] !== 1) this.inner[i] = 0;
    });
  }

  put(node: Node, i: number): number {
    return (node.op === "add" && !this.inner[i] ? this.merged(i) : undefined) ?? this.rewriter.put(moved(node, this.positions));
  }

  /** The terms of a sum, in order. */
  private terms(root: number): number[] {
    const terms: number[] = [],
      stack = [root];
    for (let i = stack.pop(); i !== undefined; i = stack.pop()) {
      if (i === root || this.inner[i]) stack.push(...[...this.program.nodes[i].inputs].reverse());
      else terms.push(i);
    }
    return terms;
  }

  private merged(root: number): number | undefined {
    const { shape, dtype } = this.program.nodes[root],
      terms = this.terms(root);
    if (terms.length < MANY) return undefined;
    const parts = new Map<string, number[]>(),
      keyOf = (term: number) => {
        const node = this.program.nodes[term];
        if (this.uses[term] !== 1) return undefined;
        if (node.op === "scatterAdd") return `scatterAdd ${(node as Node<"scatterAdd">).params.axis}`;
        const place = node.op === "pad" ? placeOf(node as Node<"pad">, this.program.nodes[node.inputs[0]].shape) : undefined;
        return place && `pad ${place.axis}`;
      };
    for (const term of terms) {
      const key = keyOf(term);
      const group = key === undefined ? undefined : parts.get(key);
      if (group) group.push(term);
      else if (key !== undefined) parts.set(key, [term]);
    }
    return this.sumOf(terms, parts, { shape, dtype });
  }

  /** The sum of terms, some of which are put together; nothing where none are many. */
  private sumOf(terms: readonly number[], groups: ReadonlyMap<string, readonly number[]>, type: Pick<Node, "shape" | "dtype">) {
    const instead = new Map<number, readonly number[]>();
    for (const [key, group] of groups) {
      if (group.length < MANY) continue;
      for (const term of group) instead.set(term, []);
      instead.set(group[0], key.startsWith("pad") ? this.padded(group, type) : [this.scattered(group, type)]);
    }
    if (instead.size === 0) return undefined;
    const all = terms.flatMap(term => instead.get(term) ?? [this.positions[term]]);
    return all.reduce((a, b) => this.rewriter.apply("add", a, b));
  }

  /** Parts of an array of zeros, as few arrays. */
  private padded(group: readonly number[], { shape, dtype }: Pick<Node, "shape" | "dtype">): number[] {
    const { rewriter } = this,
      parts = group.map((term): Part => {
        const node = this.program.nodes[term] as Node<"pad">,
          [x] = node.inputs;
        return { ...placeOf(node, this.program.nodes[x].shape)!, value: this.positions[x] };
      }),
      [{ axis, along: whole }] = parts,
      along = axis ?? 0;
    const shaped = (n: number): Shape => whole.map((d, a) => (a === along ? n : d));
    return layersOf(parts, (a, b) => rewriter.apply("add", a, b)).map(layer => {
      const pieces: number[] = [];
      let end = 0;
      const zerosTo = (start: number) => {
        if (start > end) pieces.push(rewriter.full(0, { shape: shaped(start - end), dtype }));
      };
      for (const { start, length, value } of layer) {
        zerosTo(start);
        pieces.push(rewriter.reshape(value, shaped(length)));
        end = start + length;
      }
      zerosTo(whole[along]);
      const joined = pieces.length === 1 ? pieces[0] : rewriter.add("concatenate", pieces, { shape: whole, dtype }, { axis: along });
      return rewriter.reshape(joined, shape);
    });
  }

  /** Rows that are added at their indices, as one list of them. */
  private scattered(group: readonly number[], { shape, dtype }: Pick<Node, "shape" | "dtype">): number {
    const { rewriter } = this,
      nodes = group.map(term => this.program.nodes[term] as Node<"scatterAdd">),
      [{ params }] = nodes,
      { axis } = params;
    const counts = nodes.map(({ inputs: [, indices] }) => sizeOf(this.program.nodes[indices].shape)),
      count = counts.reduce((a, b) => a + b),
      shaped = (n: number) => shape.map((d, a) => (a === axis ? n : d));
    const rows = nodes.map(({ inputs: [g] }, i) => rewriter.reshape(this.positions[g], shaped(counts[i]))),
      known = this.knownIndices(nodes, count);
    const indices = known
      ? rewriter.constant(known)
      : rewriter.add(
          "concatenate",
          nodes.map(({ inputs: [, k] }, i) => rewriter.reshape(this.positions[k], [counts[i]])),
          { shape: [count], dtype: "int32" },
          { axis: 0 },
        );
    const all = rewriter.add("concatenate", rows, { shape: shaped(count), dtype }, { axis });
    return rewriter.add("scatterAdd", [all, indices], { shape, dtype }, { axis });
  }

  private knownIndices(nodes: readonly Node[], count: number): HostArray | undefined {
    const data = new Int32Array(count);
    let at = 0;
    for (const { inputs } of nodes) {
      const node = this.program.nodes[inputs[1]];
      if (node.op === "literal") data[at++] = (node as Node<"literal">).params.value;
      else if (node.op === "constant") {
        const array = this.program.constants[(node as Node<"constant">).params.index];
        data.set(array.data, at);
        at += array.data.length;
      } else return undefined;
    }
    return { shape: [count], dtype: "int32", data };
  }
}

/**
 * Sums of many arrays that are zero but for a part each (the gradient of an array that is used part by part): the parts are put in their places,
 * or added at their indices, in one array, instead of as many arrays as there are terms. Parts that overlap add up in their order; where other terms
 * stand between them the order of a sum changes (the usual bound, k·2⁻⁵³·Σ|terms| in float64, covers the difference).
 */
export function mergeParts(program: Program): Program {
  if (program.nodes.reduce((n, { op }) => (op === "pad" || op === "scatterAdd" ? n + 1 : n), 0) < MANY) return program;
  const merger = new PartMerger(program);
  program.nodes.forEach((node, i) => merger.positions.push(merger.put(node, i)));
  const merged = finish(program, merger.rewriter, merger.positions);
  return merged === program ? program : eliminateDeadCode(merged);
}
