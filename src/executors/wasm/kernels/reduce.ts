import type { FunctionBuilder, Local } from "../assembler.js";
import { accessOf, collapse, pointAt, readAt } from "../emit/access.js";
import type { Access, Position } from "../emit/access.js";
import type { Code } from "../emit/code.js";
import { Elements } from "../emit/elements.js";
import type { Given } from "../emit/elements.js";
import { along, blocks, nest, overRuns } from "../emit/loops.js";
import type { Index } from "../emit/loops.js";
import { arithmetic, simd } from "../emit/instructions.js";
import type { NumberType } from "../emit/instructions.js";
import { constant, permute, widthFor } from "../emit/vector.js";
import type { Width } from "../emit/vector.js";
import type { MapTensor, Reduce, Reduction } from "../graph/tensor.js";
import { range } from "../graph/view.js";
import type { ReduceKernel } from "../schedule/kernel.js";

const combining: Record<Reduction, "add" | "maximum" | "minimum"> = { sum: "add", max: "maximum", min: "minimum" };

/** The number that changes nothing. */
function neutral({ how, dtype }: Reduce): number {
  if (how === "sum") return 0;
  const least = dtype === "int32" ? -(2 ** 31) : -Infinity,
    most = dtype === "int32" ? 2 ** 31 - 1 : Infinity;
  return how === "max" ? least : most;
}

const combine = (f: FunctionBuilder, { how, dtype }: Reduce): void => {
  f.simd(arithmetic[dtype as NumberType][combining[how]]);
};

/** Accumulates over axes, then computes what depends on the results. Vectors lie along a kept axis if most reading has stride 1 there. */
export function emitReduce(code: Code, kernel: ReduceKernel): void {
  const accumulation = new Accumulation(code, kernel);
  if (accumulation.isVertical()) accumulation.vertical();
  else accumulation.horizontal();
}

class Accumulation {
  private readonly f: FunctionBuilder;
  private readonly prologue: Elements;
  private readonly epilogue: Elements;
  /** What each root accumulates when it is read from memory. */
  private readonly direct = new Map<Reduce, Access>();
  private readonly shape: number[];
  /** Axes before this one are kept. */
  private readonly boundary: number;
  private readonly index: Index;
  private readonly width: Width;

  constructor(
    code: Code,
    private readonly kernel: ReduceKernel,
  ) {
    const { kept, reduced, space, roots } = kernel;
    this.f = code.f;
    const dtypes = [new Elements(code, kernel.prologue), new Elements(code, kernel.body, roots)].flatMap(e => e.dtypes());
    this.width = widthFor(dtypes);
    this.prologue = new Elements(code, kernel.prologue, [], this.width);
    this.epilogue = new Elements(code, kernel.body, roots, this.width);
    for (const a of this.prologue.accesses()) a.strides = [...kept, ...reduced].map(i => a.strides[i]);
    for (const a of this.epilogue.accesses()) a.strides = [...a.strides, ...reduced.map(() => 0)];
    for (const root of roots) if (!this.prologueOf(root)) this.direct.set(root, accessOf(code, root.operands[0]));
    const all = [...this.prologue.accesses(), ...this.epilogue.accesses(), ...this.direct.values()];
    const extents = [...kept, ...reduced].map(i => space[i]);
    ({ shape: this.shape, boundary: this.boundary } = collapse(extents, all, kept.length));
    this.index = this.shape.map(() => null);
  }

  private prologueOf(root: Reduce): MapTensor | undefined {
    const { tensor } = root.operands[0];
    return this.kernel.prologue.find(t => t === tensor);
  }

  private inner(): Access[] {
    return [...this.prologue.accesses(), ...this.direct.values()];
  }

  isVertical(): boolean {
    if (this.boundary === 0) return false;
    const unit = (axis: number) => this.inner().filter(a => a.strides[axis] === 1).length;
    return unit(this.boundary - 1) >= unit(this.shape.length - 1);
  }

  /** Accumulators of one value a root, at their start. */
  private accumulators(): Map<Reduce, Local> {
    return new Map(
      this.kernel.roots.map(root => {
        const l = this.f.local("v128");
        constant(this.f, root.dtype, neutral(root));
        this.f.set(l);
        return [root, l];
      }),
    );
  }

  /** One step: computes the prologue at a position and accumulates; `mask` neutralizes lanes from `count` on. */
  private accumulate(accumulators: Given, position: Position, count: number, mask: boolean): void {
    const { f } = this,
      { values, release } = this.prologue.evaluate(position, count, new Map());
    for (const root of this.kernel.roots) {
      const sum = accumulators.get(root)!,
        tensor = this.prologueOf(root);
      f.get(sum);
      if (tensor) f.get(values.get(tensor)!);
      else readAt(f, this.width, this.direct.get(root)!, position, count);
      if (mask) this.neutralize(root, count);
      combine(f, root);
      f.set(sum);
    }
    release();
  }

