import { sizeOf } from "../../tensor/types.js";
import type { Dot, Tensor } from "../graph/tensor.js";
import { storageOf } from "../graph/tensor.js";
import type { View } from "../graph/view.js";
import { isWhole, range } from "../graph/view.js";
import type { Target } from "../target.js";
import { computedBy } from "./kernel.js";
import type { Kernel, MapKernel, ReduceKernel, RowKernel, RowsKernel } from "./kernel.js";

/** A view that a kernel reads, and which of its axes are those of the kernel's loops, in order. */
interface Reading {
  readonly view: View;
  /** The view's axis that goes along an axis of the kernel's space; null if it has none such. */
  along(axis: number): number | null;
}

/**
 * What a kernel reads from elsewhere. The axes of its space: of a map those of its shape, of a reduction those of `space`, of a product those of its
 * shape and then the contracted one.
 */
function readingsOf(kernel: RowKernel): Reading[] {
  const own = new Set<Tensor>(computedBy(kernel)),
    plain = (axis: number) => axis;
  const from = (tensors: readonly Tensor[], along: Reading["along"]) =>
    tensors.flatMap(t =>
      t.operands.filter(v => !(own.has(v.tensor) && isWhole(v)) && v.tensor.kind !== "literal").map(view => ({ view, along })),
    );
  if (kernel.kind === "map") return from(kernel.body, plain);
  if (kernel.kind === "dot") {
    const rank = kernel.shape.length,
      inside = (axis: number) => (axis < rank ? axis : null);
    return [...from([kernel.root], plain), ...from(kernel.body, inside)];
  }
  const { kept, reduced, prologue, roots, body } = kernel,
    order = [...kept, ...reduced],
    at = (axes: readonly number[]) => (axis: number) => (axes.includes(axis) ? axes.indexOf(axis) : null);
  const direct = roots.filter(({ operands: [x] }) => !own.has(x.tensor));
  return [...from(prologue, plain), ...from(direct, at(order)), ...from(body, at(kept))];
}

/** The only axis of a view that goes along an axis of its tensor, from the first row to the last; null if it reads otherwise. */
function wholeAxis({ tensor, axes, steps, start, shape }: View, axis: number): number | null {
  const at = axes.indexOf(axis);
  const isWholly = at >= 0 && !axes.includes(axis, at + 1) && steps[at] === 1 && start[axis] === 0 && shape[at] === tensor.shape[axis];
  return isWholly ? at : null;
}

type Blocks = NonNullable<Target["rowBlocks"]>;

/** The axis of rows of tensors that are read or written block by block. */
type Axes = Map<Tensor, number>;

/** Kernels that go through the rows of one array. */
class RowGroup {
  private readonly parts: RowsKernel["parts"][number][] = [];
  private readonly axes: Axes;
  private readonly rows: number;
  /** What the group computes row by row. */
  private readonly own = new Set<Tensor>();
  /** By array in memory the tensor as which it is read block by block; and arrays that are read as a whole in every block. */
  private readonly byRow: Map<Tensor, Tensor>;
  private readonly whole = new Set<Tensor>();

  constructor(
    private readonly array: Tensor,
    private readonly target: Target,
  ) {
    this.axes = new Map([[array, 0]]);
    this.byRow = new Map([[storageOf(array), array]]);
    [this.rows] = array.shape;
  }

  /** Whether a kernel reads the array, or what kernels of the group compute. */
  concerns(kernel: Kernel): boolean {
    return computedBy(kernel).some(t => t.operands.some(v => v.tensor === this.array || this.own.has(storageOf(v.tensor))));
  }

  /** Whether a kernel is a product that reads the array itself. */
  readsArray(kernel: Kernel): boolean {
    return kernel.kind === "dot" && kernel.root.operands.some(v => v.tensor === this.array);
  }

