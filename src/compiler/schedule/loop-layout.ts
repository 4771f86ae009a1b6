import { sizeOf } from "../../tensor/types.js";
import type { Type } from "../../tensor/types.js";
import { placeBytes } from "../target.js";
import type { Target } from "../target.js";
import type { LoopKernel } from "./kernel.js";

/** Bytes of a pointer in a table of a body's inputs and outputs. */
const POINTER = 4;

/** Where things lie in the workspace of a loop, in bytes from its beginning. */
export interface LoopLayout {
  /** Pointers to the inputs and outputs of a body, in order. */
  readonly table: number;
  /** What the bodies hold while they run. */
  readonly scratch: number;
  /** Two places for each of the carry, which steps read and write in turns. */
  readonly carry: readonly (readonly [number, number])[];
  /** A place for a row of each of xs; null where rows are read where they lie. */
  readonly xs: readonly (number | null)[];
  /** A place for each y, or each result of a choice; null where it is written where it belongs. */
  readonly ys: readonly (number | null)[];
  readonly bytes: number;
}

/** Lays out the workspace of a loop. @param scratchBytes what its bodies hold while they run */
export function layOutLoop({ root: { loop }, roots }: LoopKernel, scratchBytes: number, target: Target): LoopLayout {
  let bytes = 0;
  const take = (n: number): number => {
    const at = bytes;
    bytes += Math.max(target.alignment, placeBytes(n, target));
    return at;
  };
  const { scan, bodies } = loop,
    [body] = bodies,
    sizeIn = (t: Type): number => sizeOf(t.shape) * target.bytes[t.dtype];
  // Code may read and write whole vectors past the end of an array, as far as its memory reaches: a row that fills its memory stays where it is.
  const fills = (t: Type): boolean => sizeIn(t) > 0 && sizeIn(t) % target.alignment === 0;
  const outputs = body.outputs.map(o => body.nodes[o]),
    has = (result: number): boolean => roots.some(r => r.result === result);
  const table = take(POINTER * (body.inputs.length + outputs.length)),
    carried = scan ? outputs.slice(0, scan.carry) : [];
  return {
    table,
    carry: carried.map(c => [take(sizeIn(c)), take(sizeIn(c))] as const),
    xs: scan ? body.inputs.slice(scan.constants + scan.carry).map(x => (fills(x) ? null : take(sizeIn(x)))) : [],
    ys: outputs.slice(carried.length).map((y, k) => (has(carried.length + k) && (!scan || fills(y)) ? null : take(sizeIn(y)))),
    scratch: take(scratchBytes),
    bytes,
  };
}
