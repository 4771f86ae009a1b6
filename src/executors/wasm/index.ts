import type { Buffer, Executable, Executor } from "../executor.js";
import type { HostArray } from "../../tensor/types.js";
import { checkOptions } from "../../tensor/options.js";
import type { Program } from "../../program/program.js";
import { expectWebAssembly } from "./allowed.js";
import { libraryProducts, nativeChoice } from "../native/index.js";
import type { NativeOption } from "../native/index.js";
import { WasmExecutor } from "./executor.js";

/** An executable whose calls answer at once. */
export interface SyncExecutable extends Executable {
  run(inputs: readonly Buffer[]): Buffer[];
}

/** What computes beside WebAssembly. */
export interface WasmExecutorOptions {
  readonly native?: NativeOption;
}

/** An executor whose calls answer at once. */
export interface SyncExecutor extends Executor {
  compile(program: Program, name?: string): SyncExecutable;
  read(buffer: Buffer): HostArray;
}

/**
 * Makes the default executor: generated WebAssembly with 128-bit vectors, no install, the same bits on every machine (docs/same-bits.md).
 * It holds up to 4 GiB; a program that needs more is refused when it is compiled.
 * @param options.native the machine's own library of matrix products computes the larger ones (docs/native.md); bits then depend on it
 * @throws DeclinedError where WebAssembly may not be compiled, as under some content security policies of pages (docs/in-a-page.md)
 * @throws UfomError if the package koffi or the library is missing, with the command that adds it
 *
 * @example
 * createWasmExecutor().name; // "wasm"
 */
export function createWasmExecutor(options?: WasmExecutorOptions): SyncExecutor {
  const { native } = checkOptions<WasmExecutorOptions>("createWasmExecutor", options, { native: true }),
    choice = nativeChoice(native);
  expectWebAssembly();
  return new WasmExecutor(undefined, choice && libraryProducts(choice));
}
