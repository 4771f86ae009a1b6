import type { FunctionBuilder, Local } from "../assembler.js";
import { accessOf, readAt } from "../emit/access.js";
import { collapse } from "../../../compiler/schedule/access.js";
import type { Access, Position } from "../emit/access.js";
import type { Code } from "../emit/code.js";
import { Elements } from "../emit/elements.js";
import { arithmetic, floats, simd } from "../emit/instructions.js";
import type { NumberType } from "../emit/instructions.js";
import type { Index, Run } from "../emit/loops.js";
import { blocks, overRuns, overRunsFrom } from "../emit/loops.js";
import { constant, widthFor } from "../emit/vector.js";
import type { Width } from "../emit/vector.js";
import type { MapTensor, Reduce, Reduction } from "../../../compiler/graph/tensor.js";
import type { ReduceKernel } from "../../../compiler/schedule/kernel.js";
import { addExactly, LONG, LONG_BLOCK } from "./long-sums.js";

/** One accumulator for each root. */
export type Sums = ReadonlyMap<Reduce, Local>;

const combining: Record<Reduction, "add" | "maximum" | "minimum"> = { sum: "add", max: "maximum", min: "minimum" };

/** The instruction that combines two accumulators. */
export const combineOf = ({ how, dtype }: Reduce): number => arithmetic[dtype as NumberType][combining[how]];

/** The number that changes nothing. */
function neutral({ how, dtype }: Reduce): number {
  if (how === "sum") return 0;
  const least = dtype === "int32" ? -(2 ** 31) : -Infinity,
    most = dtype === "int32" ? 2 ** 31 - 1 : Infinity;
  return how === "max" ? least : most;
}

/** Sums of more than so many steps are made of sums of that many, which keeps them accurate. */
const BLOCK = 128;

/** The axis whose runs are cut into blocks, and the trips of a block. */
export interface Split {
  readonly axis: number;
  readonly trips: number;
}

export const isFloatSum = ({ how, dtype }: Reduce): boolean => how === "sum" && dtype !== "int32";

/** The loop nest of a reduction: first the kept axes, then the reduced ones, each merged where that is possible. */
export class Accumulation {
  readonly f: FunctionBuilder;
  readonly shape: readonly number[];
  /** Axes before this one are kept. */
  readonly boundary: number;
  readonly index: Index;
  readonly width: Width;
  private readonly prologue: Elements;
  private readonly epilogue: Elements;
  /** The reading that decides in which order sums are made. */
  private readonly deciding: readonly Access[];
  /** What each root accumulates when it is read from memory. */
  private readonly direct = new Map<Reduce, Access>();

  constructor(
    code: Code,
    readonly kernel: ReduceKernel,
  ) {
    const { kept, reduced, space, roots } = kernel,
      former = new Elements(code, kernel.formerly ?? []);
    this.f = code.f;
    this.width = widthFor([
      ...former.dtypes(),
      ...new Elements(code, kernel.prologue).dtypes(),
      ...new Elements(code, kernel.body, roots).dtypes(),
    ]);
    this.prologue = new Elements(code, kernel.prologue, [], { width: this.width });
    this.epilogue = new Elements(code, kernel.body, roots, { width: this.width });
    for (const a of [...this.prologue.accesses(), ...former.accesses()]) a.strides = [...kept, ...reduced].map(i => a.strides[i]);
    for (const a of this.epilogue.accesses()) a.strides = [...a.strides, ...reduced.map(() => 0)];
    for (const root of roots) if (!this.prologueOf(root)) this.direct.set(root, accessOf(code, root.operands[0]));
    const extents = [...kept, ...reduced].map(i => space[i]);
    this.deciding = kernel.formerly ? former.accesses() : this.inner;
    const all = [...this.inner, ...this.epilogue.accesses(), ...former.accesses()];
    ({ shape: this.shape, boundary: this.boundary } = collapse(extents, all, kept.length));
    this.index = this.shape.map(() => null);
  }

  /** What is read and written inside the loops over reduced axes. */
  get inner(): Access[] {
    return [...this.prologue.accesses(), ...this.direct.values()];
  }

  /** How many arrays are read at neighbouring places along an axis. */
  contiguous(axis: number): number {
    return this.deciding.filter(a => a.strides[axis] === 1).length;
  }

  private prologueOf(root: Reduce): MapTensor | undefined {
    return this.kernel.prologue.find(t => t === root.operands[0].tensor);
  }

  /** Accumulators at their start. */
  accumulators(): Sums {
    const sums = new Map(this.kernel.roots.map(root => [root, this.f.local("v128")]));
    this.reset(sums);
    return sums;
  }

  reset(sums: Sums): void {
    for (const [root, l] of sums) {
      constant(this.f, root.dtype, neutral(root));
      this.f.set(l);
    }
  }

  /** into ∘= from, exactly where there is room for what is lost. */
  combine(into: Sums, from: Sums, lost?: Sums): void {
    for (const [root, l] of into) {
      const rest = lost?.get(root),
        value = from.get(root)!;
      if (rest) addExactly(this.f, floats[root.dtype as "float32"], l, value, rest);
      else this.f.get(l).get(value).simd(combineOf(root)).set(l);
    }
  }

