import { fail } from "../../tensor/error.js";
import { sizeOf, type HostArray, type Shape } from "../../tensor/types.js";
import { murmur3 } from "./murmur3.js";
import { normalQuantile } from "./normal-quantile.js";
import { Xoshiro128 } from "./xoshiro.js";

/** Random numbers of one named stream; the same stream gives the same numbers on every machine. */
export interface Random {
  /** Standard normal numbers times `scale`, float32. */
  normal(shape: Shape, scale?: number): HostArray;
  /** Uniform numbers in [low, high), float32. @throws if low < high does not hold in float32 */
  uniform(shape: Shape, low?: number, high?: number): HostArray;
  /** A whole number in [0, below). @throws if below is not a whole number in 1 … 2³² */
  integer(below: number): number;
  /** A uniform number in [0, 1) with 53 bits. */
  next(): number;
  /** The numbers 0 … n − 1 in random order. */
  permutation(n: number): Int32Array;
  /** A key for draws inside of a program, data of a task: int32[2], as `random.uniform` and `nn.dropout` take it. */
  key(): HostArray;
}

/**
 * The stream of random numbers that belongs to a seed, a purpose and indices (an outer step, a task): streams of
 * different names are independent, and none has to be drawn before another.
 *
 * The name is hashed to 128 bits (MurmurHash3), which start a xoshiro128++ generator.
 *
 * @example
 * stream(1, "task", 3, 0).next() === stream(1, "task", 3, 0).next(); // true
 * stream(1, "task", 3, 0).next() === stream(1, "task", 3, 1).next(); // false
 *
 * @param seed a whole number
 * @param purpose what the numbers are for: `task`, `draw`, `init`
 * @param indices whole numbers
 * @throws if the seed or an index is not a whole number
 */
export function stream(seed: number, purpose: string, ...indices: readonly number[]): Random {
  if (!Number.isSafeInteger(seed)) fail("a seed", "must be a whole number", `${seed}`);
  const index = indices.find(i => !Number.isSafeInteger(i));
  if (index !== undefined) fail(`an index of stream "${purpose}"`, "must be a whole number", `${index}`);
  return new Stream(() => murmur3(nameAsBytes(seed, purpose, indices)));
}

/** True with probability q. */
export const bernoulli = (random: Pick<Random, "next">, q: number): boolean => random.next() < q;

/** Seed, length of the purpose, purpose, indices: no two names have the same bytes. */
function nameAsBytes(seed: number, purpose: string, indices: readonly number[]): Uint8Array {
  const text = new TextEncoder().encode(purpose);
  const numbers = [seed, text.length, ...indices];
  const bytes = new Uint8Array(8 * numbers.length + text.length);
  const view = new DataView(bytes.buffer);
  numbers.forEach((number, i) => view.setFloat64(8 * i, number + 0, true)); // −0 + 0 is 0
  bytes.set(text, 8 * numbers.length);
  return bytes;
}

class Stream implements Random {
  #generator: Xoshiro128 | undefined;

  /** @param words what the generator starts from, asked for when something is drawn: many streams are given out and not used */
  constructor(private readonly words: () => Uint32Array) {}

  get #bits(): Xoshiro128 {
    return (this.#generator ??= new Xoshiro128(this.words()));
  }

  next(): number {
    const high = this.#bits.next() >>> 5;
    const low = this.#bits.next() >>> 6;
    return (high * 2 ** 26 + low) / 2 ** 53;
  }

  normal(shape: Shape, scale = 1): HostArray {
    const data = new Float32Array(sizeOf(shape));
    for (let i = 0; i < data.length; i++) {
      // The middle of one of 2⁵² equal intervals: never 0 or 1, and as often below ½ as above.
      const high = this.#bits.next() >>> 6;
      const low = this.#bits.next() >>> 6;
      data[i] = scale * normalQuantile((high * 2 ** 26 + low + 0.5) / 2 ** 52);
    }
    return { shape, dtype: "float32", data };
  }

  uniform(shape: Shape, low = 0, high = 1): HostArray {
    const [first, end] = [Math.fround(low), Math.fround(high)];
    if (!(first < end && Number.isFinite(end - first))) {
      fail("uniform", "wants finite bounds low < high in float32", `low = ${low}, high = ${high}`);
    }
    const data = new Float32Array(sizeOf(shape));
    for (let i = 0; i < data.length; i++) {
      // A number just below the end may round to it.
      do data[i] = first + (end - first) * this.next();
      while (data[i] === end);
    }
    return { shape, dtype: "float32", data };
  }

  integer(below: number): number {
    if (!Number.isSafeInteger(below) || below < 1 || below > 2 ** 32) {
      fail("integer(below)", "wants a whole number in 1 … 2^32", `${below}`);
    }
    // The last numbers of 32 bits, which do not fill a whole multiple of `below`, would favour the small ones.
    const end = 2 ** 32 - (2 ** 32 % below);
    let bits = this.#bits.next();
    while (bits >= end) bits = this.#bits.next();
    return bits % below;
  }

  permutation(n: number): Int32Array {
    const order = Int32Array.from({ length: n }, (_, i) => i);
    for (let i = n - 1; i > 0; i--) {
      const j = this.integer(i + 1);
      [order[i], order[j]] = [order[j], order[i]];
    }
    return order;
  }
  key(): HostArray {
    return { shape: [2], dtype: "int32", data: Int32Array.of(this.#bits.next(), this.#bits.next()) };
  }
}
