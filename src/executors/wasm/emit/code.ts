import type { Require } from "../math/index.js";
import type { FunctionBuilder, Local } from "../assembler.js";
import type { LoopKernel } from "../../../compiler/schedule/kernel.js";
import type { LoopLayout } from "../../../compiler/schedule/loop-layout.js";
import type { Tensor } from "../../../compiler/graph/tensor.js";

/** A tensor's memory: a pointer and bytes after it. */
export interface Address {
  readonly base: Local;
  readonly offset: number;
}

/** The function being written and what kernels need to know about the program around them. */
export interface Code {
  readonly f: FunctionBuilder;
  addressOf(t: Tensor): Address;
  /** Memory that the kernel of a tensor uses while it runs. */
  workspaceOf(t: Tensor): Address;
  isStored(t: Tensor): boolean;
  /** Whether a tensor lies where an operand lay that its kernel still reads. */
  isInPlace(t: Tensor): boolean;
  /** A loop's layout, and the indices of its bodies, functions of a pointer to the pointers of their inputs and outputs. */
  loopOf(kernel: LoopKernel): { readonly layout: LoopLayout; readonly bodies: readonly number[] };
  /** Index of a function v128 → v128. */
  readonly math: Require;
}