  /** Takes a kernel in, if it can be run on one block of rows after another; says whether its results are there only after the last. */
  take(kernel: Kernel): "by row" | "in the end" | null {
    if (kernel.kind !== "map" && kernel.kind !== "reduce" && kernel.kind !== "dot") return null;
    const readings = readingsOf(kernel),
      axis = this.axisOf(kernel, readings);
    if (axis === null) return null;
    const isSum = kernel.kind === "dot" && axis >= kernel.shape.length;
    // A library computes some rows as it computes all.
    if (kernel.kind === "dot" && (isSum ? !this.addsUp(kernel.root) : kernel.inMemory && kernel.root.form !== "library")) return null;
    // What follows a sum runs in the end.
    const during = isSum ? readings.filter(({ view }) => kernel.root.operands.includes(view)) : readings,
      axes: Axes = new Map(isSum ? [] : computedAxes(kernel, axis)),
      whole = new Set<Tensor>();
    for (const { view, along } of during) {
      const at = along(axis);
      if (at === null) return null;
      const own = view.axes[at];
      if (own === null) whole.add(storageOf(view.tensor));
      else if (wholeAxis(view, own) === at && view.shape[at] === this.rows) axes.set(view.tensor, own);
      else return null;
    }
    if (!this.agrees(axes, whole)) return null;
    for (const [t, own] of axes) {
      this.axes.set(t, own);
      this.byRow.set(storageOf(t), t);
    }
    for (const t of whole) this.whole.add(t);
    if (!isSum) for (const t of computedBy(kernel)) this.own.add(t);
    this.parts.push({ kernel, axis: isSum ? null : shapeAxis(kernel, axis) });
    return isSum ? "in the end" : "by row";
  }

  /** Whether every array is read in one way: as a whole, or row by row along one axis. */
  private agrees(axes: Axes, whole: ReadonlySet<Tensor>): boolean {
    const isOne = ([t, own]: readonly [Tensor, number]) => {
      const storage = storageOf(t);
      return (this.axes.get(t) ?? own) === own && (this.byRow.get(storage) ?? t) === t && !this.whole.has(storage) && !whole.has(storage);
    };
    return [...axes].every(isOne) && [...whole].every(t => !this.byRow.has(t));
  }

  /** The axis of a kernel's space along which it goes through the rows of what the group has. */
  private axisOf(kernel: RowKernel, readings: readonly Reading[]): number | null {
    const extents = kernel.kind === "reduce" ? kernel.space.length : kernel.shape.length + (kernel.kind === "dot" ? 1 : 0);
    for (const { view, along } of readings) {
      if (view.tensor !== this.array && !this.own.has(view.tensor)) continue;
      const at = wholeAxis(view, this.axes.get(view.tensor)!),
        axis = at === null ? -1 : range(extents).findIndex(i => along(i) === at);
      if (axis < 0 || (kernel.kind === "reduce" && !kernel.kept.includes(axis))) return null;
      return axis;
    }
    return null;
  }

  /** Whether a product over one axis is added up in memory: a library's wherever it is cut. */
  private addsUp(root: Dot): boolean {
    const isOverOne = root.contracted.length === 1 && root.contracted[0].length === 1;
    return isOverOne && (root.form === "library" || this.target.stepsInMemory(root) !== null);
  }

  /** The group as one kernel, if several products read the array and blocks of its rows stay in the cache. */
  finish({ block: bytes, rows: fewest }: Blocks): RowsKernel | null {
    const last = this.parts.map(({ kernel }) => this.readsArray(kernel)).lastIndexOf(true),
      parts = this.parts.slice(0, last + 1),
      steps = parts.flatMap(({ kernel, axis }) =>
        kernel.kind === "dot" && axis === null && kernel.root.form !== "library" ? [this.target.stepsInMemory(kernel.root)!] : [],
      );
    const unit = Math.max(fewest, ...steps),
      rowBytes = (sizeOf(this.array.shape) / this.rows) * this.target.bytes[this.array.dtype],
      block = unit * Math.max(1, Math.floor(bytes / (unit * rowBytes)));
    const isWorthwhile = parts.filter(({ kernel }) => this.readsArray(kernel)).length > 1 && block * rowBytes <= 2 * bytes;
    if (!isWorthwhile || this.rows < 2 * block || steps.some(s => unit % s !== 0)) return null;
    return { kind: "rows", shape: parts[last].kernel.shape, rows: this.rows, block, parts, axes: this.axes };
  }
}

/** The axis of a kernel's shape that an axis of its space is. */
const shapeAxis = (kernel: RowKernel, axis: number): number => (kernel.kind === "reduce" ? kernel.kept.indexOf(axis) : axis);

/** The axis of rows of what a kernel computes. */
function computedAxes(kernel: RowKernel, axis: number): [Tensor, number][] {
  const before: readonly Tensor[] = kernel.kind === "reduce" ? kernel.prologue : [];
  return computedBy(kernel).map(t => [t, before.includes(t) ? axis : shapeAxis(kernel, axis)]);
}

