import { apply } from "./operation.js";
import type { DType, HostArray, Shape } from "./types.js";
import { allocate } from "./types.js";
import type { Value } from "./value.js";

const held = new WeakMap<Value, HostArray>();

/** A constant value; its numbers are converted to the dtype asked for. */
export function constantOf({ shape, dtype, data }: { shape: Shape; dtype: DType; data: ArrayLike<number> }): Value {
  const own = allocate({ shape, dtype });
  own.set(data);
  const value = apply("constant", [], { index: -1 }, { shape, dtype });
  held.set(value, { shape, dtype, data: own });
  return value;
}

/** The numbers of a constant value. */
export const numbersOf = (value: Value): HostArray => held.get(value) as HostArray;
