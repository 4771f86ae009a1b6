import { hashProgram } from "../../program/hash.js";
import type { Program } from "../../program/program.js";
import { compile } from "./compile.js";
import type { Compiled } from "./compile.js";

/** A program's code, ready to be instantiated in any memory. */
export interface CachedModule {
  readonly compiled: Compiled;
  readonly module: WebAssembly.Module;
}

/** Modules kept for the next executor. */
const CAPACITY = 64;
const cache = new Map<string, CachedModule>();

/** Compiles a program, once in a process; the modules used last are kept. */
export function moduleFor(program: Program): CachedModule {
  const key = hashProgram(program),
    known = cache.get(key);
  let entry = known;
  if (entry) cache.delete(key);
  else {
    const compiled = compile(program);
    entry = { compiled, module: new WebAssembly.Module(compiled.bytes) };
  }
  cache.set(key, entry);
  if (cache.size > CAPACITY) cache.delete(cache.keys().next().value!);
  return entry;
}
