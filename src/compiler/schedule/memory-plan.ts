import { sameShape, sizeOf } from "../../tensor/types.js";
import type { Constant, Tensor } from "../graph/tensor.js";
import { isLeaf, storageOf } from "../graph/tensor.js";
import { isWhole } from "../graph/view.js";
import { computedBy, partsOf } from "./kernel.js";
import { placeBytes } from "../target.js";
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

const bytesFor = (t: Tensor, target: Target): number => placeBytes(sizeOf(t.shape) * target.bytes[t.dtype], target);

/** Decides what is stored and where; scratch is shared by tensors that do not live at the same time. */
export function planMemory(
  kernels: readonly Kernel[],
  tensors: readonly Tensor[],
  outputs: readonly Tensor[],
  target: Target,
  workspaceBytes: (kernel: Kernel) => number = kernel => target.workspaceBytes(kernel),
): MemoryPlan {
  const { stored, last } = uses(tensors, homes(kernels));
  kernels.forEach((kernel, k) => {
    for (const part of partsOf(kernel)) {
      if (part.kind !== "dot" || !part.bodyAfterwards) continue;
      stored.add(part.root);
      last.set(part.root, Math.max(last.get(part.root) ?? -1, k));
    }
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
    const readers = readersIn(kernel);
    for (const t of computedBy(kernel)) {
      if (!stored.has(t) || regions.has(t)) continue;
      const old = dying[k].find(x => !replaced.has(x) && offsetOf(x) !== null && mayReplace(kernel, readers, x, t, target));
      if (old) {
        replaced.add(old);
        inPlace.add(t);
      }
      regions.set(t, { area: "scratch", offset: (old && offsetOf(old)) ?? scratch.take(bytesFor(t, target)) });
    }
    const spaces = partsOf(kernel).flatMap(part => {
      const bytes = placeBytes(workspaceBytes(part), target);
      const root = "root" in part ? part.root : part.kind === "reduce" ? part.roots[0] : null;
      return bytes > 0 && root ? [{ root, offset: scratch.take(bytes), bytes }] : [];
    });
    for (const { root, offset, bytes } of spaces) {
      workspaces.set(root, offset);
      scratch.give(offset, bytes);
    }
    for (const t of dying[k]) {
      const offset = offsetOf(t);
      if (offset !== null && !replaced.has(t)) scratch.give(offset, bytesFor(t, target));
    }
  });
  return { inPlace, workspaces, scratchBytes: scratch.size };
}

/** Where a tensor is computed: the position of the kernel, and the kernel itself or its part. */
type Homes = ReadonlyMap<Tensor, { readonly at: number; readonly part: Kernel }>;

const homes = (kernels: readonly Kernel[]): Homes =>
  new Map(kernels.flatMap((kernel, at) => partsOf(kernel).flatMap(part => computedBy(part).map(t => [t, { at, part }] as const))));

/** Tensors that another kernel or part reads, and the last kernel that does. */
function uses(tensors: readonly Tensor[], home: Homes): { stored: Set<Tensor>; last: Map<Tensor, number> } {
  const stored = new Set<Tensor>(),
    last = new Map<Tensor, number>();
  for (const t of tensors) {
    const own = home.get(t);
    for (const v of t.operands) {
      const source = storageOf(v.tensor);
      if (isLeaf(source) || own === undefined || (home.get(source)?.part === own.part && v.tensor === source)) continue;
      stored.add(source);
      last.set(source, Math.max(last.get(source) ?? -1, own.at));
    }
  }
  return { stored, last };
}

/** What a kernel computes from each array that it reads: the loop, if all of them read it element by element in that one; else null. */
type Readers = ReadonlyMap<Tensor, readonly Tensor[] | null>;

function readersIn(kernel: Kernel): Readers {
  const readers = new Map<Tensor, readonly Tensor[] | null>();
  if (kernel.kind === "move" || kernel.kind === "solve" || kernel.kind === "rows" || kernel.kind === "loop") return readers;
  const loops: readonly (readonly Tensor[])[] = kernel.kind === "reduce" ? [kernel.prologue, kernel.roots, kernel.body] : [kernel.body],
    read = (user: Tensor, loop: readonly Tensor[] | null) => {
      for (const v of user.operands) {
        const x = storageOf(v.tensor),
          known = readers.get(x),
          own = v.tensor === x && isWhole(v) && user.kind === "map" ? loop : null;
        readers.set(x, known === undefined || known === own ? own : null);
      }
    };
  if (kernel.kind === "dot") read(kernel.root, null);
  for (const loop of loops) for (const user of loop) read(user, loop);
  return readers;
}

/** Whether t may lie where x does: the kernel reads each element of x only where it computes the same element of t. */
function mayReplace(kernel: Kernel, readers: Readers, x: Tensor, t: Tensor, { bytes }: Target): boolean {
  if (
    kernel.kind === "move"
    || kernel.kind === "solve"
    || kernel.kind === "rows"
    || kernel.kind === "loop"
    || (kernel.kind === "dot" && kernel.bodyAfterwards)
    || t.kind !== "map"
    || bytes[x.dtype] !== bytes[t.dtype]
    || !sameShape(x.shape, t.shape)
  )
    return false;
  const loop = readers.get(x);
  return loop !== undefined && loop !== null && loop.includes(t);
}
