import type { MapTensor, Reduce } from "../../compiler/graph/tensor.js";
import { stridesOf } from "../../compiler/graph/view.js";
import type { Kernel } from "../../compiler/schedule/kernel.js";
import { sizeOf } from "../../tensor/types.js";

/** Below this size a transposing read costs less than a loop of its own. */
const SMALL = 64;

/** The axes along which a tensor reads operands across its rows: such reading wants a loop over square blocks of that axis and the last. */
function crossedAxes(t: MapTensor): number[] {
  if (sizeOf(t.shape) < SMALL) return [];
  return t.operands.flatMap(v => {
    const strides = stridesOf(v),
      last = strides[strides.length - 1],
      axis = strides.indexOf(1);
    return last !== 0 && last !== 1 && axis >= 0 ? [axis] : [];
  });
}

/** Whether a kernel and a tensor can share a loop: only one of a map's own has blocks, and those are of one kind. */
export function sharesLoop(kernel: Kernel, t: MapTensor | Reduce): boolean {
  if (t.kind === "reduce") return kernel.kind === "map" && kernel.body.every(m => crossedAxes(m).length === 0);
  return kernel.kind === "map" ? new Set([...kernel.body, t].flatMap(crossedAxes)).size <= 1 : crossedAxes(t).length === 0;
}
