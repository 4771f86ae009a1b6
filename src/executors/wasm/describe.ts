import type { KernelDescription } from "../../compiler/describe.js";
import { describeKernels } from "../../compiler/describe.js";
import type { Program } from "../../program/program.js";
import { compile } from "./compile.js";
import { nativeTarget } from "../native/target.js";
import { wasmTarget } from "./target.js";

export type { KernelDescription } from "../../compiler/describe.js";

/** What a program becomes. */
export interface ProgramDescription {
  readonly kernels: readonly KernelDescription[];
  /** Memory that a call uses besides its inputs and outputs, and that its constants take up. */
  readonly scratchBytes: number;
  readonly constantBytes: number;
  readonly moduleBytes: number;
}

/**
 * Describes the code that the wasm executor makes of a program.
 * @param threshold products of at least so many multiplications are a library's; none if absent
 */
export function describeProgram(program: Program, threshold?: number): ProgramDescription {
  const target = threshold === undefined ? wasmTarget : nativeTarget(threshold),
    { schedule, bytes, scratchBytes, constants } = compile(program, target);
  return {
    kernels: describeKernels(schedule, target),
    scratchBytes,
    constantBytes: constants.length,
    moduleBytes: bytes.length,
  };
}
