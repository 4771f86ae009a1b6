import { sizeOf } from "../../tensor/types.js";
import type { Constant, Tensor } from "../graph/tensor.js";
import { isLeaf, storageOf } from "../graph/tensor.js";
import { isWhole } from "../graph/view.js";
import { computedBy } from "./kernel.js";
import type { Target } from "../target.js";
import { Scratch } from "./scratch.js";
import type { Kernel } from "./kernel.js";

/** Where a tensor lies: after the pointer of an input or output, or in the executor's scratch area or the program's constants. */
export type Region =
  { readonly area: "input" | "output"; readonly index: number } | { readonly area: "scratch" | "constants"; readonly offset: number };

/** What is stored, and where. */
export interface MemoryPlan {
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

const aligned = (bytes: number, { alignment }: Target): number => Math.ceil(bytes / alignment) * alignment;
const bytesFor = (t: Tensor, target: Target): number => aligned(sizeOf(t.shape) * target.bytes[t.dtype], target);

/** Decides what is stored and where; scratch is shared by tensors that do not live at the same time. */
export function planMemory(
  kernels: readonly Kernel[],
  tensors: readonly Tensor[],
  outputs: readonly Tensor[],
  target: Target,
  workspaceBytes: (kernel: Kernel) => number = kernel => target.workspaceBytes(kernel),
): MemoryPlan {
  const home = new Map(kernels.flatMap((kernel, k) => computedBy(kernel).map(t => [t, k] as const)));
  const { stored, last } = uses(tensors, home);
  kernels.forEach((kernel, k) => {
    if (kernel.kind !== "dot" || !kernel.inMemory) return;
    stored.add(kernel.root);
    last.set(kernel.root, Math.max(last.get(kernel.root) ?? -1, k));
  });
  const regions = new Map<Tensor, Region>();
  const fixed = placeLeaves(tensors, regions, target);
  const copies: { from: Tensor; output: number }[] = [];
  outputs.forEach((t, output) => {
    const from = storageOf(t);
    if (isLeaf(from) || regions.has(from)) copies.push({ from, output });
    else {
      regions.set(from, { area: "output", index: output });
      stored.add(from);
    }
  });
  return { regions, stored, copies, ...fixed, ...placeInScratch(kernels, stored, last, regions, target, workspaceBytes) };
}

/** Inputs lie where the caller says; constants one after the other. */
function placeLeaves(
  tensors: readonly Tensor[],
  regions: Map<Tensor, Region>,
  target: Target,
): Pick<MemoryPlan, "constants" | "constantBytes"> {
  const constants: { tensor: Constant; offset: number }[] = [];
  let constantBytes = 0;
  for (const t of tensors) {
    if (t.kind === "input") regions.set(t, { area: "input", index: t.index });
    if (t.kind === "constant") {
      regions.set(t, { area: "constants", offset: constantBytes });
      constants.push({ tensor: t, offset: constantBytes });
      constantBytes += bytesFor(t, target);
    }
  }
  return { constants, constantBytes };
}

/** Walks through the kernels, taking memory for what they store and giving back what no later kernel reads. */
function placeInScratch(
  kernels: readonly Kernel[],
  stored: ReadonlySet<Tensor>,
  last: ReadonlyMap<Tensor, number>,
  regions: Map<Tensor, Region>,
  target: Target,
  workspaceBytes: (kernel: Kernel) => number,
): Pick<MemoryPlan, "inPlace" | "workspaces" | "scratchBytes"> {
  const scratch = new Scratch(),
    inPlace = new Set<Tensor>(),
    replaced = new Set<Tensor>(),
    workspaces = new Map<Tensor, number>();
  const dying = kernels.map((): Tensor[] => []);
  for (const [t, k] of last) dying[k].push(t);
  const offsetOf = (t: Tensor): number | null => {
    const region = regions.get(t);
    return region?.area === "scratch" ? region.offset : null;
  };
  kernels.forEach((kernel, k) => {
    for (const t of computedBy(kernel)) {
      if (!stored.has(t) || regions.has(t)) continue;
      const old = dying[k].find(x => !replaced.has(x) && offsetOf(x) !== null && mayReplace(kernel, x, t, target));
      if (old) {
        replaced.add(old);
        inPlace.add(t);
      }
      regions.set(t, { area: "scratch", offset: (old && offsetOf(old)) ?? scratch.take(bytesFor(t, target)) });
    }
    const bytes = aligned(workspaceBytes(kernel), target);
    if (bytes > 0 && "root" in kernel) {
      const offset = scratch.take(bytes);
      workspaces.set(kernel.root, offset);
      scratch.give(offset, bytes);
    }
    for (const t of dying[k]) {
      const offset = offsetOf(t);
      if (offset !== null && !replaced.has(t)) scratch.give(offset, bytesFor(t, target));
    }
  });
  return { inPlace, workspaces, scratchBytes: scratch.size };
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
function mayReplace(kernel: Kernel, x: Tensor, t: Tensor, { bytes }: Target): boolean {
  if (
    kernel.kind === "move"
    || kernel.kind === "solve"
    || kernel.kind === "loop"
    || (kernel.kind === "dot" && kernel.inMemory)
    || t.kind !== "map"
    || bytes[x.dtype] !== bytes[t.dtype]
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
