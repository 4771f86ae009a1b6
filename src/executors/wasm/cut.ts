import type { Assemble, Tensor } from "../../compiler/graph/tensor.js";
import { computedBy } from "../../compiler/schedule/kernel.js";
import type { Kernel, MoveKernel } from "../../compiler/schedule/kernel.js";
import type { MemoryPlan } from "../../compiler/schedule/memory-plan.js";

/** Kernels in a function: V8 takes longer over long functions, and makes slower code of them. */
const MOST_KERNELS = 16;
/** Tensors that the kernels of a function compute, about, and parts that they put together: for the same reason. */
const MOST_WORK = 512;
/** Parts of an array that one piece of code puts in their places. */
const MOST_PARTS = 256;

/** An output that is a copy of what lies elsewhere. */
export type Copy = MemoryPlan["copies"][number];

/** What one function does. */
export interface Part {
  readonly kernels: readonly Kernel[];
  readonly copies: readonly Copy[];
}

/** Kernels as they are written, and where all their tensors lie. */
export interface Pieces {
  readonly kernels: readonly Kernel[];
  readonly regions: MemoryPlan["regions"];
}

/** Long assemblies as several, each of which writes some parts of the same array. */
export function cutAssemblies(kernels: readonly Kernel[], plan: MemoryPlan): Pieces {
  if (!kernels.some(isLongAssembly)) return { kernels, regions: plan.regions };
  const regions = new Map(plan.regions);
  const cut = (kernel: Kernel): Kernel[] => {
    if (!isLongAssembly(kernel)) return [kernel];
    const { root } = kernel,
      pieces: Kernel[] = [];
    for (let from = 0; from < root.operands.length; from += MOST_PARTS) {
      const piece: Assemble = {
        ...root,
        operands: root.operands.slice(from, from + MOST_PARTS),
        parts: root.parts.slice(from, from + MOST_PARTS),
        // The first one lays the zeros down on which the others write.
        covered: root.covered || from > 0,
      };
      regions.set(piece, plan.regions.get(root)!);
      pieces.push({ ...kernel, root: piece });
    }
    return pieces;
  };
  return { kernels: kernels.flatMap(cut), regions };
}

const isLongAssembly = (kernel: Kernel): kernel is MoveKernel & { readonly root: Assemble } =>
  kernel.kind === "move" && kernel.root.kind === "assemble" && kernel.root.operands.length > MOST_PARTS;

/** What writing a tensor's code takes, in operations. */
const workOf = (t: Tensor): number => (t.kind === "map" || t.kind === "reduce" ? 1 : Math.max(1, t.operands.length / 2));

/** Kernels as parts, in order: not too many in one, and none too long. */
export function cutKernels(kernels: readonly Kernel[], most: number = MOST_KERNELS): Part[] {
  const parts: Part[] = [];
  let part: Kernel[] = [],
    work = 0;
  const end = () => {
    if (part.length > 0) parts.push({ kernels: part, copies: [] });
    part = [];
    work = 0;
  };
  for (const kernel of kernels) {
    const more = computedBy(kernel).reduce((sum, t) => sum + workOf(t), 0);
    if (part.length === most || work + more > MOST_WORK) end();
    part.push(kernel);
    work += more;
  }
  end();
  return parts;
}

/** Copies as parts. */
export function cutCopies(copies: readonly Copy[]): Part[] {
  const parts: Part[] = [];
  for (let from = 0; from < copies.length; from += MOST_PARTS) parts.push({ kernels: [], copies: copies.slice(from, from + MOST_PARTS) });
  return parts;
}