/** Large arrays that several products read along their first axis. */
function largeArrays(kernels: readonly Kernel[], { bytes }: Target, from: number): Tensor[] {
  const readers = new Map<Tensor, number>();
  for (const kernel of kernels) {
    if (kernel.kind !== "dot") continue;
    for (const t of new Set(kernel.root.operands.map(v => v.tensor)))
      if (t.shape.length > 1 && sizeOf(t.shape) * bytes[t.dtype] > from) readers.set(t, (readers.get(t) ?? 0) + 1);
  }
  return [...readers].filter(([, n]) => n > 1).map(([t]) => t);
}

/**
 * Lets kernels take turns on blocks of rows of an array that does not stay in the cache and that several products read: of its product with weights,
 * what is made of each row of that, and the sum over rows that is the gradient of the weights. Sums are as they were: a block has as many rows as are added
 * at a time.
 */
export function inRowBlocks(kernels: readonly Kernel[], target: Target): readonly Kernel[] {
  const { rowBlocks } = target;
  if (rowBlocks === null) return kernels;
  return largeArrays(kernels, target, rowBlocks.from).reduce((list, array) => regrouped(list, array, target, rowBlocks), kernels);
}

/** What a reduction reduces, which may be computed row by row, and the reduction of that where it is stored. */
const halves = (kernel: ReduceKernel): readonly [MapKernel, ReduceKernel] => [
  { kind: "map", shape: kernel.space, body: kernel.prologue },
  { ...kernel, prologue: [], formerly: kernel.prologue },
];

/** Goes through the kernels once; a group ends at the first product with the array that needs a result of the group as a whole. */
function regrouped(kernels: readonly Kernel[], array: Tensor, target: Target, sizes: Blocks): readonly Kernel[] {
  const out: Kernel[] = [];
  let stretch = new Stretch(array, target);
  for (const kernel of kernels) {
    if (stretch.endsBefore(kernel)) {
      out.push(...stretch.finish(sizes));
      stretch = new Stretch(array, target);
    }
    stretch.add(kernel);
  }
  return [...out, ...stretch.finish(sizes)];
}

/** Kernels in order, of which some make a group: the others go before it, or after it if they need what it computes. */
class Stretch {
  private readonly kernels: Kernel[] = [];
  private readonly concerned = new Set<Kernel>();
  /** What is there only after the group's last row. */
  private readonly late = new Set<Tensor>();
  private readonly split = new Map<Kernel, ReturnType<typeof halves>>();
  private readonly group: RowGroup;

  constructor(array: Tensor, target: Target) {
    this.group = new RowGroup(array, target);
  }

  private waits(kernel: Kernel): boolean {
    return computedBy(kernel).some(t => t.operands.some(v => this.late.has(storageOf(v.tensor))));
  }

  endsBefore(kernel: Kernel): boolean {
    return this.group.readsArray(kernel) && this.waits(kernel);
  }

  add(kernel: Kernel): void {
    this.kernels.push(kernel);
    const isLate = this.waits(kernel);
    if (!isLate && !this.group.concerns(kernel)) return;
    this.concerned.add(kernel);
    for (const t of isLate ? computedBy(kernel) : this.take(kernel)) this.late.add(t);
  }

  /** Takes a kernel in, or the half of it that goes by rows; gives what of it is late. */
  private take(kernel: Kernel): readonly Tensor[] {
    if (this.group.take(kernel) === "by row") return [];
    if (kernel.kind !== "reduce" || kernel.prologue.length === 0) return computedBy(kernel);
    const [map, rest] = halves(kernel);
    if (this.group.take(map) === null) return computedBy(kernel);
    this.split.set(kernel, [map, rest]);
    return computedBy(rest);
  }

  finish(sizes: Blocks): readonly Kernel[] {
    const rows = this.group.finish(sizes);
    if (!rows) return this.kernels;
    const inside = new Set<Kernel>(rows.parts.map(({ kernel }) => kernel));
    const behind = (kernel: Kernel): Kernel[] => {
      if (!this.concerned.has(kernel) || inside.has(kernel)) return [];
      const [map, rest] = this.split.get(kernel) ?? [];
      return [map && rest && inside.has(map) ? rest : kernel];
    };
    return [...this.kernels.filter(kernel => !this.concerned.has(kernel)), rows, ...this.kernels.flatMap(behind)];
  }
}
