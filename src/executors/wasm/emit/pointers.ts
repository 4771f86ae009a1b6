import { unsigned } from "../assembler.js";
import type { FunctionBuilder, Local } from "../assembler.js";
import type { Tensor } from "../../../compiler/graph/tensor.js";
import { storageOf } from "../../../compiler/graph/tensor.js";
import { computedBy } from "../../../compiler/schedule/kernel.js";
import type { Kernel } from "../../../compiler/schedule/kernel.js";
import type { MemoryPlan, Region } from "../../../compiler/schedule/memory-plan.js";
import type { Address } from "./code.js";

/** Globals of a module, by position. */
export const globals = [
  { name: "scratch", mutable: true },
  { name: "constants", mutable: false },
] as const;

/** The pointers to a program's inputs and outputs within a function: by position, first the inputs. */
export type Arguments = ReadonlyMap<number, Local>;

/** What the plan must hold for a tensor. */
export function planned<T>(place: T | undefined, t: Tensor): T {
  if (place === undefined) throw new Error(`tensor ${t.id} (${t.kind}) has no memory`);
  return place;
}

/** Position of a region's pointer among the arguments, if it has one. */
const positionOf = (r: Region, inputs: number): number | null => ("index" in r ? r.index + (r.area === "output" ? inputs : 0) : null);

/** Positions of the arguments that some tensors lie at. */
export function positionsOf(tensors: Iterable<Tensor>, regions: MemoryPlan["regions"], inputs: number): Set<number> {
  const used = new Set<number>();
  for (const t of tensors) {
    const region = regions.get(storageOf(t)),
      position = region ? positionOf(region, inputs) : null;
    if (position !== null) used.add(position);
  }
  return used;
}

/** Positions of the arguments that kernels use. */
export function argumentsUsed(kernels: readonly Kernel[], { regions }: Pick<MemoryPlan, "regions">, inputs: number): number[] {
  const tensors = kernels.flatMap(computedBy).flatMap(c => [c, ...c.operands.map(v => v.tensor)]);
  return [...positionsOf(tensors, regions, inputs)].sort((a, b) => a - b);
}

/** Some arguments of a program: entries of the table that a function's first parameter points at. All are read now. */
export function argumentsOf(f: FunctionBuilder, positions: readonly number[]): Arguments {
  return new Map(
    positions.map(i => {
      const l = f.local("i32");
      f.get(f.parameters[0])
        .op(0x28, 2, ...unsigned(4 * i))
        .set(l);
      return [i, l];
    }),
  );
}

/** Addresses of regions within a function; the globals are read once, now. */
export function addressing(f: FunctionBuilder, given: Arguments, inputs: number): (r: Region) => Address {
  const fromGlobal = (name: "scratch" | "constants"): Local => {
    const l = f.local("i32");
    f.globalGet(globals.findIndex(g => g.name === name)).set(l);
    return l;
  };
  const scratch = fromGlobal("scratch"),
    constants = fromGlobal("constants");
  return r => {
    if ("index" in r) return { base: given.get(positionOf(r, inputs)!)!, offset: 0 };
    return { base: r.area === "scratch" ? scratch : constants, offset: r.offset };
  };
}
