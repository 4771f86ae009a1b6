import { sizeOf } from "../../../tensor/types.js";
import { storedBytes } from "../emit/instructions.js";
import type { Constant, Tensor } from "../graph/tensor.js";
import { isLeaf, storageOf } from "../graph/tensor.js";
import { isWhole } from "../graph/view.js";
import { computedBy } from "./kernel.js";
import type { Kernel } from "./kernel.js";
import { workspaceBytes } from "./workspace.js";

/** Where a tensor lies: after the pointer of an input or output, or in the executor's scratch area or the program's constants. */
export type Region =
  { readonly area: "input" | "output"; readonly index: number } | { readonly area: "scratch" | "constants"; readonly offset: number };

export interface Plan {
  readonly regions: ReadonlyMap<Tensor, Region>;
  readonly stored: ReadonlySet<Tensor>;
  readonly inPlace: ReadonlySet<Tensor>;
  /** Outputs that are copies of what lies elsewhere, by position. */
  readonly copies: readonly { readonly from: Tensor; readonly output: number }[];
  readonly scratchBytes: number;
  /** Offsets in scratch of what the kernel of a tensor uses while it runs. */
  readonly workspaces: ReadonlyMap<Tensor, number>;
  readonly constants: readonly { readonly tensor: Constant; readonly offset: number }[];
  readonly constantBytes: number;
}

/** All memory is given out in multiples of this, so that a vector may reach past the end of an array. */
export const ALIGNMENT = 64;
export const aligned = (bytes: number): number => Math.ceil(bytes / ALIGNMENT) * ALIGNMENT;
const bytesFor = (t: Tensor): number => aligned(sizeOf(t.shape) * storedBytes[t.dtype]);

/** Decides what is stored and where; scratch is shared by tensors that do not live at the same time. */
export function planMemory(kernels: readonly Kernel[], tensors: readonly Tensor[], outputs: readonly Tensor[]): Plan {
  const home = new Map(kernels.flatMap((kernel, k) => computedBy(kernel).map(t => [t, k] as const)));
  const { stored, last } = uses(tensors, home);
  kernels.forEach((kernel, k) => {
    if (kernel.kind !== "dot" || !kernel.blocking) return;
    stored.add(kernel.root);
    last.set(kernel.root, Math.max(last.get(kernel.root) ?? -1, k));
  });
  const regions = new Map<Tensor, Region>(),
    copies: { from: Tensor; output: number }[] = [],
    constants: { tensor: Constant; offset: number }[] = [];
  let constantBytes = 0;
  for (const t of tensors) {
    if (t.kind === "input") regions.set(t, { area: "input", index: t.index });
    if (t.kind === "constant") {
      regions.set(t, { area: "constants", offset: constantBytes });
      constants.push({ tensor: t, offset: constantBytes });
      constantBytes += bytesFor(t);
    }
  }
  outputs.forEach((t, output) => {
    const from = storageOf(t);
    if (isLeaf(from) || regions.has(from)) copies.push({ from, output });
    else {
      regions.set(from, { area: "output", index: output });
      stored.add(from);
    }
  });
  const scratch = new Scratch(),
    inPlace = new Set<Tensor>(),
    reused = new Set<Tensor>();
  const workspaces = new Map<Tensor, number>();
  kernels.forEach((kernel, k) => {
    const dying = () => [...last].filter(([t, end]) => end === k && regions.get(t)?.area === "scratch").map(([t]) => t);
    const replaceable = dying();
    for (const t of computedBy(kernel)) {
      if (!stored.has(t) || regions.has(t)) continue;
      const old = replaceable.find(x => !reused.has(x) && mayReplace(kernel, x, t));
      if (old) {
        reused.add(old);
        inPlace.add(t);
      }
      regions.set(t, old ? regions.get(old)! : { area: "scratch", offset: scratch.take(bytesFor(t)) });
    }
    const bytes = aligned(workspaceBytes(kernel));
    if (bytes > 0 && "root" in kernel) {
      const offset = scratch.take(bytes);
      workspaces.set(kernel.root, offset);
      scratch.give(offset, bytes);
    }
    for (const t of dying()) if (!reused.has(t)) scratch.give((regions.get(t) as { offset: number }).offset, bytesFor(t));
  });
  return { regions, stored, inPlace, copies, scratchBytes: scratch.size, workspaces, constants, constantBytes };
}

/** Tensors that another kernel reads, and the last kernel that does. */
function uses(tensors: readonly Tensor[], home: ReadonlyMap<Tensor, number>): { stored: Set<Tensor>; last: Map<Tensor, number> } {
  const stored = new Set<Tensor>(),
    last = new Map<Tensor, number>();
  for (const t of tensors) {
    const k = home.get(t);
    for (const v of t.operands) {
      const source = storageOf(v.tensor);
      if (isLeaf(source) || k === undefined || (home.get(source) === k && v.tensor === source)) continue;
      stored.add(source);
      last.set(source, Math.max(last.get(source) ?? -1, k));
    }
  }
  return { stored, last };
}

/** Whether t may lie where x does: the kernel reads each element of x only where it computes the same element of t. */
function mayReplace(kernel: Kernel, x: Tensor, t: Tensor): boolean {
  if (
    kernel.kind === "move"
    || kernel.kind === "solve"
    || (kernel.kind === "dot" && kernel.blocking)
    || t.kind !== "map"
    || storedBytes[x.dtype] !== storedBytes[t.dtype]
  )
    return false;
  const level = kernel.kind === "reduce" && kernel.prologue.includes(t) ? kernel.prologue : kernel.body;
  return computedBy(kernel).every(user =>
    user.operands.every(
      v =>
        storageOf(v.tensor) !== x
        || (v.tensor === x && isWhole(v) && user.kind === "map" && level.includes(user) && x.shape.join() === t.shape.join()),
    ),
  );
}

/** Offsets in the scratch area: the smallest free piece that fits, else more at the end. */
class Scratch {
  size = 0;
  private free: { offset: number; bytes: number }[] = [];

  take(bytes: number): number {
    const fitting = this.free.filter(p => p.bytes >= bytes),
      best = fitting.sort((a, b) => a.bytes - b.bytes)[0];
    if (!best) {
      this.size += bytes;
      return this.size - bytes;
    }
    this.free = this.free.flatMap(p =>
      p !== best ? [p] : p.bytes === bytes ? [] : [{ offset: p.offset + bytes, bytes: p.bytes - bytes }],
    );
    return best.offset;
  }

  give(offset: number, bytes: number): void {
    const pieces = [...this.free, { offset, bytes }].sort((a, b) => a.offset - b.offset);
    this.free = [];
    for (const p of pieces) {
      const before = this.free[this.free.length - 1];
      if (before && before.offset + before.bytes === p.offset) before.bytes += p.bytes;
      else this.free.push(p);
    }
  }
}
