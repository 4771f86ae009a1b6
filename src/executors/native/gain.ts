import { describeKernels } from "../../compiler/describe.js";
import { schedule } from "../../compiler/schedule/schedule.js";
import type { Program } from "../../program/program.js";
import { UfomError } from "../../tensor/error.js";
import { loadBlas } from "./blas.js";
import { builtin, nodeProcess } from "./host.js";
import { keyOf } from "./index.js";
import { measuredBefore } from "./kept.js";
import type { Measured } from "./kept.js";
import { installCommand } from "./libraries.js";
import { nativeTarget } from "./target.js";

/** What is assumed of a library that was not measured here yet: what is usual. */
const usual: Measured = { threshold: 2 ** 15, wasm: 40, library: 80 };
/** Bytes a nanosecond that work element by element reads and writes, about. */
const BANDWIDTH = 20;

/** A program, and how often it is called. */
export interface Called {
  readonly program: Program;
  readonly count: number;
}

/** By how much calls of programs would be faster if a library computed their larger products, from shapes and rates alone. */
export function expectedGain(calls: readonly Called[], { threshold, wasm, library }: Measured): number {
  let before = 0,
    after = 0;
  const target = nativeTarget(threshold);
  for (const { program, count } of calls) {
    if (count === 0) continue;
    for (const kernel of describeKernels(schedule(program, target), target)) {
      const isProduct = kernel.kind === "dot" || kernel.kind === "rows",
        // Whatever is computed, its operands and results pass through memory.
        moved = kernel.bytes / BANDWIDTH;
      before += count * (isProduct ? Math.max(kernel.flops / wasm, moved) : moved);
      after += count * (isProduct ? Math.max(kernel.flops / (kernel.library ? library : wasm), moved) : moved);
    }
  }
  return after > 0 ? before / after : 1;
}

/** What a suggestion says of a library: the one that is here, or how to add one. */
export interface Suggested {
  readonly gain: number;
  /** Name and version; undefined if there is none here. */
  readonly library?: string;
  /** The commands that add what is missing. */
  readonly missing?: string;
}

/** Whether a library would pay for these calls, and which there is. Loads it if there is one, measures nothing. */
export function suggestLibrary(calls: readonly Called[], least: number): Suggested | undefined {
  // Most runs end here: without a product that is large, nothing is loaded.
  if (nodeProcess() === undefined || expectedGain(calls, { ...usual, library: 200 }) < least) return undefined;
  try {
    const blas = loadBlas(),
      gain = expectedGain(calls, measuredBefore(keyOf(blas, blas.threadsOf(builtin("os").availableParallelism()))) ?? usual);
    return gain < least ? undefined : { gain, library: blas.description };
  } catch (error) {
    if (!(error instanceof UfomError)) throw error;
    const gain = expectedGain(calls, usual),
      commands = error.message.includes("npm install koffi") ? ["npm install koffi"] : [];
    return gain < least ? undefined : { gain, missing: [...commands, installCommand(nodeProcess()!.platform)].join(", ") };
  }
}
