import { hashProgram } from "../../program/hash.js";
import type { Program } from "../../program/program.js";
import type { Target } from "../../compiler/target.js";
import { DeclinedError } from "../executor.js";
import { compile } from "./compile.js";
import type { Compiled } from "./compile.js";
import { showBytes } from "./show-bytes.js";

/** A program's code, ready to be instantiated in any memory. */
export interface CachedModule {
  readonly compiled: Compiled;
  readonly module: WebAssembly.Module;
  /** What it imports as `env.piece0`, …: see `Compiled`. */
  readonly pieces: readonly WebAssembly.Module[];
}

/** Modules kept for the next executor: so many, and with so many bytes of code and constants in all. */
const CAPACITY = 64;
const CAPACITY_BYTES = 2 ** 25;
const cache = new Map<string, CachedModule>();
let bytes = 0;

const bytesOf = ({ compiled: { bytes: first, pieces, constants } }: CachedModule): number =>
  [first, ...pieces, constants].reduce((sum, { length }) => sum + length, 0);

function forget(key: string): void {
  const entry = cache.get(key);
  if (!entry) return;
  cache.delete(key);
  bytes -= bytesOf(entry);
}

/** @throws DeclinedError if the engine does not take the code: for its length, or for want of memory */
function moduleOf(code: Uint8Array<ArrayBuffer>): WebAssembly.Module {
  try {
    return new WebAssembly.Module(code);
  } catch (cause) {
    const received = `${showBytes(code.length)} of code, to which it says "${(cause as Error).message}"`;
    throw new DeclinedError(`ufom: the code of a program must be taken by the WebAssembly engine; received ${received}.`, { cause });
  }
}

/** Compiles a program for a target, once in a process; the modules used last are kept. */
export function moduleFor(program: Program, target: Target): CachedModule {
  const key = `${target.name} ${hashProgram(program)}`,
    known = cache.get(key);
  let entry = known;
  if (entry) forget(key);
  else {
    const compiled = compile(program, target);
    entry = { compiled, module: moduleOf(compiled.bytes), pieces: compiled.pieces.map(moduleOf) };
  }
  if (bytesOf(entry) > CAPACITY_BYTES) return entry;
  cache.set(key, entry);
  bytes += bytesOf(entry);
  while (cache.size > CAPACITY || bytes > CAPACITY_BYTES) forget(cache.keys().next().value!);
  return entry;
}
