import type { Program } from "../../program/program.js";
import { Graph } from "../graph/graph.js";
import { lower } from "../graph/lower.js";
import { preferredAxes } from "../graph/preferred.js";
import type { Tensor } from "../graph/tensor.js";
import type { Target } from "../target.js";
import { Fusion, liveTensors } from "./fuse.js";
import type { Kernel } from "./kernel.js";
import { planMemory } from "./memory-plan.js";
import type { MemoryPlan } from "./memory-plan.js";
import { inRowBlocks } from "./row-blocks.js";

/** A program as kernels in order, and the memory they use. */
export interface Schedule {
  readonly kernels: readonly Kernel[];
  readonly plan: MemoryPlan;
  readonly outputs: readonly Tensor[];
}

/** Compiles a program for a machine, up to the code of its kernels. */
export function schedule(program: Program, target: Target): Schedule {
  const graph = new Graph(target),
    outputs = lower(program, graph, preferredAxes(program)).map(v => graph.dense(v));
  const tensors = liveTensors(outputs),
    kernels = inRowBlocks(new Fusion(tensors, target).kernels, target);
  return { kernels, plan: planMemory(kernels, tensors, outputs, target), outputs };
}
