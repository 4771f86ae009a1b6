/** The machine's own library of matrix products: the first that is found, the one of a path, or not at all. Plain data. */
export type NativeOption = boolean | string | NativeChoice;

/** Which library, and how many threads a product has. */
export interface NativeChoice {
  /** A file, or the name by which the system finds it; the first of a list that is found if absent. */
  readonly path?: string;
  /** Threads of a product; as many as there are cores if absent. Where tasks are computed side by side it should be 1. */
  readonly threads?: number;
}
