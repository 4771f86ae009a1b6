import type { Program } from "../../program/program.js";
import { UfomError } from "../../tensor/error.js";
import { sizeOf } from "../../tensor/types.js";
import type { Type } from "../../tensor/types.js";
import { storedBytes } from "./emit/instructions.js";
import { showBytes } from "./show-bytes.js";

const bytesOf = (types: readonly Type[]): number => types.reduce((sum, { shape, dtype }) => sum + sizeOf(shape) * storedBytes[dtype], 0);

/**
 * Refuses a program one call of which needs more memory than there is: a call holds all inputs, outputs, constants and scratch at once.
 *
 * @param name of the program
 * @param scratchBytes what the program holds in between
 * @param limit bytes that the executor may hold
 */
export function checkFits({ inputs, constants, nodes, outputs }: Program, name: string, scratchBytes: number, limit: number): void {
  const parts = [
    { what: "inputs", bytes: bytesOf(inputs) },
    { what: "outputs", bytes: bytesOf(outputs.map(o => nodes[o])) },
    { what: "constants", bytes: bytesOf(constants) },
    { what: "what lies between", bytes: scratchBytes },
  ].filter(({ bytes }) => bytes > 0);
  const needed = parts.reduce((sum, { bytes }) => sum + bytes, 0);
  if (needed <= limit) return;
  const shares = parts.map(({ what, bytes }) => `${showBytes(bytes)} for ${what}`).join(", ");
  throw new UfomError(`ufom: ${name} needs ${showBytes(needed)} (${shares}); the wasm executor holds at most ${showBytes(limit)}.`);
}
