/** Rows of numbers, all of one length, one behind another in memory. */
export class Rows {
  #data = new Float64Array(0);
  #count = 0;

  constructor(private readonly width: number) {}

  get count(): number {
    return this.#count;
  }

  push(row: Float64Array): void {
    const { width } = this,
      needed = (this.#count + 1) * width;
    if (needed > this.#data.length) {
      const larger = new Float64Array(Math.max(needed, 2 * this.#data.length));
      larger.set(this.#data);
      this.#data = larger;
    }
    this.#data.set(row, this.#count++ * width);
  }

  /** Adds share × the weighted mean of the rows to sums, as many numbers as there are sums; where no row has a weight, of all alike. */
  addMean(sums: Float64Array, weights: Float64Array | undefined, share: number): void {
    let total = 0;
    if (weights) for (let i = 0; i < this.#count; i++) total += weights[i];
    const alike = total === 0,
      each = share / (alike ? this.#count : total),
      data = this.#data,
      { width } = this;
    for (let i = 0, at = 0; i < this.#count; i++, at += width) {
      const w = alike ? each : each * weights![i];
      if (w !== 0) for (let k = 0; k < sums.length; k++) sums[k] += w * data[at + k];
    }
  }
}
