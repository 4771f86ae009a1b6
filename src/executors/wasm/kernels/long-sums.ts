import type { FunctionBuilder, Local } from "../assembler.js";
import type { Address } from "../emit/code.js";
import type { FloatArithmetic } from "../emit/instructions.js";
import { memory, simd } from "../emit/instructions.js";
import { constant } from "../emit/vector.js";

/**
 * Steps from which on a sum is long: each addition to a large total rounds off digits of what is added, and over millions of steps that is all of
 * them. Long sums are made in short blocks, and what rounding takes off when a block is added to the total is added up beside it.
 */
export const LONG = 4096;

/** The same for sums of products, which are not made in blocks before. */
export const LONG_PRODUCT = 1024;

/** Steps of a block of a long sum. */
export const LONG_BLOCK = 32;

/** The same for products, which are made in tiles of many sums. */
export const PRODUCT_BLOCK = 64;

/**
 * total + lost += value in vectors, where `lost` is what rounding takes off the total, below half an ulp of it: the exact sum of total and value is
 * Knuth's (The Art of Computer Programming 2, 4.2.2), whichever is larger. Nothing is lost of a total that is infinite or no number.
 */
export function addExactly(f: FunctionBuilder, number: FloatArithmetic, total: Local, value: Local, lost: Local): void {
  const { add, subtract, equal } = number,
    sum = f.local("v128"),
    part = f.local("v128");
  const orZero = () => {
    f.tee(part).get(part).get(part).simd(equal).simd(simd.and);
  };
  f.get(total).get(value).simd(add).tee(sum).get(total).simd(subtract).set(part);
  // (total − (sum − part)) + (value − part)
  f.get(total).get(sum).get(part).simd(subtract).simd(subtract);
  f.get(value).get(part).simd(subtract).simd(add);
  orZero();
  f.get(lost).simd(add).set(lost);
  // total = sum + lost, lost −= total − sum
  f.get(sum).get(lost).simd(add).set(total);
  f.get(lost).get(total).get(sum).simd(subtract).simd(subtract);
  orZero();
  f.set(lost).release(sum, part);
}

/** Totals in vectors, with what was lost of each. */
export class LongTotals {
  private readonly lost: readonly Local[];

  constructor(
    private readonly f: FunctionBuilder,
    private readonly number: FloatArithmetic,
    private readonly totals: readonly Local[],
  ) {
    this.lost = totals.map(() => this.f.local("v128"));
    this.clear(this.lost);
  }

  private clear(vectors: readonly Local[]): void {
    for (const l of vectors) {
      constant(this.f, "float32", 0);
      this.f.set(l);
    }
  }

  /** Goes through so many trips in blocks, each of which sums up in the vectors `partial`. */
  inBlocks(trips: number, most: number, partial: readonly Local[], body: (trips: number) => void): void {
    const whole = Math.floor(trips / most),
      rest = trips % most;
    if (whole > 0) {
      const i = this.f.local("i32");
      this.f.loop(i, 0, whole, 1, () => {
        this.block(partial, () => {
          body(most);
        });
      });
      this.f.release(i);
    }
    if (rest > 0)
      this.block(partial, () => {
        body(rest);
      });
  }

  private block(partial: readonly Local[], body: () => void): void {
    this.clear(partial);
    body();
    this.totals.forEach((total, i) => {
      addExactly(this.f, this.number, total, partial[i], this.lost[i]);
    });
  }

  /** Adds what was lost to the totals. */
  finish(): void {
    this.totals.forEach((total, i) => {
      this.f.get(total).get(this.lost[i]).simd(this.number.add).set(total);
    });
    this.f.release(...this.lost);
  }
}

/** Bytes of a whole array of vectors. */
const padded = (bytes: number): number => 16 * Math.ceil(bytes / 16);

/** For each vector of an array in memory: the body sees a local with the distance from its beginning. */
function overArray(f: FunctionBuilder, bytes: number, body: (at: Local) => void): void {
  const at = f.local("i32");
  f.loop(at, 0, padded(bytes), 16, () => {
    body(at);
  });
  f.release(at);
}

/** Zeros over an array of what is lost. */
export function clearLost(f: FunctionBuilder, lost: Address, bytes: number): void {
  overArray(f, bytes, at => {
    f.get(lost.base).get(at).add();
    constant(f, "float32", 0);
    f.simdMemory(memory.store, lost.offset);
  });
}

/** Adds an array of what was lost to an array of totals. */
export function addLost(f: FunctionBuilder, { add }: FloatArithmetic, totals: Address, lost: Address, bytes: number): void {
  overArray(f, bytes, at => {
    f.get(totals.base).get(at).add();
    f.get(totals.base).get(at).add().simdMemory(memory.load, totals.offset);
    f.get(lost.base).get(at).add().simdMemory(memory.load, lost.offset);
    f.simd(add).simdMemory(memory.store, totals.offset);
  });
}
