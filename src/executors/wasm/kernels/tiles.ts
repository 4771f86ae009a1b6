import type { Run } from "../emit/loops.js";
import { blocks } from "../emit/loops.js";

/** A register tile of a matrix product: rows of one operand, and vectors or rows of the other. */
export interface Tile {
  readonly high: number;
  readonly wide: number;
}

/** For accumulators, what is loaded of both operands (V8 moves all loads before the arithmetic) and one product. */
const REGISTERS = 15;

/** n in steps of `unit` and, where that leaves no rest, of `unit` − 1: 10 by 4 is 4, 3, 3. */
export function tiles(n: number, unit: number): Run[] {
  for (let large = Math.floor(n / unit); large >= 0 && unit > 1; large--) {
    const rest = n - large * unit;
    if (rest === 0) break;
    if (rest % (unit - 1) === 0) {
      return [
        { from: 0, to: large * unit, by: unit },
        { from: large * unit, to: n, by: unit - 1 },
      ].filter(r => r.to > r.from);
    }
  }
  return blocks(n, unit);
}

/** Cycles of one step over k: two multiplications or additions, or two loads, or four instructions in all, at a time; latency of an addition. */
const stepCycles = (high: number, wide: number): number =>
  Math.max((high * wide) / 2, (high + wide) / 2, (2 * high * wide + high + wide + 7) / 8, 2.5);

/** Cycles around a tile's loop over k. */
const TILE_OVERHEAD = 8;

/** A tile, and the cycles of the whole product. */
export interface TileChoice extends Tile {
  readonly cycles: number;
}

/** How an axis is gone through in steps of at most 1, 2, …: the steps, and how many there are of each size. */
const cuts = (n: number): { readonly by: number; readonly times: number }[][] =>
  Array.from({ length: Math.min(n, 8) }, (_, i) => tiles(n, i + 1).map(({ from, to, by }) => ({ by, times: (to - from) / by })));

/** Tries all tiles that fit the registers. */
function cheapest(rows: number, columns: number, cycles: (high: number, wide: number) => number): TileChoice {
  let best: TileChoice = { high: 1, wide: 1, cycles: Infinity };
  const across = cuts(columns);
  cuts(rows).forEach((down, i) => {
    for (let j = 0; j < across.length && (i + 1) * (j + 1) + i + j + 3 <= REGISTERS; j++) {
      let total = 0;
      for (const r of down) for (const c of across[j]) total += r.times * c.times * cycles(r.by, c.by);
      if (total < best.cycles) best = { high: i + 1, wide: j + 1, cycles: total };
    }
  });
  return best;
}

/** Answers kept by one function. */
const MOST_REMEMBERED = 1000;

/** A function of whole numbers that remembers its answers: layers of a network have the same few shapes. */
function remembering<K extends readonly number[]>(f: (...key: K) => TileChoice): (...key: K) => TileChoice {
  const known = new Map<string, TileChoice>();
  return (...key) => {
    const name = key.join();
    let choice = known.get(name);
    if (!choice) {
      if (known.size === MOST_REMEMBERED) known.clear();
      known.set(name, (choice = f(...key)));
    }
    return choice;
  };
}

/** The tile with which a product of rows × vectors over a depth takes the least time: vectors lie along the result. */
export const outerTile = remembering((rows: number, vectors: number, depth: number) =>
  cheapest(rows, vectors, (high, wide) => depth * stepCycles(high, wide) + TILE_OVERHEAD + 2 * high * wide),
);

/** The same with vectors of `width` along the depth: each result is folded from one. */
export const innerTile = remembering((rows: number, columns: number, depth: number, width: number) =>
  cheapest(
    rows,
    columns,
    (high, wide) => Math.ceil(depth / width) * stepCycles(high, wide) + TILE_OVERHEAD + high * wide + 6 * high * Math.ceil(wide / width),
  ),
);
