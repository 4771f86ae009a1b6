import type { Program } from "../../program/program.js";
import { Graph } from "../graph/graph.js";
import { lower } from "../graph/lower.js";
import { preferredAxes } from "../graph/preferred.js";
import type { Tensor } from "../graph/tensor.js";
import type { Target } from "../target.js";
import { Fusion, liveTensors } from "./fuse.js";
import type { Kernel, LoopKernel } from "./kernel.js";
import { layOutLoop } from "./loop-layout.js";
import type { LoopLayout } from "./loop-layout.js";
import { planMemory } from "./memory-plan.js";
import type { MemoryPlan } from "./memory-plan.js";
import { inRowBlocks } from "./row-blocks.js";

/** The programs within a loop, and where its workspace holds what. */
export interface LoopPlan {
  readonly bodies: readonly Schedule[];
  readonly layout: LoopLayout;
}

/** A program as kernels in order, and the memory they use. */
export interface Schedule {
  readonly kernels: readonly Kernel[];
  readonly plan: MemoryPlan;
  readonly outputs: readonly Tensor[];
  readonly loops: ReadonlyMap<LoopKernel, LoopPlan>;
}

/** Compiles a program for a machine, up to the code of its kernels. */
export function schedule(program: Program, target: Target): Schedule {
  const graph = new Graph(target),
    outputs = lower(program, graph, preferredAxes(program)).map(v => graph.dense(v));
  const tensors = liveTensors(outputs),
    kernels = inRowBlocks(new Fusion(tensors, target).kernels, target),
    loops = new Map<LoopKernel, LoopPlan>();
  for (const kernel of kernels) if (kernel.kind === "loop") loops.set(kernel, planLoop(kernel, target));
  const workspaceBytes = (kernel: Kernel): number =>
    kernel.kind === "loop" ? loops.get(kernel)!.layout.bytes : target.workspaceBytes(kernel);
  return { kernels, plan: planMemory(kernels, tensors, outputs, target, workspaceBytes), outputs, loops };
}

/** Only one body runs at a time: they share their memory. */
function planLoop(kernel: LoopKernel, target: Target): LoopPlan {
  const bodies = kernel.root.loop.bodies.map(body => schedule(body, target));
  return { bodies, layout: layOutLoop(kernel, Math.max(...bodies.map(({ plan }) => plan.scratchBytes)), target) };
}
