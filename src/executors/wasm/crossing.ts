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

/** What the bodies of kernels cross, as far as they have been looked at: bodies only grow, and are asked about for every tensor that could join. */
const known = new WeakMap<readonly MapTensor[], { length: number; readonly axes: Set<number> }>();

function crossedIn(body: readonly MapTensor[]): ReadonlySet<number> {
  let seen = known.get(body);
  if (!seen) known.set(body, (seen = { length: 0, axes: new Set() }));
  for (; seen.length < body.length; seen.length++) for (const axis of crossedAxes(body[seen.length])) seen.axes.add(axis);
  return seen.axes;
}

/** Whether a kernel and a tensor can share a loop: only one of a map's own has blocks, and those are of one kind. */
export function sharesLoop(kernel: Kernel, t: MapTensor | Reduce): boolean {
  if (t.kind === "reduce") return kernel.kind === "map" && crossedIn(kernel.body).size === 0;
  const own = crossedAxes(t);
  return kernel.kind === "map" ? own.length === 0 || new Set([...crossedIn(kernel.body), ...own]).size <= 1 : own.length === 0;
}
