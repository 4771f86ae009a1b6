import type { DType } from "../../../tensor/types.js";

/** An operand of the operation being written. */
export interface Argument {
  readonly dtype: DType;
  /** The number, where it is known when the code is written. */
  readonly literal: number | null;
  push(): void;
}