  private neutralize(root: Reduce, count: number): void {
    const lanes = root.dtype === "float64" ? 8 : 4;
    constant(this.f, root.dtype, neutral(root));
    this.f.v128(Uint8Array.from({ length: 16 }, (_, i) => (i < count * lanes ? 255 : 0))).simd(simd.select);
  }

  private finish(accumulators: Given, delta: readonly number[], vector: number | null, count: number): void {
    const { pointers, release } = this.epilogue.pointAt(this.index);
    this.epilogue.evaluate({ pointers, delta, vector }, count, accumulators).release();
    release();
  }

  /** Vectors along the last kept axis: each lane is a sum of its own. */
  vertical(): void {
    const { f, shape, boundary, width, index } = this,
      axis = boundary - 1,
      n = shape[axis],
      whole = Math.floor(n / width);
    const most = Math.max(1, Math.floor(8 / this.kernel.roots.length)),
      unit = [5, 4, 8, 7, 6, 3, 2].find(u => u <= most && whole % u === 0) ?? Math.min(4, most);
    const tile = (vectors: number, count: number) => {
      const accumulators = range(vectors).map(() => this.accumulators());
      nest(
        f,
        range(shape.length - boundary).map(i => boundary + i),
        shape,
        index,
        () => {
          const { pointers, release } = pointAt(f, this.inner(), index);
          accumulators.forEach((sums, v) => {
            this.accumulate(sums, { pointers, delta: along(shape, axis, v * width), vector: axis }, count, false);
          });
          release();
        },
      );
      accumulators.forEach((sums, v) => {
        this.finish(sums, along(shape, axis, v * width), axis, count);
        f.release(...sums.values());
      });
    };
    nest(f, range(axis), shape, index, () => {
      overRuns(
        f,
        blocks(whole, unit).map(r => ({ from: r.from * width, to: r.to * width, by: r.by * width })),
        index,
        axis,
        by => {
          tile(by / width, width);
        },
      );
      if (whole * width < n)
        overRuns(f, [{ from: whole * width, to: n, by: n - whole * width }], index, axis, by => {
          tile(1, by);
        });
    });
  }

  /** Vectors along the last reduced axis: the lanes are parts of one sum. */
  horizontal(): void {
    const { f, shape, boundary, width, index } = this,
      axis = shape.length - 1,
      n = shape[axis],
      whole = Math.floor(n / width);
    const chains = whole >= 8 && this.kernel.roots.length <= 2 ? 4 : 1;
    nest(f, range(boundary), shape, index, () => {
      const sums = range(chains).map(() => this.accumulators());
      const step = (vectors: number, count: number) => {
        const { pointers, release } = pointAt(f, this.inner(), index);
        for (let v = 0; v < vectors; v++)
          this.accumulate(sums[v % chains], { pointers, delta: along(shape, axis, v * width), vector: axis }, count, count < width);
        release();
      };
      nest(
        f,
        range(axis - boundary).map(i => boundary + i),
        shape,
        index,
        () => {
          overRuns(
            f,
            blocks(whole, chains).map(r => ({ from: r.from * width, to: r.to * width, by: r.by * width })),
            index,
            axis,
            by => {
              step(by / width, width);
            },
          );
          if (whole * width < n)
            overRuns(f, [{ from: whole * width, to: n, by: n - whole * width }], index, axis, by => {
              step(1, by);
            });
        },
      );
      for (const other of sums.slice(1))
        for (const [root, l] of other) {
          f.get(sums[0].get(root)!).get(l);
          combine(f, root);
          f.set(sums[0].get(root)!);
        }
      for (const [root, l] of sums[0]) this.fold(root, l);
      this.finish(sums[0], [], null, 1);
      for (const s of sums) f.release(...s.values());
    });
  }

  /** Combines the lanes of an accumulator. */
  private fold(root: Reduce, l: Local): void {
    const { f } = this,
      halves = root.dtype === "float64" || this.width === 4;
    if (halves) {
      f.get(l).get(l);
      permute(f, [2, 3, 0, 1]);
      combine(f, root);
      f.set(l);
    }
    if (root.dtype !== "float64") {
      f.get(l).get(l);
      permute(f, [1, 0, 3, 2]);
      combine(f, root);
      f.set(l);
    }
  }
}
