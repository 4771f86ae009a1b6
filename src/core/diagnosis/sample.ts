import type { Random } from "../random/index.js";
import type { Gradient } from "./inner-products.js";
import { innerProducts } from "./inner-products.js";

/** Inner products of two tasks of a block. */
interface Pair {
  readonly first: number;
  readonly second: number;
  readonly products: Float64Array;
}

/**
 * What was seen at one θ: inner products of the gradients of each task with themselves, and of pairs of tasks with each other, from which means of
 * gradients are judged without bias. Pairs are made within blocks of tasks, so that the gradients of one block only are held.
 */
export class PointSample {
  readonly #own: Float64Array[] = [];
  readonly #pairs: Pair[] = [];
  #block: (readonly Gradient[])[] = [];

  /** @param blockSize how many tasks have their gradients held */
  constructor(
    private readonly leaves: number,
    private readonly perLeaf: boolean,
    private readonly blockSize: number,
  ) {}

  get tasks(): number {
    return this.#own.length;
  }

  /** How many rows of inner products there are. */
  get rows(): number {
    return this.#own.length + this.#pairs.length;
  }

  /** @param gradients of the target, then of the candidates */
  add(gradients: readonly Gradient[]): void {
    const { leaves, perLeaf, blockSize } = this,
      second = this.#own.length;
    if (this.#block.length === blockSize) this.#block = [];
    this.#block.forEach((others, i) => {
      const first = second - this.#block.length + i;
      this.#pairs.push({ first, second, products: innerProducts(others, gradients, leaves, perLeaf) });
    });
    this.#own.push(innerProducts(gradients, gradients, leaves, perLeaf));
    // Executors hand their arrays over, so they can be kept.
    this.#block.push(gradients);
  }

  /** Lets go of the gradients that are held: no task comes any more. */
  close(): void {
    this.#block = [];
  }

  /**
   * Adds the means of this point to sums: over tasks of what each has with itself, and over pairs of different tasks; with `alone`, where there is
   * one task only, the former stands for both.
   *
   * @param weights how often each task counts
   * @param own as many numbers as are wanted
   * @param share of this point in the sums
   */
  addMeans(own: Float64Array, cross: Float64Array, weights: ArrayLike<number> | undefined, alone: boolean, share: number): void {
    addMean(own, this.#own, i => weights?.[i] ?? 1, share);
    if (alone) return addMean(cross, this.#own, i => weights?.[i] ?? 1, share);
    const pairs = this.#pairs;
    addMean(
      cross,
      pairs.map(({ products }) => products),
      weights ? i => weights[pairs[i].first] * weights[pairs[i].second] : () => 1,
      share,
    );
  }

  /** So many tasks drawn with replacement: how often each was drawn. */
  resample(random: Pick<Random, "integer">): Float64Array {
    const n = this.tasks,
      weights = new Float64Array(n);
    for (let i = 0; i < n; i++) weights[random.integer(n)]++;
    return weights;
  }
}

/** Adds share × the weighted mean of rows to sums, as many numbers as there are sums; where no row has a weight, of all alike. */
function addMean(sums: Float64Array, rows: readonly Float64Array[], weight: (i: number) => number, share: number): void {
  let total = 0;
  for (let i = 0; i < rows.length; i++) total += weight(i);
  const alike = total === 0;
  for (let i = 0; i < rows.length; i++) {
    const w = alike ? share / rows.length : (share * weight(i)) / total;
    if (w === 0) continue;
    const row = rows[i];
    for (let k = 0; k < sums.length; k++) sums[k] += w * row[k];
  }
}
