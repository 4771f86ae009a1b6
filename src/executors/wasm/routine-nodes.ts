/** Calls that are made one after another, where they lie in memory. */
export interface Stretch {
  readonly pointer: number;
  readonly end: number;
  readonly effort: number;
}

/** Rounds of the same, where words move on after each. */
export interface Rounds {
  /** The index of the word that says how many. */
  readonly times: number;
  readonly body: readonly Node[];
  readonly moves: number;
  readonly moveBytes: number;
  /** If the body is one short stretch, which WebAssembly makes many rounds of by itself: how many at once. */
  readonly together: number;
}

/** Steps in an order that is held apart: before each, words of its kind are given the numbers that come with it. */
export interface Series {
  readonly kinds: readonly Kind[];
  readonly order: Int32Array;
}

export interface Kind {
  readonly nodes: readonly Node[];
  /** The indices of the words. */
  readonly words: readonly number[];
}

export type Node = Stretch | Rounds | Series;
export const isRounds = (node: Node): node is Rounds => "body" in node;
export const isSeries = (node: Node): node is Series => "order" in node;

/** Between stretches a routine can pause. In units of `effortOf`: about a tenth of a millisecond, long against the call of one. */
export const STRETCH = 1e5;
