import type { Random } from "../random/index.js";
import type { Gradient } from "./inner-products.js";
import { innerProducts, KINDS } from "./inner-products.js";
import { Rows } from "./rows.js";

/**
 * What was seen at one θ: inner products of the gradients of each task with themselves, and of pairs of tasks with each other, from which means of
 * gradients are judged without bias. Pairs are made within blocks of tasks, so that the gradients of one block only are held.
 */
export class PointSample {
  readonly #own: Rows;
  readonly #pairs: Rows;
  /** The tasks of each pair. */
  readonly #first: number[] = [];
  readonly #second: number[] = [];
  #block: (readonly Gradient[])[] = [];
  /** What resampling writes again and again. */
  #weights = new Float64Array(0);
  #pairWeights = new Float64Array(0);

  /**
   * @param candidates how many gradients are compared with the target
   * @param perLeaf whether in each leaf too
   * @param blockSize how many tasks have their gradients held
   */
  constructor(
    candidates: number,
    private readonly leaves: number,
    private readonly perLeaf: boolean,
    private readonly blockSize: number,
  ) {
    const width = candidates * KINDS * (perLeaf ? leaves + 1 : 1);
    this.#own = new Rows(width);
    this.#pairs = new Rows(width);
  }

  get tasks(): number {
    return this.#own.count;
  }

  /** How many rows of inner products there are. */
  get rows(): number {
    return this.#own.count + this.#pairs.count;
  }

  /** @param gradients of the target, then of the candidates */
  add(gradients: readonly Gradient[]): void {
    const { leaves, perLeaf, blockSize } = this,
      second = this.tasks;
    if (this.#block.length === blockSize) this.#block = [];
    this.#block.forEach((others, i) => {
      this.#first.push(second - this.#block.length + i);
      this.#second.push(second);
      this.#pairs.push(innerProducts(others, gradients, leaves, perLeaf));
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
   * @param own as many numbers as are wanted
   * @param weights how often each task counts
   * @param share of this point in the sums
   */
  addMeans(own: Float64Array, cross: Float64Array, weights: Float64Array | undefined, alone: boolean, share: number): void {
    this.#own.addMean(own, weights, share);
    if (alone) this.#own.addMean(cross, weights, share);
    else this.#pairs.addMean(cross, weights && this.#ofPairs(weights), share);
  }

  /** How often each pair counts; until it is asked again. */
  #ofPairs(weights: Float64Array): Float64Array {
    const n = this.#first.length;
    if (this.#pairWeights.length < n) this.#pairWeights = new Float64Array(n);
    const out = this.#pairWeights;
    for (let i = 0; i < n; i++) out[i] = weights[this.#first[i]] * weights[this.#second[i]];
    return out;
  }

  /** So many tasks drawn with replacement: how often each was drawn; until it is asked again. */
  resample(random: Pick<Random, "integer">): Float64Array {
    const n = this.tasks;
    if (this.#weights.length === n) this.#weights.fill(0);
    else this.#weights = new Float64Array(n);
    for (let i = 0; i < n; i++) this.#weights[random.integer(n)]++;
    return this.#weights;
  }
}
