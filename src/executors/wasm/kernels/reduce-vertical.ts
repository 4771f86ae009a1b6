import { pointAt } from "../emit/access.js";
import type { Address, Code } from "../emit/code.js";
import { memory, storedBytes } from "../emit/instructions.js";
import { along, blocks, nest, overRuns } from "../emit/loops.js";
import type { Run } from "../emit/loops.js";
import { constant } from "../emit/vector.js";
import { range } from "../../../compiler/graph/view.js";
import type { Reduce } from "../../../compiler/graph/tensor.js";
import type { ReduceKernel } from "../../../compiler/schedule/kernel.js";
import { sizeOf } from "../../../tensor/types.js";
import { isFloatSum } from "./accumulation.js";
import type { Accumulation, Split, Sums } from "./accumulation.js";

/** Results of up to so many bytes are kept in memory while they are added up. */
const MOST_TOTALS = 2 ** 14;
/** Arrays of so many bytes do not stay in the first cache while a tile goes through all of them. */
const FAR = 2 ** 16;

/** Bytes of one array of vectors of at least two lanes that has a place for each result. */
const vectorBytes = ({ shape }: Reduce): number => 16 * Math.ceil(sizeOf(shape) / 2);

/** Bytes of the totals of a reduction, and of what is lost of each, if they may be kept in memory. */
export function totalsBytes({ roots, space, reduced }: ReduceKernel): number {
  const far = sizeOf(space) * storedBytes[roots[0].dtype] >= FAR && sizeOf(reduced.map(i => space[i])) > 1;
  const bytes = roots.reduce((sum, root) => sum + 2 * vectorBytes(root), 0);
  return far && roots.some(isFloatSum) && bytes <= 2 * MOST_TOTALS ? bytes : 0;
}

/** Vectors along the last kept axis: each lane is a sum of its own. */
export function emitVertical(code: Code, accumulation: Accumulation): void {
  const { f, shape, boundary, width, index, kernel } = accumulation,
    axis = boundary - 1,
    whole = Math.floor(shape[axis] / width);
  const most = Math.max(1, Math.floor(8 / kernel.roots.length)),
    unit = [5, 4, 8, 7, 6, 3, 2].find(u => u <= most && whole % u === 0) ?? Math.min(4, most);
  const tiles = vectorRuns(shape[axis], width, unit),
    trips = blocks(shape[shape.length - 1], 1),
    split = totalsBytes(kernel) > 0 && shape[axis] > unit * width ? accumulation.split(trips) : null;
  nest(f, range(axis), shape, index, () => {
    if (split) new TotalsInMemory(code, accumulation, tiles, trips, split).emit();
    else
      overRuns(f, tiles, index, axis, by => {
        const totals = range(Math.ceil(by / width)).map(() => accumulation.accumulators());
        accumulation.reduce(totals, trips, sums => {
          accumulateTile(accumulation, sums, by);
        });
        finishTile(accumulation, totals, by);
      });
  });
}

/** Runs over whole vectors, `unit` at a time, and over what is left. */
export const vectorRuns = (n: number, width: number, unit: number): Run[] => {
  const whole = Math.floor(n / width);
  const rest = { from: whole * width, to: n, by: n - whole * width };
  return [...blocks(whole, unit).map(r => ({ from: r.from * width, to: r.to * width, by: r.by * width })), rest].filter(r => r.to > r.from);
};

/** One step of a tile's vectors. */
function accumulateTile(accumulation: Accumulation, sums: readonly Sums[], by: number): void {
  const { f, shape, boundary, width, index, inner } = accumulation,
    axis = boundary - 1,
    { pointers, release } = pointAt(f, inner, index);
  sums.forEach((s, v) => {
    accumulation.accumulate(s, { pointers, delta: along(shape, axis, v * width), vector: axis }, by % width || width, false);
  });
  release();
}

function finishTile(accumulation: Accumulation, totals: readonly Sums[], by: number): void {
  const { f, shape, boundary, width } = accumulation;
  totals.forEach((s, v) => {
    accumulation.finish(s, along(shape, boundary - 1, v * width), boundary - 1, by % width || width);
    f.release(...s.values());
  });
}

