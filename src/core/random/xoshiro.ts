const rotate = (x: number, bits: number): number => (x << bits) | (x >>> (32 - bits));

/**
 * xoshiro128++: whole numbers of 32 bits, period 2¹²⁸ − 1, four words of state that are not all zero.
 *
 * Source: D. Blackman and S. Vigna, Scrambled linear pseudorandom number generators, ACM Transactions on Mathematical
 * Software 47(4), 2021; https://prng.di.unimi.it.
 */
export class Xoshiro128 {
  #a: number;
  #b: number;
  #c: number;
  #d: number;

  constructor([a, b, c, d]: ArrayLike<number> & Iterable<number>) {
    this.#a = a | 0;
    this.#b = b | 0;
    this.#c = c | 0;
    this.#d = d | 0;
  }

  /** A whole number in [0, 2³²). */
  next(): number {
    const result = rotate((this.#a + this.#d) | 0, 7) + this.#a;
    const shifted = this.#b << 9;
    this.#c ^= this.#a;
    this.#d ^= this.#b;
    this.#b ^= this.#c;
    this.#a ^= this.#d;
    this.#c ^= shifted;
    this.#d = rotate(this.#d, 11);
    return result >>> 0;
  }
}
