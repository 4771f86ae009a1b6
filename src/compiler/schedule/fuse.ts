import { sameShape } from "../../tensor/types.js";
import type { Loop, MapTensor, Reduce, Tensor } from "../graph/tensor.js";
import { isLeaf, sourcesOf, storageOf } from "../graph/tensor.js";
import type { View } from "../graph/view.js";
import { isPermutation, isWhole, range } from "../graph/view.js";
import type { Target } from "../target.js";
import { computedBy } from "./kernel.js";
import type { Kernel, LoopKernel, MapKernel, ReduceKernel } from "./kernel.js";
import { OpenKernels } from "./open-kernels.js";

/** Tensors that outputs depend on, in the order in which they were made: operands first. */
export function liveTensors(outputs: readonly Tensor[]): Tensor[] {
  const live = new Set<Tensor>(),
    pending = [...outputs];
  for (let t = pending.pop(); t; t = pending.pop()) {
    if (live.has(t)) continue;
    live.add(t);
    for (const v of t.operands) pending.push(v.tensor);
  }
  return [...live].sort((a, b) => a.id - b.id);
}

/** Distributes live tensors over kernels: each goes into the earliest one that can compute it without storing its operands first. */
export class Fusion {
  readonly kernels: Kernel[] = [];
  private readonly home = new Map<Tensor, number>();
  /** The kernels of loops, by what their results share. */
  private readonly loops = new Map<string, number>();
  private readonly open = new OpenKernels(this.kernels);

  constructor(
    tensors: readonly Tensor[],
    private readonly target: Target,
  ) {
    for (const t of tensors) if (!isLeaf(t) && t.kind !== "alias") this.home.set(t, this.place(t));
    for (const kernel of this.kernels)
      if (kernel.kind === "dot") kernel.bodyAfterwards = kernel.inMemory || target.runsBodyAfterwards(kernel);
  }

  /** The kernel that computes what a view reads; −1 for what is there from the start. */
  private source(v: View): number {
    const t = storageOf(v.tensor);
    return isLeaf(t) ? -1 : this.home.get(t)!;
  }

  private place(t: Tensor): number {
    if (t.kind === "map") return this.placeMap(t);
    if (t.kind === "reduce") return this.placeReduce(t);
    if (t.kind === "dot") {
      const inMemory = this.target.addsUpInMemory(t);
      return this.append({ kind: "dot", shape: t.shape, root: t, inMemory, bodyAfterwards: inMemory, body: [] });
    }
    if (t.kind === "solve") return this.append({ kind: "solve", shape: t.shape, root: t });
    if (t.kind === "gather" || t.kind === "scatter" || t.kind === "assemble" || t.kind === "sort")
      return this.append({ kind: "move", shape: t.shape, root: t });
    if (t.kind === "loop") return this.placeLoop(t);
    throw new Error(`no kernel computes ${t.kind}`);
  }

  /** The results of one loop are computed together. */
  private placeLoop(t: Loop): number {
    const key = [t.loop.toJSON(), ...t.operands.map(v => v.tensor.id)].join(" "),
      known = this.loops.get(key);
    if (known === undefined) {
      const k = this.append({ kind: "loop", shape: t.shape, root: t, roots: [t] });
      this.loops.set(key, k);
      return k;
    }
    (this.kernels[known] as LoopKernel).roots.push(t);
    return known;
  }

  private append(kernel: Kernel): number {
    const k = this.kernels.push(kernel) - 1;
    this.open.add(k);
    return k;
  }

  private placeMap(t: MapTensor): number {
    const first = Math.max(0, ...t.operands.map(v => this.source(v)));
    // A reduction is asked first: what it accumulates may have the shape of its loops, which is not that of its result.
    if (first < this.kernels.length && this.joins(t, first)) return first;
    for (const k of this.open.from(first + 1, t.shape)) if (this.joins(t, k)) return k;
    return this.append({ kind: "map", shape: t.shape, body: [t] });
  }

  /** Puts a tensor into a kernel, if that can compute it too. */
  private joins(t: MapTensor, k: number): boolean {
    const kernel = this.kernels[k];
    if (!this.open.isOpen(k)) return false;
    const list = this.listFor(t, kernel, k);
    if (!list || !this.target.mayJoin(kernel, t) || !this.readsFew(kernel, t)) return false;
    list.push(t);
    if (!this.open.isOpen(k)) this.open.remove(k);
    return true;
  }

  /** The tensors of kernel k that t may join. */
  private listFor(t: MapTensor, kernel: Kernel, k: number): MapTensor[] | null {
    if (kernel.kind === "move" || kernel.kind === "solve" || kernel.kind === "loop" || kernel.kind === "rows") return null;
    const local = t.operands.filter(v => this.source(v) === k);
    const within = (tensors: readonly Tensor[]) => local.every(v => isWhole(v) && tensors.includes(v.tensor));
    if (kernel.kind === "map") {
      return sameShape(kernel.shape, t.shape) && within(kernel.body) ? kernel.body : null;
    }
    if (kernel.kind === "dot") return sameShape(kernel.shape, t.shape) && within([kernel.root, ...kernel.body]) ? kernel.body : null;
    if (sameShape(kernel.shape, t.shape) && within([...kernel.roots, ...kernel.body])) return kernel.body;
    return sameShape(kernel.space, t.shape) && within(kernel.prologue) && local.length > 0 ? kernel.prologue : null;
  }

  /** Whether a kernel that computes a tensor too reads no more arrays than it may. */
  private readsFew(kernel: Kernel, t: Tensor): boolean {
    const { mostInputs } = this.target;
    if (mostInputs === Infinity) return true;
    const computed = [...computedBy(kernel), t],
      sources = sourcesOf(computed.flatMap(({ operands }) => operands));
    for (const own of computed) sources.delete(own);
    return sources.size <= mostInputs;
  }

  private placeReduce(t: Reduce): number {
    const [x] = t.operands,
      k = this.source(x),
      rank = t.shape.length;
    if (k >= 0 && x.tensor.kind === "map" && isPermutation(x)) {
      const axes = x.axes as readonly number[],
        kept = axes.slice(0, rank),
        reduced = axes.slice(rank),
        kernel = this.kernels[k];
      if (kernel.kind === "map" && this.target.mayJoin(kernel, t)) {
        this.open.remove(k);
        this.kernels[k] = reduceOver(kernel, t, kept, reduced);
        if (this.open.isOpen(k)) this.open.add(k);
        return k;
      }
      if (
        kernel.kind === "reduce"
        && kernel.prologue.includes(x.tensor)
        && sameShape(kernel.kept, kept)
        && sameShape(kernel.reduced, reduced)
      ) {
        kernel.roots.push(t);
        return k;
      }
    }
    const space = [...t.shape, ...t.reduced];
    return this.append({
      kind: "reduce",
      shape: t.shape,
      space,
      kept: range(rank),
      reduced: range(t.reduced.length).map(i => rank + i),
      prologue: [],
      roots: [t],
      body: [],
    });
  }
}

/** The loop nest of a map kernel as the prologue of a reduction. */
const reduceOver = ({ shape, body }: MapKernel, root: Reduce, kept: readonly number[], reduced: readonly number[]): ReduceKernel => ({
  kind: "reduce",
  shape: root.shape,
  space: shape,
  kept,
  reduced,
  prologue: body,
  roots: [root],
  body: [],
});
