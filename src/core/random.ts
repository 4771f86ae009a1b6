import type { HostArray, Shape } from "../tensor/types.js";

/** Random numbers of one named stream; the same stream gives the same numbers on every machine. */
export interface Random {
  /** Standard normal numbers times `scale`, float32. */
  normal(shape: Shape, scale?: number): HostArray;
  /** Uniform numbers in [low, high), float32. */
  uniform(shape: Shape, low?: number, high?: number): HostArray;
  /** A whole number in [0, below). */
  integer(below: number): number;
  /** A uniform number in [0, 1) with 53 bits. */
  next(): number;
  /** The numbers 0 … n − 1 in random order. */
  permutation(n: number): Int32Array;
}
