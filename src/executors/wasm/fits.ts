import type { Program } from "../../program/program.js";
import { sizeOf } from "../../tensor/types.js";
import type { Type } from "../../tensor/types.js";
import { storedBytes } from "./emit/instructions.js";
import { showBytes } from "./show-bytes.js";

const bytesOf = (types: readonly Type[]): number => types.reduce((sum, { shape, dtype }) => sum + sizeOf(shape) * storedBytes[dtype], 0);

/**
 * Whether one call of a program needs more memory than there is, as the rest of a sentence that begins with the program's name: a call
 * holds all inputs, outputs, constants and scratch at once.
 *
 * @param scratchBytes what the program holds in between
 * @param limit bytes that the executor may hold
 */
export function memoryRefusal({ inputs, constants, nodes, outputs }: Program, scratchBytes: number, limit: number): string | undefined {
  const parts = [
    { what: "inputs", bytes: bytesOf(inputs) },
    { what: "outputs", bytes: bytesOf(outputs.map(o => nodes[o])) },
    // Whole numbers that are counted up are laid down as they are read.
    { what: "constants", bytes: bytesOf([...constants, ...nodes.filter(({ op }) => op === "iota")]) },
    { what: "what lies between", bytes: scratchBytes },
  ].filter(({ bytes }) => bytes > 0);
  const needed = parts.reduce((sum, { bytes }) => sum + bytes, 0);
  if (needed <= limit) return undefined;
  const shares = parts.map(({ what, bytes }) => `${showBytes(bytes)} for ${what}`).join(", ");
  return `needs ${showBytes(needed)} (${shares}); the wasm executor holds at most ${showBytes(limit)}`;
}