/**
 * Sums of many tiles block by block: all tiles go through a block of the arrays while it is in the cache, and add to their totals in memory. The order
 * of each sum is that of one tile after another.
 */
class TotalsInMemory {
  private readonly axis: number;
  private readonly isLong: boolean;
  /** Where the totals of each root begin, and behind them what is lost. */
  private readonly places: ReadonlyMap<Reduce, { readonly total: Address; readonly lost: Address }>;

  constructor(
    code: Code,
    private readonly accumulation: Accumulation,
    private readonly tiles: readonly Run[],
    private readonly trips: readonly Run[],
    private readonly split: Split,
  ) {
    this.axis = accumulation.boundary - 1;
    this.isLong = accumulation.isLong(trips);
    const { roots } = accumulation.kernel,
      { base, offset } = code.workspaceOf(roots[0]);
    let at = offset;
    this.places = new Map(
      roots.map(root => {
        const bytes = vectorBytes(root),
          total = { base, offset: at },
          lost = { base, offset: at + bytes };
        at += 2 * bytes;
        return [root, { total, lost }];
      }),
    );
  }

  emit(): void {
    const { accumulation, axis, tiles, trips, split } = this,
      { f, index } = accumulation;
    overRuns(f, tiles, index, axis, by => {
      const start = this.sumsFor(by);
      this.move("store", start, "total");
      if (this.isLong) this.move("store", this.zeroed(start), "lost");
      this.release(start);
    });
    accumulation.inBlocks(trips, split, (walk: (step: () => void) => void) => {
      overRuns(f, tiles, index, axis, by => {
        const sums = this.sumsFor(by);
        walk(() => {
          accumulateTile(accumulation, sums, by);
        });
        this.add(sums, by);
        this.release(sums);
      });
    });
    overRuns(f, tiles, index, axis, by => {
      const totals = this.sumsFor(by);
      this.move("load", totals, "total");
      if (this.isLong) {
        const lost = this.sumsFor(by);
        this.move("load", lost, "lost");
        totals.forEach((s, v) => {
          accumulation.addLost(s, lost[v]);
        });
        this.release(lost);
      }
      finishTile(accumulation, totals, by);
    });
  }

  /** A tile's sums at their start. */
  private sumsFor(by: number): Sums[] {
    return range(Math.ceil(by / this.accumulation.width)).map(() => this.accumulation.accumulators());
  }

  private zeroed(sums: readonly Sums[]): readonly Sums[] {
    for (const l of sums.flatMap(s => [...s.values()])) {
      constant(this.accumulation.f, "float32", 0);
      this.accumulation.f.set(l);
    }
    return sums;
  }

  private release(sums: readonly Sums[]): void {
    for (const s of sums) this.accumulation.f.release(...s.values());
  }

  /** Adds a tile's sums of a block to its totals. */
  private add(sums: readonly Sums[], by: number): void {
    const totals = this.sumsFor(by),
      lost = this.isLong ? this.sumsFor(by) : [];
    this.move("load", totals, "total");
    if (this.isLong) this.move("load", lost, "lost");
    totals.forEach((s, v) => {
      this.accumulation.combine(s, sums[v], this.isLong ? this.accumulation.floatSums(lost[v]) : undefined);
    });
    this.move("store", totals, "total");
    if (this.isLong) this.move("store", lost, "lost");
    this.release([...totals, ...lost]);
  }

  /** Moves a tile's vectors between registers and memory. */
  private move(how: "load" | "store", sums: readonly Sums[], what: "total" | "lost"): void {
    const {
      accumulation: { f, index, width },
      axis,
    } = this;
    const at = f.local("i32"),
      place = index[axis];
    for (const [root, { [what]: address }] of this.places) {
      f.get(address.base);
      if (place !== null)
        f.get(place)
          .i32(16 / width)
          .mul()
          .add();
      f.set(at);
      sums.forEach((s, v) => {
        const vector = s.get(root)!,
          offset = address.offset + 16 * v;
        if (how === "load") f.get(at).simdMemory(memory.load, offset).set(vector);
        else f.get(at).get(vector).simdMemory(memory.store, offset);
      });
    }
    f.release(at);
  }
}
