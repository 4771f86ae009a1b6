import { createContext, runInContext } from "node:vm";
import { bundle } from "./bundle.js";
import type { evaluateProgram } from "../../src/program/evaluate.js";
import type { Digests, runSuite } from "./suite/index.js";

/** The functions whose last bits the language leaves to the engine. `Math.sqrt` is left out: every engine uses the processor's, which IEEE 754 defines. */
export const free = [
  "acos", "acosh", "asin", "asinh", "atan", "atan2", "atanh", "cbrt", "cos", "cosh", "exp", "expm1", "hypot", "log", "log10", "log1p",
  "log2", "pow", "sin", "sinh", "tan", "tanh",
] as const; // prettier-ignore

/** Moves the results of a world's `Math` to the next number, except whole ones and powers of two, which every engine has exactly. */
function disturb(math: Math): void {
  const bits = new DataView(new ArrayBuffer(8));
  const next = (x: number): number => {
    bits.setFloat64(0, x);
    bits.setBigUint64(0, bits.getBigUint64(0) + 1n);
    return bits.getFloat64(0);
  };
  const isPowerOfTwo = (x: number): boolean => {
    bits.setFloat64(0, x);
    return (bits.getBigUint64(0) & 0xf_ffff_ffff_ffffn) === 0n;
  };
  for (const name of free) {
    const own: (...args: number[]) => number = math[name];
    Object.assign(math, {
      [name]: (...args: number[]) => {
        const y = own(...args);
        return !Number.isFinite(y) || Number.isInteger(y) || isPowerOfTwo(y) ? y : next(y);
      },
    });
  }
}

/** A world with another engine's `Math`, and what runs in it. */
interface World {
  readonly math: Math;
  /** The suite of same bits. */
  run(texts: readonly string[]): Promise<Digests>;
  /** The numbers of all nodes of a program, by the reference rules. */
  readonly evaluate: typeof evaluateProgram;
}

/** A world of its own in this process, with another engine's last bits in `Math`, `**` included. */
export async function worldWithOtherMath(): Promise<World> {
  const code = await bundle("sandbox.ts", { format: "iife", supported: { "exponent-operator": false } });
  const world = createContext({ performance, setTimeout, AbortController, TextEncoder, TextDecoder, atob, btoa });
  const math = runInContext("Math", world) as Math;
  disturb(math);
  runInContext(code, world);
  const run = world.runSuite as typeof runSuite;
  return { math, run: texts => run(texts), evaluate: world.evaluateProgram as typeof evaluateProgram };
}