  /** One step: computes the prologue at a position and accumulates; lanes from `count` on change nothing where `mask` is set. */
  accumulate(sums: Sums, position: Position, count: number, mask: boolean): void {
    const { f } = this,
      { values, release } = this.prologue.evaluate(position, count, new Map());
    for (const [root, sum] of sums) {
      const tensor = this.prologueOf(root);
      f.get(sum);
      if (tensor) f.get(values.get(tensor)!);
      else readAt(f, this.width, this.direct.get(root)!, position, count);
      if (mask) this.neutralize(root, count);
      f.simd(combineOf(root)).set(sum);
    }
    release();
  }

  private neutralize(root: Reduce, count: number): void {
    const bytes = count * (root.dtype === "float64" ? 8 : 4);
    constant(this.f, root.dtype, neutral(root));
    this.f.v128(Uint8Array.from({ length: 16 }, (_, i) => (i < bytes ? 255 : 0))).simd(simd.select);
  }

  /** Computes what depends on the sums. */
  finish(sums: Sums, delta: readonly number[], vector: number | null, count: number): void {
    const { pointers, release } = this.epilogue.pointAt(this.index);
    this.epilogue.evaluate({ pointers, delta, vector }, count, sums).release();
    release();
  }

  /** Loops over the reduced axes, the innermost in the runs given. Sums are made in blocks, each added to the totals: exactly where they are long. */
  reduce(totals: readonly Sums[], runs: readonly Run[], step: (sums: readonly Sums[], by: number) => void): void {
    const sums = this.kernel.roots.filter(isFloatSum),
      isLong = this.isLong(runs),
      split = this.split(runs),
      partial = split ? totals.map(() => this.accumulators()) : totals,
      // What rounding takes off the totals.
      lost = split && isLong ? totals.map(() => new Map(sums.map(root => [root, this.zeros()]))) : [];
    const block = (body: () => void) => {
      partial.forEach(s => {
        this.reset(s);
      });
      body();
      partial.forEach((s, i) => {
        this.combine(totals[i], s, lost[i]);
      });
    };
    this.walk(this.boundary, runs, split, block, by => {
      step(partial, by);
    });
    lost.forEach((s, i) => {
      this.addLost(totals[i], s);
      this.f.release(...s.values());
    });
    if (split) for (const s of partial) this.f.release(...s.values());
  }

  /** Adds what was lost of them to sums. */
  addLost(totals: Sums, lost: Sums): void {
    for (const [root, l] of this.floatSums(lost)) {
      const total = totals.get(root)!;
      this.f.get(total).get(l).simd(combineOf(root)).set(total);
    }
  }

  /** Those from which rounding takes something off. */
  floatSums = (sums: Sums): Sums => new Map([...sums].filter(([root]) => isFloatSum(root)));

  private zeros(): Local {
    const l = this.f.local("v128");
    constant(this.f, "float32", 0);
    this.f.set(l);
    return l;
  }

  /** Whether what rounding takes off the totals is added up beside them. */
  isLong(runs: readonly Run[]): boolean {
    return this.trips(runs) > LONG;
  }

  /** Where the loops over the reduced axes are cut into blocks; null if nothing is added up that is longer than one. */
  split(runs: readonly Run[]): Split | null {
    return this.kernel.roots.some(isFloatSum) ? this.splitAxis(runs, this.isLong(runs) ? LONG_BLOCK : BLOCK) : null;
  }

  /** The loops over the reduced axes with a body around each block. */
  inBlocks(runs: readonly Run[], split: Split, block: (walk: (step: () => void) => void) => void): void {
    let each = (): void => undefined;
    this.walk(
      this.boundary,
      runs,
      split,
      body => {
        block(step => {
          each = step;
          body();
        });
      },
      () => {
        each();
      },
    );
  }

  /** Trips of the loops over the reduced axes. */
  private trips(runs: readonly Run[]): number {
    const innermost = runs.reduce((n, r) => n + (r.to - r.from) / r.by, 0);
    return this.shape.slice(this.boundary, -1).reduce((n, d) => n * d, innermost);
  }

  /** The axis whose runs are cut into blocks, and the trips of a block; null if the whole is no longer than one. */
  private splitAxis(runs: readonly Run[], most: number): Split | null {
    let inside = 1;
    for (let axis = this.shape.length - 1; axis >= this.boundary; axis--) {
      const trips = axis === this.shape.length - 1 ? runs.reduce((n, r) => n + (r.to - r.from) / r.by, 0) : this.shape[axis];
      if (inside * trips > most) return { axis, trips: Math.max(1, Math.floor(most / inside)) };
      inside *= trips;
    }
    return null;
  }

  private walk(
    axis: number,
    innermost: readonly Run[],
    split: Split | null,
    block: (body: () => void) => void,
    step: (by: number) => void,
  ): void {
    const { f, index, shape } = this,
      isLast = axis === shape.length - 1,
      runs = isLast ? innermost : [{ from: 0, to: shape[axis], by: 1 }];
    const inside = (by: number) => {
      if (isLast) step(by);
      else this.walk(axis + 1, innermost, split, block, step);
    };
    if (split?.axis !== axis) {
      overRuns(f, runs, index, axis, inside);
      return;
    }
    for (const { from, to, by } of runs) {
      for (const piece of blocks((to - from) / by, split.trips)) {
        overRuns(f, [{ from: from + piece.from * by, to: from + piece.to * by, by: piece.by * by }], index, axis, length => {
          block(() => {
            overRunsFrom(f, index[axis], [{ from: 0, to: length, by }], index, axis, inside);
          });
        });
      }
    }
  }
}
