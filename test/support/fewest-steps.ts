/**
 * The fewest inner steps that reverse a loop of r steps with at most s kept states, by exhaustive search (Dijkstra) over
 * all there is to do: run the working state one step on, keep it, drop a kept state, go back to one, visit. Nothing about
 * binomial schedules is assumed. φ₀ is one of the kept states; the working state does not count.
 */
export function fewestStepsBySearch(r: number, s: number): number {
  // A configuration: the steps still to visit, the kept states as bits, the working state's index (r means none).
  const key = (left: number, kept: number, working: number): number => (left * (1 << r) + kept) * (r + 1) + working;
  const best = new Map<number, number>();
  const layers: [number, number, number][][] = [[[r, 1, r]]];
  for (let cost = 0; cost < layers.length; cost++) {
    const stack = layers[cost] ?? [];
    const reach = (at: number, left: number, kept: number, working: number): void => {
      if (at === cost) stack.push([left, kept, working]);
      else (layers[at] ??= []).push([left, kept, working]);
    };
    for (let top = stack.pop(); top; top = stack.pop()) {
      const [left, kept, working] = top;
      const here = key(left, kept, working);
      if ((best.get(here) ?? Infinity) <= cost) continue;
      best.set(here, cost);
      if (left === 0) return cost;
      const wanted = left - 1;
      if (working === wanted || kept & (1 << wanted)) reach(cost, wanted, kept, working === wanted ? r : working);
      if (working < wanted) reach(cost + 1, left, kept, working + 1);
      if (working < r && !(kept & (1 << working)) && count(kept) < s) reach(cost, left, kept | (1 << working), working);
      for (let i = 0; i < r; i++) {
        if (!(kept & (1 << i))) continue;
        reach(cost, left, kept, i);
        reach(cost, left, kept & ~(1 << i), working);
      }
    }
  }
  throw new Error("no schedule found");
}

/** The same for the recursion that a first snapshot at m splits into two: much faster, and checked against the search. */
export function fewestStepsByRecursion(longest: number, most: number): number[][] {
  const table: number[][] = [];
  for (let s = 1; s <= most; s++) {
    table[s] = [0, 0];
    for (let l = 2; l <= longest; l++) {
      let best = (l * (l - 1)) / 2;
      for (let m = 1; s > 1 && m < l; m++) best = Math.min(best, m + table[s - 1][l - m] + table[s][m]);
      table[s][l] = best;
    }
  }
  return table;
}

function count(bits: number): number {
  let n = 0;
  for (let rest = bits; rest; rest &= rest - 1) n++;
  return n;
}
