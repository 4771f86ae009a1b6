import type { Operand, Value } from "../../../src/tensor/value.js";
import type { HostArray } from "../../../src/tensor/types.js";
import type { JaxArray, Oracle } from "../../support/jax.js";
import type { Plain } from "./plain.js";

/** What a function gives, and its gradient of Σ y, at a point where only a convention says what the derivative is. */
export interface Kink {
  readonly name: string;
  readonly inputs: readonly HostArray[];
  readonly value: readonly number[];
  /** Of Σ y, for the first input. */
  readonly gradient: readonly number[];
}

/** A function on some inputs, and what it must give. */
export interface Case {
  /** The export or operation that it is about: `np.add`, `op.scatterAdd`. */
  readonly of: string;
  /** float64, int32 or bool; the floats have derivatives. */
  readonly inputs: readonly HostArray[];
  readonly f: (...inputs: Value[]) => Value;
  /** The same in plain loops. */
  readonly expected: (...inputs: Plain[]) => Plain;
  /** The same in jax-js, where it has it. */
  readonly jax?: (jax: Oracle, ...inputs: JaxArray[]) => JaxArray;
  /** Points where the derivative is a convention; differences say nothing there. */
  readonly kinks?: readonly Kink[];
}

export type Unary = (x: Value) => Value;
export type Binary = (x: Operand, y: Operand) => Value;

/** `[2,3] [3]`: the shapes of a case, for its title. */
export const showShapes = ({ inputs }: Case): string => inputs.map(({ shape }) => `[${shape.join(",")}]`).join(" ") || "no operand";
